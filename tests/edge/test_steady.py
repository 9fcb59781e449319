from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from edgeproof.edge.answer import Answer
from edgeproof.edge.classifier import Latency, Prediction
from edgeproof.edge.sources import Frame
from edgeproof.edge.steady import Steady, Steadying

LABELS = ("paper", "rock")
NAN = float("nan")


def answer(paper: float, at: float = 0.0, below: float = 0.6) -> Answer:
    """What a network says that gives `paper` this probability, of a frame taken at `at` seconds."""
    values = (paper, 1 - paper)
    best = max(values)
    label = LABELS[values.index(best)] if best >= below else "unknown"
    said = Prediction(
        label, best, np.array(values, np.float32), dict(zip(LABELS, values, strict=True)), Latency(0, 0, 0)
    )
    return Answer.plain(Frame(np.zeros((1, 1, 3), np.uint8), "test", 0, at), said)


def labels(how: Steadying, papers: Sequence[float], times: Sequence[float] | None = None) -> list[str | None]:
    steady = Steady(how, unknown_below=0.6)
    return [
        steady.shown(answer(paper, at)).label for paper, at in zip(papers, times or [0.0] * len(papers), strict=True)
    ]


def test_nothing_is_changed_where_nothing_is_asked_for() -> None:
    steady = Steady(Steadying(), 0.6)
    for paper in (0.9, 0.1, 0.5, 0.3):
        shown, raw = steady.shown(answer(paper)), answer(paper)
        assert (shown.label, shown.score, shown.probabilities) == (raw.label, raw.score, raw.probabilities)


def test_probabilities_are_averaged_by_the_weight_of_the_newest() -> None:
    steady = Steady(Steadying(weight=0.25), 0.6)
    shown = [steady.shown(answer(paper)) for paper in (0.8, 0.0, 0.0)]
    assert [each.probabilities["paper"] for each in shown] == pytest.approx([0.8, 0.6, 0.45])
    assert [each.label for each in shown] == ["paper", "paper", "unknown"]
    assert [each.score for each in shown] == pytest.approx([0.8, 0.6, 0.55])
    assert shown[1].prediction.label == "rock"  # what the network said stays what it was


def test_one_odd_frame_does_not_change_an_averaged_answer() -> None:
    assert labels(Steadying(weight=0.3), [0.9, 0.9, 0.1, 0.9, 0.9]) == ["paper"] * 5


def test_nan_is_shown_and_then_forgotten() -> None:
    steady = Steady(Steadying(weight=0.3), 0.6)
    steady.shown(answer(0.9))
    assert steady.shown(answer(NAN)).label == "unknown"
    assert steady.shown(answer(0.2)).probabilities["paper"] == pytest.approx(0.2)


@pytest.mark.parametrize("how", [Steadying(hold=0.5), Steadying(votes=1, window=1, hold=0.1)])
def test_nan_is_seen_wherever_it_stands(how: Steadying) -> None:
    said = Prediction("unknown", NAN, np.array([0.9, NAN], np.float32), {"paper": 0.9, "rock": NAN}, Latency(0, 0, 0))
    shown = Steady(how, 0.6).shown(Answer.plain(Frame(np.zeros((1, 1, 3), np.uint8), "test", 0, 0.0), said))
    assert shown.label == "unknown"
    assert np.isnan(shown.score)


@pytest.mark.parametrize(
    ("votes", "window", "papers", "expected"),
    [
        (2, 3, [0.9, 0.9, 0.1, 0.9, 0.1, 0.1], ["unknown", "paper", "paper", "paper", "rock", "rock"]),
        (3, 3, [0.9, 0.9, 0.9, 0.1, 0.9], ["unknown", "unknown", "paper", "unknown", "unknown"]),
        (1, 1, [0.9, 0.1, 0.5], ["paper", "rock", "unknown"]),
        (2, 2, [0.5, 0.5, 0.9, 0.9], ["unknown", "unknown", "unknown", "paper"]),
    ],
)
def test_label_needs_its_votes(votes: int, window: int, papers: list[float], expected: list[str]) -> None:
    assert labels(Steadying(votes=votes, window=window), papers) == expected


def test_label_is_held_by_the_time_of_the_frames() -> None:
    papers = [0.9, 0.1, 0.1, 0.1, 0.9, 0.9]
    times = [10.0, 10.2, 10.4, 10.5, 10.6, 11.0]
    assert labels(Steadying(hold=0.5), papers, times) == ["paper", "paper", "paper", "rock", "rock", "paper"]


def test_score_is_that_of_the_label_that_is_held() -> None:
    steady = Steady(Steadying(hold=1.0), 0.6)
    steady.shown(answer(0.9, 0.0))
    held = steady.shown(answer(0.25, 0.5))
    assert (held.label, held.score) == ("paper", 0.25)


def test_all_together() -> None:
    how = Steadying(weight=0.5, votes=2, window=3, hold=1.0)
    papers = [1.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0]
    times = [0.0, 0.1, 0.2, 0.3, 0.4, 1.0, 1.1]
    # The average: 1, 1, .5, .75, .375, .19, .09; "unknown" was shown from 0 on and is held for a second.
    assert labels(how, papers, times) == ["unknown"] * 5 + ["rock", "rock"]


def test_regression_passes_as_it_is() -> None:
    said = Prediction(None, 18.5, np.array([18.5], np.float32), {}, Latency(0, 0, 0))
    given = Answer.plain(Frame(np.zeros(1), "10", 0, 0.0), said)
    assert Steady(Steadying(weight=0.5, votes=2, window=3, hold=1.0), 0.0).shown(given) is given


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"weight": 0.0}, "expected a weight above 0 and up to 1, received 0"),
        ({"weight": NAN}, "expected a weight above 0 and up to 1, received nan"),
        ({"votes": 2, "window": 4}, "expected more than half of the frames as votes, received 2 of 4"),
        ({"votes": 3, "window": 2}, "expected more than half of the frames as votes, received 3 of 2"),
        ({"hold": -1.0}, "expected a hold of 0 seconds or more, received -1"),
    ],
)
def test_what_cannot_be_is_refused(facts: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Steadying(**facts)  # type: ignore[arg-type]
