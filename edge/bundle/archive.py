"""The archive: the model, wheels, an installer and the hashes of all; the same contents give the same bytes."""

from __future__ import annotations

import hashlib
import io
import shlex
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ..names import file_name
from .targets import Target

SUMS = "SHA256SUMS"
INSTALL = "install"
WHEELS = "wheels"
KEYS = "keys"
_TIME = 315532800  # 1980 began, in seconds since 1970: as old as the files in our own wheel
_CHUNK = 1 << 20
_EXECUTABLE, _PLAIN = 0o755, 0o644


@dataclass(frozen=True)
class Contents:
    """What goes into a bundle.

    `model` is the file. `has_contract` says whether the device can be asked what the model is.
    `system_packages` lets the environment see what apt installed, picamera2 for example. `proposal` is what
    follows the model in the command that the installer proposes. `keys` are files of public keys, one of which the
    device is to ask for.
    """

    target: Target
    model: Path
    wheels: tuple[Path, ...]
    has_contract: bool = True
    system_packages: bool = False
    proposal: str = "0"
    keys: tuple[Path, ...] = ()

    @property
    def key_files(self) -> dict[str, Path]:
        """The keys by their names on the device."""
        return {f"{KEYS}/{file_name(key.stem)}-{number}.pub": key for number, key in enumerate(self.keys, 1)}

    @property
    def name(self) -> str:
        """The model's name on the device, which a shell and a list of hashes can hold."""
        return file_name(self.model.stem) + self.model.suffix

    @property
    def folder(self) -> str:
        """The folder in the archive that holds everything."""
        return f"{file_name(self.model.stem)}-{self.target.name}"


def write(contents: Contents, path: Path) -> None:
    """Write the archive: an uncompressed .tar, since wheels are compressed and compression differs by version.

    Args:
        contents: what goes into it.
        path: where to, as it is: the caller sees to it that a half-written one is not taken for a whole one.
    """
    top = PurePosixPath(contents.folder)
    files = {
        contents.name: contents.model,
        **{f"{WHEELS}/{one.name}": one for one in contents.wheels},
        **contents.key_files,
    }
    sums = "".join(f"{sha256(file)}  {name}\n" for name, file in sorted(files.items()))
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as archive:
        _add_text(archive, str(top / INSTALL), _installer(contents), _EXECUTABLE)
        _add_text(archive, str(top / SUMS), sums, _PLAIN)
        for name, file in sorted(files.items()):
            with file.open("rb") as stream:
                archive.addfile(_member(str(top / name), file.stat().st_size, _PLAIN), stream)


def sha256(path: Path) -> str:
    """Hash a file, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _installer(contents: Contents) -> str:
    """Put what this bundle holds before the script that is the same in all, as a shell's variables."""
    target = contents.target
    wheels = [f"{WHEELS}/{one.name}" for one in contents.wheels]
    settings = {
        "target": target.name,
        "version": target.python,
        "bits": str(target.bits),
        "machines": " ".join(target.machines),
        "model": contents.name,
        "contract": "yes" if contents.has_contract else "no",
        "venv_options": "--system-site-packages" if contents.system_packages else "",
        "proposal": contents.proposal,
        "keys": " ".join(contents.key_files),
        "pip_wheel": _only(wheels, f"{WHEELS}/pip-"),
        "wheels": " ".join(name for name in wheels if not name.startswith(f"{WHEELS}/pip-")),
    }
    script = (Path(__file__).parent / "installer.sh").read_text("utf-8")
    return f"#!/bin/sh\n{_assignments(settings)}{script}"


def _assignments(settings: Mapping[str, str]) -> str:
    return "".join(f"{name}={shlex.quote(value)}\n" for name, value in settings.items())


def _only(names: Iterable[str], beginning: str) -> str:
    (name,) = (name for name in names if name.startswith(beginning))
    return name


def _add_text(archive: tarfile.TarFile, name: str, text: str, mode: int) -> None:
    data = text.encode()
    archive.addfile(_member(name, len(data), mode), io.BytesIO(data))


def _member(name: str, size: int, mode: int) -> tarfile.TarInfo:
    """Describe a file that belongs to nobody and was written when time began."""
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.mtime = size, mode, _TIME
    return member
