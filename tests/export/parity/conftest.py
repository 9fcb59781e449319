"""What the tests of the page share: its pictures, and an eye on what was written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from edgeproof.export.parity.page import page
from edgeproof.export.parity.report import ParityReport
from html_page import Page


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with one picture, red on the left and blue on the right."""
    picture = np.zeros((300, 600, 3), np.uint8)
    picture[:, :300, 2] = picture[:, 300:, 0] = 255
    (tmp_path / "data/b").mkdir(parents=True)
    cv2.imwrite(str(tmp_path / "data/b/c.png"), picture)
    return tmp_path / "data"


@pytest.fixture
def show(tmp_path: Path, data: Path) -> Callable[[ParityReport], Page]:
    """Writes the page of a report and reads it."""

    def written(report: ParityReport) -> Page:
        page.write(tmp_path / "parity.html", report, data)
        return Page((tmp_path / "parity.html").read_text("utf-8"))

    return written
