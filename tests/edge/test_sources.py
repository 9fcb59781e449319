from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from edgeproof.edge.console import Console
from edgeproof.edge.contract import ImageInput, NumberInput
from edgeproof.edge.errors import InputError
from edgeproof.edge.preprocess import Pixels
from edgeproof.edge.sources import Frame, Source, open_source

CLIP_FRAMES = 6
PICTURES = ImageInput(height=8, width=8, channels=3)


class Words:
    """Opens sources and keeps what they say."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    def open(self, name: object, *, strict: bool = False) -> Source:
        return open_source(str(name), PICTURES, Console(stream=self.stream), strict=strict)

    @property
    def lines(self) -> list[str]:
        return self.stream.getvalue().splitlines()


@pytest.fixture
def words() -> Words:
    return Words()


def frames_of(source: Source) -> list[Frame]:
    frames = []
    while (frame := source.read()) is not None:
        frames.append(frame)
    source.close()
    return frames


def is_chart(image: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> bool:
    """Tell whether the upper half of a BGR picture is red on the left and blue on the right."""
    assert image.dtype == np.uint8
    upper = image[:20].astype(int)
    red, blue = np.median(upper[:, 4:28], axis=(0, 1)), np.median(upper[:, 36:60], axis=(0, 1))
    return bool(red[2] > 200 and red[0] < 60 and blue[0] > 200 and blue[2] < 60)


# Pictures


@pytest.mark.parametrize("name", ["chart.png", "chart.bmp", "chart.JPG", "chart.webp"])
def test_picture_is_one_frame_in_bgr(chart: Pixels, tmp_path: Path, words: Words, name: str) -> None:
    path = tmp_path / name
    cv2.imwrite(str(path), chart)
    (frame,) = frames_of(words.open(path))
    assert is_chart(frame.image)
    assert (frame.source, frame.index) == (str(path), 0)
    assert words.lines == []


def test_pictures_of_a_folder_come_in_the_order_of_their_paths(chart: Pixels, tmp_path: Path, words: Words) -> None:
    names = ["a/2.png", "a/10.png", "b.png", ".hidden.png", "c/d/e.png"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(tmp_path / name), chart)
    (tmp_path / "notes.txt").write_text("no picture")
    source = words.open(tmp_path)
    assert not source.live
    frames = frames_of(source)
    assert [Path(frame.source).relative_to(tmp_path).as_posix() for frame in frames] == [
        "a/10.png",
        "a/2.png",
        "b.png",
        "c/d/e.png",
    ]
    assert [frame.index for frame in frames] == [0, 1, 2, 3]
    assert source.read() is None


def test_folder_without_pictures_is_refused(tmp_path: Path, words: Words) -> None:
    with pytest.raises(InputError, match="expected a folder with pictures, received one without"):
        words.open(tmp_path)


def test_missing_picture_is_refused(tmp_path: Path, words: Words) -> None:
    with pytest.raises(InputError, match=r"received No such file or directory: .*none\.png"):
        words.open(tmp_path / "none.png").read()


# Videos


def test_video_gives_each_of_its_frames_in_bgr(clip: Path, words: Words) -> None:
    source = words.open(clip)
    assert not source.live
    frames = frames_of(source)
    assert [frame.index for frame in frames] == list(range(CLIP_FRAMES))
    assert {frame.source for frame in frames} == {str(clip)}
    assert all(is_chart(frame.image) for frame in frames)
    grays = [float(np.median(frame.image[30:].astype(int))) for frame in frames]
    assert grays == pytest.approx([40 * index for index in range(CLIP_FRAMES)], abs=6)


def test_video_whose_name_is_no_text_is_refused(clip: Path, words: Words) -> None:
    """OpenCV's module crashes on it."""
    path = clip.rename(clip.with_name("\udcff.avi"))
    with pytest.raises(InputError, match=r"expected a name in UTF-8, received .*\\udcff\.avi'; rename it"):
        words.open(path)


