"""The whole way, as `edgeproof demo` goes it, only shorter."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest

from edgeproof.edge.cli import main


def test_the_demonstration(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "demo"
    code = main(["demo", "--out", str(out), "--pictures", "150", "--epochs", "1", "--quiet"])
    assert code in (0, 1, 3)  # how good so short a training is, is not the matter here
    table = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in table] == [
        "model",
        table[1].split()[0],
        "Keras",
        "rps-int8.tflite",
        "rps-int8.onnx",
    ]
    clip = cv2.VideoCapture(str(out / "clip.mp4"))
    assert clip.get(cv2.CAP_PROP_FRAME_COUNT) == 180
    clip.release()
    picture = cv2.imread(str(out / "results.png"))
    assert picture is not None
    assert picture.shape[1] == 4 * 320
    assert (out / "run" / "rps-int8.tflite").stat().st_size <= 0.27 * 4 * 9_495_587
    assert (out / "run" / "rps-int8.onnx").stat().st_size <= 0.27 * 4 * 9_495_587


def test_pictures_of_others_are_not_trained_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stranger = tmp_path / "hands" / "rock" / "mine.jpg"
    stranger.parent.mkdir(parents=True)
    stranger.write_bytes(b"mine")
    assert main(["demo", "--out", str(tmp_path), "--quiet"]) == 2
    assert str(stranger) in capsys.readouterr().err
    assert stranger.read_bytes() == b"mine"
