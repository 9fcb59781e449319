from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from edgeproof.edge.console import Console
from edgeproof.edge.contract import NumberInput
from edgeproof.edge.errors import InputError
from edgeproof.edge.preprocess import Pixels
from edgeproof.edge.sources import Roi, SourceOptions, open_source
from frames import Words, frames_of, is_chart

CLIP_FRAMES = 6


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


# Patterns


def test_pattern_gives_the_pictures_that_match_it_in_the_order_of_their_paths(
    chart: Pixels, tmp_path: Path, words: Words
) -> None:
    for name in ("b.png", "a.png", "c.jpg", "d/e.png", "d/f/g.png", ".hidden.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(tmp_path / name), chart)
    (tmp_path / "notes.png.txt").write_text("no picture")
    (tmp_path / "folder.png").mkdir()

    def found(pattern: str) -> list[str]:
        frames = frames_of(words.open(tmp_path / pattern))
        assert all(is_chart(frame.image) for frame in frames)
        return [Path(frame.source).relative_to(tmp_path).as_posix() for frame in frames]

    assert found("*.png") == ["a.png", "b.png"]
    assert found("[bc].*") == ["b.png", "c.jpg"]
    assert found("**/*.png") == ["a.png", "b.png", "d/e.png", "d/f/g.png"]
    assert words.lines == []


def test_pattern_may_be_relative(chart: Pixels, tmp_path: Path, words: Words, monkeypatch: pytest.MonkeyPatch) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), chart)
    monkeypatch.chdir(tmp_path)
    assert [frame.source for frame in frames_of(words.open("*.png"))] == ["a.png"]


def test_file_whose_name_looks_like_a_pattern_is_that_file(chart: Pixels, tmp_path: Path, words: Words) -> None:
    for name in ("a[1].png", "a1.png"):
        cv2.imwrite(str(tmp_path / name), chart)
    assert [Path(frame.source).name for frame in frames_of(words.open(tmp_path / "a[1].png"))] == ["a[1].png"]


def test_pattern_that_nothing_matches_is_refused(tmp_path: Path, words: Words) -> None:
    with pytest.raises(InputError, match=r"expected a pattern that pictures match, received one without: .*\*\.jpg"):
        words.open(tmp_path / "*.jpg")


def test_unreadable_picture_of_a_pattern_is_left_out_unless_strict(chart: Pixels, tmp_path: Path, words: Words) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), chart)
    (tmp_path / "b.png").write_bytes(b"no picture")
    assert len(frames_of(words.open(tmp_path / "*.png"))) == 1
    assert words.lines[-1] == "warning: 1 of 2 pictures could not be read and are left out"
    strict = words.open(tmp_path / "*.png", SourceOptions(strict=True))
    strict.read()
    with pytest.raises(InputError, match="received 10 bytes of something"):
        strict.read()


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


