"""ai-edge-litert, the maintained TFLite interpreter."""

import ai_edge_litert
from ai_edge_litert.interpreter import Interpreter

from .tflite_api import TFLiteInterpreter


def open_model(model: bytes, threads: int | None, shape: tuple[int, ...] | None = None) -> TFLiteInterpreter:
    """Load a TFLite model in ai-edge-litert; raises InputError where it refuses the model."""
    return TFLiteInterpreter(f"ai-edge-litert {ai_edge_litert.__version__}", Interpreter, model, threads, shape)
