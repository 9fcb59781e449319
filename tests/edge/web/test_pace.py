from __future__ import annotations

import pytest

from edgeproof.edge.web.pace import Pace


def turns(pace: Pace, times: list[float]) -> list[float]:
    taken = []
    for now in times:
        if pace.due(now):
            pace.taken(now)
            taken.append(now)
    return taken


@pytest.mark.parametrize(("camera", "rate", "expected"), [(30, 25, 25), (30, 5, 5), (10, 25, 10), (1000, 25, 25)])
def test_rate_is_kept_on_average(camera: int, rate: int, expected: int) -> None:
    taken = turns(Pace(1 / rate), [100 + index / camera for index in range(10 * camera)])
    assert len(taken) == pytest.approx(10 * expected, abs=1)


def test_pause_is_not_made_up_for() -> None:
    pace = Pace(1.0)
    turns(pace, [100.0, 101.0])
    assert turns(pace, [500.0, 500.1, 500.5, 500.9, 501.0, 501.5]) == [500.0, 501.0]
