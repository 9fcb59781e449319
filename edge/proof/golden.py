"""The golden frames of a file, answered on this device."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..classifier import Classifier
from ..contract import GoldenFrame, ModelInput, ModelOutput, NumberInput
from ..errors import InputError
from ..preprocess import decode_image
from ..scores import label_scores
from .digest import sha256

if TYPE_CHECKING:
    from .diagnosis import Diagnosis


_PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"  # with the head of its first chunk, 13 bytes
_SIZE = struct.Struct(">II")  # width and height of a PNG, behind these
_SIZE_AT = 16
_MOST_PIXELS = 4_000_000  # a run begins with them unasked, on a device of little memory
_MOST_LETTERS = 64  # of one number in JSON, with what stands around it


class UnansweredError(InputError):
    """The interpreter gave up on a frame."""


@dataclass(frozen=True)
class FrameResult:
    """What this device made of one golden frame, beside what the workstation made of it.

    `difference` is the largest of the scores, and None where they are not to be compared: NaN, or another number of
    them. `top1` is the best label, None for a regression. `diagnosis` says why the input tensor differs.
    """

    file: str
    label: str | None
    input_sha256: str
    expected_input_sha256: str
    diagnosis: Diagnosis | None
    scores: tuple[float | None, ...]
    expected_scores: tuple[float, ...]
    difference: float | None
    top1: str | None
    expected_top1: str | None

    @property
    def same_input(self) -> bool:
        """Tell whether the input tensor is the workstation's, to the bit."""
        return self.input_sha256 == self.expected_input_sha256

    def within(self, tolerance: float) -> bool:
        """Tell whether every score is as near to the workstation's as the contract asks."""
        return self.difference is not None and self.difference <= tolerance


def answer(classifier: Classifier, frame: GoldenFrame, members: Mapping[str, bytes]) -> FrameResult:
    """Take one golden frame the whole way: decode, preprocess, run, dequantize.

    Args:
        classifier: of the file that the frame is in.
        frame: one of its contract's.
        members: what rides in the file, by name.

    Raises:
        UnansweredError: the interpreter gives up.
        InputError: the frame is not in the file or cannot be decoded.
    """
    contract = classifier.contract
    sample = read_sample(frame, members, contract.input)
    classifier.fill(sample)
    found = sha256(classifier.interpreter.input_tensor())
    diagnosis = None
    if found != frame.input_sha256:
        from .diagnosis import diagnose  # which a device that is in order needs no memory for

        diagnosis = diagnose(sample, classifier.interpreter.input_tensor(), contract.input, frame.input_sha256)
    try:
        scores = classifier.answer_filled().scores
    except InputError as error:
        raise UnansweredError(f"{frame.file}: {error}") from error
    wanted = np.array(frame.scores, np.float32)
    return FrameResult(
        file=frame.file,
        label=frame.label,
        input_sha256=found,
        expected_input_sha256=frame.input_sha256,
        diagnosis=diagnosis,
        scores=tuple(score if math.isfinite(score) else None for score in scores.tolist()),
        expected_scores=frame.scores,
        difference=_difference(scores, wanted),
        top1=_best(scores, contract.output),
        expected_top1=_best(wanted, contract.output),
    )


def read_sample(frame: GoldenFrame, members: Mapping[str, bytes], spec: ModelInput) -> NDArray[np.generic]:
    """Read the raw sample of a golden frame: BGR, uint8, (height, width, 3), or numbers, float32, (count,).

    Raises:
        InputError: it is not in the file, or cannot be decoded.
    """
    content = members.get(frame.file)
    if content is None:
        raise InputError(f"expected {frame.file} in the file, received none; export it again")
    if not isinstance(spec, NumberInput):
        _check_size(content, frame.file)
        return decode_image(content, frame.file)
    if len(content) > _MOST_LETTERS * (spec.count + 1):
        raise InputError(f"expected {spec.count} number(s) in {frame.file}, received {len(content)} bytes")
    try:
        return np.array(json.loads(content), np.float32)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise InputError(f"expected {spec.count} number(s) in {frame.file}, received {error}") from error


def _check_size(content: bytes, file: str) -> None:
    """See to it, before it is decoded, that a picture is one and not too large."""
    head = content[: _SIZE_AT + _SIZE.size]
    if not head.startswith(_PNG) or len(head) < _SIZE_AT + _SIZE.size:
        raise InputError(f"expected a PNG, received {len(content)} bytes of something: {file}; export it again")
    width, height = _SIZE.unpack_from(head, _SIZE_AT)
    if width * height > _MOST_PIXELS:
        raise InputError(f"expected at most {_MOST_PIXELS} pixels, received {width}×{height}: {file}; export it again")


def _difference(scores: NDArray[np.float32], wanted: NDArray[np.float32]) -> float | None:
    if scores.shape != wanted.shape:
        return None
    largest = float(np.abs(scores - wanted).max())
    return largest if math.isfinite(largest) else None


def _best(scores: NDArray[np.float32], output: ModelOutput) -> str | None:
    if output.units != scores.size or not np.isfinite(scores).all():
        return None
    return output.labels[int(label_scores(scores, output).argmax())]
