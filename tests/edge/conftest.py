"""What several tests of the device need: the command line, a colour chart and a short video."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from command import Command
from edgeproof.edge import console
from edgeproof.edge.preprocess import Pixels

CLIP_FRAMES = 6
CLIP_HEIGHT, CLIP_WIDTH = 48, 64  # pixels


@pytest.fixture
def edgeproof(capfd: pytest.CaptureFixture[str], models: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command line; a fixture of its own in each test. However slow the machine is, no progress is shown."""
    monkeypatch.setattr(console, "_PATIENCE", 1000.0)
    return Command(capfd, models)


@pytest.fixture
def chart() -> Pixels:
    """A BGR picture, red on the left and blue on the right: (48, 64, 3)."""
    picture = np.zeros((CLIP_HEIGHT, CLIP_WIDTH, 3), np.uint8)
    picture[:, : CLIP_WIDTH // 2, 2] = 255
    picture[:, CLIP_WIDTH // 2 :, 0] = 255
    return picture


@pytest.fixture
def clip(chart: Pixels, tmp_path: Path) -> Path:
    """A video of the chart, six frames; in frame i, the lower half is of gray value 40 × i."""
    path = tmp_path / "chart.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 15.0, (CLIP_WIDTH, CLIP_HEIGHT))
    for index in range(CLIP_FRAMES):
        frame = chart.copy()
        frame[CLIP_HEIGHT // 2 :] = 40 * index
        writer.write(frame)
    writer.release()
    return path
