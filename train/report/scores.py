"""From a network's outputs to what is said about it: accuracy, scores per class, the confusion matrix, mistakes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...edge.contract import Activation, ModelOutput
from ...edge.folders import LabelledFile
from ...edge.run_directory import ClassScore, Mistake, Validation
from ...edge.scores import label_scores

MOST_MISTAKES = 24


# Long because of the formulas that its docstring gives.
def judge(
    outputs: NDArray[np.float32],
    labels_index: NDArray[np.int64],
    files: Sequence[LabelledFile],
    labels: Sequence[str],
    activation: Activation,
    loss: float,
    most_mistakes: int = MOST_MISTAKES,
) -> Validation:
    """Judge a classifier by its answers to the validation split.

    The answer is the label with the highest score, the first of those where several are equal, as on the device. With
    C[i, j] pictures of class i answered as class j:

    - accuracy = Σᵢ C[i, i] / Σᵢⱼ C[i, j]
    - precisionⱼ = C[j, j] / Σᵢ C[i, j], the share of the answers j that are right; 0 where j was never answered
    - recallᵢ = C[i, i] / Σⱼ C[i, j], the share of the class i that was found; 0 where there is no picture of it
    - F1 = 2 · precision · recall / (precision + recall), their harmonic mean; 0 where both are 0

    Args:
        outputs: what the network gave, float32 of shape (n, units). One sigmoid unit stands for two labels: its value
            is the score of the second, one minus it that of the first.
        labels_index: the right answers, int64 of shape (n,), indices into `labels`.
        files: the pictures, in the same order.
        labels: every label, in the order of the outputs.
        activation: the network's last layer, softmax or sigmoid.
        loss: the loss on the same pictures, to be recorded.
        most_mistakes: how many mistakes to keep; those with the highest score of the wrong answer come first, and
            the order of the pictures decides between equal ones.

    Raises:
        ValueError: the shapes do not fit each other, a label's index is out of range, there is no picture, or the
            activation has no labels.
    """
    right = np.asarray(labels_index)
    expected = (len(files), ModelOutput(activation, tuple(labels)).units)
    if activation is Activation.LINEAR or not files or outputs.shape != expected or right.shape != expected[:1]:
        raise ValueError(
            f"expected outputs {expected} of a classifier and as many labels, received {outputs.shape}, {right.shape}"
        )
    if right.min() < 0 or right.max() >= len(labels):
        raise ValueError(f"expected indices of {len(labels)} labels, received {right.min()} to {right.max()}")
    scores = label_scores(outputs, ModelOutput(activation, tuple(labels)))
    answers = scores.argmax(axis=1)
    confusion = np.zeros((len(labels), len(labels)), np.int64)
    np.add.at(confusion, (right, answers), 1)
    return Validation(
        accuracy=float(np.trace(confusion) / len(files)),
        loss=float(loss),
        n=len(files),
        classes=_classes(confusion, labels),
        confusion=tuple(tuple(row) for row in confusion.tolist()),
        mistakes=_mistakes(scores, right, answers, files, labels)[:most_mistakes],
    )


def _classes(confusion: NDArray[np.int64], labels: Sequence[str]) -> tuple[ClassScore, ...]:
    found, answered, present = confusion.diagonal(), confusion.sum(axis=0), confusion.sum(axis=1)
    # A count of 0 below the line has 0 above it too, so dividing by 1 instead gives the 0 that is promised.
    precision = found / np.maximum(answered, 1)
    recall = found / np.maximum(present, 1)
    f1 = 2 * found / np.maximum(answered + present, 1)  # the harmonic mean, without dividing twice
    return tuple(
        ClassScore(label, int(present[i]), float(precision[i]), float(recall[i]), float(f1[i]))
        for i, label in enumerate(labels)
    )


def _mistakes(
    scores: NDArray[np.float32],
    right: NDArray[np.int64],
    answers: NDArray[np.int64],
    files: Sequence[LabelledFile],
    labels: Sequence[str],
) -> tuple[Mistake, ...]:
    wrong = np.flatnonzero(right != answers)
    surest_first = wrong[np.argsort(-scores[wrong, answers[wrong]], kind="stable")]
    return tuple(
        Mistake(
            file=files[i].file,
            label=labels[right[i]],
            answer=labels[answers[i]],
            score=float(scores[i, answers[i]]),
            score_of_label=float(scores[i, right[i]]),
        )
        for i in surest_first.tolist()
    )
