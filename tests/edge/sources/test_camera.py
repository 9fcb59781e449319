from __future__ import annotations

import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from edgeproof.edge.errors import InputError
from edgeproof.edge.preprocess import Pixels
from edgeproof.edge.sources import SourceOptions, camera
from edgeproof.edge.sources.camera import compressed, difference, kernel_time
from frames import Words, is_chart, read

WIDTH, HEIGHT = cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT
FOURCC, FPS, BUFFERS, TIME = (
    cv2.CAP_PROP_FOURCC,
    cv2.CAP_PROP_FPS,
    cv2.CAP_PROP_BUFFERSIZE,
    cv2.CAP_PROP_POS_MSEC,
)
UNPLUGGED, DAMAGED, EMPTY = "unplugged", "damaged", "empty"


class Kernel:
    """In the place of cv2.VideoCapture: a camera that gives a chart, or the faults of `script`, frame by frame.

    `gives` is what the camera has, whatever it is asked for.
    """

    def __init__(self, chart: Pixels, script: tuple[str, ...] = ()) -> None:
        self.opened: list[tuple[object, ...]] = []
        self.asked: list[tuple[int, float]] = []
        self.gives = {FOURCC: float(cv2.VideoWriter.fourcc(*"YUYV")), FPS: 30.0}
        self.clock = 0.0  # milliseconds: none
        self.released = 0
        self.written: list[object] = []
        self._chart, self._script, self._at = chart, script, -1

    def __call__(self, *arguments: object) -> Kernel:
        self.opened.append(arguments)
        return self

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return True

    def set(self, what: int, value: float) -> bool:
        self.asked.append((what, value))
        return False

    def get(self, what: int) -> float:
        return self.clock if what == TIME else self.gives.get(what, 0.0)

    def grab(self) -> bool:
        self._at += 1
        return self._event() != UNPLUGGED

    def retrieve(self, image: Pixels | None = None) -> tuple[bool, Pixels | None]:
        self.written.append(image)
        if self._event() == DAMAGED:
            return False, None
        if self._event() == EMPTY:
            return True, np.empty((0, 0, 3), np.uint8)
        if image is None or image.shape != self._chart.shape:
            return True, self._chart.copy()
        np.copyto(image, self._chart)
        return True, image

    def release(self) -> None:
        self.released += 1

    def _event(self) -> str:
        return self._script[self._at] if self._at < len(self._script) else ""


def plugged(monkeypatch: pytest.MonkeyPatch, kernel: Kernel) -> Kernel:
    monkeypatch.setattr(cv2, "VideoCapture", kernel)
    monkeypatch.setattr(camera, "_BACKEND", cv2.CAP_V4L2)
    return kernel


@pytest.fixture
def kernel(chart: Pixels, monkeypatch: pytest.MonkeyPatch) -> Kernel:
    return plugged(monkeypatch, Kernel(chart))


@pytest.mark.parametrize(
    ("name", "opened", "shown"),
    [
        ("0", 0, "/dev/video0"),
        ("7", 7, "/dev/video7"),
        ("/dev/video2", "/dev/video2", "/dev/video2"),
        ("/dev/v4l/by-id/usb-cam-index0", "/dev/v4l/by-id/usb-cam-index0", "/dev/v4l/by-id/usb-cam-index0"),
    ],
)
def test_camera_is_live_and_gives_bgr(kernel: Kernel, words: Words, name: str, opened: object, shown: str) -> None:
    source = words.open(name)
    assert kernel.opened == [(opened, cv2.CAP_V4L2)]
    assert source.live
    frames = read(source, 5)
    assert [frame.index for frame in frames] == [0, 1, 2, 3, 4]
    assert all(frame.source == shown and is_chart(frame.image) for frame in frames)
    source.close()
    assert kernel.released == 1
    assert words.lines == []


