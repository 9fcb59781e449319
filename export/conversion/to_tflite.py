"""What a .tflite file says of itself: contract, lowest runtime, standard metadata."""

from __future__ import annotations

from dataclasses import replace

from ...edge.contract import Contract, Format, ImageInput, Precision
from ...edge.errors import InputError
from ...edge.interpreters import open_interpreter
from ...edge.modelfile import axis_labels
from ...edge.preprocess import is_of_pixels, pixel_quantization
from . import tflite_metadata
from .flatbuffer import minimum_runtime, with_entry

PRECISIONS = tuple(precision for precision in Precision if precision is not Precision.MIXED)


def describe(model: bytes, contract: Contract) -> Contract:
    """Complete a contract with what the converter chose: dtypes, quantization, and the lowest runtime version.

    Raises:
        InputError: an int8 input is not uint8 with the scale of a pixel.
    """
    loaded = open_interpreter(model, Format.TFLITE, threads=1)
    spec = replace(contract.input, dtype=loaded.input.dtype, quantization=loaded.input.quantization)
    if isinstance(spec, ImageInput) and spec.dtype == "uint8":
        given = spec.quantization
        if given is None or not is_of_pixels(given, spec):
            raise InputError(f"expected the input quantization {pixel_quantization(spec)}, received {given}")
    output = replace(contract.output, dtype=loaded.output.dtype, quantization=loaded.output.quantization)
    return replace(contract, input=spec, output=output)


def runtime(model: bytes) -> str:
    """Name the lowest runtime that can load the model."""
    return f"TFLite {minimum_runtime(model) or 'of any version'}"


def with_metadata(model: bytes, contract: Contract) -> bytes:
    """Put the standard TFLite Metadata into a model, so that MediaPipe Tasks and others read the labels."""
    spec = contract.input
    low, high = spec.range
    # (pixel − mean) / std gives what the float network takes, from low for 0 to high for 255.
    std = 255 / (high - low)
    metadata = tflite_metadata.ClassifierMetadata(
        name=contract.name,
        description=f"{contract.name}, exported by edgeproof; contract.json in this file says the rest",
        version="1",
        input_name="image" if isinstance(spec, ImageInput) else "numbers",
        output_name="probabilities" if contract.output.labels else "values",
        mean=(0.0 - low) * std,
        std=std,
        low=low,
        high=high,
        channels=spec.channels if isinstance(spec, ImageInput) else 0,
        labels_file=axis_labels(contract.output),
    )
    return with_entry(model, tflite_metadata.ENTRY, tflite_metadata.build(metadata))
