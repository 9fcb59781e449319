from __future__ import annotations

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from edgeproof.edge.contract import Color, ImageInput, Layout, NumberInput, Quantization
from edgeproof.edge.errors import InputError
from edgeproof.edge.preprocess import (
    InputWriter,
    Pixels,
    is_of_pixels,
    to_pixels,
    write_input,
)
from edgeproof.edge.quantization import dequantize
from specs import EVERY_PIXEL, EXACT, spec


def test_uint8_tensor_takes_the_pixels_themselves(chart: Pixels) -> None:
    model = spec(8, 8, dtype="uint8", quantization=EXACT)
    tensor = np.empty((1, 8, 8, 3), np.uint8)
    write_input(chart, model, tensor)
    assert tensor[0, 4, 1].tolist() == [255, 0, 0]
    assert tensor[0, 4, 6].tolist() == [0, 0, 255]


@pytest.mark.parametrize(("limits", "red"), [((0.0, 1.0), [1, 0, 0]), ((-1.0, 1.0), [1, -1, -1])])
def test_float_tensor_takes_values_of_the_range(chart: Pixels, limits: tuple[float, float], red: list[float]) -> None:
    tensor = np.empty((1, 8, 8, 3), np.float32)
    write_input(chart, spec(8, 8, range=limits), tensor)
    assert tensor[0, 4, 1].tolist() == pytest.approx(red, abs=1e-6)


def test_int8_tensor_takes_pixels_less_128() -> None:
    frame = np.ascontiguousarray(EVERY_PIXEL.reshape(16, 16, 1).repeat(3, axis=2))
    model = spec(16, 16, dtype="int8", quantization=Quantization(EXACT.scale, -128))
    tensor = np.empty((1, 16, 16, 3), np.int8)
    write_input(frame, model, tensor)
    assert np.array_equal(tensor[0].astype(int), frame.astype(int) - 128)


def test_other_quantization_of_uint8_is_computed() -> None:
    frame = np.full((4, 4, 3), 255, np.uint8)
    tensor = np.empty((1, 4, 4, 3), np.uint8)
    write_input(frame, spec(dtype="uint8", quantization=Quantization(0.02, 50)), tensor)
    assert set(tensor.ravel().tolist()) == {100}  # 1.0 / 0.02 + 50


@pytest.mark.parametrize(
    "sample",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((0, 4, 3), np.uint8),
        np.zeros((4, 4, 3), np.float32),
        np.zeros(3, np.float32),
    ],
    ids=["gray", "alpha", "empty", "float", "numbers"],
)
def test_sample_that_is_no_frame_is_refused(sample: NDArray[np.generic]) -> None:
    with pytest.raises(InputError, match="expected a BGR frame of uint8, received"):
        write_input(sample, spec(), np.empty((1, 4, 4, 3), np.float32))


@pytest.mark.parametrize(
    ("dtype", "quantization", "stored"),
    [
        ("float32", None, [1.5, -2.0]),
        ("int8", Quantization(0.5, 10), [13, 6]),
        ("int8", Quantization(0.01, 0), [127, -128]),
    ],
)
def test_numbers_are_written(dtype: str, quantization: Quantization | None, stored: list[float]) -> None:
    model = NumberInput(2, (-10.0, 10.0), dtype, quantization)
    tensor = np.empty((1, 2), dtype)
    write_input(np.array([1.5, -2.0], np.float32), model, tensor)
    assert tensor[0].tolist() == stored


def test_wrong_count_of_numbers_is_refused() -> None:
    with pytest.raises(InputError, match=r"expected 2 number\(s\), received 3"):
        write_input(np.zeros(3, np.float32), NumberInput(2, (0.0, 1.0)), np.empty((1, 2), np.float32))


