"""What a device must have installed: our extras, and what their packages ask for, by the markers of that device."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import requires

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from ..contract import Format
from ..errors import InputError

OURS = "edgeproof"
BASES = ("edge", "window", "tflite-runtime", "picamera", "headless")  # of which a device has one: each brings OpenCV
SIGNING = "signing"  # which checks a signature
ADDITIONS = ("onnx", "web", "mqtt", "metrics", SIGNING)


@dataclass(frozen=True)
class Package:
    """A package at one version, with the lines of its metadata that say what it requires."""

    name: str  # canonical
    version: Version
    requires: tuple[str, ...] = field(default=(), repr=False)


def choose_extras(wanted: Iterable[str], kind: Format) -> tuple[str, ...]:
    """Choose the extras for a kind of model file.

    Args:
        wanted: what a person asked for, of `BASES` and `ADDITIONS`.
        kind: which file it is: a .tflite needs ai-edge-litert (or tflite-runtime), an .onnx onnxruntime.

    Raises:
        InputError: one is unknown, or two bring OpenCV in different ways.
    """
    names = list(dict.fromkeys(wanted))
    for name in names:
        if name not in BASES + ADDITIONS:
            raise InputError(f"expected --with some of {', '.join(BASES + ADDITIONS)}, received {name!r}")
    bases = [name for name in names if name in BASES]
    if len(bases) > 1:
        raise InputError(f"expected --with at most one of {', '.join(BASES)}, received {', '.join(bases)}")
    if not bases:
        names.insert(0, "edge" if kind is Format.TFLITE else "headless")
    if kind is Format.ONNX and "onnx" not in names:
        names.append("onnx")
    if kind is Format.TFLITE and "headless" in names:
        raise InputError("expected an interpreter for a .tflite file, received --with headless; leave it out")
    return tuple(names)


def of_extras(extras: Iterable[str], environment: Mapping[str, str]) -> list[Requirement]:
    """List what extras of edgeproof ask for in an environment, those that they take from each other included."""
    return [one for one in _wanted(OURS, frozenset(extras), requires(OURS) or [], environment) if one.name != OURS]


def closure(
    roots: Iterable[Requirement], packages: Mapping[str, Package], environment: Mapping[str, str]
) -> tuple[dict[str, Package], list[Requirement]]:
    """Follow requirements, by the markers of one environment.

    Returns:
        The packages that are reached, by canonical name, and the requirements that none of `packages` meets: pip
        follows the markers of the Python that it runs in, so what it chose may lack some and have others too many.
    """
    reached: dict[str, Package] = {}
    unmet: list[Requirement] = []
    waiting, seen = list(roots), set()
    while waiting:
        one = waiting.pop()
        package = packages.get(canonicalize_name(one.name))
        if package is None or not one.specifier.contains(package.version, prereleases=True):
            unmet.append(one)
        elif (package.name, frozenset(one.extras)) not in seen:
            seen.add((package.name, frozenset(one.extras)))
            reached[package.name] = package
            waiting += _wanted(package.name, frozenset(one.extras), package.requires, environment)
    return reached, unmet


def _wanted(
    name: str, extras: frozenset[str], lines: Iterable[str], environment: Mapping[str, str]
) -> Iterator[Requirement]:
    """Give the requirements of one package that hold, and for its own extras what those ask for."""
    everything = [Requirement(line) for line in lines]
    followed: set[str] = set()
    waiting = {"", *extras}
    while waiting:
        extra = waiting.pop()
        followed.add(extra)
        for one in everything:
            if not _holds(one, extra, environment):
                continue
            if canonicalize_name(one.name) == canonicalize_name(name):
                waiting |= set(one.extras) - followed
            else:
                yield Requirement(_unmarked(one))


def _holds(one: Requirement, extra: str, environment: Mapping[str, str]) -> bool:
    if one.marker is None:
        return not extra  # said once, for the package itself
    return one.marker.evaluate({**environment, "extra": extra})


def _unmarked(one: Requirement) -> str:
    return f"{one.name}[{','.join(sorted(one.extras))}]{one.specifier}" if one.extras else f"{one.name}{one.specifier}"
