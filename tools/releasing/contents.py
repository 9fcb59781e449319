"""What is in a wheel and in a source distribution, held against the files of the commit."""

from __future__ import annotations

import re
import tarfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from email.message import Message
from email.parser import Parser
from pathlib import Path, PurePosixPath

from .refusal import Refusal, unless_same

_ABOUT = {"METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE", "top_level.txt"}
_MADE = {"PKG-INFO", "setup.cfg"}  # by setuptools, beside the egg-info
_CODE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_TARGET = re.compile(r"\]\(([^)\s]+)[^)]*\)|(?:src|href)=[\"']([^\"']+)")
_ABSOLUTE = ("http://", "https://", "mailto:")
_SHOWN = 5


def wheel_contents(wheel: Path, folders: Mapping[str, str], files: Iterable[str]) -> Iterator[Refusal]:
    """Hold a wheel's members against the commit: each file of the packages, and nothing else.

    Args:
        wheel: its path.
        folders: where each program of pyproject.toml is: {"edgeproof.edge": "edge", …}.
        files: of the commit.
    """
    wanted = {
        f"{name.replace('.', '/')}/{path.relative_to(folder)}"
        for name, folder in folders.items()
        for path in map(PurePosixPath, files)
        if path.is_relative_to(folder)
    }
    with zipfile.ZipFile(wheel) as archive:
        members = set(archive.namelist())
    info = next(name.split("/")[0] for name in members if name.split("/")[0].endswith(".dist-info"))
    yield from _held(wheel.name, members, wanted | {f"{info}/{name}" for name in _ABOUT})


def sdist_contents(sdist: Path, files: Iterable[str]) -> Iterator[Refusal]:
    """Hold the members of a source distribution against the commit: each of its files, and nothing else."""
    with tarfile.open(sdist) as archive:
        names = [PurePosixPath(*PurePosixPath(member.name).parts[1:]) for member in archive if member.isfile()]
    members = {str(name) for name in names if not name.parts[0].endswith(".egg-info")}
    yield from _held(sdist.name, members, {*files, *_MADE})


def _held(name: str, members: set[str], wanted: set[str]) -> Iterator[Refusal]:
    remedy = "list its folder in pyproject.toml ([tool.setuptools]) or MANIFEST.in"
    if missing := wanted - members:
        yield Refusal(f"every file of the commit in {name}", f"none of {_listed(missing)}", remedy)
    if strange := members - wanted:
        yield Refusal(
            f"only files of the commit in {name}", f"{_listed(strange)} too", "commit them, or leave them out"
        )


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names)[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")


def wheel_metadata(wheel: Path, version: str) -> Iterator[Refusal]:
    """Look at what a wheel says of itself: version, licence, and a text that a package index can show."""
    about = metadata(wheel)
    yield from unless_same(f"version in {wheel.name}", version, about["Version"], "build it anew")
    remedy = "set license and license-files in pyproject.toml"
    yield from unless_same("License-Expression in the wheel", "Apache-2.0", about["License-Expression"], remedy)
    yield from unless_same("License-File in the wheel", "LICENSE", about["License-File"], remedy)
    with zipfile.ZipFile(wheel) as archive:
        if not any(name.endswith(".dist-info/licenses/LICENSE") for name in archive.namelist()):
            yield Refusal("dist-info/licenses/LICENSE in the wheel", "none", remedy)
    for target in relative_links(str(about.get_payload())):
        expected = "a description without links to files that no index has"
        yield Refusal(expected, target, "write it so that setup.py takes it out, or make it an address")


def metadata(wheel: Path) -> Message[str, str]:
    """Read METADATA of a wheel; its payload is the long description."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(each for each in archive.namelist() if each.endswith(".dist-info/METADATA"))
        return Parser().parsestr(archive.read(name).decode())


def relative_links(markdown: str) -> list[str]:
    """Give the targets of links and pictures, outside of code, that are no addresses."""
    targets = [first or second for first, second in _TARGET.findall(_CODE.sub("", markdown))]
    return [target for target in targets if not target.startswith(_ABSOLUTE)]
