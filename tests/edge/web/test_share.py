from __future__ import annotations

import pytest

from edgeproof.edge.web.share import Share


def test_little_work_needs_no_rest() -> None:
    share = Share(0.25)
    assert all(share.rest(0.02 * turn, 0.004 * turn) == 0 for turn in range(1000))


def test_short_burst_after_a_pause_needs_no_rest() -> None:
    share = Share(0.25)
    share.rest(100.0, 1.0)
    assert share.rest(100.02, 1.02) == 0


@pytest.mark.parametrize("part", [0.2, 0.25, 0.5])
def test_whoever_works_all_the_time_rests_until_the_part_is_kept(part: float) -> None:
    share, now, worked = Share(part), 0.0, 0.0
    for _ in range(1000):
        now, worked = now + 0.02, worked + 0.02
        now += share.rest(now, worked)
    assert worked / now == pytest.approx(part, rel=0.01)


def test_no_rest_is_long() -> None:
    assert Share(0.01).rest(5.0, 5.0) == pytest.approx(0.1)
