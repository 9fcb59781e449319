"""A reason not to release, in one line."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Refusal:
    """What is wrong with a release, in the words of every error of ours."""

    expected: str
    received: str
    remedy: str

    def __str__(self) -> str:
        """Say it in one line."""
        return f"expected {self.expected}, received {self.received}; {self.remedy}"


def unless_same(what: str, expected: str, received: str | None, remedy: str) -> list[Refusal]:
    """Give a refusal where what was received is not what was expected; None is nothing at all."""
    if received == expected:
        return []
    return [Refusal(f"{what} {expected}", received or "none", remedy)]


def report(refusals: Sequence[Refusal], good: str) -> int:
    """Print each refusal to standard error, or the line that all is well.

    Returns:
        The exit code: 1 where there was a refusal.
    """
    for refusal in refusals:
        print(f"refused: {refusal}", file=sys.stderr)  # noqa: T201 - a program
    if not refusals:
        print(good)  # noqa: T201
    return 1 if refusals else 0
