from __future__ import annotations

import os

import numpy as np
import pytest

from edgeproof.edge.answer import Answer
from edgeproof.edge.classifier import Latency, Prediction
from edgeproof.edge.overlay import draw_answer
from edgeproof.edge.sources import Frame


@pytest.mark.parametrize("label", ["rock", "鋏", "a\nb\0", os.fsdecode(b"caf\xe9")])
def test_any_label_is_drawn(label: str) -> None:
    """OpenCV crashes on bytes that are no text, which a shell may well pass on."""
    frame = np.zeros((240, 320, 3), np.uint8)
    said = Prediction(label, 0.75, np.array([0.75], np.float32), {label: 0.75}, Latency(0.0, 0.0, 1.0))
    drawn = draw_answer(Answer.plain(Frame(frame, "x", 0, 0.0), said))
    assert drawn.any()
    assert not frame.any()
