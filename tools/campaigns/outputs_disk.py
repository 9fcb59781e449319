"""What can be wrong with a disk: each fault is a block, at the end of which the disk is as it should be."""

from __future__ import annotations

import errno
import os
import random
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import cv2
import numpy as np

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

FOLDERS = ("log", "snapshots", "unsure", "collected")
_SIZE = "4m"
_ERRORS = (errno.EACCES, errno.EDQUOT, errno.EIO, errno.ENOSPC, errno.EROFS, errno.ESTALE)

Fault = Callable[[Path, random.Random], Iterator[None]]


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """Make a folder a disk of a few megabytes, and say whether that was allowed; it takes root, and Linux."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "tmpfs", str(folder)]
    program = shutil.which("mount")
    own = program is not None and subprocess.run(mount, capture_output=True, check=False).returncode == 0  # noqa: S603
    try:
        yield own
    finally:
        if own:
            subprocess.run(["umount", str(folder)], check=True)  # noqa: S603, S607 - Linux's own


def full(disk: Path, _: random.Random) -> Iterator[None]:
    """Not one byte more has room."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        for size in (65536, 4096):
            with suppress(OSError):
                while True:
                    file.write(bytes(size))
    yield
    filler.unlink()


def read_only(disk: Path, _: random.Random) -> Iterator[None]:
    """Linux has made the disk read-only, as it does with a damaged card; the log is open, and says so itself."""
    remount = ["mount", "-o", "remount,ro", str(disk)]
    done = subprocess.run(remount, capture_output=True, check=False)  # noqa: S603 - Linux's own
    with _failing(disk, errno.EROFS) if done.returncode else nullcontext():
        yield
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)  # noqa: S603, S607 - Linux's own


def failing(disk: Path, rng: random.Random) -> Iterator[None]:
    """Opening and writing fail with one of a system's errors: no permission, no room, a worn-out card."""
    with _failing(disk, rng.choice(_ERRORS)):
        yield


def removed(disk: Path, rng: random.Random) -> Iterator[None]:
    """Somebody deletes a folder."""
    folder = disk / rng.choice(FOLDERS)
    shutil.rmtree(folder, ignore_errors=True)
    yield
    folder.mkdir(exist_ok=True)


def moved(disk: Path, rng: random.Random) -> Iterator[None]:
    """Somebody moves a folder away, and has a file in its place."""
    folder = disk / rng.choice(FOLDERS)
    aside = disk / "aside"
    folder.rename(aside)
    with suppress(OSError):  # an output made its folder again before
        folder.touch()
    yield
    if folder.is_file():
        folder.unlink()
        aside.rename(folder)
    else:
        shutil.rmtree(aside)


def locked(disk: Path, _: random.Random) -> Iterator[None]:
    """Another program holds the lock of the log and does not let it go."""
    with (disk / "log" / "log.jsonl").open("a") as other:
        if fcntl is not None:
            fcntl.flock(other, fcntl.LOCK_EX)
        yield


DISK_FAULTS: tuple[Fault, ...] = (full, read_only, failing, removed, moved, locked)
UNMOUNTED_FAULTS: tuple[Fault, ...] = (failing, removed, moved, locked)  # where a disk of its own is not to be had


LOCKED = locked.__name__


def emptied(disk: Path) -> None:
    """Take away what was collected, as a person would: pictures for training are never deleted to make room."""
    for path in (disk / "collected").rglob("*.jpg"):
        path.unlink(missing_ok=True)


def unfinished(disk: Path) -> list[str]:
    """List what is no whole file under the folders: pictures that do not decode, broken lines, temporary files."""
    bad = []
    for path in (each for folder in FOLDERS for each in (disk / folder).rglob("*") if each.is_file()):
        data = _stable(path)
        if data is None:
            continue
        if path.suffix == ".jpg":
            whole = not path.name.startswith(".") and cv2.imdecode(np.frombuffer(data, np.uint8), 1) is not None
        else:
            whole = not data or (data.endswith(b"\n") and all(line.startswith(b"{") for line in data.splitlines()))
        if not whole:
            bad.append(str(path))
    return bad


def _stable(path: Path) -> bytes | None:
    """Read a file that nobody is writing; None where it is gone by now, as temporary files are."""
    try:
        if path.name.startswith("."):
            time.sleep(1.0)
        return path.read_bytes()
    except FileNotFoundError:
        return None


@contextmanager
def _failing(disk: Path, number: int) -> Iterator[None]:
    """Have everything fail that opens or writes under a folder."""
    real_open, real_write = os.open, os.write

    def refuse(path: str) -> None:
        if path.startswith(str(disk)):
            raise OSError(number, os.strerror(number), path)

    def opened(path: Any, flags: int, *rest: Any, **options: Any) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR):
            refuse(os.fspath(path))
        return real_open(path, flags, *rest, **options)

    def written(handle: int, data: Any) -> int:
        refuse(str(Path(f"/proc/self/fd/{handle}").readlink()))
        return real_write(handle, data)

    os.open, os.write = opened, written
    try:
        yield
    finally:
        os.open, os.write = real_open, real_write
