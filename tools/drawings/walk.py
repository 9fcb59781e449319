"""Follows one picture, or one frame, through the files of this project: which it visits, in which order, how often.

The picture is of one colour that no other has. A call is on its way when an argument is that picture: its path, its
record, or an array of that colour, or where it is returned; and so is every call within such a call, and every call
that is given what one of them made. A call that is given many pictures at once counts for itself alone.
"""

from __future__ import annotations

import json
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from urllib.request import urlopen

import cv2
import numpy as np

from edgeproof.edge import Answer, Frame, Prediction
from edgeproof.edge.cli import main
from edgeproof.edge.folders import LabelledFile
from edgeproof.edge.hands import hand_pictures
from edgeproof.edge.web.app import ANSWER
from edgeproof.edge.web.picture import Shot

_ROOT = Path(__file__).resolve().parents[2]
_OF_FILE, _OF_CAMERA = (41, 187, 93), (17, 59, 211)  # colours
_NAME = "000-the-picture.png"  # the first of its class, which rides along as a golden frame
_MADE = (Answer, Frame, Prediction, Shot)  # what becomes of a frame
_FRAME = 30  # of the camera's, the one that is followed
_BETWEEN = 0.1  # seconds between two: the page takes at most 25 a second, and is to take each
_PORT = 8137


class Walk:
    """The files that were visited, one entry for each time that the way came into a file from another."""

    def __init__(self, color: tuple[int, int, int]) -> None:
        self.visits: list[str] = []
        self._color = color
        self._last: dict[int, str] = {}  # of each thread, where it was
        self._depths: dict[int, int] = {}  # likewise, how deep in calls that are on the way
        self._made: dict[int, object] = {}  # what calls on the way were given, which is kept so that its id is its own
        self._answered = False  # from then on its memory is used again, and only what was made of it is followed
        self._files: dict[str, str | None] = {}
        self._lock = threading.Lock()

    def profile(self, frame: FrameType, event: str, returned: object) -> None:
        """Hear of a call or a return; the interpreter calls this."""
        file = self._file(frame.f_code.co_filename) if event in ("call", "return") else None
        if file is not None:
            with self._lock:
                (self._call if event == "call" else self._return)(threading.get_ident(), file, frame, returned)

    def _call(self, thread: int, file: str, frame: FrameType, _: object) -> None:
        names = frame.f_code.co_varnames[: frame.f_code.co_argcount + frame.f_code.co_kwonlyargcount]
        given = [frame.f_locals.get(name) for name in names if name != "spare"]  # the memory of an earlier one
        if self._depths.get(thread) or any(map(self._is_it, given)):
            self._made.update({id(value): value for value in given if isinstance(value, _MADE)})
            self._answered |= any(isinstance(value, Answer) for value in given)
            self._depths[thread] = self._depths.get(thread, 0) + 1
            self._visit(thread, file)
        elif any(map(self._has_it, given)):
            self._visit(thread, file)

    def _return(self, thread: int, file: str, _: FrameType, returned: object) -> None:
        if self._depths.get(thread):
            self._depths[thread] -= 1
        elif self._is_it(returned):
            self._visit(thread, file)

    def _visit(self, thread: int, file: str) -> None:
        if self._last.get(thread) != file:
            self._last[thread] = file
            self.visits.append(file)

    def _file(self, name: str) -> str | None:
        if name not in self._files:
            path = Path(name).resolve()
            found = path.relative_to(_ROOT).as_posix() if path.is_relative_to(_ROOT) else ""
            self._files[name] = found if found.startswith(("edge/", "export/", "train/", "workstation/")) else None
        return self._files[name]

    def _is_it(self, value: object) -> bool:
        if isinstance(value, np.ndarray) and not self._answered:
            return (
                value.dtype == np.uint8
                and value.ndim == 3
                and value.shape[2] == 3
                and _is_painted(value[None], self._color)
            )
        if isinstance(value, (str, Path)):
            return str(value).endswith(_NAME)
        if isinstance(value, LabelledFile):
            return value.file.endswith(_NAME)
        if isinstance(value, Answer):
            return self._is_it(value.frame)
        if isinstance(value, Frame):
            return value.image.ndim == 3 and _is_painted(value.image[None], self._color)
        return id(value) in self._made

    def _has_it(self, value: object) -> bool:
        if isinstance(value, np.ndarray) and value.dtype == np.uint8 and value.ndim == 4 and value.shape[3] == 3:
            return not self._answered and len(value) > 0 and _is_painted(value, self._color)
        return isinstance(value, (list, tuple)) and any(map(self._is_it, value))


