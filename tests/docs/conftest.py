"""What the commands and programs of the pages learn from."""

from __future__ import annotations

from pathlib import Path

import pytest

import tiny
from once import made_once

_PICTURES = 90  # how good so short a training is, is not the matter here


@pytest.fixture(scope="session")
def photos(request: pytest.FixtureRequest) -> Path:
    """Class folders of few generated hands."""
    return made_once(request, "few-hands/photos", lambda folder: tiny.draw(folder, _PICTURES))
