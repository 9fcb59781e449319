"""Names for files that tell them apart: as little of their paths as that takes."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from ..edge.errors import InputError


def distinct_names(paths: Sequence[Path]) -> list[str]:
    """Name each file by its own name, with as many folders before it as tell it from the others of that name.

    Raises:
        InputError: a path is there twice.
    """
    # "." and "runs/.." have names too, once they are spelled out.
    parts = [Path(os.path.abspath(path)).parts for path in paths]  # noqa: PTH100 - resolve() would follow links
    twice = [path for path, own in zip(paths, parts, strict=True) if parts.count(own) > 1]
    if twice:
        raise InputError(f"expected candidates that differ, received one twice: {twice[0]}")
    return ["/".join(_ending(own, parts)) for own in parts]


def _ending(own: tuple[str, ...], every: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    alike = [parts for parts in every if parts[-1:] == own[-1:]]
    for length in range(1, len(own)):
        if Counter(parts[-length:] for parts in alike)[own[-length:]] == 1:
            return own[-length:]
    return own
