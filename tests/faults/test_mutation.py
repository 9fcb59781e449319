"""The campaign of mutants, on one small file, and how it counts."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

import mutation
from mutation import Mutant

PROPERTY = '''class Pair:
    """Two."""

    @property
    def both(self) -> int:
        """Their sum."""
        return self.one + self.other

    @property
    def none(self) -> int:
        return 0

    @staticmethod
    def name() -> str:
        return "pair"
'''


@pytest.mark.skipif(importlib.util.find_spec("mutmut") is None, reason="mutmut, of the extra dev, makes the mutants")
def test_every_error_in_quantization_is_found(tmp_path: Path) -> None:
    copied = Path(mutation.ROOT / "edge/quantization.py").read_bytes()
    mutation.copy(tmp_path, ["edge/quantization.py"], ["tests/edge/test_quantization.py"])
    mutants = mutation.run(tmp_path, 1, 5)
    assert len(mutants) >= 20
    assert [each.name for each in mutants if not each.killed] == []
    assert all(each.is_of("edge/quantization.py") for each in mutants)
    assert Path(mutation.ROOT / "edge/quantization.py").read_bytes() == copied


def test_property_stays_one_without_its_decorator() -> None:
    written = mutation.without_decorators(PROPERTY)
    assert "@property" not in written
    assert "@staticmethod" in written
    space: dict[str, type] = {}
    exec(written, space)  # noqa: S102 - what was just written
    pair = space["Pair"]()
    pair.one, pair.other = 3, 4
    assert (pair.both, pair.none, pair.name()) == (7, 0, "pair")


def test_results_are_read_and_held_to_the_goal_file_by_file() -> None:
    name = "edgeproof.edge.quantization.x_quantize__mutmut_"
    results = f"    {name}1: killed\n    {name}2: timeout\n    {name}3: survived\n    {name}4: not checked\n"
    mutants = mutation.read(results)
    assert mutants[2] == Mutant(f"{name}3", "survived")
    assert [each.killed for each in mutants] == [True, True, False, False]
    assert [each.tried for each in mutants] == [True, True, True, False]
    first, *_, whole = mutation.judge(mutants)
    assert (first.name, first.seen, first.met) == ("edge/quantization.py: 2 of 4 killed", 50, False)
    assert (whole.name, whole.seen, whole.met) == ("all: 2 of 4 killed", 50, False)


def test_nothing_that_was_tried_is_not_good() -> None:
    assert not any(figure.met for figure in mutation.judge([]))
