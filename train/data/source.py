"""Where pictures come from that are no folder of pictures: the vocabulary of everything that can be unpacked."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

TRAIN, VALIDATION = "train", "validation"

_CHUNK = 1 << 20  # bytes


@dataclass(frozen=True)
class Picture:
    """One picture of a class: `data` is a whole image file, `suffix` its file name's end, such as ".png"."""

    label: str
    data: bytes
    suffix: str = ".png"


@dataclass(frozen=True)
class Side:
    """The `count` pictures of one side of a split; `pictures` starts to read them, one after the other."""

    count: int
    pictures: Callable[[], Iterator[Picture]]


@dataclass(frozen=True)
class Source:
    """Pictures to unpack.

    `name` is what a person calls it, `digest` differs where the pictures or labels may differ, and `sides` holds
    `TRAIN`, `VALIDATION` or both.
    """

    name: str
    digest: str
    sides: Mapping[str, Side]

    def only(self, side: str) -> Source:
        """Give one side alone; where there is but one, that is the one."""
        name = side if side in self.sides else next(iter(self.sides))
        return replace(self, sides={name: self.sides[name]})


def fingerprint(*parts: Path | str) -> str:
    """Hash the contents of files, and words, in their order: SHA-256 in hexadecimal."""
    whole = hashlib.sha256()
    for part in parts:
        each = hashlib.sha256()
        if isinstance(part, str):
            each.update(part.encode())
        else:
            with part.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    each.update(chunk)
        whole.update(each.digest())
    return whole.hexdigest()
