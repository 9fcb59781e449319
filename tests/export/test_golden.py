"""How far an output may be from the workstation's."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from edgeproof.edge.classifier import Classifier
from edgeproof.edge.contract import Precision
from edgeproof.edge.folders import LabelledFile, sha256_of
from edgeproof.export import golden

SAMPLES = np.linspace(-10, 10, 201, dtype=np.float32)[:, None]


class Scaled:
    """The interpreter of a regression whose outputs are so many times as large."""

    def __init__(self, classifier: Classifier, factor: float) -> None:
        self._inner, self._factor = classifier.interpreter, np.float32(factor)
        self.name, self.input, self.output = "scaled", self._inner.input, self._inner.output
        self.input_tensor, self.invoke = self._inner.input_tensor, self._inner.invoke

    def output_tensor(self) -> np.ndarray:
        return np.array(self._inner.output_tensor()) * self._factor


@pytest.mark.parametrize("factor", [1e-6, 1.0, 1e6])
def test_tolerance_of_a_regression_is_a_few_steps_of_its_own_outputs(models: Path, factor: float) -> None:
    classifier = Classifier.open(models / "hello-int8.tflite")  # y = 2x − 1 in 256 steps
    scaled = Classifier(classifier.contract, Scaled(classifier, factor))
    step = 40 * factor / 255
    made = golden.of_numbers(scaled, SAMPLES)
    assert len(made.frames) == 3
    assert 2 * step < made.tolerance(Precision.INT8) < 4 * step
    assert made.tolerance(Precision.FLOAT32) == pytest.approx(21e-4 * factor, rel=0.02)


@pytest.mark.parametrize("factor", [0.0, np.nan, np.inf])
def test_outputs_without_a_size_leave_the_tolerance_as_it_is(models: Path, factor: float) -> None:
    classifier = Classifier.open(models / "hello-fp32.tflite")
    with np.errstate(invalid="ignore"):
        made = golden.of_numbers(Classifier(classifier.contract, Scaled(classifier, factor)), SAMPLES)
    assert made.tolerance(Precision.INT8) == 0.02
    assert len(made.frames) == len(made.members) == (3 if factor == 0 else 0)


def test_frames_that_are_answered_with_nan_are_left_out(models: Path, tmp_path: Path) -> None:
    picture = tmp_path / "rock.png"
    cv2.imwrite(str(picture), np.full((40, 40, 3), 90, np.uint8))
    files = [LabelledFile("rock.png", "rock", sha256_of(picture))]
    classifier = Classifier.open(models / "rps-fp32.tflite")
    assert list(golden.of_pictures(classifier, tmp_path, files).members) == ["golden/0.png"]
    broken = Classifier(classifier.contract, Scaled(classifier, np.nan))
    assert golden.of_pictures(broken, tmp_path, files) == golden.Golden((), {})


def test_tolerance_of_probabilities_is_that_of_the_page() -> None:
    assert golden.Golden((), {}).tolerance(Precision.INT8) == 0.02