@pytest.mark.parametrize("content", [b"", b"no video at all", bytes(5000)])
def test_file_that_is_no_video_is_refused_without_noise(
    content: bytes, tmp_path: Path, words: Words, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.mp4").write_bytes(content)
    with pytest.raises(InputError, match=r"expected a video file that OpenCV can decode.*a\.mp4"):
        words.open(tmp_path / "a.mp4")
    assert capfd.readouterr() == ("", "")


# Cameras

Capture = Callable[..., object]


@pytest.fixture
def asked(clip: Path, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """In place of a camera, the clip; the list says what was opened."""
    names: list[object] = []
    real = cv2.VideoCapture

    def capture(name: object) -> cv2.VideoCapture:
        names.append(name)
        return real(str(clip))

    monkeypatch.setattr(cv2, "VideoCapture", capture)
    return names


@pytest.mark.parametrize(
    ("name", "opened", "shown"), [("0", 0, "/dev/video0"), ("7", 7, "/dev/video7"), ("/dev/video2",) * 2 + ("",)]
)
def test_camera_is_live_and_gives_bgr(asked: list[object], words: Words, name: str, opened: object, shown: str) -> None:
    camera = words.open(name)
    assert asked == [opened]
    assert camera.live
    frames = [camera.read() for _ in range(CLIP_FRAMES - 1)]  # the first frame proved that the camera works
    assert [frame.index for frame in frames if frame is not None] == list(range(CLIP_FRAMES - 1))
    assert all(frame is not None and frame.source == (shown or name) and is_chart(frame.image) for frame in frames)
    camera.close()


def test_camera_that_is_unplugged_is_an_error(asked: list[object], words: Words) -> None:
    camera = words.open("0")
    for _ in range(CLIP_FRAMES - 1):
        camera.read()
    with pytest.raises(InputError, match="expected the next frame, received none: /dev/video0 was unplugged"):
        camera.read()
    assert asked == [0]


class SilentCamera:
    """A camera that opens, as one does that another program holds, and gives no frame."""

    released = 0

    def __init__(self, _: object) -> None:
        SilentCamera.released = 0

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return True

    def read(self, _: object = None) -> tuple[bool, None]:
        return False, None

    def release(self) -> None:
        SilentCamera.released += 1


def test_camera_without_frames_is_refused_and_released(words: Words, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, "VideoCapture", SilentCamera)
    with pytest.raises(InputError, match="expected a camera that gives frames, received none from /dev/video0"):
        words.open("0")
    assert SilentCamera.released == 1


@pytest.mark.parametrize("name", ["42", "/dev/video42"])
def test_missing_camera_is_refused_without_noise(name: str, words: Words, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InputError, match="expected a camera that gives frames, received none from /dev/video42"):
        words.open(name)
    assert capfd.readouterr() == ("", "")


def test_index_that_no_camera_can_have_is_refused(words: Words) -> None:
    with pytest.raises(InputError, match="expected the index of a camera, received 99999999999"):
        words.open("99999999999")


# Generated hands


def test_hands_are_drawn_as_many_as_asked(words: Words) -> None:
    frames = frames_of(words.open("hands:17"))
    assert len(frames) == 17
    assert [frame.index for frame in frames] == list(range(17))
    assert {frame.image.shape for frame in frames} == {(480, 640, 3)}
    assert {frame.source for frame in frames[:15]} == {frames[0].source}
    assert frames[15].source != frames[0].source
    assert {frame.source.partition(":")[2] for frame in frames} < {"paper", "rock", "scissors"}


def test_hands_move_and_are_the_same_each_time(words: Words) -> None:
    first, second = (frames_of(words.open("hands:2")) for _ in range(2))
    assert np.array_equal(first[0].image, second[0].image)
    assert not np.array_equal(first[0].image, first[1].image)


@pytest.mark.parametrize("name", ["hands:0", "hands:-1", "hands:many", "hands:1.5", "hands:²"])
def test_bad_number_of_hands_is_refused(name: str, words: Words) -> None:
    with pytest.raises(InputError, match=r"expected hands: or hands:30 \(a number of frames\), received 'hands:"):
        words.open(name)


# Numbers


@pytest.mark.parametrize(("text", "values"), [("10", [10]), ("1,2.5", [1, 2.5]), (" -3 , 4e2 ", [-3, 400])])
def test_numbers_are_one_frame(text: str, values: list[float]) -> None:
    source = open_source(text, NumberInput(len(values), (-10.0, 10.0)), Console(quiet=True))
    (frame,) = frames_of(source)
    assert frame.image.dtype == np.float32
    assert frame.image.tolist() == values
    assert (frame.source, frame.index) == (text, 0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ten", r"expected 2 number\(s\) such as 10 or 1,2\.5, received 'ten'"),
        ("1,", r"expected 2 number\(s\) such as"),
        ("", r"expected 2 number\(s\) such as"),
        ("1", r"expected 2 number\(s\), received 1: 1"),
        ("1,2,3", r"expected 2 number\(s\), received 3: 1,2,3"),
        ("1,nan", "expected numbers that float32 can hold, received '1,nan'"),
        ("inf,1", "expected numbers that float32 can hold, received 'inf,1'"),
        ("1,1e39", "expected numbers that float32 can hold, received '1,1e39'"),
    ],
)
def test_bad_numbers_are_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        open_source(text, NumberInput(2, (0.0, 1.0)), Console(quiet=True))


@pytest.mark.parametrize(
    "name", ["nowhere", "clip.mp4", "²", "-1", "hands", "rtsp://x", "http://x/y.jpg", "http://x//y"]
)
def test_unknown_source_is_refused(name: str, words: Words, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    message = f"expected a camera, video, picture, folder or hands:, received {name!r}"
    with pytest.raises(InputError, match=message):
        words.open(name)
