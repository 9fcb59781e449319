"""The machine around a measurement, and whether the figures can be trusted."""

from __future__ import annotations

from dataclasses import dataclass

from ..machine import Machine, this_machine
from .conditions import Conditions, busy_share, read_conditions, warnings


@dataclass(frozen=True)
class Surroundings:
    """The machine, its state before and after, the share of it that other programs took, and what is to be warned of.

    `busy_share` is None where the system does not say.
    """

    machine: Machine
    before: Conditions
    after: Conditions
    busy_share: float | None
    warnings: tuple[str, ...]


class Watch:
    """Reads the machine's state now, and at the end."""

    def __init__(self) -> None:
        self._machine, self._before = this_machine(), read_conditions()

    def end(self) -> Surroundings:
        """Say what was around."""
        before, after = self._before, read_conditions()
        return Surroundings(self._machine, before, after, busy_share(before, after), warnings(before, after))
