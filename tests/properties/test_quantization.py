"""Quantization against exact fractions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edgeproof.edge.contract import Quantization
from edgeproof.edge.quantization import dequantize, quantize
from generated import quantizations

DTYPES = ("uint8", "int8", "int16")
LARGEST = float(np.finfo(np.float32).max)  # in so small steps, more than a float32 counts
ROUNDING = Fraction(1, 2**22)  # of float32, twice
reals = st.floats(allow_nan=False, allow_infinity=False, width=32)


@st.composite
def tensors(draw: st.DrawFn) -> tuple[Quantization, str]:
    dtype = draw(st.sampled_from(DTYPES))
    return draw(quantizations(dtype)), dtype


def ends(dtype: str) -> tuple[int, int]:
    limits = np.iinfo(dtype)
    return int(limits.min), int(limits.max)


def stored_of(real: float, how: Quantization, dtype: str) -> int:
    return int(quantize(np.array([real], np.float32), how, dtype)[0])


def real_of(stored: int, how: Quantization, dtype: str) -> float:
    return float(dequantize(np.array([stored], dtype), how)[0])


@given(tensors())
def test_every_stored_value_survives_the_way_there_and_back(tensor: tuple[Quantization, str]) -> None:
    how, dtype = tensor
    low, high = ends(dtype)
    stored = np.arange(low, high + 1).astype(dtype)
    assert np.array_equal(quantize(dequantize(stored, how), how, dtype), stored)


@given(tensors(), st.data())
def test_stored_number_is_the_real_one_of_the_formula(tensor: tuple[Quantization, str], data: st.DataObject) -> None:
    how, dtype = tensor
    stored = data.draw(st.integers(*ends(dtype)))
    exact = Fraction(how.scale) * (stored - how.zero_point)
    assert abs(Fraction(real_of(stored, how, dtype)) - exact) <= abs(exact) * ROUNDING


@given(tensors(), st.data())
def test_real_number_that_fits_is_stored_as_its_nearest_step(
    tensor: tuple[Quantization, str], data: st.DataObject
) -> None:
    how, dtype = tensor
    low, high = (np.float32(how.scale * (end - how.zero_point)) for end in ends(dtype))
    real = data.draw(st.floats(float(low), float(high), width=32))
    back = Fraction(real_of(stored_of(real, how, dtype), how, dtype))
    assert abs(back - Fraction(real)) <= Fraction(how.scale) / 2 + abs(Fraction(real)) * ROUNDING


@given(tensors(), reals)
def test_any_real_number_is_stored_as_exact_arithmetic_says(tensor: tuple[Quantization, str], real: float) -> None:
    """Where the last bit of a float32 cannot decide it."""
    how, dtype = tensor
    low, high = ends(dtype)
    steps = Fraction(real) / Fraction(how.scale)
    slack = abs(steps) * ROUNDING
    allowed = {min(max(round(each) + how.zero_point, low), high) for each in (steps - slack, steps, steps + slack)}
    assert stored_of(real, how, dtype) in allowed


@given(st.integers(-120, 120), st.integers(-6, 6))
def test_half_a_step_goes_to_the_even_neighbour(step: int, power: int) -> None:
    """A power of two as the scale makes half a step exact."""
    how = Quantization(2.0**power, 0)
    stored = stored_of((step + 0.5) * 2.0**power, how, "int8")
    assert stored % 2 == 0
    assert stored in (step, step + 1)


@example((Quantization(2.0**-20, 3), "int8"), LARGEST)
@example((Quantization(2.0**-20, 3), "int8"), -LARGEST)
@given(tensors(), reals)
def test_what_does_not_fit_saturates(tensor: tuple[Quantization, str], real: float) -> None:
    how, dtype = tensor
    low, high = ends(dtype)
    stored = stored_of(real, how, dtype)
    steps = Fraction(real) / Fraction(how.scale) + how.zero_point
    if steps > high + 1:
        assert stored == high
    if steps < low - 1:
        assert stored == low


@given(tensors(), st.lists(reals, min_size=2, max_size=20))
def test_order_is_kept(tensor: tuple[Quantization, str], values: list[float]) -> None:
    how, dtype = tensor
    stored = quantize(np.sort(np.array(values, np.float32)), how, dtype)
    assert (np.diff(stored.astype(int)) >= 0).all()
    assert (np.diff(dequantize(stored, how)) >= 0).all()


@given(tensors())
def test_zero_is_the_zero_point_and_the_zero_point_is_zero(tensor: tuple[Quantization, str]) -> None:
    how, dtype = tensor
    assert stored_of(0.0, how, dtype) == how.zero_point
    assert real_of(how.zero_point, how, dtype) == 0.0


@given(st.lists(st.floats(width=32), max_size=8))
@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_floats_pass_as_they_are(dtype: str, values: list[float]) -> None:
    with np.errstate(over="ignore"):
        tensor = np.array(values, np.float32).astype(dtype)
    assert np.array_equal(dequantize(tensor, None), tensor.astype(np.float32), equal_nan=True)
