"""Files that are whole or not there: written beside their place, synced, then renamed over it."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import InputError

_PUBLIC = 0o666  # as any other file: nobody can read the umask without setting it
# .rps-int8.tflite.0123abcd.tflite is the temporary file of rps-int8.tflite: OpenCV chooses a format by the suffix.
_TEMPORARY = re.compile(r"\.(?P<name>.+)\.[0-9a-f]{8}(?P<suffix>\.[^.]*)?")
_OVER = 60.0  # seconds without a change, after which nobody is writing it any more
_left: dict[Path, dict[str, list[Path]]] = {}  # by folder, what was there before this process wrote into it, by target


def check_place(folder: Path) -> None:
    """See to it, before long work, that files can be written into a folder that may not exist yet.

    Raises:
        InputError: what is there is no folder, or none that may be written to.
    """
    nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK):
        raise InputError(f"expected a folder that can be written to, received {nearest}; choose another place")


def temporary_beside(path: Path, mode: int = _PUBLIC) -> Path:
    """Make an empty file in the folder of `path`, to be written and then given to `commit`; folders are made.

    What a process that was killed has left of the same `path` is deleted.

    Args:
        path: where it will go.
        mode: its permissions, of which the system takes off what the umask says.
    """
    _make_folder(path.parent)
    _clear_left(path)
    temporary = path.with_name(f".{path.name}.{os.urandom(4).hex()}{path.suffix}")
    os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))
    return temporary


def commit(temporary: Path, path: Path) -> None:
    """Put a written temporary file in the place of `path`, so that a loss of power leaves the old file or the new."""
    _sync(temporary)
    temporary.replace(path)
    _sync(path.parent)


@contextmanager
def replacing(path: Path, mode: int = _PUBLIC) -> Iterator[Path]:
    """Give a temporary path to write to; it takes the place of `path` when the block ends well.

    Any exception leaves whatever was at `path` before, and no temporary file. `mode` is that of `temporary_beside`.
    """
    temporary = temporary_beside(path, mode)
    try:
        yield temporary
        commit(temporary, path)
    except BaseException:
        with suppress(FileNotFoundError):
            temporary.unlink()
        raise


def write_bytes(path: Path, data: bytes, mode: int = _PUBLIC) -> None:
    """Write a whole file of bytes, or nothing; `mode` is that of `temporary_beside`."""
    with replacing(path, mode) as temporary:
        temporary.write_bytes(data)


def write_new(path: Path, data: bytes, mode: int) -> None:
    """Write a whole file of bytes with the permissions `mode`, never over another; raises InputError where one is."""
    temporary = temporary_beside(path, mode)
    try:
        temporary.write_bytes(data)
        _sync(temporary)
        os.link(temporary, path)  # which, unlike a renaming, does not replace
    except FileExistsError as error:
        raise InputError(f"expected a name that is free, received one that is taken: {path}") from error
    finally:
        temporary.unlink(missing_ok=True)
        _sync(path.parent)


def write_all(files: Mapping[Path, bytes]) -> None:
    """Write several files, in order: none takes its place before all are written, so a full disk leaves none.

    Raises:
        InputError: a folder stands where a file is to go.
    """
    for path in files:
        if path.is_dir():
            raise InputError(f"expected a place for a file, received a folder: {path}; move it away")
    written: list[tuple[Path, Path]] = []
    try:
        for path, data in files.items():
            temporary = temporary_beside(path)
            written.append((temporary, path))
            temporary.write_bytes(data)
            _sync(temporary)
        for temporary, path in written:
            commit(temporary, path)
    except BaseException:
        for temporary, _ in written:
            temporary.unlink(missing_ok=True)
        raise


def write_text(path: Path, text: str, mode: int = _PUBLIC) -> None:
    """Write a whole file of UTF-8 text, or nothing; `mode` is that of `temporary_beside`."""
    write_bytes(path, text.encode(), mode)


def clear_temporaries(folder: Path, names: re.Pattern[str]) -> None:
    """Delete what processes that were killed have left in a folder, of files whose whole names fit a pattern."""
    for name, temporaries in _temporaries(folder).items():
        if names.fullmatch(name):
            for temporary in temporaries:
                temporary.unlink(missing_ok=True)


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it, so that a loss of power does not take them away with what is written there."""
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for path in made:
        with suppress(PermissionError):  # a folder that may be written to and not read
            _sync(path.parent)


def _clear_left(path: Path) -> None:
    # A folder of many pictures is looked through once.
    folder = path.parent.absolute()
    if folder not in _left:
        _left[folder] = _temporaries(folder)
    for temporary in _left[folder].pop(path.name, ()):
        temporary.unlink(missing_ok=True)


def _temporaries(folder: Path) -> dict[str, list[Path]]:
    """List the temporary files in a folder that nobody writes any more, by the names that they were to have."""
    found: dict[str, list[Path]] = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            match = _TEMPORARY.fullmatch(entry.name)
            if match and Path(match["name"]).suffix == (match["suffix"] or "") and _is_left(entry):
                found.setdefault(match["name"], []).append(Path(entry.path))
    return found


def _is_left(entry: os.DirEntry[str]) -> bool:
    try:
        is_file = entry.is_file(follow_symlinks=False)
        # A clock that was set back makes the times of the future old ones, too.
        return is_file and abs(time.time() - entry.stat(follow_symlinks=False).st_mtime) > _OVER
    except FileNotFoundError:  # its writer has finished it
        return False


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
