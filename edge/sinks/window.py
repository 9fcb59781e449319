"""Answers in a window on this machine's desktop."""

from __future__ import annotations

import os
import sys

import cv2

from ..answer import Answer
from ..errors import InputError
from ..overlay import draw_answer

_TITLE = "edgeproof"
_QUIT_KEYS = (ord("q"), 27)  # 27 is Escape


class WindowSink:
    """A window with the answer drawn on each frame; q, Escape or its close button end the loop."""

    def __init__(self) -> None:
        # Without one, Qt ends the whole process.
        if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
            raise InputError(
                "expected a desktop for --window, received neither DISPLAY nor WAYLAND_DISPLAY; use --headless"
            )
        try:
            cv2.namedWindow(_TITLE, cv2.WINDOW_AUTOSIZE | cv2.WINDOW_GUI_NORMAL)
        except cv2.error:
            raise InputError(
                "expected an OpenCV with windows, received opencv-python-headless or no desktop; "
                "pip install opencv-python in its place, or use --headless"
            ) from None

    def write(self, answer: Answer) -> None:
        """Show one frame."""
        cv2.imshow(_TITLE, draw_answer(answer))
        key = cv2.waitKey(1) & 0xFF
        if key in _QUIT_KEYS or cv2.getWindowProperty(_TITLE, cv2.WND_PROP_VISIBLE) < 1:
            raise StopIteration

    def close(self) -> None:
        """Close the window."""
        cv2.destroyAllWindows()
