"""What the tests of several sources need."""

from __future__ import annotations

import cv2
import pytest

from edgeproof.edge import newest
from edgeproof.edge.newest import Limit
from edgeproof.edge.preprocess import Pixels
from edgeproof.edge.sources import http, mjpeg, rtsp, stream
from frames import Words, jpeg

PATIENCE = 60.0  # seconds; only a test that fails waits so long


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No camera is given up because the machine is busy; a test that is about a silent one sets how long it waits."""
    milliseconds = int(PATIENCE * 1e3)
    settings = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, milliseconds, cv2.CAP_PROP_READ_TIMEOUT_MSEC, milliseconds]
    for module in (http, mjpeg, rtsp, stream):
        monkeypatch.setattr(module, "TIMEOUT", PATIENCE)
    monkeypatch.setattr(stream, "_TIMEOUTS", settings)
    monkeypatch.setattr(newest, "Limit", lambda: Limit(PATIENCE))


@pytest.fixture
def words() -> Words:
    return Words()


@pytest.fixture
def picture(chart: Pixels) -> bytes:
    """A JPEG, as a camera sends it."""
    return jpeg(chart)
