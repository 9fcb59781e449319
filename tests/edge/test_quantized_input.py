"""What an input tensor of integers is given where it does not hold pixels as they are."""

from __future__ import annotations

import numpy as np
import pytest

from edgeproof.edge.contract import ImageInput, NumberInput, Quantization
from edgeproof.edge.preprocess import is_of_pixels, pixel_quantization, write_input

GRAYS = np.repeat(np.array([[[0], [127], [128], [255]]], np.uint8), 3, axis=2)  # one row of four pixels


def test_pixels_in_an_int8_tensor_saturate_where_it_ends() -> None:
    # By its scale a pixel is its own number, but int8 has none above 127.
    spec = ImageInput(1, 4, 3, dtype="int8", quantization=Quantization(float(np.float32(1 / 255)), 0))
    tensor = np.zeros((1, 1, 4, 3), np.int8)
    write_input(GRAYS, spec, tensor)
    assert tensor[0, 0, :, 0].tolist() == [0, 127, 127, 127]


def test_pixels_in_an_int8_tensor_are_128_less_where_its_zero_point_is() -> None:
    spec = ImageInput(1, 4, 3, dtype="int8", quantization=Quantization(float(np.float32(1 / 255)), -128))
    tensor = np.zeros((1, 1, 4, 3), np.int8)
    write_input(GRAYS, spec, tensor)
    assert tensor[0, 0, :, 0].tolist() == [-128, -1, 0, 127]


def test_numbers_are_stored_as_the_float32_that_a_network_takes() -> None:
    # Half a step and less than a float32 tells apart: the half goes to the even neighbour.
    spec = NumberInput(2, (-100.0, 100.0), dtype="int8", quantization=Quantization(1.0, 0))
    tensor = np.zeros((1, 2), np.int8)
    write_input(np.array([0.5 + 1e-12, 2.5 - 1e-12]), spec, tensor)
    assert tensor.tolist() == [[0, 2]]
    assert np.rint([0.5 + 1e-12, 2.5 - 1e-12]).tolist() == [1, 2]


@pytest.mark.parametrize(
    ("limits", "scale", "zero_point"),
    [((0.0, 1.0), 1 / 255, 0), ((0.0, 255.0), 1.0, 0), ((-1.0, 1.0), 2 / 255, 128), ((-128.0, 127.0), 1.0, 128)],
)
def test_a_pixel_is_its_own_number_under_one_quantization(
    limits: tuple[float, float], scale: float, zero_point: int
) -> None:
    spec = ImageInput(1, 4, 3, range=limits)
    own = pixel_quantization(spec)
    assert own.scale == pytest.approx(scale, rel=1e-7)
    assert own.zero_point == zero_point
    assert is_of_pixels(own, spec)
    assert not is_of_pixels(Quantization(own.scale, zero_point + 2), spec)
    assert not is_of_pixels(Quantization(own.scale, zero_point - 2), spec)


@pytest.mark.parametrize("end", [1.0, 0.7, 1.1, 2.3])  # of the last three a division of floats gives not quite 127.5
def test_either_neighbour_of_a_half_is_a_zero_point_of_pixels(end: float) -> None:
    # −1 … 1 and the like: the value 0 lies at 127.5.
    spec = ImageInput(1, 4, 3, range=(-end, end))
    scale = pixel_quantization(spec).scale
    assert [is_of_pixels(Quantization(scale, zero), spec) for zero in (126, 127, 128, 129)] == [
        False,
        True,
        True,
        False,
    ]
