"""What this machine answers: the scores of each model on its golden frames and on the material's.

python scores_here.py INTERPRETER MATERIAL OUT MODEL…
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgeproof.edge import modelfile
from edgeproof.edge.classifier import Classifier
from edgeproof.edge.contract import Contract, ImageInput
from edgeproof.edge.preprocess import InputWriter, decode_image
from material import Material

_THREADS = 1  # sums are then added in one order
_NUMBERS = 9  # samples of a network that takes numbers


def samples(file: modelfile.ModelFile, contract: Contract, material: Material) -> Iterator[NDArray[np.generic]]:
    """Give the golden samples, and then the material's frames."""
    for golden in contract.proof.golden if contract.proof else ():
        content = file.members[golden.file]
        picture = isinstance(contract.input, ImageInput)
        yield decode_image(content, golden.file) if picture else np.array(json.loads(content), np.float32)
    if isinstance(contract.input, ImageInput):
        yield from (frame for name, frame in material.frames.items() if not name.startswith("noise"))
        yield from (decode_image(data.tobytes(), name) for name, data in material.encoded.items())
        yield from _fitting(contract.input, material)
    else:
        yield from np.linspace(-10, 20, _NUMBERS, dtype=np.float32)[:, None]


def _fitting(spec: ImageInput, material: Material) -> Iterator[NDArray[np.generic]]:
    """Cut pieces that need no resizing: whatever the resize does, the interpreter gets the same tensor."""
    for frame in material.frames.values():
        if frame.shape[0] >= spec.height and frame.shape[1] >= spec.width:
            yield np.ascontiguousarray(frame[: spec.height, : spec.width])


def answers(path: Path, interpreter: str, material: Material) -> tuple[NDArray[np.float32], list[str]]:
    """Answer every sample.

    Returns:
        The scores, float32 of shape (samples, units), and the SHA-256 of each input tensor.
    """
    classifier = Classifier.open(path, interpreter=interpreter, threads=_THREADS)
    scores, tensors = [], []
    for sample in samples(modelfile.read(path), classifier.contract, material):
        scores.append(classifier.classify(sample).scores)
        # A runtime may use the memory of its input again, so the tensor is written once more.
        tensor = np.empty((1, *classifier.contract.input.tensor_shape), classifier.contract.input.dtype)
        InputWriter(classifier.contract.input).write(sample, tensor)
        tensors.append(hashlib.sha256(tensor.tobytes()).hexdigest())
    return np.stack(scores), tensors


def main(interpreter: str, material: str, out: str, *models: str) -> None:
    """Write scores and tensors of every model to an .npz file, under the model's name."""
    arrays: dict[str, NDArray[np.generic]] = {}
    for model in models:
        scores, tensors = answers(Path(model), interpreter, Material.read(Path(material)))
        arrays[f"scores {Path(model).name}"] = scores
        arrays[f"tensors {Path(model).name}"] = np.array(tensors)
    np.savez(out, **arrays)  # type: ignore[arg-type]  # names are free


if __name__ == "__main__":
    main(*sys.argv[1:])
