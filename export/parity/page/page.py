"""The page about a comparison: one HTML file that opens anywhere, without a network or a program beside it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from ....edge.atomic import write_text
from ....workstation.pages import page_environment
from ....workstation.pages.thumbnails import thumbnail
from ..report import ParityReport
from ..wording import SIGNS, headline
from .candidate import section
from .pareto import plots

_TEMPLATE = "parity.html"


def write(path: Path, report: ParityReport, data: Path) -> None:
    """Write the page; the file is whole or not there.

    Args:
        path: where to write.
        report: what to show.
        data: the folder that the paths of its disagreements are relative to.
    """
    write_text(path, render(report, data))


def render(report: ParityReport, data: Path) -> str:
    """Make the page that `write` writes."""

    @cache
    def picture(file: str) -> str | None:
        return thumbnail(data / file)  # several candidates often disagree about the same picture

    page = page_environment(Path(__file__).parent).get_template(_TEMPLATE)
    text = page.render(
        report=report,
        headline=headline(report),
        signs=SIGNS,
        sections=[section(report, index, picture) for index in range(len(report.candidates))],
        plots=plots(report),
    )
    return text.lstrip()  # the template begins with its macros
