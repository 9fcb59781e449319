"""Keras → TFLite, by TensorFlow's own converter."""

from __future__ import annotations

import logging
import warnings
from dataclasses import replace
from typing import Any

import tensorflow as tf

from ..edge.contract import Contract, Format, ImageInput, Precision
from ..edge.errors import InputError
from ..edge.interpreters import open_interpreter
from ..edge.modelfile import axis_labels
from ..edge.native_noise import muted
from ..edge.preprocess import pixel_quantization
from . import tflite_metadata
from .calibration import CALIBRATED, CalibrationSet
from .flatbuffer import minimum_runtime, operators, with_entry

PRECISIONS = tuple(precision for precision in Precision if precision is not Precision.MIXED)
_FOREIGN = ("CUSTOM:", "Flex")


def convert(frozen: Any, precision: Precision, calibration: CalibrationSet) -> bytes:
    """Convert a frozen function.

    Args:
        frozen: a concrete function without variables, of one float32 input with a batch of 1.
        precision: int8 makes everything integers; for pictures the input and output tensors too (uint8). The others
            take and give floats.
        calibration: the samples that fix the ranges of int8.

    Raises:
        InputError: the network needs operators that are no TFLite builtins.
    """
    logging.getLogger("absl").setLevel(logging.ERROR)  # it warns of a path that freezing has already taken
    converter = tf.lite.TFLiteConverter.from_concrete_functions([frozen])
    _set(converter, precision, calibration)
    try:
        with warnings.catch_warnings(), muted():
            # The converter asks for statistics of quantized inputs, which only quantization-aware training has.
            warnings.filterwarnings("ignore", "Statistics for quantized inputs", UserWarning)
            model: bytes = converter.convert()
    except Exception as error:
        # ConverterError, ValueError and RuntimeError share no other base, and each says much in many lines.
        raise _refusal(error) from error
    foreign = [name for name in operators(model) if name.startswith(_FOREIGN)]
    if foreign:
        raise InputError(f"expected TFLite builtin operators only, received {', '.join(foreign)}; replace those layers")
    return model


def _set(converter: Any, precision: Precision, calibration: CalibrationSet) -> None:
    if precision is Precision.FLOAT32:
        return
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if precision is Precision.FLOAT16:
        converter.target_spec.supported_types = [tf.float16]
    if precision in CALIBRATED:
        converter.representative_dataset = lambda: ([sample] for sample in calibration)
        operators_of = tf.lite.OpsSet
        converter.target_spec.supported_ops = [
            operators_of.TFLITE_BUILTINS_INT8
            if precision is Precision.INT8
            else operators_of.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
        ]
    if precision is Precision.INT8 and isinstance(calibration.spec, ImageInput):
        converter.inference_input_type = converter.inference_output_type = tf.uint8


def describe(model: bytes, contract: Contract) -> Contract:
    """Complete a contract with what the converter chose: dtypes, quantization, and the lowest runtime version.

    Raises:
        InputError: an int8 input is not uint8 with the scale of a pixel.
    """
    loaded = open_interpreter(model, Format.TFLITE, threads=1)
    spec = replace(contract.input, dtype=loaded.input.dtype, quantization=loaded.input.quantization)
    if isinstance(spec, ImageInput) and spec.dtype == "uint8" and spec.quantization != pixel_quantization(spec):
        raise InputError(f"expected the input quantization {pixel_quantization(spec)}, received {spec.quantization}")
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


def _refusal(error: Exception) -> InputError:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    needs = next((line for line in lines if "Flex" in line or "custom" in line.lower()), lines[0] if lines else "")
    return InputError(
        f"expected a network of TFLite builtin operators, received one the converter refuses: {needs[:300]}"
    )
