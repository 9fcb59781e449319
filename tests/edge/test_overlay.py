from __future__ import annotations

import os

import numpy as np
import pytest

from edgeproof.edge.classifier import Latency, Prediction
from edgeproof.edge.overlay import draw_answer


@pytest.mark.parametrize("label", ["rock", "鋏", "a\nb\0", os.fsdecode(b"caf\xe9")])
def test_any_label_is_drawn(label: str) -> None:
    """OpenCV crashes on bytes that are no text, which a shell may well pass on."""
    frame = np.zeros((240, 320, 3), np.uint8)
    scores = np.array([0.75], np.float32)
    drawn = draw_answer(frame, Prediction(label, 0.75, scores, {label: 0.75}, Latency(0.0, 0.0, 1.0)))
    assert drawn.any()
    assert not frame.any()
