"""Drawings as SVG that stands inside a page and takes the page's colours, light or dark."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

_SIZE = (4.0, 2.5)  # inches; small, so that the text stays readable when a phone shrinks the drawing
# Colours that stand for the page's: matplotlib knows no CSS variables, so they are exchanged in the finished drawing.
INK, GRID, FIRST, SECOND = "#00a001", "#00a002", "#00a003", "#00a004"
_COLOURS = {INK: "--muted", GRID: "--line", FIRST: "--first", SECOND: "--second"}
# matplotlib describes the file with the date and addresses of vocabularies; None leaves both out.
_NO_METADATA = {"Creator": None, "Date": None, "Format": None, "Type": None}


def drawn(draw: Callable[[Axes], None], words: str, prefix: str, size: tuple[float, float] = _SIZE) -> Markup:
    """Draw into a page.

    Args:
        draw: draws on the axes it is given, in the colours `INK`, `GRID`, `FIRST` and `SECOND`.
        words: what the drawing shows, for those who do not see it.
        prefix: tells this drawing's inner names from those of the page's other drawings.
        size: width and height in inches of 72 points.

    Returns:
        The same drawing, byte for byte, for the same data and version of matplotlib.
    """
    figure = Figure(figsize=size, layout="constrained")
    drawing = io.BytesIO()
    with mpl.rc_context(), warnings.catch_warnings():
        # Text stays text, so the page's reader has the letters that matplotlib's font has not.
        warnings.filterwarnings("ignore", r"Glyph .* missing from font", UserWarning)
        mpl.rcdefaults()  # a person's own matplotlibrc would show in the page
        mpl.rc("svg", hashsalt="edgeproof", fonttype="none")
        mpl.rc("font", size=9)
        draw(figure.add_subplot())
        figure.savefig(drawing, format="svg", transparent=True, metadata=_NO_METADATA)
    return _inline(drawing.getvalue().decode(), words, prefix)


def quiet_axes(axes: Axes) -> None:
    """Take from axes what competes with the data: frame and ticks go, a pale grid stays behind the drawing."""
    axes.grid(visible=True, color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(which="both", length=0, colors=INK)
    axes.spines[:].set_visible(False)


def _inline(svg: str, words: str, prefix: str) -> Markup:
    """Fit a drawing into a page: no size of its own, names that no other drawing uses, and the page's colours."""
    svg = svg[svg.index("<svg") :]
    # The sheet of the drawing would count for every element of the page.
    svg = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", svg, count=1, flags=re.DOTALL)
    svg = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{prefix}-", svg)
    for color, variable in _COLOURS.items():
        svg = svg.replace(color, f"var({variable})")
    box = re.search(r'viewBox="[^"]*"', svg)
    opening = Markup('<svg role="img" aria-label="{}" ').format(words)
    return opening + Markup((box.group() if box else "") + svg[svg.index(">") :])  # noqa: S704 - matplotlib's drawing of numbers
