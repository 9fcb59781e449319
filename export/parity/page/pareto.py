"""What a candidate costs against how well it answers: the choice between precisions at a glance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter, PercentFormatter

from ....workstation.pages.drawing import INK, drawn, quiet_axes
from ....workstation.pages.words import file_size, milliseconds, number, percent
from ..report import CandidateReport, ParityReport
from .marks import Mark, draw_legend, draw_marks
from .names import short_names, write_names

_SIZE = (4.0, 3.2)  # inches
_STEEP = 8  # ratio of the largest to the smallest cost from which the scale is logarithmic
_AIR = 0.14  # of the drawing's width and height, left free on each side for names
_MEGABYTE = 1e6  # bytes


class _Cost(str, Enum):
    LATENCY = "latency, ms"
    SIZE = "size, MB"

    def of(self, candidate: CandidateReport) -> float:
        return candidate.latency_ms if self is _Cost.LATENCY else candidate.size / _MEGABYTE

    def in_words(self, candidate: CandidateReport) -> str:
        return milliseconds(candidate.latency_ms) if self is _Cost.LATENCY else file_size(candidate.size)

    @property
    def superlative(self) -> str:
        return "fastest" if self is _Cost.LATENCY else "smallest"


@dataclass(frozen=True)
class Plot:
    """One cost against the accuracy: its heading, what it shows in words, and the drawing."""

    title: str
    words: str
    svg: Markup


def plots(report: ParityReport) -> tuple[Plot, ...]:
    """Draw latency and size against accuracy; nothing where there is but one candidate to choose from.

    Where there is no accuracy, as for a regression, the largest deviation stands in its place.
    """
    if len(report.candidates) < 2:
        return ()
    sized = all(candidate.size for candidate in report.candidates)
    return tuple(_plot(report, cost) for cost in ((_Cost.LATENCY, _Cost.SIZE) if sized else (_Cost.LATENCY,)))


def _plot(report: ParityReport, cost: _Cost) -> Plot:
    names = short_names([candidate.file for candidate in report.candidates])
    marks = [
        Mark(name, cost.of(candidate), _value(candidate), candidate, candidate.file == report.fastest)
        for name, candidate in zip(names, report.candidates, strict=True)
    ]
    title = f"{cost.name.capitalize()} and {'accuracy' if _has_accuracy(report) else 'largest deviation'}"
    svg = drawn(lambda axes: _draw(axes, marks, report, cost), title, f"pareto-{cost.name.lower()}", _SIZE)
    return Plot(title, _words(marks, cost), svg)


def _words(marks: Sequence[Mark], cost: _Cost) -> str:
    passing = [mark for mark in marks if mark.passes]
    least = min(passing or marks, key=lambda mark: mark.cost).candidate
    value = number(least.largest_deviation) if least.accuracy is None else percent(least.accuracy)
    which = f"the {cost.superlative}{' that passes' if passing else ', which does not pass,'}"
    return f"{which} is {least.file}: {cost.in_words(least)}, {value}"


def _value(candidate: CandidateReport) -> float:
    return candidate.largest_deviation if candidate.accuracy is None else candidate.accuracy


def _has_accuracy(report: ParityReport) -> bool:
    return report.candidates[0].accuracy is not None


def _draw(axes: Axes, marks: Sequence[Mark], report: ParityReport, cost: _Cost) -> None:
    draw_marks(axes, marks)
    _scale(axes, [mark.cost for mark in marks])
    front = _front(marks, 1 if _has_accuracy(report) else -1)
    axes.plot(*front, color=INK, linewidth=0.9, linestyle=":", drawstyle="steps-post", zorder=1)
    levels = _accuracies(axes, report) if _has_accuracy(report) else _deviations(axes)
    axes.set_xlabel(cost.value, color=INK)
    axes.margins(_AIR)
    quiet_axes(axes)
    draw_legend(axes, marks)
    write_names(axes, marks, levels)


def _front(marks: Sequence[Mark], upward: int) -> tuple[list[float], list[float]]:
    """List costs and values of the passing files that no other one beats in both; `upward` is −1 where less is best."""
    front: list[Mark] = []
    for mark in sorted(marks, key=lambda mark: (mark.cost, -upward * mark.value)):
        if mark.passes and (not front or upward * mark.value > upward * front[-1].value):
            front.append(mark)
    return [mark.cost for mark in front], [mark.value for mark in front]


def _scale(axes: Axes, costs: Sequence[float]) -> None:
    if min(costs) > 0 and max(costs) > _STEEP * min(costs):
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_minor_formatter(NullFormatter())
    else:
        axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def _accuracies(axes: Axes, report: ParityReport) -> list[float]:
    """Draw the reference's accuracy, and the lowest that the margin allows, as lines; gives where they stand."""
    reference = report.candidates[0].accuracy_reference
    levels = [] if reference is None else [reference, reference - report.margin]
    for level, style in zip(levels, ("solid", "dashed"), strict=False):
        axes.axhline(level, color=INK, linewidth=0.8, linestyle=style, alpha=0.7)
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.set_ylabel("accuracy", color=INK)
    return levels


def _deviations(axes: Axes) -> list[float]:
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.2g}"))
    axes.set_ylabel("largest deviation", color=INK)
    return []
