"""Pictures that a person takes of things, in one folder per label, ready for training."""

from __future__ import annotations

import re
import secrets
import time
from collections import deque
from pathlib import Path

import cv2

from .atomic import check_place, clear_temporaries, write_bytes
from .errors import InputError
from .folders import check_label, pictures
from .preprocess import Pixels

_QUALITY = 95  # of the JPEG files; the picture is all that a training will ever know
_LONGEST = 100  # bytes of a label; file systems take 255 for a name, and the files in it need a path too
_UNDONE = 10_000  # pictures that can be taken back; a session may go on for days
_OURS = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9]{3}-[0-9a-f]{4}\.jpg")  # as `_new_name` names a picture
_TRICKS = ("/", "\\", "\0")


class Collection:
    """Class folders that grow; `counts` are the pictures of each label, those of earlier sessions among them.

    Args:
        folder: where the class folders are, or will be.
        budget: bytes that all pictures in the folder may take together; no bound where None.

    Raises:
        InputError: the folder cannot be written to.
    """

    def __init__(self, folder: Path, budget: int | None = None) -> None:
        check_place(folder)
        self.folder = folder
        self._budget = budget
        earlier = pictures(folder) if folder.is_dir() else []
        for place in {path.parent for path in earlier}:  # one that holds none is no class yet
            clear_temporaries(place, _OURS)
        self._bytes = sum(path.stat().st_size for path in earlier)
        self.counts: dict[str, int] = {}
        for path in earlier:
            label = path.relative_to(folder).parts[0]
            if path.parent != folder and not label.startswith("."):  # hidden folders are no classes
                self.counts[label] = self.counts.get(label, 0) + 1
        self._taken: deque[tuple[str, Path, int]] = deque(maxlen=_UNDONE)

    def add(self, label: str, image: Pixels) -> Path:
        """Write one picture as it is: BGR uint8 of shape (height, width, 3), in a file of a name that is new.

        Raises:
            InputError: the label can be no folder's name, the picture is too large for a JPEG, the budget is spent, or
                the disk takes no more.
        """
        check_folder_name(label)
        whole, encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
        if not whole:
            height, width = image.shape[:2]
            raise InputError(f"expected a picture that a JPEG can hold, received {width}×{height} pixels; crop it")
        data = encoded.tobytes()
        if self._budget is not None and self._bytes + len(data) > self._budget:
            raise InputError(
                f"expected pictures of {self._budget / 1e6:.0f} MB at most, received more: {self.folder}; "
                "allow more, or move some away"
            )
        try:
            path = _new_name(self.folder / label)
            write_bytes(path, data)
        except OSError as error:
            reason = error.strerror or str(error)
            raise InputError(
                f"expected room for a picture, received {reason}: {self.folder / label}; make room"
            ) from error
        self._bytes += len(data)
        self._taken.append((label, path, len(data)))
        self.counts[label] = self.counts.get(label, 0) + 1
        return path

    def undo(self) -> str | None:
        """Delete the newest picture of this session and give its label; None where there is none left.

        Raises:
            InputError: it cannot be deleted, and is still the newest.
        """
        if not self._taken:
            return None
        label, path, size = self._taken[-1]
        try:
            path.unlink(missing_ok=True)  # a person may have been there before
        except OSError as error:
            reason = error.strerror or str(error)
            raise InputError(f"expected a picture that can be deleted, received {reason}: {path}") from error
        self._taken.pop()
        self._bytes -= size
        self.counts[label] -= 1
        return label


def check_folder_name(label: str) -> None:
    """See to it that a label can be the name of a class folder as it is: another name would be another label.

    Raises:
        InputError: it cannot.
    """
    check_label(label)
    if (
        not label
        or label != label.strip()
        or label.startswith(".")  # hidden, or the folder above
        or any(trick in label for trick in _TRICKS)
        or len(label.encode()) > _LONGEST
    ):
        raise InputError(
            f"expected a label that can be a folder's name, without / and of 1 to {_LONGEST} bytes, received {label!r}"
        )


def _new_name(folder: Path) -> Path:
    # The time sorts; the rest keeps two programs apart, and a machine whose clock was set back.
    while True:
        seconds, rest = divmod(time.time_ns() // 1_000_000, 1000)
        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(seconds))
        path = folder / f"{stamp}-{rest:03}-{secrets.token_hex(2)}.jpg"
        if not path.exists():
            return path
