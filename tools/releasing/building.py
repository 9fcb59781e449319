"""The wheel and the source distribution: the same commit gives the same bytes, whoever builds it, and whenever."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .contents import sdist_contents, wheel_contents, wheel_metadata
from .declared import packages, project
from .environments import settings
from .refusal import Refusal
from .repository import committed_at, export, tracked, unpack

_UMASK = 0o022  # a wheel notes the rights of its files


@dataclass(frozen=True)
class Built:
    """What was built."""

    wheel: Path
    sdist: Path


def build(root: Path, target: Path) -> tuple[Built, list[Refusal]]:
    """Build the commit of a checkout, twice, and look at what came out.

    Args:
        root: of the checkout.
        target: an empty folder for both files.

    Returns:
        The files, and what speaks against them.

    Raises:
        subprocess.CalledProcessError: setuptools refused, in words that it has printed.
    """
    epoch = committed_at(root)
    with tempfile.TemporaryDirectory() as name:
        tree = Path(name) / "tree"
        export(root, tree)
        first, second = (_once(tree, Path(name) / each, epoch) for each in ("first", "second"))
        unpacked = _unpacked(first.sdist, Path(name) / "unpacked")
        from_sdist = _wheel(unpacked, Path(name) / "from-sdist", epoch)
        refusals = [
            *_same(first.wheel, second.wheel, "a second build"),
            *_same(first.sdist, second.sdist, "a second build"),
            *_same(first.wheel, from_sdist, "a build from the source distribution"),
        ]
        target.mkdir(parents=True, exist_ok=True)
        built = Built(Path(shutil.copy(first.wheel, target)), Path(shutil.copy(first.sdist, target)))
    return built, refusals + list(inspect(root, built))


def inspect(root: Path, built: Built) -> Iterator[Refusal]:
    """Hold what was built against the commit, and have the tools of the package index look at it."""
    files = tracked(root)
    yield from wheel_contents(built.wheel, packages(root), files)
    yield from wheel_metadata(built.wheel, str(project(root)["version"]))
    yield from sdist_contents(built.sdist, files)
    yield from _tool("twine", "check", "--strict", str(built.wheel), str(built.sdist))
    yield from _tool("check_wheel_contents", str(built.wheel))
    # In an environment of its own, because it needs an older jsonschema than the bills' validator.
    validator = ("uv", "tool", "run", "--quiet", "--from", "cffconvert", "cffconvert")
    yield from _tool(*validator, "--validate", "--infile", str(root / "CITATION.cff"))


def _tool(module: str, *words: str) -> Iterator[Refusal]:
    command = [sys.executable, "-m", module, *words]
    done = subprocess.run(command, env=settings(), capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        said = " ".join((done.stdout + done.stderr).split())
        yield Refusal(f"no complaint of {module}", said, "mend what it names")


def _once(tree: Path, folder: Path, epoch: int) -> Built:
    """Build both from a copy of the tree, because setuptools leaves files in it."""
    copy = folder / "tree"
    shutil.copytree(tree, copy)
    _run(copy, folder, epoch, "--sdist")
    (sdist,) = folder.glob("*.tar.gz")
    sdist.write_bytes(normalized(sdist.read_bytes(), epoch))
    return Built(_wheel(copy, folder, epoch), sdist)


def _wheel(tree: Path, folder: Path, epoch: int) -> Path:
    _run(tree, folder, epoch, "--wheel")
    (wheel,) = folder.glob("*.whl")
    return wheel


def _run(tree: Path, folder: Path, epoch: int, what: str) -> None:
    command = [sys.executable, "-m", "build", "--no-isolation", what, "--outdir", str(folder), str(tree)]
    environment = os.environ | {"SOURCE_DATE_EPOCH": str(epoch)}
    done = subprocess.run(  # noqa: S603 - ours
        command, env=environment, umask=_UMASK, check=False, capture_output=True, text=True
    )
    if done.returncode:
        sys.stderr.write(done.stdout + done.stderr)
        done.check_returncode()


def normalized(sdist: bytes, epoch: int) -> bytes:
    """Write a source distribution anew, without what differs from machine to machine.

    setuptools notes the time of the build, the owner of each file and the rights that it happens to have.

    Args:
        sdist: a .tar.gz.
        epoch: the time that all members get, in seconds since 1970.
    """
    plain = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(sdist)) as old, tarfile.open(fileobj=plain, mode="w") as new:
        for member in sorted(old.getmembers(), key=lambda each: each.name):
            clean = tarfile.TarInfo(member.name)
            clean.type, clean.size, clean.mtime = member.type, member.size, epoch
            clean.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
            new.addfile(clean, old.extractfile(member) if member.isfile() else None)
    return gzip.compress(plain.getvalue(), mtime=epoch)


def _unpacked(sdist: Path, folder: Path) -> Path:
    folder.mkdir()
    unpack(sdist.read_bytes(), folder)
    (tree,) = folder.iterdir()
    return tree


def _same(one: Path, other: Path, of: str) -> Iterator[Refusal]:
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (one, other)]
    if digests[0] != digests[1]:
        yield Refusal(f"SHA-256 {digests[0][:12]}… of {one.name} from {of}", f"{digests[1][:12]}…", "compare the two")
