"""Frames that cannot be decoded, on a clock of the test's own."""

from __future__ import annotations

import pytest

from clock import Clock
from edgeproof.edge.errors import InputError
from edgeproof.edge.sources import damage
from edgeproof.edge.sources.damage import Damage
from frames import Words


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(damage, "time", clock)
    return clock


def test_each_spell_of_damage_is_told_of_once(words: Words, clock: Clock) -> None:
    damaged = Damage("cam", words.console)
    for pause in (0.1, 0.1, 4.0, 6.0, 0.1):
        clock.now += pause
        damaged.note()
        damaged.over()
    assert words.lines == [
        "warning: cam: a damaged frame was left out; more are counted, and told at the end",
        "warning: cam: a damaged frame was left out, after 3 before; more are counted, and told at the end",
    ]
    damaged.close()
    assert words.lines[2:] == ["warning: cam: 5 damaged frames were left out"]


@pytest.mark.parametrize(("interval", "count"), [(1 / 120, 100), (1 / 15, 39), (1.0, 5)])
def test_nothing_but_damage_ends_soon_at_any_rate(words: Words, clock: Clock, interval: float, count: int) -> None:
    damaged = Damage("cam", words.console)

    def go_on() -> None:
        for _ in range(200):
            damaged.note()
            clock.now += interval

    with pytest.raises(InputError, match=f"received {count} damaged ones in a row from cam"):
        go_on()
    assert damaged.count == count
