"""Answers drawn on their frames, as one picture: every so many frames a tile."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from ..answer import Answer
from ..atomic import replacing
from ..overlay import draw_answer
from ..preprocess import Pixels

_TILE = (320, 240)  # width and height, pixels


class SheetSink:
    """A PNG of `columns` tiles a row; of the frames, every `every`-th gets one."""

    def __init__(self, path: Path, every: int, columns: int) -> None:
        self._path, self._every, self._columns = path, every, columns
        self._tiles: list[Pixels] = []
        self._count = 0

    def write(self, answer: Answer) -> None:
        """Keep one frame, if it is its turn."""
        if self._count % self._every == 0:
            drawn = draw_answer(answer)
            self._tiles.append(cv2.resize(drawn, _TILE, interpolation=cv2.INTER_AREA))  # type: ignore[arg-type]
        self._count += 1

    def close(self) -> None:
        """Write the picture; without a frame there is none to write."""
        if not self._tiles:
            return
        blank = np.zeros_like(self._tiles[0])
        tiles = self._tiles + [blank] * (-len(self._tiles) % self._columns)
        rows = [np.hstack(tiles[start : start + self._columns]) for start in range(0, len(tiles), self._columns)]
        with replacing(self._path) as temporary:
            cv2.imwrite(str(temporary), np.vstack(rows))
