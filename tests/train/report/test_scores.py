from __future__ import annotations

import numpy as np
import pytest

from edgeproof.edge.contract import Activation
from edgeproof.edge.folders import LabelledFile
from edgeproof.edge.run_directory import ClassScore, Mistake
from edgeproof.train.report.scores import judge

LABELS = ("paper", "rock", "scissors")
# Two of three papers, one of two rocks and no scissors are right, worked out with a pencil.
SOFTMAX = np.array(
    [
        [0.7, 0.2, 0.1],  # paper, right
        [0.5, 0.3, 0.2],  # paper, right
        [0.1, 0.6, 0.3],  # paper, answered as rock
        [0.2, 0.7, 0.1],  # rock, right
        [0.8, 0.1, 0.1],  # rock, answered as paper
        [0.9, 0.05, 0.05],  # scissors, answered as paper
    ],
    np.float32,
)
RIGHT = np.array([0, 0, 0, 1, 1, 2], np.int64)


def files(labels: tuple[str, ...], right: np.ndarray) -> list[LabelledFile]:
    return [LabelledFile(f"{i}.png", labels[label], "0" * 64) for i, label in enumerate(right)]


def test_scores_are_those_worked_out_by_hand() -> None:
    judged = judge(SOFTMAX, RIGHT, files(LABELS, RIGHT), LABELS, Activation.SOFTMAX, 0.75)
    assert judged.accuracy == pytest.approx(3 / 6)
    assert (judged.loss, judged.n) == (0.75, 6)
    assert judged.confusion == ((2, 1, 0), (1, 1, 0), (1, 0, 0))
    # Four answers were paper, two rock, none scissors.
    assert [score.precision for score in judged.classes] == pytest.approx([2 / 4, 1 / 2, 0])
    assert [score.recall for score in judged.classes] == pytest.approx([2 / 3, 1 / 2, 0])
    assert [score.f1 for score in judged.classes] == pytest.approx([4 / 7, 1 / 2, 0])
    assert [(score.label, score.n) for score in judged.classes] == [("paper", 3), ("rock", 2), ("scissors", 1)]


def test_the_surest_mistakes_come_first_and_no_more_than_asked_for() -> None:
    given = files(LABELS, RIGHT)
    mistakes = judge(SOFTMAX, RIGHT, given, LABELS, Activation.SOFTMAX, 0.0).mistakes
    assert [(m.file, m.label, m.answer) for m in mistakes] == [
        ("5.png", "scissors", "paper"),
        ("4.png", "rock", "paper"),
        ("2.png", "paper", "rock"),
    ]
    assert [(m.score, m.score_of_label) for m in mistakes] == [
        pytest.approx(pair, abs=1e-6) for pair in ((0.9, 0.05), (0.8, 0.1), (0.6, 0.1))
    ]
    assert judge(SOFTMAX, RIGHT, given, LABELS, Activation.SOFTMAX, 0.0, most_mistakes=1).mistakes == mistakes[:1]


def test_one_sigmoid_unit_is_the_score_of_the_second_label() -> None:
    # 0.9 → dog, 0.2 → cat (wrong), 0.75 → dog (wrong), 0.1 → cat
    outputs = np.array([[0.9], [0.2], [0.75], [0.1]], np.float32)
    right = np.array([1, 1, 0, 0])
    judged = judge(outputs, right, files(("cat", "dog"), right), ("cat", "dog"), Activation.SIGMOID, 0.5)
    assert judged.accuracy == 0.5
    assert judged.confusion == ((1, 1), (1, 1))
    assert judged.classes == (ClassScore("cat", 2, 0.5, 0.5, 0.5), ClassScore("dog", 2, 0.5, 0.5, 0.5))
    first, second = judged.mistakes
    assert first == Mistake("1.png", "dog", "cat", pytest.approx(0.8), pytest.approx(0.2))
    assert second == Mistake("2.png", "cat", "dog", 0.75, 0.25)


def test_equal_scores_are_the_first_label_as_on_the_device() -> None:
    right = np.array([0, 1])
    judged = judge(np.full((2, 1), 0.5, np.float32), right, files(("a", "b"), right), ("a", "b"), Activation.SIGMOID, 0)
    assert judged.confusion == ((1, 0), (1, 0))


def test_a_perfect_network_has_no_mistakes() -> None:
    right = np.arange(10)
    labels = tuple(f"class {i}" for i in right)
    judged = judge(np.eye(10, dtype=np.float32), right, files(labels, right), labels, Activation.SOFTMAX, 0.0)
    assert judged.accuracy == 1
    assert judged.mistakes == ()
    assert {(c.precision, c.recall, c.f1) for c in judged.classes} == {(1.0, 1.0, 1.0)}


@pytest.mark.parametrize(
    ("outputs", "right"),
    [
        (SOFTMAX[:, :2], RIGHT),
        (SOFTMAX[:5], RIGHT),
        (SOFTMAX, RIGHT[:5]),
        (SOFTMAX, RIGHT + 1),
        (SOFTMAX, RIGHT - 1),
        (SOFTMAX[:0], RIGHT[:0]),
    ],
)
def test_what_does_not_fit_is_refused(outputs: np.ndarray, right: np.ndarray) -> None:
    given = files(LABELS, RIGHT)[: len(outputs) if len(outputs) == 0 else None]
    with pytest.raises(ValueError, match="expected"):
        judge(outputs, right, given, LABELS, Activation.SOFTMAX, 0.0)


def test_a_regression_has_no_scores() -> None:
    with pytest.raises(ValueError, match="classifier"):
        judge(np.zeros((1, 1), np.float32), np.array([0]), files(("y",), np.array([0])), (), Activation.LINEAR, 0.0)
