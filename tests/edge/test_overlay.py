from __future__ import annotations

import os

import numpy as np
import pytest

from edgeproof.edge import overlay
from edgeproof.edge.answer import Answer
from edgeproof.edge.classifier import Latency, Prediction
from edgeproof.edge.overlay import draw_answer
from edgeproof.edge.preprocess import Pixels
from edgeproof.edge.sources import Frame


@pytest.mark.parametrize("label", ["rock", "鋏", "a\nb\0", os.fsdecode(b"caf\xe9")])
def test_any_label_is_drawn(label: str) -> None:
    """OpenCV crashes on bytes that are no text, which a shell may well pass on."""
    frame = np.zeros((240, 320, 3), np.uint8)
    said = Prediction(label, 0.75, np.array([0.75], np.float32), {label: 0.75}, Latency(0.0, 0.0, 1.0))
    drawn = draw_answer(Answer.plain(Frame(frame, "x", 0, 0.0), said))
    assert drawn.any()
    assert not frame.any()


def drawn(probabilities: dict[str, float], monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], Pixels]:
    """The texts on a light frame of 480×640, and what became of it."""
    texts: list[str] = []
    monkeypatch.setattr(overlay, "_text", lambda _, text, *__: texts.append(text))
    scores = np.array(list(probabilities.values()), np.float32)
    said = Prediction("best", 0.5, scores, probabilities, Latency(0.0, 0.0, 1.0))
    image = draw_answer(Answer.plain(Frame(np.full((480, 640, 3), 200, np.uint8), "x", 0, 0.0), said))
    return texts[2:], image


def test_few_classes_are_drawn_in_the_order_of_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    few = {"c": 0.1, "a": 0.5, "b": 0.0, "f": 0.1, "e": 0.2, "d": 0.1}
    assert drawn(few, monkeypatch)[0] == list(few)


def test_of_many_classes_the_best_six_are_drawn_and_most_of_the_frame_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    many = {f"class {index}": index / 1001 for index in range(1001)} | {"class 0": float("nan")}
    texts, image = drawn(many, monkeypatch)
    assert texts == [f"class {index}" for index in (1000, 999, 998, 997, 996, 995)]
    assert (image[:280] == 200).all()
    assert (image[280:320] == 100).all()  # the title's strip, at half its light
