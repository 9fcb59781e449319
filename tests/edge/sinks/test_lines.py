from __future__ import annotations

import io
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from edgeproof.edge.answer import Answer
from edgeproof.edge.classifier import Latency, Prediction
from edgeproof.edge.errors import InputError
from edgeproof.edge.preprocess import Pixels
from edgeproof.edge.sinks.lines import JsonLines, TextLines
from edgeproof.edge.sinks.sheet import SheetSink
from edgeproof.edge.sinks.window import WindowSink
from edgeproof.edge.sources import Frame

PROMISED = {"source", "time", "label", "score", "probabilities", "latency_ms", "frame_age_ms"}
BESIDE = {"frame", "scores", "raw", "dropped"}  # what the design does not promise


def frame(image: Pixels | None = None, index: int = 0) -> Frame:
    return Frame(np.full((120, 160, 3), 90, np.uint8) if image is None else image, "clip.mp4", index, 0.0)


def prediction(label: str | None = "rock", scores: tuple[float, ...] = (0.25, 0.75)) -> Prediction:
    values = np.array(scores, np.float32)
    probabilities = {} if label is None else dict(zip(("päper", "rock"), values.tolist(), strict=True))
    return Prediction(label, float(values.max()), values, probabilities, Latency(1.25, 2.5, 4.0))


def lines(*answers: tuple[Frame, Prediction, float]) -> list[Any]:
    stream = io.StringIO()
    sink = JsonLines(stream)
    for answer in answers:
        sink.write(Answer.plain(*answer))
    sink.close()

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is no JSON")

    return [json.loads(line, parse_constant=refuse) for line in stream.getvalue().splitlines()]


# Lines


def test_json_line_has_the_promised_fields() -> None:
    (line,) = lines((frame(), prediction(), 0.125))
    assert set(line) == PROMISED | BESIDE
    assert line["source"] == "clip.mp4"
    assert line["label"] == "rock"
    assert line["score"] == 0.75
    assert line["probabilities"] == {"päper": 0.25, "rock": 0.75}
    assert line["latency_ms"] == {"preprocess": 1.25, "invoke": 2.5, "total": 4.0}
    assert line["frame_age_ms"] == 125.0


def test_time_is_when_the_frame_was_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """However late an output is: 40 seconds after the machine began to count, a frame of the second 2 is 38 s old."""
    monkeypatch.setattr("edgeproof.edge.sinks.lines.time.time", lambda: 1_700_000_000.0)
    monkeypatch.setattr("edgeproof.edge.sinks.lines.time.monotonic", lambda: 40.0)
    (line,) = lines((replace(frame(), captured=2.0), prediction(), 1.0))
    assert line["time"] == 1_699_999_962.0


def test_each_answer_is_one_line_in_its_turn() -> None:
    written = lines(*((frame(index=index), prediction(), 0.0) for index in range(3)))
    assert [line["frame"] for line in written] == [0, 1, 2]


def test_nan_is_null_in_json() -> None:
    nan = float("nan")
    (line,) = lines((frame(), prediction("unknown", (nan, nan)), 0.0))
    assert line["score"] is None
    assert line["probabilities"] == {"päper": None, "rock": None}
    (line,) = lines((frame(), prediction("unknown", (float("inf"), -float("inf"))), 0.0))
    assert line["probabilities"] == {"päper": None, "rock": None}


def test_regression_has_no_label_in_json() -> None:
    (line,) = lines((frame(), prediction(None, (18.5,)), 0.0))
    assert (line["label"], line["score"], line["probabilities"]) == (None, 18.5, {})


def test_words_are_one_line() -> None:
    stream = io.StringIO()
    sink = TextLines(stream)
    sink.write(Answer.plain(frame(index=3), prediction()))
    sink.write(Answer.plain(frame(), prediction("unknown")))
    sink.write(Answer.plain(frame(), prediction(None, (18.5,))))
    assert stream.getvalue().splitlines() == [
        "clip.mp4 [3]: rock 0.75 (4.0 ms)",
        "clip.mp4 [0]: unknown 0.75 (4.0 ms)",
        "clip.mp4 [0]: 18.5 (4.0 ms)",
    ]


