"""A small version of `tools/bench gate`, on the golden models."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from defects import KINDS, Campaign, Good, Kind, Outcome, Population, Workshop, calibration, onnx, tflite
from gate import rows

import golden
from edgeproof.edge import modelfile
from edgeproof.edge.contract import ImageInput, Verdict
from edgeproof.edge.hands import hand_pictures
from edgeproof.edge.preprocess import Pixels, to_pixels
from edgeproof.export.parity.report import Suspect
from edgeproof.export.parity.verdict import Margins

PICTURES, SIZES = 600, (250, 250)
FILE_KINDS = [kind for kind in KINDS if kind not in calibration.KINDS]  # the others need the network itself
MARGINS = Margins(0.02, 0.1)  # what five hundred pictures of a small network can decide


@pytest.fixture(scope="module")
def good(models: Path) -> list[Good]:
    files = [modelfile.read(models / name) for name in golden.RPS]
    return [Good(Path(file.name).name, file.format, file.model, file.contract) for file in files if file.contract]


@pytest.fixture(scope="module")
def campaign(good: list[Good]) -> Campaign:
    drawn = list(hand_pictures(PICTURES, 11, 96, 128, tidy=True))
    frames = [picture for _, picture in drawn]
    truth = np.array([golden.LABELS.index(label) for label, _ in drawn])
    network = next(file for file in good if file.name == "rps-fp32.onnx").open()
    reference = np.stack([network.classify(frame).scores for frame in frames])
    spec = good[0].contract.input
    assert isinstance(spec, ImageInput)
    workshop = Workshop(np.stack([to_pixels(frame, spec) for frame in frames]), truth)
    population = Population(frames, truth, reference, golden.LABELS)
    return Campaign(population, good, workshop, MARGINS, 0, SIZES, FILE_KINDS)


def test_the_gate_and_the_detective_as_instruments(campaign: Campaign) -> None:
    broken, healthy = campaign.try_defects(36), campaign.try_good(40)
    assert sum(outcome.loss >= MARGINS.whole for outcome in broken) >= 12
    assert not [outcome for outcome in broken if outcome.loss >= MARGINS.whole and outcome.verdict is Verdict.PASS]
    assert sum(outcome.verdict is not Verdict.PASS for outcome in healthy) <= 2
    caught = [outcome for outcome in broken if outcome.causes and outcome.named is not None]
    assert len(caught) >= 12
    assert [str(outcome) for outcome in caught if outcome.named != outcome.causes] == []
    assert not [outcome for outcome in broken if not outcome.causes and outcome.named]


def test_the_rows_count_what_went_wrong() -> None:
    def outcome(
        loss: float, verdict: Verdict, causes: set[Suspect], named: set[Suspect] | None, seen: float = 0.0
    ) -> Outcome:
        found = None if named is None else frozenset(named)
        return Outcome("file", "kind", "change", loss, 0.9, verdict, frozenset(causes), found, seen)

    color, labels = Suspect.COLOR, Suspect.LABELS
    broken = [
        outcome(0.02, Verdict.PASS, set(), None),  # a false pass
        outcome(0.0, Verdict.PASS, {labels}, None),
        outcome(0.3, Verdict.FAIL, {color}, {color}, seen=0.4),
        outcome(0.3, Verdict.FAIL, {color}, {color, labels}),  # named too much
        outcome(0.3, Verdict.FAIL, set(), {labels}),  # named what is not there
    ]
    healthy = [outcome(0, verdict, set(), None if verdict is Verdict.PASS else set()) for verdict in Verdict]
    found = rows(broken, healthy, Margins())
    assert [row.ours for row in found] == [1, 3, 33.33, 66.67, 50, 1]
    assert [row.met for row in found] == [False, True, False, False, False, False]
    assert found[1].theirs == 1  # the one whose loss is seen on the validation pictures too


@pytest.mark.parametrize("kind", FILE_KINDS, ids=lambda kind: kind.name)
def test_every_kind_of_defect_has_files_and_changes_answers(good: list[Good], kind: Kind) -> None:
    fitting = [file for file in good if kind.fits(file)]
    assert fitting
    frames = [picture for _, picture in hand_pictures(12, 3, 96, 128, tidy=True)]
    rng = np.random.default_rng(0)
    workshop = Workshop(np.zeros((1, 32, 32, 3), np.uint8), np.zeros(1, np.int64))
    changed = 0
    for _ in range(4):
        file = fitting[rng.integers(len(fitting))]
        before, after = file.open(), kind.make(file, workshop, rng).classifier
        changed += any(probabilities(before, frame) != probabilities(after, frame) for frame in frames)
    assert changed >= 3


def test_wrong_calibration_quantizes_anew_on_other_pictures(good: list[Good]) -> None:
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (120, 32, 32, 3)).astype(np.uint8)
    taken: list[np.ndarray] = []

    def requantize(file: Good, samples: np.ndarray) -> bytes:
        taken.append(samples)
        return file.model

    workshop = Workshop(pixels, np.arange(120) % 3, requantize)
    (kind,) = calibration.KINDS
    files = [file for file in good if kind.fits(file)]
    assert {file.name for file in files} == {"rps-int8.tflite", "rps-int8.onnx"}
    changes = {kind.make(files[0], workshop, rng).change.split()[2] for _ in range(40)}
    assert changes == {"noise", "class", "pictures", "picture"}
    assert {samples.shape[1:] for samples in taken} == {(32, 32, 3)}
    assert min(len(samples) for samples in taken) == 1


def probabilities(classifier: object, frame: Pixels) -> dict[str, float]:
    found: dict[str, float] = classifier.classify(frame).probabilities  # type: ignore[attr-defined]
    return found


def test_a_defect_without_strength_changes_nothing(good: list[Good]) -> None:
    by_name = {file.name: file.model for file in good}
    rng = np.random.default_rng(0)
    model = by_name["rps-int8.tflite"]
    assert tflite.saturated(model, 1, 1.0) == tflite.misread(model, 1, 0) == tflite.biased(model, 1, 0.0) == model
    assert tflite.scaled(by_name["rps-fp32.tflite"], 2, 1.0, 1.0, rng) == by_name["rps-fp32.tflite"]
    other = by_name["rps-int8.onnx"]
    frame = next(picture for _, picture in hand_pictures(1, 3, 96, 128))
    file = next(file for file in good if file.name == "rps-int8.onnx")
    # These are written anew, and so not the same byte for byte.
    for model in (onnx.scaled(other, 1, 1.0, 1.0, rng), onnx.saturated(other, 2, 1.0), onnx.misread(other, 3)):
        assert probabilities(file.open(model=model), frame) == probabilities(file.open(), frame)
