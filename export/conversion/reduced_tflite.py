"""Float32 TFLite → weights of float16 or int8, activations in floats: litert-quantizer, on the finished flatbuffer.

It makes what TensorFlow's converter makes of the network a second time, in a fraction of the time.
"""

from __future__ import annotations

import io
from contextlib import redirect_stdout

from litert_quantizer.qtyping import TFLOperationName
from litert_quantizer.quantizer import Quantizer
from litert_quantizer.recipe import AlgorithmName

from ...edge.contract import Precision
from ...edge.native_noise import muted

_EVERYTHING = ".*"  # of the layers' names


def reduced_tflite(model: bytes, precision: Precision) -> bytes:
    """Bring the weights of a float32 flatbuffer to FLOAT16, or to int8 and activations to DYNAMIC ranges."""
    quantizer = Quantizer(model)
    if precision is Precision.FLOAT16:
        quantizer.add_weight_only_config(
            _EVERYTHING, TFLOperationName.ALL_SUPPORTED, num_bits=16, algorithm_key=AlgorithmName.FLOAT_CASTING
        )
    elif precision is Precision.DYNAMIC:
        quantizer.add_dynamic_config(_EVERYTHING, TFLOperationName.ALL_SUPPORTED, num_bits=8)
    else:
        raise ValueError(f"expected float16 or dynamic, received {precision.value}")
    with muted(), redirect_stdout(io.StringIO()):  # a bar of progress, and a table of sizes
        return bytes(quantizer.quantize().quantized_model)
