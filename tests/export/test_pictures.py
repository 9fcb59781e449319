from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edgeproof.edge.classifier import Classifier
from edgeproof.edge.console import Console
from edgeproof.edge.contract import Activation, Color, ImageInput, ModelOutput, Resize, Verdict
from edgeproof.edge.folders import LabelledFile, labelled_files
from edgeproof.edge.pixel_set import PixelSet, decode
from edgeproof.export.parity.answers import Answers
from edgeproof.export.parity.confidence import fit_threshold
from edgeproof.export.parity.pictures import PictureJudge
from edgeproof.export.parity.reference import NetworkReference
from edgeproof.export.parity.report import CandidateReport
from edgeproof.export.parity.verdict import Margins

LABELS = ("paper", "rock", "scissors")


@pytest.fixture(scope="module")
def classifier(models: Path) -> Classifier:
    return Classifier.open(models / "rps-fp32.tflite")


@pytest.fixture(scope="module")
def pixels(hands: Path, classifier: Classifier) -> PixelSet:
    assert isinstance(classifier.contract.input, ImageInput)
    return decode(hands, labelled_files(hands, hands), LABELS, classifier.contract.input, Console(quiet=True))


def judge(pixels: PixelSet, hands: Path, candidate: Classifier, reference: Classifier) -> CandidateReport:
    """Judge a candidate against a healthy file of the same network, which stands for Keras."""

    def predict(asked: np.ndarray) -> np.ndarray:
        # A classifier takes frames, which are BGR; the pixels are RGB at the network's size already.
        return np.stack([reference.classify(np.ascontiguousarray(picture[..., ::-1])).scores for picture in asked])

    def read(files: Sequence[LabelledFile]) -> tuple[PixelSet, list[str]]:
        assert tuple(files) == pixels.files
        return pixels, []

    network = NetworkReference("network", ModelOutput(Activation.SOFTMAX, LABELS), read, predict, Console(quiet=True))
    return PictureJudge(hands, pixels.files, (), network, Margins(), Console(quiet=True)).judge("candidate", candidate)


def test_a_healthy_file_passes(pixels: PixelSet, hands: Path, classifier: Classifier) -> None:
    report = judge(pixels, hands, classifier, classifier)
    assert report.verdict is Verdict.PASS
    assert (report.agreement, report.loss, report.largest_deviation) == (1, 0, 0)


@pytest.mark.parametrize(
    "defect", [{"color": Color.BGR}, {"range": (-1.0, 1.0)}, {"range": (0.0, 255.0)}, {"resize": Resize.CENTER_CROP}]
)
def test_a_file_that_sees_other_pixels_does_not(
    pixels: PixelSet, hands: Path, classifier: Classifier, defect: dict[str, object]
) -> None:
    spec = replace(classifier.contract.input, **defect)  # type: ignore[arg-type]
    candidate = Classifier(replace(classifier.contract, input=spec), classifier.interpreter)
    report = judge(pixels, hands, candidate, classifier)
    assert report.verdict is not Verdict.PASS
    assert report.reasons


def test_swapped_labels_fail(pixels: PixelSet, hands: Path, classifier: Classifier) -> None:
    class Permuted:
        name, input, output = "permuted", classifier.interpreter.input, classifier.interpreter.output
        input_tensor = staticmethod(classifier.interpreter.input_tensor)
        invoke = staticmethod(classifier.interpreter.invoke)

        @staticmethod
        def output_tensor() -> np.ndarray:
            return np.array(classifier.interpreter.output_tensor())[:, [1, 2, 0]]

    report = judge(pixels, hands, Classifier(classifier.contract, Permuted()), classifier)
    assert report.verdict is Verdict.FAIL
    assert report.accuracy is not None
    assert report.accuracy < 0.2


@pytest.mark.parametrize(
    ("scores", "reason"), [([np.nan, 0.5, 0.5], "NaN or infinity on 360 of 360"), ([0.2, 0.5, 0.3], "same scores")]
)
def test_nan_and_constants_fail(
    pixels: PixelSet, hands: Path, classifier: Classifier, scores: list[float], reason: str
) -> None:
    class Broken:
        name, input, output = "broken", classifier.interpreter.input, classifier.interpreter.output
        input_tensor = staticmethod(classifier.interpreter.input_tensor)

        @staticmethod
        def invoke() -> None:
            pass

        @staticmethod
        def output_tensor() -> np.ndarray:
            return np.array([scores], np.float32)

    report = judge(pixels, hands, Classifier(classifier.contract, Broken()), classifier)
    assert report.verdict is Verdict.FAIL
    assert reason in report.reasons[0]


def test_one_picture_decides_nothing(pixels: PixelSet, hands: Path, classifier: Classifier) -> None:
    one = PixelSet(pixels.pixels[:1], pixels.labels[:1], pixels.files[:1])
    report = judge(one, hands, classifier, classifier)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert "on 1 image, where" in report.reasons[0]


def answers(candidate: list[list[float]], truth: list[int]) -> Answers:
    scores = np.array(candidate, np.float32)
    return Answers(np.array(truth), scores, scores)


def test_pairs_count_who_was_right() -> None:
    reference = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.3, 0.7]], np.float32)
    candidate = np.array([[0.8, 0.2], [0.7, 0.3], [0.1, 0.9], [np.nan, 0.9]], np.float32)
    pairs = Answers(np.array([0, 1, 1, 1]), reference, candidate).pairs()
    assert (pairs.n, pairs.lost, pairs.won) == (4, 2, 1)  # NaN is lost, whatever argmax says


def test_the_threshold_lets_one_in_a_hundred_fall_below() -> None:
    right = [[score, 1 - score] for score in np.linspace(0.6, 1.0, 201)]
    wrong = [[0.99, 0.01]] * 50
    threshold = fit_threshold(answers(right + wrong, [0] * 201 + [1] * 50))
    assert threshold == pytest.approx(0.604, abs=1e-4)
    assert sum(score < threshold for score, _ in right) == 2


def test_the_threshold_is_never_below_chance() -> None:
    assert fit_threshold(answers([[0.3, 0.3, 0.4]], [0])) == pytest.approx(1 / 3)
