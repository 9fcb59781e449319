"""Pages for people: one HTML file that opens anywhere, without a network or a program beside it."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from . import words

_SHARED = Path(__file__).parent


def page_environment(templates: Path) -> Environment:
    """Give the jinja2 environment of a page: its own folder of templates, and what all pages share (`page.css`)."""
    environment = Environment(
        loader=FileSystemLoader([templates, _SHARED]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        percent=words.percent,
        number=words.number,
        points=words.points,
        file_size=words.file_size,
        milliseconds=words.milliseconds,
    )
    return environment