def _is_painted(pictures: np.ndarray, color: tuple[int, int, int]) -> bool:
    height, width = pictures.shape[1:3]
    if not height or not width:
        return False
    middle = pictures[:, height // 2, width // 2]
    return bool(((middle == color) | (middle == color[::-1])).all(1).any())


class Camera:
    """Stands in the place of cv2.VideoCapture: grey frames, one of them painted."""

    def __init__(self, *_: object) -> None:
        self._count = 0

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        """Say that it is there."""
        return True

    def set(self, *_: object) -> bool:
        """Take a wish, and forget it."""
        return True

    def get(self, _: int) -> float:
        """Say nothing of the frame."""
        return 0.0

    def grab(self) -> bool:
        """Wait for a frame."""
        time.sleep(_BETWEEN)
        self._count += 1
        return self._count < 2 * _FRAME

    def retrieve(self, _: object = None) -> tuple[bool, np.ndarray]:
        """Give a frame."""
        picture = np.full((480, 640, 3), self._count % 200, np.uint8)
        if self._count == _FRAME:
            picture[:] = _OF_CAMERA
        return True, picture

    def release(self) -> None:
        """End."""


def followed(arguments: Sequence[str], color: tuple[int, int, int] = _OF_FILE) -> Walk:
    """Run a command and follow the picture through it."""
    walk = Walk(color)
    threading.setprofile(walk.profile)
    sys.setprofile(walk.profile)
    try:
        main(arguments)
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]
    return walk


def show(title: str, walk: Walk) -> None:
    """Print a walk: each file with how often the way came into it, in the order of the first time."""
    files = list(dict.fromkeys(walk.visits))
    print(f"\n{title}: {len(files)} files, {len(walk.visits)} visits")  # noqa: T201 - a program
    for number, file in enumerate(files, 1):
        print(f"{number:3}. {file} ({walk.visits.count(file)})")  # noqa: T201 - a program
    print("     " + " → ".join(walk.visits))  # noqa: T201 - a program


def picture(folder: Path) -> Path:
    """Follow a picture from its folder to the int8 file; gives the file."""
    for index, (label, image) in enumerate(hand_pictures(120, 0, 96, 128, tidy=True)):
        place = folder / "hands" / label / f"{index:03}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(place), image)
    for side, step in (("validation", 3), ("train", 1)):
        for label in ("rock", "paper", "scissors"):
            target = folder / "data" / side / label
            target.mkdir(parents=True)
            for place in sorted((folder / "hands" / label).glob("*.png"))[::step]:
                place.rename(target / place.name)
    painted = np.empty((96, 128, 3), np.uint8)
    painted[:] = _OF_FILE
    cv2.imwrite(str(folder / "data" / "validation" / "rock" / _NAME), painted)
    run = str(folder / "run")
    words = ["train", "rps", "--data", str(folder / "data"), "--out", run, "--epochs", "1", "--size", "32", "--quiet"]
    show("train", followed(words))
    show("export", followed(["export", run, "--int8", "--format", "tflite", "--quiet"]))
    return folder / "run" / "rps-int8.tflite"


def frame(model: Path) -> None:
    """Follow a frame from the camera to the page."""
    cv2.VideoCapture = Camera  # type: ignore[misc,assignment]
    threading.Thread(target=_watch, daemon=True).start()
    words = ["run", str(model), "0", "--web", f"127.0.0.1:{_PORT}", "--frames", str(_FRAME + 20), "--quiet", "--json"]
    show("run", followed(words, _OF_CAMERA))


def _watch() -> None:
    number = 0
    while True:
        try:
            with urlopen(f"http://127.0.0.1:{_PORT}/next?after={number}") as reply:
                reply.read()
                number = json.loads(reply.headers[ANSWER])["number"]
        except (OSError, TypeError):  # noqa: PERF203 - which a tenth of a second is long beside
            time.sleep(_BETWEEN)  # it has not begun, or has no picture yet


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        frame(picture(Path(name)))
