"""Files that are whole or not there: written beside their place, synced, then renamed over it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import InputError

_PUBLIC = 0o666  # as any other file: nobody can read the umask without setting it


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

    Args:
        path: where it will go.
        mode: its permissions, of which the system takes off what the umask says.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.urandom(4).hex()}{path.suffix}")
    os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))
    return temporary


def commit(temporary: Path, path: Path) -> None:
    """Put a written temporary file in the place of `path`, so that a loss of power leaves the old file or the new."""
    _sync(temporary)
    temporary.replace(path)
    _sync(path.parent)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path to write to; it takes the place of `path` when the block ends well.

    Any exception leaves whatever was at `path` before, and no temporary file.
    """
    temporary = temporary_beside(path)
    try:
        yield temporary
        commit(temporary, path)
    except BaseException:
        with suppress(FileNotFoundError):
            temporary.unlink()
        raise


def write_bytes(path: Path, data: bytes) -> None:
    """Write a whole file of bytes, or nothing."""
    with replacing(path) as temporary:
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


def write_text(path: Path, text: str) -> None:
    """Write a whole file of UTF-8 text, or nothing."""
    write_bytes(path, text.encode())


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
