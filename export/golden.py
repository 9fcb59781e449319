"""Golden frames: raw samples that ride inside the file, with what the workstation made of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ..edge.classifier import Classifier
from ..edge.contract import GoldenFrame, Precision
from ..edge.folders import LabelledFile
from ..edge.pixel_set import read_labelled
from ..edge.preprocess import Pixels, decode_image
from ..edge.proof.digest import sha256

_FOLDER = "golden"
_MOST = 5  # frames; enough to show swapped channels, a wrong resize or a broken kernel
_LONGEST = 320  # pixels; the file is to stay near the size of its weights

# How far a probability may be from the workstation's: runtimes and processors may round differently by a step or two of
# 1/256 in int8, and in the last bits of a float.
TOLERANCE = {
    Precision.FLOAT32: 1e-4,
    Precision.FLOAT16: 1e-2,  # a processor with float16 arithmetic may use it
    Precision.DYNAMIC: 0.02,
    Precision.INT16X8: 1e-3,
    Precision.MIXED: 0.02,
    Precision.INT8: 0.02,
}


@dataclass(frozen=True)
class Golden:
    """Frames for the contract, and the members of the file that hold their raw samples.

    `largest` is how far from 0 the outputs reach: 1 for probabilities.
    """

    frames: tuple[GoldenFrame, ...]
    members: dict[str, bytes]
    largest: float = 1.0

    def tolerance(self, precision: Precision) -> float:
        """Say how far an output may be from the workstation's: a step of a regression's is as large as its values."""
        return TOLERANCE[precision] * self.largest


def of_pictures(classifier: Classifier, root: Path, files: Sequence[LabelledFile]) -> Golden:
    """Keep one picture of each label, of at most five labels, and record what this classifier makes of it."""
    chosen = {file.label: file for file in reversed(files)}
    frames: list[GoldenFrame] = []
    members = {}
    for index, label in enumerate(sorted(chosen)[:_MOST]):
        name = f"{_FOLDER}/{index}.png"
        content = _encode(read_labelled(root, chosen[label]))
        if (frame := _recorded(classifier, name, label, decode_image(content, name))) is not None:
            frames.append(frame)
            members[name] = content
    return Golden(tuple(frames), members)


def of_numbers(classifier: Classifier, samples: NDArray[np.float32]) -> Golden:
    """Keep the first, the middle and the last of samples of shape (n, count)."""
    frames: list[GoldenFrame] = []
    members = {}
    for index, sample in enumerate(samples[[0, len(samples) // 2, -1]]):
        name = f"{_FOLDER}/{index}.json"
        if (frame := _recorded(classifier, name, None, sample)) is not None:
            frames.append(frame)
            members[name] = json.dumps(sample.tolist()).encode()
    return Golden(tuple(frames), members, _largest(classifier, samples))


def _largest(classifier: Classifier, samples: NDArray[np.float32]) -> float:
    largest = float(np.abs([classifier.classify(sample).scores for sample in samples]).max())
    return largest if 0 < largest < np.inf else 1.0  # NaN and infinity have failed already


def _recorded(classifier: Classifier, name: str, label: str | None, sample: NDArray[np.generic]) -> GoldenFrame | None:
    """Record the input tensor and the scores that a sample gives; None where those are no numbers.

    A file that answers NaN has failed already, and NaN is nothing to repeat.
    """
    classifier.fill(sample)
    digest = sha256(classifier.interpreter.input_tensor())
    scores = classifier.answer_filled().scores
    return GoldenFrame(name, label, digest, tuple(scores.tolist())) if np.isfinite(scores).all() else None


def _encode(image: Pixels) -> bytes:
    factor = _LONGEST / max(image.shape[:2])
    if factor < 1:
        size = (max(1, round(image.shape[1] * factor)), max(1, round(image.shape[0] * factor)))
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]  # uint8 stays uint8
    # PNG, because JPEG decoders may differ in the last bit and the input tensor is compared by hash.
    done, encoded = cv2.imencode(".png", image, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    if not done:
        raise RuntimeError("OpenCV could not encode a PNG")
    return encoded.tobytes()
