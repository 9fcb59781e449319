"""Layers of two model files of one format, where the one is the network in floats."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from ...edge.contract import Format
from ...edge.modelfile import ModelFile
from ..parity.report import LayerNoise


def are_comparable(reference: ModelFile, candidate: ModelFile) -> bool:
    """Tell whether a candidate's layers can be held against the reference's.

    Both are of the same format, the reference computes in floats, and what either takes for a real number is known.
    """
    if reference.format is not candidate.format:
        return False
    # Imported here: who compares files of one format need not have the packages of the other.
    if reference.format is Format.TFLITE:
        from .tflite import is_float, takes_reals
    else:
        from .onnx import is_float, takes_reals
    return is_float(reference.model) and takes_reals(reference.model) and takes_reals(candidate.model)


def file_noise(
    reference: ModelFile, candidate: ModelFile, samples: Iterable[NDArray[np.float32]]
) -> tuple[LayerNoise, ...]:
    """Give the ten layers whose activations follow the float network's worst, the worst first.

    Args:
        reference: the network in floats.
        candidate: another file of the same format.
        samples: real inputs as the float network takes them, (1, *input.shape).
    """
    if reference.format is Format.TFLITE:
        from .tflite import tflite_noise

        return tflite_noise(reference.model, candidate.model, samples)
    from .onnx import onnx_noise

    return onnx_noise(reference.model, candidate.model, samples)
