"""How a candidate looks in a drawing: its mark by its format and verdict, and the legend that says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from ....edge.contract import Verdict
from ....workstation.pages.drawing import FIRST, INK, SECOND
from ..report import CandidateReport

Fill = Literal["full", "bottom", "none"]

_RING = 12.0  # points across; around the fastest file that passes
_ROUND = 6.0  # points across; of a mark in the legend that stands for any format
_FILLS: dict[Verdict, Fill] = {Verdict.PASS: "full", Verdict.INCONCLUSIVE: "bottom", Verdict.FAIL: "none"}
_WORDS = {Verdict.INCONCLUSIVE: "undecided", Verdict.FAIL: "fails"}


@dataclass(frozen=True)
class Look:
    """How the files of one format are drawn: their name in the legend, and color, shape and size of their marks."""

    name: str
    color: str
    shape: str
    size: float


# Circles are drawn last and smaller, so that one on a square of the same place leaves both to be seen.
_LOOKS = {"onnx": Look("ONNX", SECOND, "s", 8.0), "tflite": Look("TFLite", FIRST, "o", 5.0)}
_OTHER = Look("other", INK, "D", 6.5)


@dataclass(frozen=True)
class Mark:
    """One candidate in a drawing: its short name, cost and value, and whether it is the fastest that passes."""

    name: str
    cost: float
    value: float
    candidate: CandidateReport
    fastest: bool

    @property
    def look(self) -> Look:
        """Tell how its format is drawn."""
        return _LOOKS.get(self.candidate.file.rpartition(".")[2].lower(), _OTHER)

    @property
    def passes(self) -> bool:
        """Tell whether it may be chosen."""
        return self.candidate.verdict is Verdict.PASS


def draw_marks(axes: Axes, marks: Sequence[Mark]) -> None:
    """Draw the marks, full where the file passes, half full where it is undecided, and hollow where it fails."""
    for mark in sorted(marks, key=lambda mark: -mark.look.size):
        line = _line(mark.look, mark.look.color, _FILLS[mark.candidate.verdict])
        line.set_data([mark.cost], [mark.value])
        axes.add_line(line)
        if mark.fastest:
            axes.plot([mark.cost], [mark.value], "o", color=INK, markersize=_RING, fillstyle="none")
    axes.update_datalim([(mark.cost, mark.value) for mark in marks])


def draw_legend(axes: Axes, marks: Sequence[Mark]) -> None:
    """Say above the axes what the marks mean, as far as they occur."""
    looks = [look for look in (*_LOOKS.values(), _OTHER) if any(mark.look is look for mark in marks)]
    entries = [_line(look, look.color, "full") for look in looks]
    for verdict, word in _WORDS.items():
        if any(mark.candidate.verdict is verdict for mark in marks):
            entries.append(_line(Look(word, INK, "o", _ROUND), INK, _FILLS[verdict]))
    axes.legend(
        handles=entries,
        frameon=False,
        labelcolor=INK,
        fontsize=8,
        ncols=len(entries),
        loc="lower left",
        bbox_to_anchor=(0, 1),
        borderaxespad=0,
        handletextpad=0.2,
        columnspacing=1.0,
    )


def _line(look: Look, color: str, fill: Fill) -> Line2D:
    line = Line2D([], [], color=color, marker=look.shape, linestyle="", label=look.name)
    line.set(markersize=look.size, fillstyle=fill, markerfacecoloralt="none")
    return line
