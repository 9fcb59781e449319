"""Smoothing beside a model of it in exact fractions, over any history."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from edgeproof.edge.answer import Answer
from edgeproof.edge.classifier import Latency, Prediction
from edgeproof.edge.sources import Frame
from edgeproof.edge.steady import Steady, Steadying

LABELS = ("paper", "rock", "scissors")
SIXTEENTHS = st.lists(st.integers(0, 16), min_size=2, max_size=2).map(sorted)
IMAGE = np.zeros((1, 1, 3), np.uint8)


def answer(values: tuple[float, ...], at: float) -> Answer:
    """What a network says that gives the labels these probabilities, of a frame taken at `at` seconds."""
    said = Prediction(
        LABELS[int(np.argmax(values))],
        max(values),
        np.array(values, np.float32),
        dict(zip(LABELS, values, strict=True)),
        Latency(0, 0, 0),
    )
    return Answer.plain(Frame(IMAGE, "here", 0, at), said)


class SteadyBesideItsModel(RuleBasedStateMachine):
    """Probabilities are sixteenths and weights halves and quarters, so that 20 steps of float64 are exact."""

    @initialize(
        weight=st.sampled_from((Fraction(1), Fraction(1, 2), Fraction(1, 4))),
        window=st.integers(1, 5),
        spare=st.integers(0, 2),
        hold=st.integers(0, 6),
        below=st.integers(0, 16),
    )
    def begin(self, weight: Fraction, window: int, spare: int, hold: int, below: int) -> None:
        self.weight, self.window, self.hold, self.below = weight, window, hold, Fraction(below, 16)
        self.votes = max(window // 2 + 1, window - spare)
        self.steady = Steady(Steadying(float(weight), self.votes, window, float(hold)), float(self.below))
        self.now, self.since = 0, 0
        self.seen: list[tuple[Fraction, ...]] = []  # since the mean began
        self.said: list[str] = []
        self.shown: str | None = None

    @rule(cuts=SIXTEENTHS, seconds=st.integers(0, 3))
    def see(self, cuts: list[int], seconds: int) -> None:
        """A distribution: where two cuts leave sixteen sixteenths."""
        self.now += seconds
        values = (Fraction(cuts[0], 16), Fraction(cuts[1] - cuts[0], 16), Fraction(16 - cuts[1], 16))
        self.seen.append(values)
        shown = self.steady.shown(answer(tuple(map(float, values)), self.now))
        means = self._means()
        assert [Fraction(value) for value in shown.probabilities.values()] == means
        assert sum(means) == 1
        for mean, history in zip(means, zip(*self.seen, strict=True), strict=True):
            assert min(history) <= mean <= max(history)
        self._expect(shown, LABELS[means.index(max(means))] if max(means) >= self.below else "unknown", max(means))

    @precondition(lambda self: len(self.said) > 1)
    @rule(lost=st.integers(0, 2))
    def see_nonsense(self, lost: int) -> None:
        """NaN is shown as unknown, and does not stay in the mean."""
        values = [0.25, 0.25, 0.5]
        values[lost] = float("nan")
        shown = self.steady.shown(answer(tuple(values), self.now))
        self.seen = []
        label = self._label("unknown")
        assert shown.label == label
        assert (shown.score != shown.score) == (label == "unknown" or label == LABELS[lost])

    def _means(self) -> list[Fraction]:
        """The moving average in closed form: each frame weighs (1 − w) of the next, and the first all that is left."""
        ages = range(len(self.seen) - 1, -1, -1)
        shares = [self.weight * (1 - self.weight) ** age for age in ages]
        shares[0] = 1 - sum(shares[1:], Fraction(0))
        return [sum((s * v for s, v in zip(shares, column, strict=True)), Fraction(0)) for column in zip(*self.seen)]  # noqa: B905

    def _label(self, newest: str) -> str:
        self.said.append(newest)
        recent = self.said[-self.window :]
        voted = next((label for label in recent if recent.count(label) >= self.votes), "unknown")
        if self.shown is None or (voted != self.shown and self.now - self.since >= self.hold):
            self.shown, self.since = voted, self.now
        return self.shown

    def _expect(self, shown: Answer, newest: str, highest: Fraction) -> None:
        label = self._label(newest)
        assert shown.label == label
        expected = highest if label == "unknown" else Fraction(shown.probabilities[label])
        assert Fraction(shown.score) == expected


TestSteadyBesideItsModel = SteadyBesideItsModel.TestCase

shares = st.lists(st.floats(0.001, 1), min_size=3, max_size=3)


@given(st.floats(0.01, 1), st.lists(shares, min_size=1, max_size=30))
def test_any_average_of_distributions_is_one_and_between_them(weight: float, said: list[list[float]]) -> None:
    steady = Steady(Steadying(weight), 0.0)
    history = [tuple(value / sum(each) for value in each) for each in said]
    for index, values in enumerate(history):
        shown = list(steady.shown(answer(values, 0.0)).probabilities.values())
        assert abs(sum(shown) - 1) < 1e-9
        for value, column in zip(shown, zip(*history[: index + 1], strict=True), strict=True):
            assert min(column) - 1e-12 <= value <= max(column) + 1e-12


@given(st.lists(shares, min_size=1, max_size=12), st.floats(0, 1))
def test_nothing_is_changed_where_nothing_is_asked_for(said: list[list[float]], below: float) -> None:
    steady = Steady(Steadying(), below)
    for index, each in enumerate(said):
        values = tuple(value / sum(each) for value in each)
        shown = steady.shown(answer(values, index))
        assert tuple(shown.probabilities.values()) == values
        assert shown.score == max(values)
        assert shown.label == (LABELS[values.index(max(values))] if max(values) >= below else "unknown")


@given(st.lists(st.sampled_from(range(3)), min_size=1, max_size=40), st.integers(1, 4), st.integers(0, 3))
def test_label_that_is_shown_stays_for_the_hold(said: list[int], hold: int, step: int) -> None:
    steady = Steady(Steadying(hold=float(hold)), 0.0)
    changes = [0]
    labels: list[str | None] = []
    for index, best in enumerate(said):
        values = tuple(0.8 if i == best else 0.1 for i in range(3))
        labels.append(steady.shown(answer(values, index * step)).label)
        if index and labels[-1] != labels[-2]:
            changes.append(index * step)
    assert all(later - earlier >= hold for earlier, later in pairwise(changes))
