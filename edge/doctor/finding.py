"""What a person is told of one thing: how it is, what was found, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Level(str, Enum):
    """How it is."""

    GOOD = "good"
    ADVICE = "advice"  # it works, and would be better otherwise
    PROBLEM = "problem"  # something will not work


@dataclass(frozen=True)
class Finding:
    """One line; `todo` is empty where nothing is to be done."""

    level: Level
    found: str
    todo: str = ""

    def __str__(self) -> str:
        words = [self.level.value.ljust(7), self.found, self.todo]
        return " · ".join(word for word in words if word)


def good(found: str) -> Finding:
    """Say that something is as it should be."""
    return Finding(Level.GOOD, found)


def advice(found: str, todo: str) -> Finding:
    """Say what would make it better."""
    return Finding(Level.ADVICE, found, todo)


def problem(found: str, todo: str) -> Finding:
    """Say what must be done for it to work."""
    return Finding(Level.PROBLEM, found, todo)
