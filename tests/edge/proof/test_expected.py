from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from edgeproof.edge.contract import Color, ImageInput, Interpolation, Layout, Quantization, Resize
from edgeproof.edge.preprocess import InputWriter, Pixels, pixel_quantization
from edgeproof.edge.proof.expected import expected_tensor
from edgeproof.edge.proof.resizing import linear, nearest

SIZES = [(240, 320), (213, 320), (48, 64), (20, 20), (7, 5), (2, 1), (1, 1)]  # of frames
INPUTS = [(150, 150), (32, 32), (224, 224), (99, 31), (120, 160), (3, 3)]


def noise(size: tuple[int, int]) -> Pixels:
    return np.random.default_rng(sum(size)).integers(0, 256, (*size, 3), np.uint8)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("wanted", INPUTS)
def test_resizing_is_opencvs_to_the_bit(size: tuple[int, int], wanted: tuple[int, int]) -> None:
    frame, (height, width) = noise(size), wanted
    assert np.array_equal(linear(frame, *wanted), cv2.resize(frame, (width, height), interpolation=cv2.INTER_LINEAR))
    assert np.array_equal(nearest(frame, *wanted), cv2.resize(frame, (width, height), interpolation=cv2.INTER_NEAREST))


@pytest.mark.parametrize(("size", "wanted"), [(26, 10), (21, 150), (14, 18), (22, 50)])
def test_nearest_neighbours_are_opencvs_where_a_quotient_is_rounded(size: int, wanted: int) -> None:
    """Here i × (size / wanted) and i × (1 / (wanted / size)) lie on two sides of a whole number."""
    frame = noise((size, 5))
    resized = cv2.resize(frame, (5, wanted), interpolation=cv2.INTER_NEAREST)
    assert np.array_equal(nearest(frame, wanted, 5), resized)


def test_resizing_from_corners_is_another() -> None:
    frame = noise((48, 64))
    assert linear(frame, 24, 32, from_centres=False).tolist() == frame[::2, ::2].tolist()


def specs() -> list[ImageInput]:
    plain = [
        ImageInput(32, 48, 1 if color is Color.GRAY else 3, color, resize, interpolation, limits, layout=layout)
        for color in Color
        for resize in Resize
        for interpolation in Interpolation
        for limits in [(0.0, 1.0), (-1.0, 1.0), (-2.1, 2.3)]
        for layout in Layout
    ]
    stored = [replace(spec, dtype="uint8", quantization=pixel_quantization(spec)) for spec in plain]
    signed = [replace(spec, dtype="int8", quantization=Quantization(1 / 255, -128)) for spec in plain]
    ranges = [replace(spec, channel_ranges=((-2, 2), (-1.5, 2.5), (0, 1))) for spec in plain if spec.channels == 3]
    return [*plain, *stored, *signed, *ranges]


@pytest.mark.parametrize("size", [(60, 100), (7, 5)])
def test_tensors_are_those_of_preprocess_for_every_contract(size: tuple[int, int]) -> None:
    frame = noise(size)
    for spec in specs():
        tensor = np.empty((1, *spec.tensor_shape), spec.dtype)
        InputWriter(spec).write(frame, tensor)
        wanted = expected_tensor(frame, spec)
        assert (wanted.shape, wanted.dtype) == (tensor.shape, tensor.dtype), spec
        assert wanted.tobytes() == tensor.tobytes(), spec
