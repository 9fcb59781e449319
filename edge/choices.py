"""Words of a caller that are one of a few."""

from __future__ import annotations

from enum import Enum
from typing import TypeVar

from .errors import InputError

E = TypeVar("E", bound=Enum)


def one_of(kind: type[E], what: str, value: str) -> E:
    """Read a value of an enum.

    Raises:
        InputError: there is no such value; `what` names the argument.
    """
    try:
        return kind(value)
    except ValueError as error:
        choices = ", ".join(str(choice.value) for choice in kind)
        raise InputError(f"expected {what} of {choices}, received {value!r}") from error


def one_or_none(kind: type[E], what: str, value: str | None) -> E | None:
    """Read a value of an enum as `one_of` does, which may also be left out."""
    return None if value is None else one_of(kind, what, value)
