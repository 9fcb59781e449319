"""Names beside the marks of a drawing, placed so that none covers another or a mark."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_RADII = (9.0, 14.0, 20.0, 28.0, 37.0, 48.0, 62.0, 80.0, 100.0, 125.0)  # points from a mark to its name, nearest first
_ANGLES = (0, 180, 90, 270, 45, 315, 135, 225, 20, 340, 160, 200, 70, 110, 250, 290)  # degrees, the best places first
_MARK = 5.0  # points from the middle of a mark to its side, with some air
_NEAR = 12.0  # points; a name this far from its mark needs a line to it


@dataclass(frozen=True)
class Box:
    """A rectangle, in points."""

    left: float
    bottom: float
    right: float
    top: float

    def overlap(self, other: Box) -> float:
        """Give the area that both cover."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.top, other.top) - max(self.bottom, other.bottom)
        return max(width, 0.0) * max(height, 0.0)

    @property
    def area(self) -> float:
        """Give the area."""
        return (self.right - self.left) * (self.top - self.bottom)


@dataclass(frozen=True)
class Placed:
    """Where a name stands, and the end of the line that leads to it from its mark; None where it stands beside it."""

    box: Box
    end: tuple[float, float] | None


def place(
    marks: Sequence[tuple[float, float]], sizes: Sequence[tuple[float, float]], frame: Box, lines: Sequence[Box] = ()
) -> list[Placed]:
    """Place names one after another, each at the nearest place that is free, or else at the one that covers least.

    Args:
        marks: the middles of the marks, in points.
        sizes: width and height of each mark's name, in points.
        frame: where names may stand.
        lines: what else they should not cover.
    """
    taken = [Box(x - _MARK, y - _MARK, x + _MARK, y + _MARK) for x, y in marks]
    taken += lines
    placed: list[Placed | None] = [None] * len(marks)
    # From the top down, so that names of a crowd fan out in the order of their marks.
    for index in sorted(range(len(marks)), key=lambda index: (-marks[index][1], marks[index][0])):
        best = min(_places(marks[index], sizes[index]), key=lambda spot: _covered(marks[index], spot, taken, frame))
        taken.append(best.box)
        taken += _along(marks[index], best)
        placed[index] = best
    return [spot for spot in placed if spot is not None]


def _places(mark: tuple[float, float], size: tuple[float, float]) -> Iterable[Placed]:
    (x, y), (width, height) = mark, size
    for radius in _RADII:
        for angle in _ANGLES:
            across, up = math.cos(math.radians(angle)), math.sin(math.radians(angle))
            near_x, near_y = x + radius * across, y + radius * up
            # The name's nearest side stands at the radius: its left side to the right of the mark, and so on.
            left = near_x - width * (1 - across) / 2
            bottom = near_y - height * (1 - up) / 2
            end = (near_x, near_y) if radius > _NEAR else None
            yield Placed(Box(left, bottom, left + width, bottom + height), end)


def _covered(mark: tuple[float, float], spot: Placed, taken: Sequence[Box], frame: Box) -> float:
    covered = sum(spot.box.overlap(other) for other in taken)
    covered += sum(piece.overlap(other) for piece in _along(mark, spot) for other in taken)
    return covered + 10 * (spot.box.area - spot.box.overlap(frame))  # outside of the frame is worst


def _along(mark: tuple[float, float], spot: Placed) -> list[Box]:
    """Cover the line that leads to a name with small boxes, but for what lies on the mark itself."""
    if spot.end is None:
        return []
    (x, y), (end_x, end_y) = mark, spot.end
    length = math.dist(mark, spot.end)
    steps = [step for step in range(0, int(length), 3) if step > 2 * _MARK]
    middles = [(x + (end_x - x) * step / length, y + (end_y - y) * step / length) for step in steps]
    return [Box(left - 1, bottom - 1, left + 1, bottom + 1) for left, bottom in middles]
