"""Why an input tensor is not the workstation's.

A golden frame keeps no more of the workstation's tensor than its hash. So the tensor that the contract asks for is
computed apart from the code that is being checked. If it has the right hash, the workstation's tensor is known, and
what this device made is compared with it; if not, it is the contract that does not say what the workstation did, or
this device that cannot be told.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ..contract import ImageInput, Interpolation, NumberInput
from .difference import Difference, describe, difference
from .digest import sha256
from .expected import Tensor, expected_tensor
from .resizing import Pixels
from .suspects import suspects


@dataclass(frozen=True)
class Diagnosis:
    """What is wrong, in words; `difference` is None where the workstation's tensor is not known."""

    words: str
    difference: Difference | None


def diagnose(sample: Tensor, tensor: Tensor, spec: ImageInput | NumberInput, expected_sha256: str) -> Diagnosis:
    """Say why `tensor`, which this device made of a golden frame, has not the hash that the workstation's has.

    Args:
        sample: the frame, BGR, uint8, (height, width, 3); or the numbers.
        tensor: of shape (1, *spec.tensor_shape).
        spec: the contract's input.
        expected_sha256: of the workstation's tensor.
    """
    if isinstance(spec, NumberInput):
        return Diagnosis("numbers are stored otherwise than on the workstation", None)
    frame: Pixels = sample.astype(np.uint8, copy=False)
    wanted = expected_tensor(frame, spec)
    if sha256(wanted) == expected_sha256:
        return Diagnosis(_here(frame, tensor, wanted, spec), difference(tensor, wanted, spec))
    return Diagnosis(_there(frame, tensor, spec, expected_sha256), None)


def _here(frame: Pixels, tensor: Tensor, wanted: Tensor, spec: ImageInput) -> str:
    for suspect in suspects(frame, spec):
        if np.array_equal(suspect.tensor, tensor) and not np.array_equal(suspect.tensor, wanted):
            return f"here {suspect.words}"
    return describe(tensor, wanted, spec, cv2.__version__)


def _there(frame: Pixels, tensor: Tensor, spec: ImageInput, expected_sha256: str) -> str:
    for suspect in suspects(frame, spec):
        if sha256(suspect.tensor) == expected_sha256:
            return f"on the workstation {suspect.words}, which the contract does not say"
    if not np.array_equal(tensor, expected_tensor(frame, spec)):
        return "the tensor is neither the workstation's nor what the contract says, and no common mistake explains it"
    if spec.interpolation is Interpolation.AREA:
        return f"INTER_AREA of OpenCV {cv2.__version__} gives other pixels than the workstation's"
    return "this device does what the contract says; the workstation did something else, by no common mistake"
