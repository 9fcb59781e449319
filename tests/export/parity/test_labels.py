from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from edgeproof.export.parity.page.labels import Box, place
from edgeproof.export.parity.page.names import short_names

FRAME = Box(0, 0, 230, 170)


@pytest.mark.parametrize("seed", range(20))
def test_names_cover_neither_each_other_nor_marks(seed: int) -> None:
    rng = np.random.default_rng(seed)
    marks = [(float(x), float(y)) for x, y in rng.uniform((20, 20), (210, 150), (8, 2))]
    sizes = [(55.0, 9.6)] * len(marks)
    boxes = [spot.box for spot in place(marks, sizes, FRAME)]
    assert not any(first.overlap(second) for first, second in combinations(boxes, 2))
    for box in boxes:
        assert (box.right - box.left, box.top - box.bottom) == pytest.approx(sizes[0])
        assert box.overlap(FRAME) == pytest.approx(box.area)
        assert not any(box.overlap(Box(x - 2, y - 2, x + 2, y + 2)) for x, y in marks)


def test_names_of_marks_at_one_place_fan_out() -> None:
    spots = place([(100.0, 80.0)] * 8, [(55.0, 9.6)] * 8, FRAME)
    assert not any(first.box.overlap(second.box) for first, second in combinations(spots, 2))
    assert any(spot.end is not None for spot in spots)


def test_a_name_stands_off_a_line() -> None:
    line = Box(0, 79, 230, 81)
    (spot,) = place([(100.0, 80.0)], [(55.0, 9.6)], FRAME, [line])
    assert not spot.box.overlap(line)


@pytest.mark.parametrize(
    ("files", "names"),
    [
        (["rps-int8.tflite", "rps-int8.onnx"], ["int8.tflite", "int8.onnx"]),
        (["fashion-cnn-fp32.onnx", "fashion-cnn-fp16.onnx"], ["fp32.onnx", "fp16.onnx"]),
        (["rps-int8.onnx"], ["rps-int8.onnx"]),
        (["a.onnx", "b.tflite"], ["a.onnx", "b.tflite"]),
        (["model.onnx", "model.onnx"], ["model.onnx", "model.onnx"]),
        (["a-very-long-name-of-a-file-int8.onnx"], ["a-very-lon…int8.onnx"]),
    ],
)
def test_names_are_what_tells_files_apart(files: list[str], names: list[str]) -> None:
    assert short_names(files) == names
