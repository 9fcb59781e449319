from __future__ import annotations

import numpy as np
import pytest

from edgeproof.edge.contract import Quantization
from edgeproof.edge.quantization import dequantize, quantize


@pytest.mark.parametrize(
    ("real", "quantization", "dtype", "stored"),
    [
        ([0.0, 0.5, 1.0], Quantization(0.5, 0), "uint8", [0, 1, 2]),
        ([-1.0, 0.0, 0.9921875], Quantization(1 / 128, 0), "int8", [-128, 0, 127]),
        ([0.0, 1.0], Quantization(1 / 256, -128), "int8", [-128, 127]),  # 1.0 needs 128, which int8 has not
        ([-0.25, 0.0, 99.0], Quantization(0.25, 3), "uint8", [2, 3, 255]),
        ([-99.0], Quantization(0.25, 3), "uint8", [0]),
        ([0.5, 1.5, 2.5, -0.5, -1.5], Quantization(1.0, 0), "int8", [0, 2, 2, 0, -2]),  # half to even
    ],
)
def test_real_numbers_are_stored(real: list[float], quantization: Quantization, dtype: str, stored: list[int]) -> None:
    result = quantize(np.array(real, np.float32), quantization, dtype)
    assert result.dtype == np.dtype(dtype)
    assert result.tolist() == stored


@pytest.mark.parametrize(
    ("stored", "dtype", "quantization", "real"),
    [
        ([0, 128, 255], "uint8", Quantization(1 / 256, 0), [0.0, 0.5, 0.99609375]),
        ([-128, 0, 127], "int8", Quantization(0.5, -128), [0.0, 64.0, 127.5]),
        ([0, 3, 255], "uint8", Quantization(2.0, 3), [-6.0, 0.0, 504.0]),
    ],
)
def test_stored_numbers_are_read(stored: list[int], dtype: str, quantization: Quantization, real: list[float]) -> None:
    result = dequantize(np.array(stored, dtype), quantization)
    assert result.dtype == np.float32
    assert result.tolist() == real


def test_floats_pass_as_they_are() -> None:
    values = np.array([[0.1, np.nan, -3.0]], np.float32)
    assert dequantize(values, None).tobytes() == values.tobytes()


@pytest.mark.parametrize("dtype", ["uint8", "int8"])
@pytest.mark.parametrize("quantization", [Quantization(1 / 255, 0), Quantization(0.0173, -7), Quantization(3.1, 100)])
def test_every_stored_value_survives_the_way_there_and_back(quantization: Quantization, dtype: str) -> None:
    limits = np.iinfo(dtype)
    stored = np.arange(limits.min, limits.max + 1).astype(dtype)
    assert np.array_equal(quantize(dequantize(stored, quantization), quantization, dtype), stored)


def test_what_fits_is_wrong_by_half_a_step_at_most() -> None:
    quantization = Quantization(0.037, 11)
    real = np.random.default_rng(0).uniform(-5.1, 4.2, 1000).astype(np.float32)  # (−128 − 11) × 0.037 … (127 − 11) × …
    back = dequantize(quantize(real, quantization, np.int8), quantization)
    assert float(np.abs(back - real).max()) <= 0.037 / 2 * 1.0001


def test_number_that_no_float_counts_in_steps_saturates_too() -> None:
    """Without a warning, which a test takes for an error."""
    largest = float(np.finfo(np.float32).max)
    assert quantize(np.array([-largest, largest], np.float32), Quantization(0.1, 5), "int8").tolist() == [-128, 127]