def test_frames_of_a_decoder_of_opencv_come_through(clip: Path, words: Words, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same calls on a real VideoCapture, which here reads a file."""
    real = cv2.VideoCapture
    monkeypatch.setattr(cv2, "VideoCapture", lambda *_: real(str(clip)))
    source = words.open("0")
    frames = read(source, 6)
    assert all(is_chart(frame.image) for frame in frames)
    with pytest.raises(InputError, match="expected the next frame, received none: /dev/video0 was unplugged"):
        source.read()


# What is asked for


def test_camera_is_asked_for_two_buffers_alone_unless_told_more(kernel: Kernel, words: Words) -> None:
    words.open("0")
    assert kernel.asked == [(BUFFERS, 2)]


def test_camera_is_asked_for_format_size_and_rate_in_this_order(kernel: Kernel, words: Words) -> None:
    words.open("0", SourceOptions(size=(1280, 720), rate=60.0, pixel_format="YUYV"))
    yuyv = cv2.VideoWriter.fourcc(*"YUYV")
    assert kernel.asked == [(BUFFERS, 2), (FOURCC, yuyv), (WIDTH, 1280), (HEIGHT, 720), (FPS, 60)]


@pytest.mark.parametrize(
    ("size", "rate", "wanted"),
    [
        (None, None, None),
        ((640, 480), None, None),
        ((640, 480), 30.0, None),  # 18.4 MB/s
        ((640, 480), 60.0, "MJPG"),  # 36.9 MB/s
        ((800, 600), None, "MJPG"),  # 28.8 MB/s
        ((1280, 720), None, "MJPG"),
        ((1280, 720), 10.0, None),  # 18.4 MB/s
        (None, 120.0, "MJPG"),
    ],
)
def test_frames_are_compressed_where_usb_2_is_too_slow(
    size: tuple[int, int] | None, rate: float | None, wanted: str | None
) -> None:
    assert compressed(size, rate) == wanted


def test_automatic_format_asks_for_mjpg_above_what_the_bus_carries(kernel: Kernel, words: Words) -> None:
    words.open("0", SourceOptions(size=(1280, 720)))
    assert (FOURCC, cv2.VideoWriter.fourcc(*"MJPG")) in kernel.asked


def test_camera_that_gives_something_else_is_told_of_in_one_line(kernel: Kernel, words: Words) -> None:
    kernel.gives[FPS] = 15.0
    words.open("0", SourceOptions(size=(1280, 720), rate=30.0, pixel_format="MJPG"))
    assert words.lines == [
        "warning: /dev/video0: the camera gives 64x48 instead of 1280x720, 15 frames a second instead of 30, "
        "YUYV instead of MJPG; v4l2-ctl --list-formats-ext names what it has"
    ]


@pytest.mark.parametrize(
    ("asked", "given", "said"),
    [
        (SourceOptions(), SourceOptions(size=(640, 480), rate=30.0, pixel_format="YUYV"), None),
        (SourceOptions(rate=30.0), SourceOptions(rate=29.97), None),
        (SourceOptions(rate=30.0), SourceOptions(), None),
        (SourceOptions(size=(64, 48)), SourceOptions(size=(48, 64)), "the camera gives 48x64 instead of 64x48"),
        (SourceOptions(rate=30.0), SourceOptions(rate=25.0), "the camera gives 25 frames a second instead of 30"),
    ],
)
def test_difference_between_asked_and_given(asked: SourceOptions, given: SourceOptions, said: str | None) -> None:
    assert difference(asked, given) == said


# When it was taken


@pytest.mark.parametrize(
    ("milliseconds", "taken"),
    [
        (99_970.0, 99.97),  # the kernel got it 30 ms ago
        (100_000.0, 100.0),
        (100_001.0, 100.0),  # in the future: another clock
        (98_999.0, 100.0),  # too long ago
        (0.0, 100.0),  # none
        (1_795_000_000_000.0, 100.0),  # the time of day
    ],
)
def test_kernels_time_is_taken_where_it_is_plausible(milliseconds: float, taken: float) -> None:
    assert kernel_time(milliseconds, 100.0) == taken


def test_frame_is_as_old_as_the_kernel_says(kernel: Kernel, words: Words) -> None:
    source = words.open("0")
    source.read()
    kernel.clock = (time.monotonic() - 0.25) * 1e3
    (frame,) = read(source, 1)
    assert frame.captured == pytest.approx(kernel.clock / 1e3)


# Faults


def test_camera_without_frames_is_refused_and_released(
    chart: Pixels, words: Words, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It opens, as a camera does that another program holds."""
    kernel = plugged(monkeypatch, Kernel(chart, (UNPLUGGED,) * 99))
    with pytest.raises(InputError, match="expected a camera that gives frames, received none from /dev/video0; check"):
        words.open("0")
    assert kernel.released == 1


def test_camera_that_begins_with_damaged_frames_is_believed(
    chart: Pixels, words: Words, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugged(monkeypatch, Kernel(chart, (DAMAGED, EMPTY, DAMAGED)))
    (frame,) = read(words.open("0"), 1)
    assert is_chart(frame.image)
    assert words.lines == []


def test_damaged_and_empty_frames_are_left_out_and_counted(
    chart: Pixels, words: Words, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugged(monkeypatch, Kernel(chart, ("", DAMAGED, "", EMPTY, EMPTY, "")))
    source = words.open("0")
    assert [frame.index for frame in read(source, 3)] == [0, 1, 2]
    first = "warning: /dev/video0: a damaged frame was left out; more are counted, and told at the end"
    assert words.lines == [first]
    source.close()
    assert words.lines == [first, "warning: /dev/video0: 3 damaged frames were left out"]


def test_camera_that_gives_damaged_frames_alone_is_an_error(
    chart: Pixels, words: Words, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A success that is empty, for ever, is no camera: it would keep a processor busy and answer nothing."""
    plugged(monkeypatch, Kernel(chart, ("", *[EMPTY] * 1000)))
    source = words.open("0")
    source.read()
    with pytest.raises(InputError, match="received 100 damaged ones in a row from /dev/video0; check its cable"):
        source.read()


def test_camera_that_is_unplugged_is_an_error(chart: Pixels, words: Words, monkeypatch: pytest.MonkeyPatch) -> None:
    plugged(monkeypatch, Kernel(chart, ("", "", UNPLUGGED)))
    source = words.open("0")
    read(source, 2)
    with pytest.raises(InputError, match="expected the next frame, received none: /dev/video0 was unplugged"):
        source.read()


@pytest.mark.parametrize("name", ["42", "/dev/video42", "/dev/v4l/by-id/none"])
def test_missing_camera_is_refused_without_noise(name: str, words: Words, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InputError, match="expected a camera that gives frames, received none from /dev/v"):
        words.open(name)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", ["99999999999", "9" * 5000])
def test_index_that_no_camera_can_have_is_refused(name: str, words: Words) -> None:
    with pytest.raises(InputError, match="expected the index of a camera, received 9999"):
        words.open(name)


# Memory


def test_frame_is_written_into_the_spare_image(kernel: Kernel, words: Words) -> None:
    source = words.open("0")
    first, second = read(source, 2)
    third = source.read(first.image)
    assert third is not None
    assert kernel.written[-1] is first.image
    assert third.image is first.image
    assert not np.shares_memory(third.image, second.image)


@pytest.mark.parametrize(
    "spare", [np.empty((48, 64)), np.empty((48, 64, 4), np.uint8), np.empty((48, 128, 3), np.uint8)[:, ::2]]
)
def test_spare_that_opencv_cannot_write_to_is_left_alone(
    kernel: Kernel, words: Words, spare: np.ndarray[tuple[int, ...], np.dtype[np.generic]]
) -> None:
    source = words.open("0")
    source.read()
    frame = source.read(spare)
    assert frame is not None
    assert is_chart(frame.image)
    assert kernel.written[-1] is None
