"""Folders of pictures, and class folders: one folder per label."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from .contract import UNKNOWN
from .errors import InputError
from .names import utf8
from .wording import printable as printable

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp"})


@dataclass(frozen=True)
class LabelledFile:
    """One picture of a data set: its path relative to the data set's root (with /), label, and SHA-256 of its bytes."""

    file: str
    label: str
    sha256: str


def pictures(folder: Path) -> list[Path]:
    """List the pictures under a folder, at any depth, sorted by path; hidden files and folders are left out.

    Raises:
        InputError: there is no such folder.
    """
    if not folder.is_dir():
        raise InputError(f"expected a folder of pictures, received no such folder: {folder}")
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in SUFFIXES and not _is_hidden(path.relative_to(folder)) and path.is_file()
    )


def _is_hidden(path: Path) -> bool:
    # What a file manager keeps of deleted and of shrunken pictures is in folders with a dot.
    return any(part.startswith(".") for part in path.parts)


def class_folders(root: Path) -> dict[str, list[Path]]:
    """List the pictures of each class folder under `root`: label → paths, labels sorted.

    Raises:
        InputError: there is no such folder, it does not hold at least two class folders with pictures, or the name of
            one can be no label.
    """
    if not root.is_dir():
        raise InputError(f"expected a folder with one folder per class, received no such folder: {root}")
    folders = sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))
    classes = {folder.name: found for folder in folders if (found := pictures(folder))}
    for label in classes:
        check_label(label)
    if len(classes) < 2:
        names = ", ".join(classes) or "none"
        raise InputError(
            f"expected at least 2 class folders with pictures, received {len(classes)} ({names}): {root}; "
            "give the folder that holds one folder per class"
        )
    return classes


def labelled_files(root: Path, base: Path) -> list[LabelledFile]:
    """List every picture of the class folders under `root`, with paths relative to `base`, sorted.

    Raises:
        InputError: as for `class_folders`, or a picture cannot be read or its name be recorded.
    """
    return [
        LabelledFile(utf8(path.relative_to(base).as_posix()), label, sha256_of(path))
        for label, paths in class_folders(root).items()
        for path in paths
    ]


def sha256_of(path: Path) -> str:
    """Hash a file's bytes.

    Raises:
        InputError: the file cannot be read.
    """
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise InputError(f"expected a picture, received {error.strerror or error}: {path}") from error


def check_label(label: str) -> None:
    """See to it that the name of a class folder can be a label.

    Raises:
        InputError: it is the answer below the threshold, or no text of one line.
    """
    if label == UNKNOWN:
        raise InputError(
            f"expected no class folder called {UNKNOWN!r}, it is the answer below the threshold; rename it"
        )
    if not printable(label):
        raise InputError(f"expected class folders with names of printable UTF-8, received {label!r}; rename it")
