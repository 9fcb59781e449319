"""`tools/bench export`: conversion of the article's InceptionV3 network, beside the plain calls of the libraries."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import harness
import keras
import numpy as np
import onnx
import tensorflow as tf
import tf2onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process
from onnxruntime.transformers.float16 import convert_float_to_float16
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from edgeproof.edge.contract import Activation, Format, ImageInput, ModelOutput, Precision
from edgeproof.edge.native_noise import muted
from edgeproof.export import calibration
from edgeproof.export.calibration import CalibrationSet
from edgeproof.export.conversion import to_onnx, to_tflite
from edgeproof.export.conversion.origin import Origin
from edgeproof.export.network import Network, of_keras
from edgeproof.train.models import load_recipe
from edgeproof.train.models.choices import Choices

_SPEC = ImageInput(height=150, width=150, channels=3)
_SAMPLES = 100
_CHILD = "--child"
_MOST = 4.0  # times the float weights
_FILES = [(kind, one) for kind, of in ((Format.TFLITE, to_tflite), (Format.ONNX, to_onnx)) for one in of.PRECISIONS]
_MEMORY = [
    ("peak memory of float32, TFLite", "fp32.tflite"),
    ("peak memory of float32, ONNX", "fp32.onnx"),
    ("peak memory of int8, TFLite", "int8.tflite"),
    ("peak memory of int8, ONNX", "int8.onnx"),
    ("peak memory of all eight files", "all"),
]


def main() -> None:
    """Measure, and print a table."""
    parser = harness.parser("export", __doc__ or "")
    parser.set_defaults(rounds=1)
    parser.add_argument(_CHILD, metavar="WORK", help="measure the memory of some work, in this process")
    options = parser.parse_args()
    if options.child:
        print(_grown(options.child))  # noqa: T201 - what the parent reads
        return
    # The plain calls take many gigabytes; their memory is measured before this process has made them too.
    limits, plain = [_memory(*work) for work in _MEMORY], _in_child("plain")
    network, samples = _network(), _samples()
    sides = _Plain(network, samples)
    onnx_ours, onnx_theirs = _alternate(options.rounds, lambda: _our_onnx(network, samples), sides.float_onnx)
    all_ours, all_theirs = _alternate(options.rounds, lambda: _our_files(network, samples), sides.all_files)
    harness.report(
        [
            harness.cost("ONNX float32 of inception, beside tf2onnx", onnx_ours, onnx_theirs, "s", 8),
            harness.cost("all eight files, beside the plain calls", all_ours, all_theirs, "s", 3),
            *limits,
            harness.cost(
                "peak memory of all eight files, beside the plain calls", [limits[-1].ours], [plain], "× weights", 1
            ),
        ],
        options.json,
    )


def _network() -> Network:
    """Build the article's transfer network with weights that nothing was learned by, which changes no time."""
    keras.utils.set_random_seed(0)
    backbone = keras.applications.InceptionV3(include_top=False, weights=None)
    with tempfile.TemporaryDirectory() as name:
        weights = Path(name) / "random.weights.h5"
        backbone.save_weights(weights)
        output = ModelOutput(Activation.SIGMOID, ("cats", "dogs"))
        model = load_recipe("inception").build(_SPEC, output, Choices(weights=weights)).model
    return of_keras(model).bound(_SPEC)


def _samples() -> CalibrationSet:
    pixels = np.random.default_rng(0).integers(0, 256, (_SAMPLES, *_SPEC.shape)).astype(np.uint8)
    return calibration.of_pictures(pixels, (), _SPEC)


def _our_onnx(network: Network, samples: CalibrationSet) -> None:
    Origin(network, samples).convert(Format.ONNX, Precision.FLOAT32)


def _our_files(network: Network, samples: CalibrationSet) -> None:
    origin = Origin(network, samples)
    for kind, precision in _FILES:
        origin.convert(kind, precision)


