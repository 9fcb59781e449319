"""The campaign of properties: it tries as many examples as it is told, and counts those properties that break."""

from __future__ import annotations

from pathlib import Path

import pytest

import properties

pytest.importorskip("hypothesis")

BROKEN = """
from hypothesis import given, strategies as st

@given(st.integers())
def test_halving_loses_nothing(number):
    assert number // 2 * 2 == number
"""


def test_as_many_examples_are_tried_as_were_asked_for() -> None:
    outcome = properties.run(150, 1, 5, "-k", "to_the_even_neighbour or stretching_takes_all")
    assert (outcome.held, outcome.broken, outcome.ended) == (2, 0, True)
    assert outcome.examples == 300


def test_property_that_breaks_is_counted_and_shown(tmp_path: Path) -> None:
    file = tmp_path / "test_broken.py"
    file.write_text(BROKEN)
    outcome = properties.run(150, 1, 5, str(file), "-k", "halving_loses_nothing or stretching_takes_all")
    assert (outcome.held, outcome.broken) == (1, 1)
    assert "number=1" in outcome.words


def test_campaign_that_is_cut_off_says_so() -> None:
    outcome = properties.run(150, 1, 1e-3)
    assert not outcome.ended
    assert outcome.held == 0
