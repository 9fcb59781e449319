"""The names of candidates in a drawing: made short, and written beside their marks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from matplotlib.axes import Axes

from ....workstation.pages.drawing import INK
from .labels import Box, Placed, place
from .marks import Mark

_POINTS = 72  # in an inch
_LETTERS = 8.0  # size of the names, in points
_WIDTH = 0.6  # of a letter, in its size; more than most letters have in most of the fonts that a page is shown with
_HEIGHT = 1.2  # of a line, likewise
_DESCENT = 0.28  # what of it lies below the letters' feet
_LONGEST = 20  # letters of a name
_ENDING = 9  # letters of its end that are kept: "int8.onnx" tells precisions apart
_LINE = 1.5  # half the height that a level keeps free of names, in points


def short_names(files: Sequence[str]) -> list[str]:
    """Take from files' names the words that all of them begin with, and the middle of what is still long."""
    words = [re.split(r"(?<=[-_/ ])", file) for file in files]
    shared = 0
    # The last word of the shortest name stays.
    while len(files) > 1 and shared < min(map(len, words)) - 1 and len({split[shared] for split in words}) == 1:
        shared += 1
    return [_shortened("".join(split[shared:])) for split in words]


def write_names(axes: Axes, marks: Sequence[Mark], levels: Sequence[float]) -> None:
    """Write each candidate's name beside its mark; nothing may move any more on the axes.

    Args:
        axes: with everything else drawn.
        marks: what to name.
        levels: values at which a horizontal line runs across, which names leave free.
    """
    figure = axes.get_figure(root=True)
    if figure is None:
        raise ValueError("expected axes of a figure, received some without")
    figure.draw_without_rendering()  # lays the axes out, so that places on them are known
    extent = axes.get_window_extent()
    width, height = (length * _POINTS / figure.dpi for length in (extent.width, extent.height))
    places = axes.transAxes.inverted().transform(axes.transData.transform([(m.cost, m.value) for m in marks]))
    points = [(float(x) * width, float(y) * height) for x, y in places]
    low, high = axes.get_ylim()
    middles = [height * (level - low) / (high - low) for level in levels]
    lines = [Box(0, middle - _LINE, width, middle + _LINE) for middle in middles]
    texts = [f"{mark.name}, fastest" if mark.fastest else mark.name for mark in marks]
    sizes = [(_width(text), _HEIGHT * _LETTERS) for text in texts]
    for text, point, spot in zip(texts, points, place(points, sizes, Box(0, 0, width, height), lines), strict=True):
        _write(axes, text, point, spot, (width, height))


def _write(axes: Axes, text: str, mark: tuple[float, float], spot: Placed, size: tuple[float, float]) -> None:
    """Write one name; all places are in points on axes of this width and height."""
    width, height = size
    if spot.end is not None:
        xs, ys = (mark[0] / width, spot.end[0] / width), (mark[1] / height, spot.end[1] / height)
        (line,) = axes.plot(xs, ys, color=INK, linewidth=0.7, alpha=0.6, transform=axes.transAxes, zorder=1.5)
        line.set_in_layout(False)
    middle, feet = (spot.box.left + spot.box.right) / 2, spot.box.bottom + _DESCENT * _LETTERS
    name = axes.text(
        middle / width, feet / height, text, size=_LETTERS, color=INK, ha="center", transform=axes.transAxes
    )
    name.set_parse_math(False)
    name.set_in_layout(False)


def _width(text: str) -> float:
    letters = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
    return letters * _WIDTH * _LETTERS


def _shortened(name: str) -> str:
    if len(name) <= _LONGEST:
        return name
    return f"{name[: _LONGEST - _ENDING - 1]}…{name[-_ENDING:]}"
