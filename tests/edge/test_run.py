from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

import tiny
from command import Command
from edgeproof.edge.errors import InputError
from edgeproof.edge.preprocess import Pixels
from golden import HELLO, LABELS, RPS, foreign

PROMISED = {"source", "time", "label", "score", "probabilities", "latency_ms", "frame_age_ms"}


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.draw(tmp_path_factory.mktemp("pictures"), 6)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["rps-int8.tflite", "42"], "expected a camera that gives frames, received none from /dev/video42"),
        (["rps-int8.tflite", "/dev/video42"], "expected a camera that gives frames, received none from /dev/video42"),
        (["rps-int8.tflite", "no/such/folder"], "hands:, received 'no/such/folder'"),
        (["rps-int8.tflite", "none.jpg"], "expected a picture, received No such file or directory: none.jpg"),
        (["rps-int8.tflite", "hands:none"], "expected hands: or hands:30 (a number of frames), received 'hands:none'"),
        (["rps-int8.tflite", "x" * 300], "received File name too long"),
        (["rps-int8.tflite", "rtsp://127.0.0.1:1/x"], "received Connection refused"),
        (["rps-int8.tflite", "http://127.0.0.1:1/x.jpg"], "received Connection refused"),
        (["rps-int8.tflite", "hands:1", "--range", "0..1"], "expected a model without a contract for --range"),
        (["rps-int8.tflite", "hands:1", "--size", "32"], "expected a model without a contract for --size"),
        (["hello-int8.tflite", "ten"], "expected 1 number(s) such as 10 or 1,2.5, received 'ten'"),
        (["hello-int8.tflite", "1,2"], "expected 1 number(s), received 2: 1,2"),
        (["hello-int8.tflite", "nan"], "expected numbers that float32 can hold, received 'nan'"),
        (["hello-int8.tflite", "10", "--save", "a.mp4"], "expected --save and --window with a model of pictures"),
        (["hello-int8.tflite", "10", "--labels", "a,b"], "expected a model without a contract for --labels"),
        (
            ["rps-int8.tflite", "hands:1", "--save", "a.gif"],
            "expected a clip that ends in .mp4 or .avi, received a.gif",
        ),
        (["rps-int8.tflite", "hands:1", "--interpreter", "onnxruntime"], "expected a .onnx file for onnxruntime"),
        (["rps-int8.tflite", "hands:1", "--frames", "0"], "expected a whole number above 0, received 0"),
        (["rps-int8.tflite", "hands:1", "--threads", "-2"], "expected a whole number from 1 to 256, received -2"),
        (["rps-int8.tflite", "hands:1", "--frames", "many"], "argument --frames"),
        (["rps-int8.tflite", "hands:1", "--window", "--headless"], "not allowed with"),
        ([], "the following arguments are required: MODEL"),
    ],
)
def test_bad_input_of_run_is_one_line(
    edgeproof: Command, words: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert message in edgeproof.error("run", *words)
    assert list(tmp_path.iterdir()) == []


def test_folder_that_cannot_be_written_is_one_line(edgeproof: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    line = edgeproof.error("run", "rps-int8.tflite", "hands:1", "--save", tmp_path / "file" / "a.mp4")
    assert line.startswith("error: expected files that can be read and written, received")


@pytest.mark.parametrize("name", RPS)
def test_run_gives_one_json_object_per_picture(edgeproof: Command, pictures: Path, name: str) -> None:
    answers = edgeproof.objects("run", name, pictures, "--headless", "--json", "--quiet")
    assert [answer["source"] for answer in answers] == sorted(map(str, pictures.rglob("*.jpg")))
    for answer in answers:
        assert set(answer) >= PROMISED
        assert list(answer["probabilities"]) == list(LABELS)
        assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=0.02)
        assert answer["score"] == max(answer["probabilities"].values())
        assert answer["label"] in (*LABELS, "unknown")
        assert set(answer["latency_ms"]) == {"preprocess", "invoke", "total"}
    # The network is small, but better than chance by far.
    right = [answer["label"] == Path(answer["source"]).parent.name for answer in answers]
    assert sum(right) >= 4


@pytest.mark.parametrize("name", HELLO)
def test_run_answers_a_number(edgeproof: Command, name: str) -> None:
    (answer,) = edgeproof.objects("run", name, "10", "--json")
    assert answer["score"] == pytest.approx(19, abs=0.1)
    assert (answer["label"], answer["probabilities"], answer["source"]) == (None, {}, "10")


def test_summary_goes_to_standard_error(edgeproof: Command, pictures: Path) -> None:
    assert edgeproof("run", "rps-int8.tflite", pictures) == 0
    assert len(edgeproof.out.splitlines()) == 6
    assert re.search(r"ai-edge-litert \S+: 6 frame\(s\) in .* 0 dropped, median latency \S+ ms\n$", edgeproof.err)


def test_quiet_leaves_answers_alone(edgeproof: Command) -> None:
    assert edgeproof("run", "hello-int8.tflite", "10", "--quiet") == 0
    assert edgeproof.out.startswith("10 [0]: 18.9")
    assert edgeproof.err == ""


def test_unreadable_pictures_are_warned_of(edgeproof: Command, pictures: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(pictures, folder)
    (folder / "rock" / "broken.jpg").write_bytes(b"no picture")
    assert len(edgeproof.objects("run", "rps-int8.tflite", folder, "--json", "--quiet")) == 6
    warnings = [line for line in edgeproof.err.splitlines() if "verdict" not in line]
    assert len(warnings) == 2
    assert "broken.jpg" in warnings[0]
    assert warnings[1] == "warning: 1 of 7 pictures could not be read and are left out"


def test_unreadable_picture_is_an_error_when_strict(edgeproof: Command, tmp_path: Path) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    assert "broken.jpg" in edgeproof.error("run", "rps-int8.tflite", tmp_path, "--strict")


def test_run_reads_a_video_and_saves_one(edgeproof: Command, clip: Path, tmp_path: Path) -> None:
    answers = edgeproof.objects("run", "rps-int8.onnx", clip, "--json", "--save", tmp_path / "out.avi", "--quiet")
    assert [answer["source"] for answer in answers] == [str(clip)] * 6
    capture = cv2.VideoCapture(str(tmp_path / "out.avi"))
    assert capture.get(cv2.CAP_PROP_FRAME_COUNT) == 6


def test_frames_limit_the_run(edgeproof: Command) -> None:
    assert len(edgeproof.objects("run", "rps-int8.tflite", "hands:9", "--frames", "2", "--json", "--quiet")) == 2


def test_run_reads_a_camera(edgeproof: Command, clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real: Callable[[str], cv2.VideoCapture] = cv2.VideoCapture
    monkeypatch.setattr(cv2, "VideoCapture", lambda *_: real(str(clip)))
    (answer,) = edgeproof.objects("run", "rps-int8.tflite", "0", "--json", "--frames", "1", "--quiet")
    assert answer["source"] == "/dev/video0"


def test_flags_supply_what_the_file_lacks(edgeproof: Command, models: Path, pictures: Path, tmp_path: Path) -> None:
    path = tmp_path / "bare.onnx"
    path.write_bytes(foreign(models / "rps-int8.onnx"))
    own = edgeproof.objects("run", "rps-int8.onnx", pictures, "--json", "--quiet")
    flags = edgeproof.objects("run", path, pictures, "--json", "--quiet", "--labels", "paper,rock,scissors")
    assert [answer["probabilities"] for answer in flags] == [answer["probabilities"] for answer in own]
    assert edgeproof.err == (
        "warning: assumed color rgb, activation softmax (by its answers to test pictures); "
        "--color, --activation say otherwise\n"
        "warning: this model carries no parity proof; nobody has compared it with the network it came from\n"
    )


def test_frame_of_one_colour_is_answered(edgeproof: Command, tmp_path: Path) -> None:
    """The smallest picture there is, through the whole command."""
    pixel: Pixels = np.zeros((1, 1, 3), np.uint8)
    cv2.imwrite(str(tmp_path / "a.png"), pixel)
    (answer,) = edgeproof.objects("run", "rps-int8.tflite", tmp_path / "a.png", "--json", "--quiet")
    assert answer["source"] == str(tmp_path / "a.png")


def test_sink_that_does_not_open_leaves_no_file_of_another(
    edgeproof: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edgeproof.edge.sinks.window.WindowSink", Refusing)
    assert "expected a desktop" in edgeproof.error(
        "run", "rps-int8.tflite", "hands:1", "--save", tmp_path / "a.mp4", "--window"
    )
    assert list(tmp_path.iterdir()) == []


class Refusing:
    """A window where there is no desktop."""

    def __init__(self) -> None:
        raise InputError("expected a desktop")
