"""tflite-runtime, the older TFLite interpreter: 32-bit Arm, and numpy below 2."""

import tflite_runtime
from tflite_runtime.interpreter import Interpreter

from .tflite_api import TFLiteInterpreter


def open_model(model: bytes, threads: int | None, shape: tuple[int, ...] | None = None) -> TFLiteInterpreter:
    """Load a TFLite model in tflite-runtime; raises InputError where it refuses the model."""
    return TFLiteInterpreter(f"tflite-runtime {tflite_runtime.__version__}", Interpreter, model, threads, shape)
