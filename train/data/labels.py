"""Class names from elsewhere, which become names of folders here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...edge.contract import UNKNOWN
from ...edge.errors import InputError
from ...edge.folders import printable

# As in the data set's own documentation, but for "T-shirt/top" and the space of "Ankle boot".
FASHION_MNIST = (
    "T-shirt-top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle-boot",
)

_LONGEST = 255  # bytes of a file's name on Linux


def class_names(names: Sequence[str], where: str) -> tuple[str, ...]:
    """Make names of folders from a data set's class names, in their order; "/" becomes "-".

    Plain numbers in rising order ("0", "1", …) get leading zeros, so that sorting keeps them.

    Raises:
        InputError: a name can be no folder, or two are the same.
    """
    if list(names) == [str(number) for number in range(len(names))]:
        return tuple(_padded(range(len(names))))
    folders = tuple(_folder(name, where) for name in names)
    if len(set(folders)) < len(folders):
        twice = next(folder for folder in folders if folders.count(folder) > 1)
        raise InputError(f"expected class names that differ, received {twice!r} twice: {where}; rename one")
    return folders


def names_of(numbers: Iterable[NDArray[Any]], names: Sequence[str] | None, where: str) -> dict[int, str]:
    """Name the class numbers that occur.

    Args:
        numbers: the class numbers of each side, integers of shape (n,).
        names: the folder name of each class number; None makes names of the numbers themselves.
        where: what the numbers are from, for messages.

    Raises:
        InputError: a number is negative or has no name.
    """
    present = sorted({int(number) for side in numbers for number in np.unique(side)})
    if present and (present[0] < 0 or (names is not None and present[-1] >= len(names))):
        strange = present[0] if present[0] < 0 else present[-1]
        most = "" if names is None else f" to {len(names) - 1}"
        raise InputError(f"expected class numbers from 0{most}, received {strange}: {where}; number the classes anew")
    if names is None:
        return dict(zip(present, _padded(present), strict=True))
    return {number: names[number] for number in present}


def _padded(numbers: Sequence[int]) -> list[str]:
    width = len(str(max(numbers, default=0)))
    return [f"{number:0{width}}" for number in numbers]


def _folder(name: str, where: str) -> str:
    folder = name.replace("/", "-")
    # Folders with a leading dot are hidden, and hidden folders are no classes; this takes care of ".." as well.
    if not folder.strip() or folder.startswith(".") or not printable(folder):
        raise InputError(f"expected class names that can name a folder, received {name!r}: {where}; rename it")
    if folder == UNKNOWN:
        raise InputError(f"expected no class called {name!r}, it is the answer below the threshold: {where}; rename it")
    if len(folder.encode()) > _LONGEST:
        raise InputError(
            f"expected class names of at most {_LONGEST} bytes, received {name[:40]!r}…: {where}; shorten it"
        )
    return folder
