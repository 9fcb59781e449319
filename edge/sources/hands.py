"""A generated clip of hands, for a device without a camera."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from ..errors import InputError
from ..hands import LABELS, draw_hand, moved, sample_hand, tidied
from ..source_names import HANDS
from .frame import Frame, Spare

_FRAMES = 90
_DIGITS = 12  # of a number of frames
_SHOWN = 40  # letters, in a message
_FRAMES_PER_HAND = 15
_TURN = 0.3  # of a round that a hand drifts through before the next one comes
_HEIGHT, _WIDTH = 480, 640  # pixels


class HandsSource:
    """Hands that drift about, one label after another; a frame's source names the label: "hands:rock"."""

    live = False

    def __init__(self, frames: int = _FRAMES, seed: int = 0) -> None:
        self._frames = self._draw(frames, np.random.default_rng(seed))

    @classmethod
    def from_name(cls, name: str) -> HandsSource:
        """Open "hands:" or, with a number of frames, "hands:30".

        Raises:
            InputError: what follows the colon is no number above 0.
        """
        count = name.removeprefix(HANDS)
        # Python parses no number of thousands of digits.
        if count and not (count.isdecimal() and len(count) <= _DIGITS and int(count)):
            raise InputError(f"expected hands: or hands:30 (a number of frames), received {name[:_SHOWN]!r}")
        return cls(int(count or _FRAMES))

    def read(self, spare: Spare = None) -> Frame | None:  # noqa: ARG002 - the interface's
        """Draw the next frame."""
        return next(self._frames, None)

    def close(self) -> None:
        """Nothing is held open."""

    @staticmethod
    def _draw(count: int, rng: np.random.Generator) -> Iterator[Frame]:
        for index in range(count):
            hand_index, step = divmod(index, _FRAMES_PER_HAND)
            label = LABELS[hand_index % len(LABELS)]
            if step == 0:
                hand = tidied(sample_hand(label, rng))
            phase = _TURN * step / _FRAMES_PER_HAND
            yield Frame(draw_hand(moved(hand, phase), _HEIGHT, _WIDTH), HANDS + label, index, time.monotonic())
