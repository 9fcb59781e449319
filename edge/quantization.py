"""Affine quantization: real = scale × (stored − zero_point). Source: TFLite's 8-bit quantization specification."""

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .contract import Quantization


def quantize(real: NDArray[np.float32], quantization: Quantization, dtype: DTypeLike) -> NDArray[np.generic]:
    """Store real numbers as integers.

    Args:
        real: float32 values of any shape, finite.
        quantization: scale and zero point of the tensor.
        dtype: the integer type of the tensor; what does not fit saturates at its ends.

    Returns:
        An array of the same shape and of `dtype`, rounded half to even.
    """
    limits = np.iinfo(np.dtype(dtype))
    with np.errstate(over="ignore"):  # infinity saturates as well
        stored = np.rint(real / np.float32(quantization.scale)) + quantization.zero_point
    clipped: NDArray[np.generic] = np.clip(stored, limits.min, limits.max).astype(dtype)
    return clipped


def dequantize(stored: NDArray[np.generic], quantization: Quantization | None) -> NDArray[np.float32]:
    """Give the real numbers that a tensor stores, as float32 of the same shape; floats pass as they are."""
    if quantization is None:
        return stored.astype(np.float32)
    return (stored.astype(np.float32) - np.float32(quantization.zero_point)) * np.float32(quantization.scale)
