from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from edgeproof.edge import run_directory, typed_json
from edgeproof.edge.contract import Activation, ImageInput
from edgeproof.edge.errors import InputError
from edgeproof.edge.folders import LabelledFile
from edgeproof.edge.run_directory import RunRecord, Split, Used, Validation

LABELS = ("cat", "dog")
CAT, DOG = (LabelledFile(f"{label}/1.jpg", label, "0" * 64) for label in LABELS)
RECORD = RunRecord(
    model="rps",
    labels=LABELS,
    input=ImageInput(32, 32, 3),
    activation=Activation.SOFTMAX,
    history={"loss": (0.5, 0.25)},
    validation=Validation(0.75, 0.3, 4),
    seed=7,
    data="/data",
    versions={"keras": "3.15.1"},
)
SPLIT = Split((CAT,), (DOG,))


@pytest.fixture
def run(tmp_path: Path) -> Path:
    (tmp_path / run_directory.MODEL).touch()
    run_directory.write(tmp_path, RECORD, SPLIT)
    return tmp_path


def test_what_was_written_is_read(run: Path) -> None:
    assert run_directory.read(run) == (RECORD, SPLIT)


@pytest.mark.parametrize("name", ["run.json", "split.json", "model.keras"])
def test_directory_without_one_of_its_files_is_no_run(run: Path, name: str) -> None:
    (run / name).unlink()
    with pytest.raises(InputError, match=f"expected a run directory made by `edgeproof train`, .* without {name}"):
        run_directory.read(run)


def test_damaged_record_is_an_error(run: Path) -> None:
    (run / "run.json").write_text('{"model": 3')
    with pytest.raises(InputError, match=r"run\.json"):
        run_directory.read(run)


def test_split_of_other_labels_is_an_error(run: Path) -> None:
    run_directory.write(run, RECORD, replace(SPLIT, validation=(replace(DOG, label="wolf"),)))
    with pytest.raises(InputError, match=r"expected the labels of run\.json in split\.json, received also 'wolf'"):
        run_directory.read(run)


def test_labels_and_activation_go_together() -> None:
    with pytest.raises(ValueError, match="expected"):
        replace(RECORD, activation=Activation.LINEAR)


def test_earlier_run_is_cleared_with_what_was_exported_from_it(run: Path) -> None:
    stale = [
        *("report.html", "parity.json", "parity.html", "calibration.json", "evaluation.json"),
        *("rps-int8.tflite", "rps-fp32.onnx", ".rps-int8.tflite.1234abcd.tflite", ".model.keras.1234abcd.keras"),
    ]
    kept = ["notes.txt", "rps-int8.txt", "labels.csv"]
    for name in (*stale, *kept):
        (run / name).touch()
    run_directory.clear(run)
    assert sorted(path.name for path in run.iterdir()) == sorted([*kept, "model.keras"])


def test_pictures_that_a_step_used_are_read_where_it_was_done(run: Path) -> None:
    assert run_directory.read_used(run, run_directory.CALIBRATION) is None
    used = Used("/data", (CAT,))
    (run / run_directory.CALIBRATION).write_text(typed_json.dumps(used))
    assert run_directory.read_used(run, run_directory.CALIBRATION) == used
    (run / run_directory.EVALUATION).write_text("[]")
    with pytest.raises(InputError, match=r"evaluation\.json"):
        run_directory.read_used(run, run_directory.EVALUATION)
