"""From a frame to the input tensor: the tables of 256 entries against exact fractions."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from edgeproof.edge.contract import Color, ImageInput, Layout, NumberInput, Quantization, Resize
from edgeproof.edge.preprocess import InputWriter, Pixels, is_of_pixels, pixel_quantization, write_input
from generated import frames, image_inputs, noise, number_inputs, ranges

ROUNDING = Fraction(1, 2**21)  # of a float32, several times


def tensor_of(frame: NDArray[np.generic], spec: ImageInput | NumberInput) -> NDArray[np.generic]:
    tensor: NDArray[np.generic] = np.zeros((1, *spec.tensor_shape), spec.dtype)
    write_input(frame, spec, tensor)
    only: NDArray[np.generic] = tensor[0]
    return only


def in_order(frame: Pixels, color: Color) -> Pixels:
    """A frame whose channels are the model's; of a gray one all three are the same."""
    return {Color.BGR: frame, Color.RGB: frame[..., ::-1], Color.GRAY: frame[..., :1]}[color]


def accepted(pixel: int, limits: tuple[float, float], spec: ImageInput) -> tuple[Fraction, Fraction]:
    """Between what and what the tensor may hold for a pixel: exact but for the rounding of floats."""
    low, high = Fraction(limits[0]), Fraction(limits[1])
    exact = low + (high - low) * pixel / 255
    slack = (abs(low) + abs(high)) * ROUNDING
    if spec.quantization is None:
        return exact - slack, exact + slack
    how, ends = spec.quantization, np.iinfo(spec.dtype)
    steps = [(value / Fraction(how.scale)) for value in (exact - slack, exact + slack)]
    wide = [steps[0] - abs(steps[0]) * ROUNDING, steps[1] + abs(steps[1]) * ROUNDING]
    stored = [min(max(round(step) + how.zero_point, int(ends.min)), int(ends.max)) for step in wide]
    return Fraction(stored[0]), Fraction(stored[1])


@given(image_inputs(longest=4), st.integers(0, 2**16))
def test_each_pixel_becomes_what_its_range_and_quantization_say(spec: ImageInput, seed: int) -> None:
    """A frame of the model's own size, so that nothing is resized."""
    frame = noise(spec.height, spec.width, seed)
    if spec.color is Color.GRAY:
        frame = np.ascontiguousarray(np.repeat(frame[..., :1], 3, axis=2))
    found = tensor_of(frame, spec)
    rows = found if spec.layout is Layout.NHWC else np.moveaxis(found, 0, -1)
    for (y, x, channel), pixel in np.ndenumerate(in_order(frame, spec.color)):
        limits = spec.channel_ranges[channel] if spec.channel_ranges else spec.range
        low, high = accepted(int(pixel), limits, spec)
        assert low <= Fraction(float(rows[y, x, channel])) <= high


@given(frames(), image_inputs())
def test_planes_are_the_rows_turned_about(frame: Pixels, spec: ImageInput) -> None:
    planes = tensor_of(frame, replace(spec, layout=Layout.NCHW))
    assert np.array_equal(np.moveaxis(planes, 0, -1), tensor_of(frame, replace(spec, layout=Layout.NHWC)))


@given(frames(), image_inputs())
def test_colours_are_only_put_in_another_order(frame: Pixels, spec: ImageInput) -> None:
    plain = replace(spec, channel_ranges=(), layout=Layout.NHWC)
    rgb, bgr = (tensor_of(frame, replace(plain, channels=3, color=color)) for color in (Color.RGB, Color.BGR))
    assert np.array_equal(rgb, bgr[..., ::-1])


@given(frames(), image_inputs())
def test_pixel_is_its_own_value_under_its_own_quantization(frame: Pixels, spec: ImageInput) -> None:
    plain = replace(spec, channel_ranges=())
    own = replace(plain, dtype="uint8", quantization=pixel_quantization(plain))
    if own.quantization is not None and not 0 <= own.quantization.zero_point <= 255:
        return  # a range without zero: no uint8 tensor has it
    as_pixels = replace(own, range=(0.0, 255.0), quantization=Quantization(1.0, 0))
    assert np.array_equal(tensor_of(frame, own), tensor_of(frame, as_pixels))


@given(ranges(), st.integers(-1, 1))
def test_quantization_of_pixels_is_known_by_half_a_step(limits: tuple[float, float], off: int) -> None:
    spec = ImageInput(4, 4, 3, range=limits)
    own = pixel_quantization(spec)
    exact = -Fraction(limits[0]) * 255 / (Fraction(limits[1]) - Fraction(limits[0]))
    distance = abs(own.zero_point + off - exact)
    if abs(distance - Fraction(1, 2)) > Fraction(1, 10**5):  # where rounding cannot decide it
        assert is_of_pixels(Quantization(own.scale, own.zero_point + off), spec) == (distance < Fraction(1, 2))
    assert not is_of_pixels(Quantization(own.scale * 1.01, own.zero_point), spec)


@given(st.lists(frames(), min_size=2, max_size=4), image_inputs())
def test_writer_remembers_nothing_of_the_frame_before(shown: list[Pixels], spec: ImageInput) -> None:
    writer = InputWriter(spec)
    tensor: NDArray[np.generic] = np.zeros((1, *spec.tensor_shape), spec.dtype)
    for frame in shown:
        before = frame.copy()
        writer.write(frame, tensor)
        assert np.array_equal(tensor[0], tensor_of(frame, spec))
        assert np.array_equal(frame, before)


@given(image_inputs(), st.integers(0, 255), st.integers(1, 40), st.integers(1, 40))
def test_frame_of_one_colour_gives_a_tensor_of_one_value(spec: ImageInput, value: int, height: int, width: int) -> None:
    plain = replace(spec, channel_ranges=())
    found = tensor_of(np.full((height, width, 3), value, np.uint8), plain)
    same = tensor_of(np.full((spec.height, spec.width, 3), value, np.uint8), replace(plain, resize=Resize.STRETCH))
    assert (found == same.flat[0]).all()


@given(number_inputs(), st.data())
def test_numbers_are_stored_as_exact_arithmetic_says(spec: NumberInput, data: st.DataObject) -> None:
    values = data.draw(st.lists(st.floats(-1e6, 1e6, width=32), min_size=spec.count, max_size=spec.count))
    found = tensor_of(np.array(values), spec)
    if spec.quantization is None:
        assert found.tolist() == values
        return
    how, ends = spec.quantization, np.iinfo(spec.dtype)
    for value, stored in zip(values, found.tolist(), strict=True):
        steps = Fraction(value) / Fraction(how.scale)
        around = (steps - abs(steps) * ROUNDING, steps + abs(steps) * ROUNDING)
        low, high = (min(max(round(each) + how.zero_point, int(ends.min)), int(ends.max)) for each in around)
        assert low <= stored <= high
