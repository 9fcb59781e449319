from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from edgeproof.edge.classifier import Latency, Prediction
from edgeproof.edge.errors import InputError
from edgeproof.edge.preprocess import Pixels
from edgeproof.edge.sinks.clip import ClipSink
from edgeproof.edge.sinks.lines import JsonLines, TextLines
from edgeproof.edge.sinks.sheet import SheetSink
from edgeproof.edge.sinks.window import WindowSink
from edgeproof.edge.sources import Frame

PROMISED = {"source", "time", "label", "score", "probabilities", "latency_ms", "frame_age_ms"}
BESIDE = {"frame", "scores"}  # what the design does not promise


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
        sink.write(*answer)
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
    monkeypatch.setattr("edgeproof.edge.sinks.lines.time.time", lambda: 1_700_000_000.0)
    (line,) = lines((frame(), prediction(), 1.0))
    assert line["time"] == pytest.approx(1_700_000_000.0 - 1.0 - 0.004, abs=0.001)


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
    sink.write(frame(index=3), prediction(), 0.0)
    sink.write(frame(), prediction("unknown"), 0.0)
    sink.write(frame(), prediction(None, (18.5,)), 0.0)
    assert stream.getvalue().splitlines() == [
        "clip.mp4 [3]: rock 0.75 (4.0 ms)",
        "clip.mp4 [0]: unknown 0.75 (4.0 ms)",
        "clip.mp4 [0]: 18.5 (4.0 ms)",
    ]


# Clips


def played(path: Path) -> list[Pixels]:
    capture = cv2.VideoCapture(str(path))
    images = []
    while True:
        ok, image = capture.read()
        if not ok:
            return images
        images.append(np.asarray(image, np.uint8))


@pytest.mark.parametrize("name", ["clip.mp4", "clip.avi", "CLIP.AVI"])
@pytest.mark.parametrize(
    ("size", "shown"),
    [((480, 640), (480, 640)), ((240, 320), (240, 320)), ((100, 130), (300, 390))],  # the last is too small to read
)
def test_clip_plays_back(tmp_path: Path, name: str, size: tuple[int, int], shown: tuple[int, int]) -> None:
    sink = ClipSink(tmp_path / name)
    for index in range(4):
        sink.write(frame(np.full((*size, 3), 60 * index, np.uint8), index), prediction(), 0.0)
    assert not (tmp_path / name).exists()
    sink.close()
    images = played(tmp_path / name)
    assert [image.shape for image in images] == [(*shown, 3)] * 4
    grays = [float(np.median(image[:40])) for image in images]  # above text and bars
    assert grays == pytest.approx([0, 60, 120, 180], abs=8)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_colours_of_the_clip_are_those_of_the_frames(tmp_path: Path) -> None:
    image = np.zeros((240, 320, 3), np.uint8)
    image[..., 2] = 255  # red, in BGR
    sink = ClipSink(tmp_path / "clip.avi")
    sink.write(frame(image), prediction(), 0.0)
    sink.close()
    blue, green, red = np.median(played(tmp_path / "clip.avi")[0][:40], axis=(0, 1))
    assert red > 240
    assert max(blue, green) < 20


def test_frames_of_other_sizes_are_fitted_to_the_first(tmp_path: Path) -> None:
    sink = ClipSink(tmp_path / "clip.avi")
    for height, width in ((240, 320), (480, 640), (300, 240)):
        sink.write(frame(np.zeros((height, width, 3), np.uint8)), prediction(), 0.0)
    sink.close()
    assert [image.shape for image in played(tmp_path / "clip.avi")] == [(240, 320, 3)] * 3


def test_clip_without_frames_leaves_nothing(tmp_path: Path) -> None:
    ClipSink(tmp_path / "clip.mp4").close()
    assert list(tmp_path.iterdir()) == []


def test_clip_without_frames_leaves_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"old")
    ClipSink(tmp_path / "clip.mp4").close()
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("clip.mp4", b"old")]


def test_clip_without_an_encoder_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"old")
    sink = ClipSink(tmp_path / "clip.mp4")
    monkeypatch.setattr(cv2.VideoWriter, "isOpened", lambda _: False, raising=False)
    with pytest.raises(InputError, match=r"expected OpenCV to write \.mp4, received no encoder"):
        sink.write(frame(), prediction(), 0.0)
    sink.close()
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("clip.mp4", b"old")]


@pytest.mark.parametrize("name", ["clip.gif", "clip", "clip.mp4.txt"])
def test_clip_of_another_kind_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=rf"expected a clip that ends in \.mp4 or \.avi, received .*{name}"):
        ClipSink(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


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
        sink.write(frame(np.full((480, 640, 3), 30 * (index + 1), np.uint8)), prediction(), 0.0)
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
        monkeypatch.setattr(cv2, "namedWindow", lambda *_: None)
        monkeypatch.setattr(cv2, "imshow", lambda _, image: self.shown.append(image))
        monkeypatch.setattr(cv2, "waitKey", lambda _: self.key)
        monkeypatch.setattr(cv2, "getWindowProperty", lambda *_: self.visible)
        monkeypatch.setattr(cv2, "destroyAllWindows", lambda: setattr(self, "closed", True))


def test_window_shows_each_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    desktop = Desktop(monkeypatch)
    sink = WindowSink()
    for _ in range(2):
        sink.write(frame(np.zeros((480, 640, 3), np.uint8)), prediction(), 0.0)
    sink.close()
    assert [image.shape for image in desktop.shown] == [(480, 640, 3)] * 2
    assert desktop.closed


@pytest.mark.parametrize(("key", "visible"), [(ord("q"), 1.0), (27, 1.0), (-1, 0.0)], ids=["q", "escape", "closed"])
def test_person_ends_the_window(key: int, visible: float, monkeypatch: pytest.MonkeyPatch) -> None:
    desktop = Desktop(monkeypatch)
    desktop.key, desktop.visible = key, visible
    with pytest.raises(StopIteration):
        WindowSink().write(frame(), prediction(), 0.0)


def test_opencv_without_windows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise cv2.error("not implemented")

    monkeypatch.setattr(cv2, "namedWindow", refuse)
    with pytest.raises(InputError, match="expected an OpenCV with windows, received opencv-python-headless"):
        WindowSink()
