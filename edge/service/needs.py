"""What a run needs of its machine, read from its options: what the unit allows follows from it."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from urllib.parse import urlsplit

from ..errors import InputError
from ..source_names import is_device, is_pi_camera

_WRITTEN = ("log", "save", "snapshots", "save_unsure", "collect")  # options that name what a run writes
_LOCAL = re.compile(r"127\.[0-9.]+|::1|localhost")
_PATTERN = re.compile(r"[*?\[]")
_LOWEST_PORT = 1024  # below it only root may listen
_CAMERA, _PI_CAMERA = ("char-video4linux",), ("char-video4linux", "char-media", "char-dma_heap")


class Network(Enum):
    """How far a run reaches."""

    NONE = "none"
    LOCAL = "local"
    OPEN = "open"


@dataclass(frozen=True)
class Needs:
    """What a run needs.

    `words` are those after `edgeproof run`, with paths that hold wherever the process starts. `reads` are files and
    folders that it reads. `devices` are classes of devices by systemd's names. `netlink` is how libcamera finds
    cameras. `has_secret` says that a word holds a password, `updates` that new models are tried in children.
    """

    words: tuple[str, ...]
    reads: tuple[Path, ...]
    devices: tuple[str, ...]
    network: Network
    netlink: bool
    has_secret: bool
    updates: bool = False


def needs_of(words: Sequence[str], options: argparse.Namespace) -> Needs:
    """Read them.

    Args:
        words: what follows `edgeproof run`.
        options: the same, parsed.

    Raises:
        InputError: the run cannot be a service as it is asked for.
    """
    _check(words, options)
    source = str(options.source)
    devices = _PI_CAMERA if is_pi_camera(source) else _CAMERA if is_device(source) else ()
    inputs = tuple(_inputs(options))
    return Needs(
        tuple(_with_absolute(words, inputs)),
        (*_runtime(), *(_existing(path) for path in inputs)),
        devices,
        _network(options),
        is_pi_camera(source),
        _has_secret(source) or _has_secret(options.watch or ""),
        options.watch is not None,
    )


def _has_secret(address: str) -> bool:
    return "://" in address and "@" in urlsplit(address).netloc


def _check(words: Sequence[str], options: argparse.Namespace) -> None:
    if options.window:
        raise InputError("expected outputs that need no desktop, received --window; use --web")
    if any(word.partition("=")[0] == "--token" for word in words):
        raise InputError(
            "expected the token out of everyone's sight, received --token; put EDGEPROOF_TOKEN=… into the file that "
            "the unit names as EnvironmentFile"
        )
    if options.mqtt and urlsplit(options.mqtt).password:
        raise InputError(
            "expected the broker's password out of everyone's sight, received it in --mqtt; put "
            "EDGEPROOF_MQTT_PASSWORD=… into the file that the unit names as EnvironmentFile"
        )
    for name in _WRITTEN:
        path = getattr(options, name)
        if path is not None and (path.is_absolute() or ".." in path.parts):
            flag = f"--{name.replace('_', '-')}"
            raise InputError(f"expected {flag} in the service's own folder, received {path}; give the last part alone")
    for host, port in _listens(options):
        if 0 < port < _LOWEST_PORT:
            raise InputError(
                f"expected a port from {_LOWEST_PORT} on, received {host}:{port}; only root takes lower ones"
            )


def _inputs(options: argparse.Namespace) -> Iterator[Path]:
    """Give the model, the keys, and of source, labels and what is watched those that are files, folders or patterns."""
    yield options.model
    yield from options.require_signature or ()
    for text in (options.source, options.labels, options.watch):
        if not text or is_device(text) or "://" in text:
            continue
        if Path(text).exists() or _PATTERN.search(text):
            yield Path(text)


def _existing(path: Path) -> Path:
    """Give the file or folder itself, or of a pattern the folder that all of it is in."""
    path = path.absolute()
    return next(place for place in (path, *path.parents) if place.exists())


def _with_absolute(words: Sequence[str], inputs: Sequence[Path]) -> Iterator[str]:
    for word in words:
        flag, equals, value = word.partition("=") if word.startswith("--") else ("", "", word)
        is_input = bool(value) and Path(value) in inputs
        yield f"{flag}{equals}{Path(value).absolute() if is_input else value}"


def _runtime() -> Iterator[Path]:
    """Give the folders that this Python and this installation of edgeproof need."""
    yield Path(sys.prefix)
    yield Path(sys.base_prefix)
    yield Path(__file__).parents[1]


def _listens(options: argparse.Namespace) -> Iterator[tuple[str, int]]:
    if options.web is not None:
        yield options.web.host, options.web.port
    if options.metrics:
        yield options.metrics


def _network(options: argparse.Namespace) -> Network:
    if options.mqtt or "://" in str(options.source) or "://" in (options.watch or ""):
        return Network.OPEN
    hosts = [host for host, _ in _listens(options)]
    if not all(_LOCAL.fullmatch(host) for host in hosts):
        return Network.OPEN
    return Network.LOCAL if hosts else Network.NONE
