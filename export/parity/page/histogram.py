"""The drift histogram: how many pictures moved how far."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup
from matplotlib.axes import Axes

from ....workstation.pages.drawing import FIRST, INK, drawn, quiet_axes
from ..report import DRIFT_EDGES

_SIZE = (4.0, 2.1)  # inches
_ROOM = 3.0  # of the tallest bar, on the logarithmic scale, for the number above it
_LEAST = 0.7  # where the logarithmic scale begins, so that a bar of one picture is seen
# Every other edge; there is no room for all on a phone.
_TICKS = {edge: f"{edge:g}".replace("0.", ".") if edge < 1 else "1" for edge in (0.0, 1e-3, 0.01, 0.1, 1.0)}
_TICKS |= {1e-4: ".0001"}


def histogram(counts: Sequence[int], prefix: str) -> Markup | None:
    """Draw the pictures by their largest change of a probability, both scales logarithmic; None without pictures."""
    if not sum(counts):
        return None
    most = next(edge for edge, count in reversed(list(zip(DRIFT_EDGES[1:], counts, strict=True))) if count)
    words = f"Pictures by the largest change of a probability; no change is above {most:g}"
    return drawn(lambda axes: _draw(axes, counts), words, prefix, _SIZE)


def _draw(axes: Axes, counts: Sequence[int]) -> None:
    axes.set_yscale("log")
    axes.bar(range(len(counts)), counts, width=0.92, align="edge", color=FIRST)
    for place, count in enumerate(counts):
        if count:
            axes.text(place + 0.46, count * 1.1, f"{count:,}", ha="center", va="bottom", color=INK, size=8)
    axes.set_xlim(0, len(counts))
    axes.set_ylim(_LEAST, max(counts) * _ROOM)
    ticks = {place: _TICKS[edge] for place, edge in enumerate(DRIFT_EDGES) if edge in _TICKS}
    axes.set_xticks(list(ticks), list(ticks.values()))
    axes.set_xlabel("largest change of a probability", color=INK)
    quiet_axes(axes)
    axes.grid(visible=False, which="both")
    axes.yaxis.set_visible(False)  # the numbers stand above the bars
    axes.axhline(_LEAST, color=INK, linewidth=0.8)
