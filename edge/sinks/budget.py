"""Pictures that were kept in a folder, and the room that they may take: the oldest go first."""

from __future__ import annotations

import hashlib
import math
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..folders import printable
from ..names import file_name

# A name is how a picture is known to be ours: edgeproof-20260131-235959-250-rock-0.93.jpg, its time in UTC.
_NAME = re.compile(r"edgeproof-[0-9]{8}-[0-9]{6}-[0-9]{3}-(?P<label>.+)-[0-9]\.[0-9]{2}\.jpg")
# What a process that was killed left of one: such a name, hidden, with a random end.
_UNFINISHED = re.compile(rf"\.{_NAME.pattern}\.[0-9a-z_]{{8}}\.jpg")
_OVER = 60.0  # seconds after which nobody is writing it any more
_LONGEST = 40  # letters of a label in a name; a name has 255 bytes at most
_LONGEST_FOLDER = 200  # bytes
_DIGEST = 6  # hexadecimal digits
_TICK = 1_000_000  # nanoseconds between two pictures whose order the clock does not say
_SPARE = 20  # of the budget, this part is freed beside what is needed, so that not each picture counts the folder


@dataclass(frozen=True)
class KeptPicture:
    """A picture of ours on the disk, its bytes, and the file's time: when it was made, in nanoseconds since 1970."""

    path: Path
    size: int
    made: int


def picture_name(at: float, label: str, score: float) -> str:
    """Name a picture; `at` is when it was taken, in seconds since 1970. Names sort by time."""
    thousandths = int(at * 1000)
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(thousandths // 1000))
    shown = min(max(score, 0.0), 9.99) if math.isfinite(score) else 0.0
    return f"edgeproof-{stamp}-{thousandths % 1000:03d}-{_in_name(folder_name(label))}-{shown:.2f}.jpg"


def folder_name(label: str) -> str:
    """Name the folder of a label: as the label, which training takes from it, where a folder can be called so.

    Otherwise a digest keeps a/b and a-b apart.
    """
    fit = label and printable(label) and not label.startswith(".") and "/" not in label and "\\" not in label
    if fit and len(label.encode()) <= _LONGEST_FOLDER:
        return label
    digest = hashlib.sha256(label.encode(errors="surrogatepass")).hexdigest()[:_DIGEST]
    return f"{_cut(label, _LONGEST - _DIGEST - 1)}-{digest}"


def kept_pictures(root: Path) -> list[KeptPicture]:
    """List our pictures, the oldest first: by when they were made, and where that is the same by their names.

    Those are the ones in `root` itself, and the ones in the folder of the label that their name says. A picture that a
    person moved to another folder or gave another name is that person's.
    """
    kept = list(_ours(root, None))
    for folder in _folders(root):
        kept += _ours(folder, _in_name(folder.name))
    return sorted(kept, key=lambda picture: (picture.made, picture.path.name))


def date_after(path: Path, newest: int) -> int:
    """See to it that a picture counts as made after another, and give when it was, in nanoseconds since 1970.

    A Pi has no clock of its own, and may begin in the past: by its name alone, its newest picture would be the oldest.
    What the file says is still known after a restart.
    """
    made = path.stat().st_mtime_ns
    if made <= newest:
        made = newest + _TICK
        os.utime(path, ns=(made, made))
    return made


def make_room(root: Path, budget: int, needed: int) -> int:
    """Delete our oldest pictures until `needed` bytes fit into the budget; gives the bytes of those that are left.

    What an earlier run left unfinished is deleted in any case.

    Args:
        root: the folder.
        budget: bytes.
        needed: bytes.
    """
    for folder in (root, *_folders(root)):
        _clean(folder)
    kept = kept_pictures(root)
    used = sum(picture.size for picture in kept)
    if used + needed <= budget:
        return used
    goal = max(0, budget - needed - budget // _SPARE)
    for picture in kept:
        if used <= goal:
            break
        picture.path.unlink(missing_ok=True)
        used -= picture.size
    return used


def _in_name(folder: str) -> str:
    """Say what the name of a picture has of the folder of its label; of what this gives, it gives the same again."""
    return _cut(folder, _LONGEST)


def _cut(label: str, length: int) -> str:
    return file_name(file_name(label)[:length])  # cut, it may end in what a name does not


def _folders(root: Path) -> list[Path]:
    with os.scandir(root) as entries:
        return [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)]


def _ours(folder: Path, label: str | None) -> Iterator[KeptPicture]:
    with os.scandir(folder) as entries:
        for entry in entries:
            match = _NAME.fullmatch(entry.name)
            if match and label in (None, match["label"]) and entry.is_file(follow_symlinks=False):
                try:
                    status = entry.stat(follow_symlinks=False)
                except FileNotFoundError:  # moved away while we looked
                    continue
                yield KeptPicture(Path(entry.path), status.st_size, status.st_mtime_ns)


def _clean(folder: Path) -> None:
    with os.scandir(folder) as entries:
        unfinished = [Path(entry.path) for entry in entries if _is_left(entry)]
    for path in unfinished:
        path.unlink(missing_ok=True)


def _is_left(entry: os.DirEntry[str]) -> bool:
    if not _UNFINISHED.fullmatch(entry.name) or not entry.is_file(follow_symlinks=False):
        return False
    try:
        return abs(time.time() - entry.stat(follow_symlinks=False).st_mtime) > _OVER
    except FileNotFoundError:  # its writer has finished it
        return False