@pytest.mark.parametrize(
    ("value_range", "zero_points"),
    [((0.0, 1.0), {0}), ((-1.0, 1.0), {127, 128}), ((0.0, 255.0), {0}), ((-0.5, 1.5), {64})],
)
def test_a_pixel_is_its_stored_value_whichever_zero_point_is_nearest(
    value_range: tuple[float, float], zero_points: set[int]
) -> None:
    spec = ImageInput(height=1, width=256, channels=1, color=Color.GRAY, range=value_range)
    scale = float(np.float32((value_range[1] - value_range[0]) / 255))
    found = {zero for zero in range(256) if is_of_pixels(Quantization(scale, zero), spec)}
    assert found == zero_points
    assert not is_of_pixels(Quantization(scale * 1.01, min(zero_points)), spec)
    # Every pixel keeps a value of its own on its way into the tensor.
    frame = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    for zero in zero_points:
        tensor = np.empty((1, *spec.shape), np.uint8)
        write_input(frame, replace(spec, dtype="uint8", quantization=Quantization(scale, zero)), tensor)
        assert tensor.ravel().tolist() == list(range(256))


TENSORS = [
    ("float32", None),
    ("uint8", EXACT),
    ("uint8", Quantization(0.02, 50)),
    ("int8", Quantization(EXACT.scale, -128)),
]


@pytest.mark.parametrize(("dtype", "quantization"), TENSORS)
@pytest.mark.parametrize("color", list(Color))
@pytest.mark.parametrize("ranges", [(), ((-2.0, 2.5), (0.0, 1.0), (-1.0, 1.0))], ids=["one", "each"])
def test_tensor_of_planes_holds_what_the_tensor_of_rows_does(
    dtype: str, quantization: Quantization | None, color: Color, ranges: tuple[tuple[float, float], ...]
) -> None:
    frame = np.random.default_rng(3).integers(0, 256, (37, 53, 3), np.uint8)
    channels = 1 if color is Color.GRAY else 3
    model = spec(10, 12, color=color, dtype=dtype, quantization=quantization, channel_ranges=ranges[:channels])
    rows, planes = np.zeros((1, 10, 12, channels), dtype), np.zeros((1, channels, 10, 12), dtype)
    write_input(frame, model, rows)
    write_input(frame, replace(model, layout=Layout.NCHW), planes)
    assert np.array_equal(planes[0], rows[0].transpose(2, 0, 1))
    # And both hold the real values of the pixels, channel by channel.
    pixels = to_pixels(frame, model)
    for channel in range(channels):
        low, high = (ranges or (model.range,) * 3)[channel]
        real = pixels[..., channel] / 255 * (high - low) + low
        found = dequantize(rows[0, ..., channel], quantization)
        if quantization is None:
            assert float(np.abs(found - real).max()) < 1e-6
        else:
            limits = np.iinfo(dtype)
            ends = (np.array([limits.min, limits.max]) - quantization.zero_point) * quantization.scale
            assert float(np.abs(found - np.clip(real, *ends)).max()) <= quantization.scale * 0.501


@pytest.mark.parametrize("layout", list(Layout))
@pytest.mark.parametrize(("dtype", "quantization"), TENSORS)
@pytest.mark.parametrize("color", list(Color))
def test_writer_allocates_nothing_once_it_is_made(
    layout: Layout, dtype: str, quantization: Quantization | None, color: Color
) -> None:
    model = spec(64, 64, color=color, dtype=dtype, quantization=quantization, layout=layout)
    writer, tensor = InputWriter(model), np.zeros((1, *model.tensor_shape), dtype)
    frame = np.zeros((480, 640, 3), np.uint8)
    writer.write(frame, tensor)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        for _ in range(10):
            writer.write(frame, tensor)
        assert tracemalloc.get_traced_memory()[1] - before < 64 * 64  # bytes: the least plane of pixels
    finally:
        tracemalloc.stop()


def test_ranges_of_channels_are_as_many_as_channels() -> None:
    with pytest.raises(ValueError, match="expected 3 ranges of channels, received 1"):
        spec(channel_ranges=((0.0, 1.0),))
    with pytest.raises(ValueError, match="expected a range from low to high"):
        spec(color=Color.GRAY, channel_ranges=((1.0, 0.0),))
