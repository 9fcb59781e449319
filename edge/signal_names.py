"""Names of signals, for those who are told how a process ended."""

from __future__ import annotations

import signal


def signal_name(number: int) -> str:
    """Name the signal that ended a process."""
    try:
        return signal.Signals(number).name
    except ValueError:  # one of those for real time, which have no names
        return f"signal {number}"
