"""Numbers of the contract, and how they are stored."""

from __future__ import annotations

from dataclasses import dataclass

_MOST = 3.4028234663852886e38  # what float32 holds
_LARGEST = 1e30  # of real numbers: float32 ends at 3e38, and what a network makes of its input must have room


@dataclass(frozen=True)
class Quantization:
    """Affine quantization of a whole tensor: real = scale × (stored − zero_point)."""

    scale: float
    zero_point: int

    def __post_init__(self) -> None:
        if not 1 / _LARGEST < self.scale < _LARGEST:
            raise ValueError(f"expected a scale above 0, received {self.scale}")
        if not -(2**31) <= self.zero_point < 2**31:
            raise ValueError(f"expected a zero point of 32 bits, received one of {self.zero_point.bit_length()}")


def check_range(limits: tuple[float, float]) -> None:
    """Raise ValueError unless pixels can be divided by the width of a range."""
    if not -_LARGEST < limits[0] < limits[1] < _LARGEST or limits[1] - limits[0] < 1 / _LARGEST:
        raise ValueError(f"expected a range from low to high, received {limits}")


def check_storage(dtype: str, quantization: Quantization | None) -> None:
    """Raise ValueError unless real numbers can be stored in a tensor, and read from it, in one way alone."""
    if (dtype == "float32") != (quantization is None):
        stored = "none" if quantization is None else "one"
        raise ValueError(f"expected a quantization of integers, and none of float32, received {stored} of {dtype}")


def check_scores(scores: tuple[float, ...]) -> None:
    """Raise ValueError unless float32 can hold all of them."""
    if not all(abs(score) <= _MOST for score in scores):
        raise ValueError(f"expected scores that float32 can hold, received {max(scores, key=abs)}")
