"""Answers drawn on their frames, as a video file."""

from __future__ import annotations

from pathlib import Path

import cv2

from ..answer import Answer
from ..atomic import commit, temporary_beside
from ..errors import InputError
from ..names import utf8
from ..native_noise import muted
from ..overlay import draw_answer

RATE = 15.0  # frames a second
_CODECS = {".mp4": "mp4v", ".avi": "MJPG"}


class ClipSink:
    """A video file of one frame per answer, played at `rate` a second.

    It takes its size from the first frame; later frames are resized to it.
    """

    def __init__(self, path: Path, rate: float = RATE) -> None:
        if path.suffix.lower() not in _CODECS:
            raise InputError(f"expected a clip that ends in {' or '.join(_CODECS)}, received {path}")
        utf8(str(path))
        self._path, self._rate = path, rate
        self._temporary = temporary_beside(path)
        self._codec = cv2.VideoWriter.fourcc(*_CODECS[path.suffix.lower()])
        self._writer: cv2.VideoWriter | None = None
        self._frames = 0
        self._size = (0, 0)

    def write(self, answer: Answer) -> None:
        """Draw and encode one frame."""
        image = draw_answer(answer)
        if self._writer is None:
            self._size = (image.shape[1], image.shape[0])
            writer = cv2.VideoWriter(str(self._temporary), self._codec, self._rate, self._size)
            if not writer.isOpened():
                raise InputError(f"expected OpenCV to write {self._path.suffix}, received no encoder; try .avi or .mp4")
            self._writer = writer
        elif (image.shape[1], image.shape[0]) != self._size:
            image = cv2.resize(image, self._size)  # type: ignore[assignment]  # uint8 stays uint8
        self._writer.write(image)
        self._frames += 1

    def close(self) -> None:
        """Finish the file and put it in its place; without a frame there is nothing to put.

        Raises:
            InputError: the file does not hold every frame; whatever was in its place before stays.
        """
        try:
            if self._writer is not None:
                self._finish(self._writer)
        finally:  # a person may lose patience meanwhile
            self._temporary.unlink(missing_ok=True)

    def _finish(self, writer: cv2.VideoWriter) -> None:
        writer.release()
        # OpenCV says nothing of a full disk.
        if not _plays(self._temporary, self._frames):
            raise InputError(
                f"expected a clip of {self._frames} frame(s), received a file that does not play: {self._path}; "
                "make room on the disk"
            )
        commit(self._temporary, self._path)


def _plays(path: Path, frames: int) -> bool:
    """Tell whether a video's first frame can be decoded and its index counts all of them."""
    with muted():  # the decoders say on several lines what our error says on one
        capture = cv2.VideoCapture(str(path))
        plays = capture.isOpened() and capture.read()[0] and capture.get(cv2.CAP_PROP_FRAME_COUNT) >= frames
        capture.release()
    return bool(plays)