@pytest.fixture
def noisy(tmp_path: Path) -> bytes:
    """An .avi of 60 frames, each a JPEG of noise."""
    writer = cv2.VideoWriter(str(tmp_path / "noisy.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 15, (160, 120))
    random = np.random.default_rng(0)
    for _ in range(60):
        writer.write(random.integers(0, 255, (120, 160, 3), np.uint8))
    writer.release()
    return (tmp_path / "noisy.avi").read_bytes()


def test_damaged_frame_of_a_video_is_left_out_and_told_and_the_others_are_read(
    noisy: bytes, tmp_path: Path, words: Words
) -> None:
    starts = [at for at in range(len(noisy)) if noisy.startswith(b"\xff\xd8\xff", at)]
    damaged = bytearray(noisy)
    for frame in (0, 30, 31):  # with zeros in the place of its header, nothing of it can be decoded
        damaged[starts[frame] : starts[frame] + 1000] = bytes(1000)
    (tmp_path / "a.avi").write_bytes(damaged)
    frames = frames_of(words.open(tmp_path / "a.avi"))
    assert len(starts) == 60
    assert len(frames) == 57
    assert words.lines == [
        f"warning: {tmp_path / 'a.avi'}: a damaged frame was left out; more are counted, and told at the end",
        f"warning: {tmp_path / 'a.avi'}: 3 damaged frames were left out",
    ]


def test_video_that_is_cut_off_is_warned_of_once(noisy: bytes, tmp_path: Path, words: Words) -> None:
    (tmp_path / "a.avi").write_bytes(noisy[: len(noisy) // 2])
    source = words.open(tmp_path / "a.avi")
    count = 0
    while source.read() is not None:
        count += 1
    assert 25 <= count <= 31
    assert source.read() is None
    source.close()
    assert words.lines == [
        f"warning: {tmp_path / 'a.avi'}: {count} of about 60 frames could be decoded; it is damaged or cut off"
    ]


@pytest.mark.parametrize("name", ["whole.avi", "whole.mp4", "whole.mkv"])
def test_whole_video_has_no_warning(name: str, tmp_path: Path, words: Words) -> None:
    codec = "mp4v" if name.endswith("mp4") else "MJPG"
    writer = cv2.VideoWriter(str(tmp_path / name), cv2.VideoWriter.fourcc(*codec), 29.97, (64, 48))
    for index in range(61):
        writer.write(np.full((48, 64, 3), 3 * index, np.uint8))
    writer.release()
    assert len(frames_of(words.open(tmp_path / name))) == 61
    assert words.lines == []


@pytest.mark.parametrize("content", [b"", b"no video at all", bytes(5000)])
def test_file_that_is_no_video_is_refused_without_noise(
    content: bytes, tmp_path: Path, words: Words, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.mp4").write_bytes(content)
    with pytest.raises(InputError, match=r"expected a video file that OpenCV can decode.*a\.mp4"):
        words.open(tmp_path / "a.mp4")
    assert capfd.readouterr() == ("", "")


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


def test_hands_are_in_bgr(words: Words) -> None:
    """Skin is redder than green, and greener than blue, whoever's hand it is and whatever the light."""
    for frame in frames_of(words.open("hands:90"))[::15]:
        palm = frame.image[180:300, 260:380].reshape(-1, 3)
        blue, green, red = np.median(palm, axis=0)
        assert blue < green < red


@pytest.mark.parametrize("name", ["hands:0", "hands:-1", "hands:many", "hands:1.5", "hands:²", "hands:" + "9" * 5000])
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


@pytest.mark.parametrize("name", ["nowhere", "clip.mp4", "²", "-1", "hands", "ftp://x", "ftp://x/y.jpg"])
def test_unknown_source_is_refused(name: str, words: Words, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    message = f"a video, picture, folder or hands:, received {name!r}"
    with pytest.raises(InputError, match=message):
        words.open(name)


# What cannot be asked for


@pytest.mark.parametrize(
    ("options", "flag"),
    [
        (SourceOptions(size=(640, 480)), "--camera-size"),
        (SourceOptions(rate=5.0), "--rate"),
        (SourceOptions(pixel_format="MJPG"), "--pixel-format"),
    ],
)
def test_file_is_not_asked_for_what_only_a_camera_can_do(
    options: SourceOptions, flag: str, words: Words, clip: Path
) -> None:
    for name in ("hands:3", str(clip)):
        with pytest.raises(
            InputError, match=f"expected {flag} with a camera that can be asked for it, received {name}"
        ):
            words.open(name, options)


@pytest.mark.parametrize(
    "options", [SourceOptions(mirror=True), SourceOptions(rotate=90), SourceOptions(roi=Roi(0, 0, 1, 1))]
)
def test_numbers_are_not_turned(options: SourceOptions) -> None:
    with pytest.raises(InputError, match="--mirror with a model of pictures, received a model of numbers"):
        open_source("10", NumberInput(1, (-10.0, 10.0)), Console(quiet=True), options)
