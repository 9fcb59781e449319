"""Defects inside an ONNX file: the constants of its QuantizeLinear and DequantizeLinear nodes, and its weights."""

from __future__ import annotations

import numpy as np
import onnx
from numpy.typing import NDArray

from edgeproof.edge.contract import Format
from edgeproof.export.parity.report import Suspect

from .vocabulary import Broken, Good, Kind, Workshop

Draw = np.random.Generator


class _File:
    """A model whose constants can be replaced."""

    def __init__(self, model: bytes) -> None:
        self.model = onnx.load_from_string(model)
        self._tensors = {tensor.name: tensor for tensor in self.model.graph.initializer}
        nodes = self.model.graph.node
        self.stored = [node for node in nodes if node.op_type == "QuantizeLinear"]
        self.read = [
            node for node in nodes if node.op_type == "DequantizeLinear" and node.input[0] not in self._tensors
        ]

    @property
    def bytes(self) -> bytes:
        """The file as it is now."""
        return bytes(self.model.SerializeToString())

    def value(self, name: str) -> NDArray[np.generic]:
        """Give a constant."""
        return np.array(onnx.numpy_helper.to_array(self._tensors[name]))

    def change(self, name: str, value: NDArray[np.generic]) -> None:
        """Replace a constant wherever it is used."""
        self._tensors[name].CopyFrom(onnx.numpy_helper.from_array(np.asarray(value), name))

    def change_for(self, node: onnx.NodeProto, index: int, value: NDArray[np.generic]) -> None:
        """Give one node a constant of its own."""
        name = f"{node.name}_own_{index}"
        self.model.graph.initializer.append(onnx.numpy_helper.from_array(np.asarray(value), name))
        node.input[index] = name

    def weights(self) -> list[str]:
        """Name the weights of more than one dimension: the network's, or their int8 values' scales."""
        nodes = [node for node in self.model.graph.node if node.op_type == "DequantizeLinear"]
        scales = [
            node.input[1] for node in nodes if node.input[0] in self._tensors and self.value(node.input[0]).ndim > 1
        ]
        return scales or [name for name in self._tensors if self.value(name).ndim > 1]


def saturated(model: bytes, place: int, factor: float) -> bytes:
    """Let an activation, and all that share its scale, end at 1 / factor of its range."""
    file = _File(model)
    name = file.stored[place].input[1]
    file.change(name, (file.value(name) / np.float32(factor)).astype(np.float32))
    return file.bytes


def misread(model: bytes, place: int, *, scale: float = 1.0, steps: int = 0) -> bytes:
    """Read an activation back with another scale and zero point than it was stored with."""
    file = _File(model)
    node = file.read[place]
    file.change_for(node, 1, (file.value(node.input[1]) * np.float32(scale)).astype(np.float32))
    file.change_for(node, 2, np.clip(file.value(node.input[2]).astype(int) + steps, 0, 255).astype(np.uint8))
    return file.bytes


def scaled(model: bytes, place: int, share: float, factor: float, rng: Draw) -> bytes:
    """Scale the weights of some of a layer's channels wrongly."""
    file = _File(model)
    name = file.weights()[place]
    values = file.value(name)
    if values.ndim > 1:  # floats: a dense layer's channels are its columns, a convolution's its rows
        axis = 1 if values.ndim == 2 else 0
        channels = _some(values.shape[axis], share, rng)
        values[(slice(None), channels) if axis else channels] *= np.float32(factor)
    elif values.ndim:
        values[_some(len(values), share, rng)] *= np.float32(factor)
    else:
        values = values * np.float32(factor)
    file.change(name, values)
    return file.bytes


def _some(count: int, share: float, rng: Draw) -> NDArray[np.int64]:
    return rng.choice(count, max(1, round(share * count)), replace=False)


def _saturated(file: Good, _: Workshop, rng: Draw) -> Broken:
    # The last is the scores', which lie from 0 to 1.
    places = len(_File(file.model).stored) - 1
    place = int(rng.integers(places))
    factor = float(np.exp(rng.uniform(0.5, 1.7 + 1.5 * place / places)))
    return Broken(
        f"activation {place} saturates at 1/{factor:.2f}", file.open(model=saturated(file.model, place, factor))
    )


def _misread(file: Good, _: Workshop, rng: Draw) -> Broken:
    places = len(_File(file.model).read) - 1  # but for the scores, which have a kind of their own
    place = int(rng.integers(places))
    factor, steps = float(np.exp(rng.normal(0, 0.8))), int(rng.choice([-1, 1]) * np.exp(rng.uniform(1.5, 4.5)))
    by_scale = bool(rng.integers(2))
    changed = misread(file.model, place, scale=factor) if by_scale else misread(file.model, place, steps=steps)
    text = f"scale × {factor:.2f}" if by_scale else f"zero point off by {steps}"
    return Broken(f"activation {place} of {places}: {text}", file.open(model=changed))


def _misread_scores(file: Good, _: Workshop, rng: Draw) -> Broken:
    factor = float(rng.choice([0.25, 0.5, 2.0, 4.0]))
    changed = misread(file.model, len(_File(file.model).read) - 1, scale=factor)
    return Broken(f"scores × {factor}", file.open(model=changed), frozenset({Suspect.OUTPUT}))


def _scaled(file: Good, _: Workshop, rng: Draw) -> Broken:
    layer, share = int(rng.integers(len(_File(file.model).weights()))), float(np.exp(rng.uniform(-2, 0)))
    factor = float(rng.choice([-1.0, 0.0, 0.3, 2.0, 3.0]) if not file.quantized else rng.choice([0.1, 0.4, 2.0, 3.0]))
    changed = scaled(file.model, layer, share, factor, rng)
    return Broken(f"{share:.0%} of the channels of layer {layer} × {factor}", file.open(model=changed))


def _is_int8(file: Good) -> bool:
    return file.format is Format.ONNX and file.quantized


KINDS = (
    Kind("saturating layer (onnx)", _is_int8, _saturated),
    Kind("misread activation (onnx)", _is_int8, _misread),
    Kind("wrong output scale (onnx)", _is_int8, _misread_scores),
    Kind("wrong weight scales (onnx)", lambda file: file.format is Format.ONNX, _scaled),
)
