from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

import edgeproof.edge
from edgeproof.edge import Answer, Classifier, InputError, Prediction, answers
from edgeproof.edge.preprocess import Pixels, read_image
from edgeproof.edge.sources import Frame, Spare
from golden import LABELS, foreign

GUIDE = Path(__file__).parents[2] / "docs" / "library.md"
ALL = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.S)
EXAMPLES = [code for code in ALL if "edgeproof.train" not in code]  # which tests/docs/test_library.py runs
# What a device need not have.
PREFIX = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"tensorflow", "keras", "onnx", "tf2onnx", "flatbuffers", "jinja2", "matplotlib"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Absent())
"""


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    cv2.imwrite(str(path), np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8))
    return path


def test_the_guide_has_examples() -> None:
    assert len(EXAMPLES) == len(ALL) - 1 == 4


@pytest.mark.parametrize("code", EXAMPLES)
def test_example_of_the_guide_runs_on_a_device(code: str, models: Path, photo: Path) -> None:
    if ".onnx" in code:
        pytest.importorskip("onnxruntime")
    shutil.copy(models / "rps-int8.tflite", photo.parent)
    (photo.parent / "theirs.onnx").write_bytes(foreign(models / "rps-fp32.onnx"))
    command = [sys.executable, "-W", "error", "-c", PREFIX + code]
    done = subprocess.run(command, cwd=photo.parent, capture_output=True, text=True, check=False)  # noqa: S603 - ourselves
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip()


def test_example_of_the_guide_is_typed(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    for index, code in enumerate(EXAMPLES):
        (tmp_path / f"example_{index}.py").write_text(code)
    # The type checker follows no import hook, which is how an editable installation is found.
    (tmp_path / "path").mkdir()
    (tmp_path / "path" / "edgeproof").symlink_to(Path(__file__).parents[2])
    command = [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", *map(str, tmp_path.glob("*.py"))]
    environment = os.environ | {"MYPYPATH": str(tmp_path / "path")}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)  # noqa: S603 - ourselves
    assert done.returncode == 0, done.stdout


def test_package_gives_what_it_names_and_no_more() -> None:
    for name in edgeproof.edge.__all__:
        assert getattr(edgeproof.edge, name).__name__ == name
    with pytest.raises(AttributeError, match="has no attribute 'Foo'"):
        edgeproof.edge.Foo  # noqa: B018 - asking is the test


def test_many_frames_are_answered_as_each_is(models: Path) -> None:
    classifier = Classifier.open(models / "rps-int8.tflite")
    frames: Pixels = np.random.default_rng(0).integers(0, 256, (3, 40, 30, 3), np.uint8)
    singly = [classifier.classify(frame).scores.tolist() for frame in frames]
    batch: list[Prediction] = classifier.classify_batch(frames)
    assert [prediction.scores.tolist() for prediction in batch] == singly
    assert classifier.classify_batch([]) == []


def test_frames_are_taken_when_their_answer_is_asked_for(models: Path) -> None:
    asked = []

    def frames() -> object:
        for index in range(9):
            asked.append(index)
            yield np.zeros((8, 8, 3), np.uint8)

    predictions = Classifier.open(models / "rps-int8.tflite").classify_each(frames())  # type: ignore[arg-type]
    assert asked == []
    assert tuple(next(predictions).probabilities) == LABELS
    assert asked == [0]


def test_picture_is_answered_by_its_path(models: Path, photo: Path) -> None:
    classifier = Classifier.open(models / "rps-int8.tflite")
    expected = classifier.classify(read_image(photo)).scores.tolist()
    assert classifier.classify_file(photo).scores.tolist() == expected
    with pytest.raises(InputError, match="expected a picture, received No such file"):
        classifier.classify_file("none.jpg")


class Source:
    """Three frames that wait."""

    live = False

    def __init__(self) -> None:
        self.read_frames, self.closed = 0, 0

    def read(self, spare: Spare = None) -> Frame | None:  # noqa: ARG002 - the interface's
        self.read_frames += 1
        picture = np.full((8, 8, 3), self.read_frames, np.uint8)
        return Frame(picture, "test", self.read_frames - 1, 0.0) if self.read_frames < 4 else None

    def close(self) -> None:
        self.closed += 1


def test_answers_end_with_the_source_and_close_it(models: Path) -> None:
    source, classifier = Source(), Classifier.open(models / "rps-int8.tflite")
    found: list[Answer] = list(answers(source, classifier))
    assert [answer.frame.index for answer in found] == [0, 1, 2]
    assert source.closed == 1


def test_answers_that_are_given_up_close_the_source(models: Path) -> None:
    source = Source()
    for _ in (stream := answers(source, Classifier.open(models / "rps-int8.tflite"))):
        break
    stream.close()  # type: ignore[attr-defined]
    assert (source.read_frames, source.closed) == (1, 1)


def test_answers_take_a_source_by_its_name(models: Path, photo: Path) -> None:
    (answer,) = answers(str(photo.parent), Classifier.open(models / "rps-int8.tflite"))
    assert answer.frame.source == str(photo)
    with pytest.raises(InputError, match="expected a camera, an rtsp:"):
        next(answers("none", Classifier.open(models / "rps-int8.tflite")))
