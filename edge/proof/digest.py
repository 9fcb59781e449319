"""A tensor's hash, which is what a golden frame keeps of it."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray


def sha256(tensor: NDArray[np.generic]) -> str:
    """Identify a tensor by its bytes."""
    return hashlib.sha256(tensor.tobytes()).hexdigest()