def test_words_are_one_line_whatever_a_file_is_called() -> None:
    stream = io.StringIO()
    TextLines(stream).write(Answer.plain(replace(frame(), source="a\nb\x1b[2J\u2028ä\u00a0ö.jpg"), prediction()))
    assert stream.getvalue() == "a\\nb\\x1b[2J\\u2028ä\u00a0ö.jpg [0]: rock 0.75 (4.0 ms)\n"


# Sheets


@pytest.mark.parametrize(
    ("frames", "every", "columns", "shape"),
    [(1, 1, 1, (240, 320)), (7, 2, 3, (480, 960)), (6, 1, 3, (480, 960)), (3, 5, 2, (240, 640))],
)
def test_sheet_has_a_tile_for_every_so_many_frames(
    tmp_path: Path, frames: int, every: int, columns: int, shape: tuple[int, int]
) -> None:
    sink = SheetSink(tmp_path / "sheet.png", every, columns)
    for index in range(frames):
        sink.write(Answer.plain(frame(np.full((480, 640, 3), 30 * (index + 1), np.uint8)), prediction()))
    sink.close()
    sheet = cv2.imread(str(tmp_path / "sheet.png"))
    assert sheet is not None
    assert sheet.shape == (*shape, 3)
    tiles = [
        float(np.median(sheet[top : top + 40, left : left + 320]))
        for top in range(0, shape[0], 240)
        for left in range(0, shape[1], 320)
    ]
    shown = [30.0 * (index + 1) for index in range(0, frames, every)]
    assert tiles == shown + [0.0] * (len(tiles) - len(shown))


def test_sheet_without_frames_leaves_nothing(tmp_path: Path) -> None:
    SheetSink(tmp_path / "sheet.png", 1, 4).close()
    assert list(tmp_path.iterdir()) == []


# Windows


class Desktop:
    """OpenCV's windows, without a screen."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.shown: list[Pixels] = []
        self.key, self.visible, self.closed = -1, 1.0, False
        monkeypatch.setenv("DISPLAY", ":0")
        monkeypatch.setattr(cv2, "namedWindow", lambda *_: None)
        monkeypatch.setattr(cv2, "imshow", lambda _, image: self.shown.append(image))
        monkeypatch.setattr(cv2, "waitKey", lambda _: self.key)
        monkeypatch.setattr(cv2, "getWindowProperty", lambda *_: self.visible)
        monkeypatch.setattr(cv2, "destroyAllWindows", lambda: setattr(self, "closed", True))


def test_window_shows_each_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    desktop = Desktop(monkeypatch)
    sink = WindowSink()
    for _ in range(2):
        sink.write(Answer.plain(frame(np.zeros((480, 640, 3), np.uint8)), prediction()))
    sink.close()
    assert [image.shape for image in desktop.shown] == [(480, 640, 3)] * 2
    assert desktop.closed


@pytest.mark.parametrize(("key", "visible"), [(ord("q"), 1.0), (27, 1.0), (-1, 0.0)], ids=["q", "escape", "closed"])
def test_person_ends_the_window(key: int, visible: float, monkeypatch: pytest.MonkeyPatch) -> None:
    desktop = Desktop(monkeypatch)
    desktop.key, desktop.visible = key, visible
    with pytest.raises(StopIteration):
        WindowSink().write(Answer.plain(frame(), prediction()))


def test_opencv_without_windows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise cv2.error("not implemented")

    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(cv2, "namedWindow", refuse)
    with pytest.raises(InputError, match="expected an OpenCV with windows, received opencv-python-headless"):
        WindowSink()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a desktop needs no variable")
def test_window_without_a_desktop_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before OpenCV is asked: with Qt, the process would be aborted."""
    monkeypatch.setattr(cv2, "namedWindow", lambda *_: pytest.fail("a window was asked for"))
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(InputError, match="expected a desktop for --window, received neither DISPLAY nor WAYLAND"):
        WindowSink()
