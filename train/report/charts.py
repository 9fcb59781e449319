"""Learning curves as SVG that stands inside a page and takes the page's colours, light or dark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter
from numpy.typing import NDArray

from ...workstation.pages.drawing import FIRST, INK, SECOND, drawn, quiet_axes
from ...workstation.pages.words import number, percent

_DOTS = 30  # epochs up to which each is marked
_STEEP = 100  # ratio of the largest to the smallest value from which a curve is drawn on a logarithmic scale
_VALIDATION = "val_"
_RATE = "learning_rate"


@dataclass(frozen=True)
class Chart:
    """One curve, or training and validation together: its heading, what it shows in words, and the drawing."""

    title: str
    words: str
    svg: Markup


def charts(history: Mapping[str, Sequence[float]]) -> tuple[Chart, ...]:
    """Draw one chart per quantity of a training's history, the loss first and the learning rate last.

    Args:
        history: quantity → one value per epoch; `val_` before the name is the same quantity on the validation split.

    Returns:
        The same drawings, byte for byte, for the same history and version of matplotlib.
    """
    names = {name.removeprefix(_VALIDATION) for name, values in history.items() if len(values)}
    order = sorted(names, key=lambda name: (name == _RATE, name != "loss", name))
    return tuple(_chart(name, history, f"chart{index}") for index, name in enumerate(order))


def _chart(name: str, history: Mapping[str, Sequence[float]], prefix: str) -> Chart:
    title = name.replace("_", " ").capitalize()
    curves = {
        words: np.asarray(history[key], float)
        for words, key in (("training", name), ("validation", _VALIDATION + name))
        if len(history.get(key, ()))
    }
    drawing = drawn(lambda axes: _draw(axes, name, curves), f"{title} by epoch", prefix)
    words = "; ".join(_words(which, values, name) for which, values in curves.items())
    return Chart(title, words, drawing)


def _draw(axes: Axes, name: str, curves: Mapping[str, NDArray[np.float64]]) -> None:
    looks = {"training": (FIRST, "-", "o"), "validation": (SECOND, "--", "s")}
    for which, values in curves.items():
        color, dashes, marker = looks[which]
        epochs = np.arange(1, len(values) + 1)
        (line,) = axes.plot(epochs, values, label=which, color=color, linestyle=dashes, linewidth=1.6)
        line.set_clip_on(False)  # the first and the last mark stand on the border
        if len(values) <= _DOTS:
            line.set(marker=marker, markersize=3.5)
    last = max(map(len, curves.values()))
    axes.set_xlim((1, last) if last > 1 else (0.5, 1.5))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    everything = np.concatenate(list(curves.values()))
    if _is_share(name):
        axes.yaxis.set_major_formatter(PercentFormatter(1))
    elif name != _RATE and everything.min() > 0 and everything.max() > _STEEP * everything.min():
        axes.set_yscale("log")
    axes.set_xlabel("epoch", color=INK)
    quiet_axes(axes)
    if len(curves) > 1:
        axes.legend(frameon=False, labelcolor=INK, ncols=2, loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0)


def _words(which: str, values: NDArray[np.float64], name: str) -> str:
    show = percent if _is_share(name) else number
    if name == _RATE:
        return f"from {show(values[0])} to {show(values[-1])}"
    last = f"{which} ends at {show(values[-1])}"
    if which == "training" or len(values) < 2:
        return last
    best = int(values.argmax() if _is_share(name) else values.argmin())
    if values[best] == values[-1]:
        return f"{last}, its best"
    return f"{last}, its best is {show(values[best])} in epoch {best + 1}"


def _is_share(name: str) -> bool:
    return "accuracy" in name
