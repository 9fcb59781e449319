"""The parts of a model file, made up."""

from __future__ import annotations

from edgeproof.edge import modelfile
from edgeproof.edge.contract import Activation, Contract, Format, ImageInput, ModelOutput
from edgeproof.edge.errors import InputError
from edgeproof.edge.modelfile import onnx, tflite

GOLDEN = [f"rps-{precision}.{kind}" for precision in ("int8", "fp32") for kind in ("tflite", "onnx")]
SMALL = [name.replace("rps", "hello") for name in GOLDEN]  # small enough to try every bit
CONTRACT = Contract("tiny", ImageInput(height=2, width=2, channels=3), ModelOutput(Activation.SOFTMAX, ("päper", "b")))
# The least bytes that pass for a model: a flatbuffer with TFLite's identifier; a ModelProto with ir_version = 8.
MODEL = {Format.TFLITE: b"\x1c\x00\x00\x00TFL3" + bytes(range(40)), Format.ONNX: b"\x08\x08"}
FORMATS = [(Format.TFLITE, tflite), (Format.ONNX, onnx)]


def outcome(data: bytes) -> str:
    """Say what a file is taken for; any exception but InputError fails the test."""
    try:
        file = modelfile.parse(data, "file")
    except InputError as error:
        return "refused" if "\n" not in str(error) else "refused on many lines"
    return "contract" if file.contract is not None else "foreign"
