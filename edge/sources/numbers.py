"""Numbers from the command line, for models that take numbers."""

from __future__ import annotations

import time

import numpy as np

from ..contract import NumberInput
from ..errors import InputError
from .address import hidden
from .frame import Frame, Spare


class NumberSource:
    """One vector of numbers, written as "10" or "1,2.5"."""

    live = False

    def __init__(self, text: str, wanted: NumberInput) -> None:
        try:
            with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, and is refused below
                self._numbers = np.array([float(part) for part in text.split(",")], np.float32)
        except ValueError:
            raise InputError(
                f"expected {wanted.count} number(s) such as 10 or 1,2.5, received {hidden(text)!r}"
            ) from None
        if not np.isfinite(self._numbers).all():
            raise InputError(f"expected numbers that float32 can hold, received {text!r}")
        if len(self._numbers) != wanted.count:
            raise InputError(f"expected {wanted.count} number(s), received {len(self._numbers)}: {text}")
        self._text = text
        self._done = False

    def read(self, spare: Spare = None) -> Frame | None:  # noqa: ARG002 - the interface's
        """Give the numbers once."""
        if self._done:
            return None
        self._done = True
        return Frame(self._numbers, self._text, 0, time.monotonic())

    def close(self) -> None:
        """Nothing is held open."""