class _Plain:
    """The same files by the libraries' own calls, one after another."""

    def __init__(self, network: Network, samples: CalibrationSet) -> None:
        self._network, self._samples = network, samples

    def all_files(self) -> None:
        """Make the eight files."""
        for precision in to_tflite.PRECISIONS:
            self._tflite(precision)
        floats = self.float_onnx()
        convert_float_to_float16(floats, keep_io_types=True)
        # The conversion to float16 changes what it is given.
        self._quantized(self.float_onnx())

    def float_onnx(self) -> onnx.ModelProto:
        """Convert with tf2onnx."""
        signature = [tf.TensorSpec((1, *_SPEC.shape), tf.float32, "input")]
        model, _ = tf2onnx.convert.from_function(self._network.as_function(_SPEC), input_signature=signature, opset=17)
        model.SerializeToString()
        return model

    def _tflite(self, precision: Precision) -> bytes:
        function = convert_variables_to_constants_v2(self._network.as_function(_SPEC).get_concrete_function())
        converter = tf.lite.TFLiteConverter.from_concrete_functions([function])
        kinds = tf.lite.OpsSet
        if precision is not Precision.FLOAT32:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if precision is Precision.FLOAT16:
            converter.target_spec.supported_types = [tf.float16]
        if precision in (Precision.INT8, Precision.INT16X8):
            converter.representative_dataset = lambda: ([sample] for sample in self._samples)
            int16 = kinds.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
            int8 = kinds.TFLITE_BUILTINS_INT8
            converter.target_spec.supported_ops = [int16 if precision is Precision.INT16X8 else int8]
        if precision is Precision.INT8:
            converter.inference_input_type = converter.inference_output_type = tf.uint8
        with muted():
            made: bytes = converter.convert()
        return made

    def _quantized(self, model: onnx.ModelProto) -> None:
        with tempfile.TemporaryDirectory() as name:
            source, prepared, target = (str(Path(name) / f"{step}.onnx") for step in ("float", "prepared", "int8"))
            onnx.save(model, source)
            quant_pre_process(source, prepared, skip_symbolic_shape=True)
            quantize_static(
                prepared,
                target,
                _Reader(self._samples),
                quant_format=QuantFormat.QDQ,
                per_channel=True,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
            )


class _Reader(CalibrationDataReader):  # type: ignore[misc]  # onnxruntime has no types
    def __init__(self, samples: CalibrationSet) -> None:
        self._samples = iter(samples)

    def get_next(self) -> dict[str, Any] | None:
        """Give the next sample by input name; None at the end."""
        sample = next(self._samples, None)
        return None if sample is None else {"input": sample}


def _alternate(
    rounds: int, ours: Callable[[], object], theirs: Callable[[], object]
) -> tuple[list[float], list[float]]:
    """Measure both sides in turn; without a round that does not count, since one takes minutes."""
    pairs = [(harness.seconds(ours), harness.seconds(theirs)) for _ in range(rounds)]
    return [mine for mine, _ in pairs], [other for _, other in pairs]


def _memory(name: str, work: str) -> harness.Row:
    """Measure how much a process grows at its peak, in times the float weights, against the most that is allowed."""
    grown = _in_child(work)
    return harness.Row(name, round(grown, 2), _MOST, "× weights", round(_MOST / grown, 3), 1, grown <= _MOST)


def _grown(work: str) -> float:
    """Give by how many times the float weights a process grows at its peak, once the network is there."""
    network, samples = _network(), _samples()
    network.predict(samples.samples[:1])
    before = _peak()
    if work == "plain":
        _Plain(network, samples).all_files()
    else:
        origin = Origin(network, samples)
        for kind, precision in _FILES:
            if work in ("all", f"{precision.value}.{kind.value}"):
                origin.convert(kind, precision)
    return (_peak() - before) / (4 * network.parameters)


def _peak() -> float:
    """Give the most memory that this process ever held, in bytes (Linux); getrusage would count its parent's too."""
    status = Path("/proc/self/status").read_text()
    return 1024 * float(status.split("VmHWM:")[1].split()[0])


def _in_child(work: str) -> float:
    done = subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, __file__, _CHILD, work], capture_output=True, text=True, check=True
    )
    return float(done.stdout.split()[-1])


if __name__ == "__main__":
    main()
