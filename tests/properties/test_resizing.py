"""Cropping and resizing, of frames down to a single pixel, against plain arithmetic in float64."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from edgeproof.edge.contract import LARGEST_SIDE, Color, ImageInput, Interpolation, Resize
from edgeproof.edge.preprocess import Pixels, crop_box, resizer_for, to_pixels
from edgeproof.edge.resizing import Resizer, halved
from generated import frames, image_inputs, noise

sides = st.integers(1, 4) | st.integers(1, LARGEST_SIDE)
seeds = st.integers(0, 2**16)


@st.composite
def specs(draw: st.DrawFn, /, **fixed: object) -> ImageInput:
    spec = draw(image_inputs(longest=24))
    return replace(spec, color=Color.BGR, channels=3, channel_ranges=(), **fixed)  # type: ignore[arg-type]


@given(sides, sides, sides, sides)
def test_centre_crop_is_inside_in_the_middle_and_cannot_grow(
    height: int, width: int, model_height: int, model_width: int
) -> None:
    spec = ImageInput(model_height, model_width, 3, resize=Resize.CENTER_CROP)
    top, left, crop_height, crop_width = crop_box(height, width, spec)
    assert crop_height >= 1
    assert crop_width >= 1
    below, right = height - top - crop_height, width - left - crop_width
    assert 0 <= below - top <= 1  # the odd pixel is left out at the end
    assert 0 <= right - left <= 1
    assert crop_height == height or crop_width == width


@given(sides, sides, sides, sides)
def test_centre_crop_has_the_model_s_shape_to_the_pixel(
    height: int, width: int, model_height: int, model_width: int
) -> None:
    _, _, crop_height, crop_width = crop_box(
        height, width, ImageInput(model_height, model_width, 3, resize=Resize.CENTER_CROP)
    )
    shape = Fraction(model_width, model_height)
    if crop_height == height:
        assert crop_width == min(width, max(1, int(height * shape)))
    if crop_width == width:
        assert crop_height == min(height, max(1, int(width / shape)))


@given(sides, sides, specs(resize=Resize.STRETCH))
def test_stretching_takes_all(height: int, width: int, spec: ImageInput) -> None:
    assert crop_box(height, width, spec) == (0, 0, height, width)


@given(frames(60), specs(resize=Resize.CENTER_CROP), seeds)
def test_what_lies_outside_of_the_crop_does_not_matter(frame: Pixels, spec: ImageInput, seed: int) -> None:
    top, left, height, width = crop_box(frame.shape[0], frame.shape[1], spec)
    other = noise(frame.shape[0], frame.shape[1], seed)
    other[top : top + height, left : left + width] = frame[top : top + height, left : left + width]
    assert np.array_equal(to_pixels(frame, spec), to_pixels(other, spec))


@given(frames(60), specs())
def test_no_pixel_is_darker_or_lighter_than_those_it_was_made_of(frame: Pixels, spec: ImageInput) -> None:
    top, left, height, width = crop_box(frame.shape[0], frame.shape[1], spec)
    part = frame[top : top + height, left : left + width].reshape(-1, 3)
    made = to_pixels(frame, spec).reshape(-1, 3)
    assert made.shape == (spec.height * spec.width, 3)
    assert (made.min(0) >= part.min(0)).all()
    assert (made.max(0) <= part.max(0)).all()


@given(frames(60), specs(resize=Resize.STRETCH, interpolation=Interpolation.LINEAR))
def test_linear_interpolation_is_between_the_centres_of_pixels(frame: Pixels, spec: ImageInput) -> None:
    """Within the rounding of OpenCV's fixed-point numbers."""
    real = frame.astype(np.float64)
    rows, columns = (weights(*sizes) for sizes in ((frame.shape[0], spec.height), (frame.shape[1], spec.width)))
    exact = np.einsum("yh,xw,hwc->yxc", rows, columns, real)
    assert np.abs(to_pixels(frame, spec) - exact).max() <= 1.0


def weights(size: int, target: int) -> NDArray[np.float64]:
    """How much of each pixel of a line there is in each of the resized line: (target, size)."""
    found = np.zeros((target, size))
    for i in range(target):
        centre = min(max((i + 0.5) * size / target - 0.5, 0.0), size - 1.0)
        first = min(int(centre), max(size - 2, 0))
        found[i, first] += 1 - (centre - first)
        if size > 1:
            found[i, first + 1] += centre - first
    return found


@given(frames(60), specs(resize=Resize.STRETCH, interpolation=Interpolation.NEAREST))
def test_nearest_neighbour_is_a_pixel_of_the_frame(frame: Pixels, spec: ImageInput) -> None:
    height, width = frame.shape[:2]
    rows = [min(i * height // spec.height, height - 1) for i in range(spec.height)]
    columns = [min(i * width // spec.width, width - 1) for i in range(spec.width)]
    assert np.array_equal(to_pixels(frame, spec), frame[np.ix_(rows, columns)])


@given(st.integers(1, 6), st.integers(1, 6), st.integers(1, 8), st.integers(1, 8), seeds)
def test_area_of_whole_pixels_is_their_mean(down: int, across: int, height: int, width: int, seed: int) -> None:
    frame = noise(height * down, width * across, seed)
    spec = ImageInput(height, width, 3, color=Color.BGR, interpolation=Interpolation.AREA)
    exact = frame.reshape(height, down, width, across, 3).mean((1, 3), np.float64)
    assert np.abs(to_pixels(frame, spec) - exact).max() <= 0.5 + 1e-6


@given(st.lists(frames(60), min_size=2, max_size=4), image_inputs(longest=24))
def test_memory_that_is_used_again_changes_no_result(shown: list[Pixels], spec: ImageInput) -> None:
    resizer = resizer_for(spec)
    for frame in shown:
        assert np.array_equal(to_pixels(frame, spec, resizer=resizer), to_pixels(frame, spec))


@given(st.integers(1, 30), st.integers(1, 30), seeds)
def test_halving_rounds_halves_up_as_opencv_does(height: int, width: int, seed: int) -> None:
    frame = noise(2 * height, 2 * width, seed)
    exact = frame.reshape(height, 2, width, 2, 3).sum((1, 3), np.int64)
    assert np.array_equal(halved(frame), (2 * exact + 4) // 8)
    assert np.array_equal(halved(frame), Resizer((width, height), cv2.INTER_LINEAR).resize(frame))
