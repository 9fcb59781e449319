"""A network that answers more pictures than memory holds, some of which cannot be read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from edgeproof.edge.console import Console
from edgeproof.edge.contract import Activation, ModelOutput
from edgeproof.edge.errors import InputError
from edgeproof.edge.folders import LabelledFile
from edgeproof.edge.pixel_set import PixelSet
from edgeproof.export.parity import reference
from edgeproof.export.parity.reference import NetworkReference

OUTPUT = ModelOutput(Activation.SOFTMAX, ("rock", "paper"))
FILES = [LabelledFile(f"{name}.png", "paper", "") for name in "abcde"]


def network(unreadable: str, *, strict: bool = False) -> NetworkReference:
    """A network whose score of "paper" is the code of the file's letter, a hundredth each."""

    def read(files: Sequence[LabelledFile]) -> tuple[PixelSet, list[str]]:
        kept = tuple(file for file in files if file.file[0] not in unreadable)
        pixels = np.array([[[[ord(file.file[0])]]] for file in kept], np.uint8).reshape(-1, 1, 1, 1)
        failures = [f"no picture: {file.file}" for file in files if file not in kept]
        return PixelSet(pixels, np.ones(len(kept), np.int64), kept), failures

    def predict(pixels: np.ndarray) -> np.ndarray:
        paper = pixels.reshape(-1, 1) / np.float32(100)
        return np.concatenate([1 - paper, paper], axis=1)

    return NetworkReference("network", OUTPUT, read, predict, Console(), strict=strict)


@pytest.fixture(autouse=True)
def two_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference, "_LOT", 2)


@pytest.mark.parametrize(("unreadable", "kept"), [("", "abcde"), ("e", "abcd"), ("cd", "abe"), ("ad", "bce")])
def test_pictures_that_cannot_be_read_are_left_out_wherever_they_stand(
    unreadable: str, kept: str, capsys: pytest.CaptureFixture[str]
) -> None:
    answered = network(unreadable).answer(FILES)
    assert [file.file[0] for file in answered.files] == list(kept)
    assert answered.scores[:, 1].tolist() == pytest.approx([ord(name) / 100 for name in kept])
    assert answered.truth.tolist() == [1] * len(kept)
    said = capsys.readouterr().err.splitlines()
    assert len(said) == (len(unreadable) + 1 if unreadable else 0)
    if unreadable:
        assert f"{len(unreadable)} of 5 pictures could not be read and are left out" in said[-1]


def test_nothing_that_can_be_read_is_an_error() -> None:
    with pytest.raises(InputError, match=r"no picture: a\.png"):
        network("abcde").answer(FILES)


def test_first_one_is_the_end_where_a_person_is_strict() -> None:
    with pytest.raises(InputError, match=r"no picture: d\.png"):
        network("de", strict=True).answer(FILES)
