"""Temperature, and whether a Raspberry Pi slows itself down."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..thermal import Thermal, read_thermal
from .finding import Finding, advice, good, problem

_WARM, _HOT = 70.0, 80.0  # °C; a Raspberry Pi slows down from 80
_SUPPLY = "use a stronger power supply and a short cable: 5 V 3 A, 5 A for a Raspberry Pi 5"
_COOL = "give it a heat sink or a fan"
_WORDS = {
    "under_voltage": ("under-voltage", _SUPPLY),
    "frequency_capped": ("a capped frequency", _SUPPLY),
    "throttled": ("throttling", _COOL),
    "soft_temperature_limit": ("the soft temperature limit", _COOL),
}


def look(root: Path) -> Thermal:
    """Read the sensors."""
    return read_thermal(root / "sys")


def judge(facts: Thermal) -> Iterator[Finding]:
    """Say whether it is too hot, or has too little power."""
    if facts.celsius:
        zone, celsius = max(facts.celsius.items(), key=lambda item: item[1])
        found = f"{celsius:.0f} °C ({zone})"
        if celsius >= _HOT:
            yield problem(found, _COOL)
        elif celsius >= _WARM:
            yield advice(found, _COOL)
        else:
            yield good(found)
    for reason, (words, todo) in _WORDS.items():
        if facts.now.get(reason):
            yield problem(f"{words} now", todo)
        elif facts.since_boot.get(reason):
            yield advice(f"{words} since it was started", todo)
    if facts.now and not any((*facts.now.values(), *facts.since_boot.values())):
        yield good("no throttling or under-voltage since it was started")
