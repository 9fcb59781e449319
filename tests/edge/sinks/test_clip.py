from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from edgeproof.edge.answer import Answer
from edgeproof.edge.classifier import Latency, Prediction
from edgeproof.edge.errors import InputError
from edgeproof.edge.preprocess import Pixels
from edgeproof.edge.sinks import clip
from edgeproof.edge.sinks.clip import ClipSink
from edgeproof.edge.sources import Frame


def frame(image: Pixels | None = None, index: int = 0) -> Frame:
    return Frame(np.full((120, 160, 3), 90, np.uint8) if image is None else image, "clip.mp4", index, 0.0)


def prediction() -> Prediction:
    probabilities = {"paper": 0.25, "rock": 0.75}
    return Prediction("rock", 0.75, np.array([0.25, 0.75], np.float32), probabilities, Latency(1.25, 2.5, 4.0))


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
        sink.write(Answer.plain(frame(np.full((*size, 3), 60 * index, np.uint8), index), prediction()))
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
    sink.write(Answer.plain(frame(image), prediction()))
    sink.close()
    blue, green, red = np.median(played(tmp_path / "clip.avi")[0][:40], axis=(0, 1))
    assert red > 240
    assert max(blue, green) < 20


def test_frames_of_other_sizes_are_fitted_to_the_first(tmp_path: Path) -> None:
    sink = ClipSink(tmp_path / "clip.avi")
    for height, width in ((240, 320), (480, 640), (300, 240)):
        sink.write(Answer.plain(frame(np.zeros((height, width, 3), np.uint8)), prediction()))
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
        sink.write(Answer.plain(frame(), prediction()))
    sink.close()
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("clip.mp4", b"old")]


@pytest.mark.parametrize("moment", ["_plays", "commit"])
def test_person_who_interrupts_the_end_of_a_clip_leaves_nothing_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    (tmp_path / "clip.mp4").write_bytes(b"old")
    sink = ClipSink(tmp_path / "clip.mp4")
    sink.write(Answer.plain(frame(), prediction()))
    monkeypatch.setattr(clip, moment, interrupted)
    with pytest.raises(KeyboardInterrupt):
        sink.close()
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("clip.mp4", b"old")]


@pytest.mark.parametrize("name", ["clip.gif", "clip", "clip.mp4.txt"])
def test_clip_of_another_kind_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=rf"expected a clip that ends in \.mp4 or \.avi, received .*{name}"):
        ClipSink(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_clip_that_the_disk_cuts_off_leaves_the_old_one(tmp_path: Path) -> None:
    """In a process of its own, whose files cannot grow: OpenCV's encoder says nothing of it."""
    pytest.importorskip("resource")
    for name in ("clip.mp4", "clip.avi"):
        (tmp_path / name).write_bytes(b"old")
        done = subprocess.run(  # noqa: S603 - ourselves
            [sys.executable, "-c", CUT_OFF, str(tmp_path / name)], capture_output=True, text=True, check=True
        )
        assert done.stdout == (
            f"expected a clip of 60 frame(s), received a file that does not play: {tmp_path / name}; "
            "make room on the disk\n"
        )
        assert (tmp_path / name).read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.avi", "clip.mp4"]


CUT_OFF = """
import resource, sys
from pathlib import Path
import numpy as np
from edgeproof.edge.answer import Answer
from edgeproof.edge.classifier import Latency, Prediction
from edgeproof.edge.errors import InputError
from edgeproof.edge.sinks import clip
from edgeproof.edge.sinks.clip import ClipSink
from edgeproof.edge.sources import Frame

resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
sink, rng = ClipSink(Path(sys.argv[1])), np.random.default_rng(0)
for index in range(60):
    frame = Frame(rng.integers(0, 256, (240, 320, 3), np.uint8), "noise", index, 0.0)
    sink.write(Answer.plain(frame, Prediction(None, 0.0, np.zeros(1, np.float32), {}, Latency(0.0, 0.0, 0.0))))
try:
    sink.close()
except InputError as error:
    print(error)
"""


@pytest.mark.parametrize("name", ["clip.mp4", "clip.avi"])
def test_clip_of_one_frame_plays_back(tmp_path: Path, name: str) -> None:
    sink = ClipSink(tmp_path / name)
    sink.write(Answer.plain(frame(), prediction()))
    sink.close()
    assert len(played(tmp_path / name)) == 1


def test_clip_whose_name_is_no_text_is_refused(tmp_path: Path) -> None:
    """OpenCV's module crashes on it."""
    with pytest.raises(InputError, match=r"expected a name in UTF-8, received .*\\udcff\.mp4'; rename it"):
        ClipSink(tmp_path / "\udcff.mp4")
