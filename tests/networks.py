"""Small networks of every kind that conversion treats in a way of its own, and the interpreters that answer."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import onnx
import onnxruntime
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter
from keras import layers
from numpy.typing import NDArray

from edgeproof.edge.contract import ImageInput
from edgeproof.export.calibration import CalibrationSet, of_pictures
from edgeproof.export.network import Network, of_keras

SIDE = 8  # pixels
LARGE = 512  # units: a kernel of 512 × 512 is one that conversion does not carry along


def spec_of(network: Network) -> ImageInput:
    """Pictures of the size that a network takes."""
    height, width, channels = (side or SIDE for side in network.input_shape)
    return ImageInput(height=height, width=width, channels=channels)


def make(name: str) -> Network:
    """Build one of `NETWORKS`, bound to its input."""
    keras.utils.set_random_seed(7)
    inputs = keras.Input((SIDE, SIDE, 3))
    model = keras.Model(inputs, NETWORKS[name](inputs))
    rng = np.random.default_rng(7)
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            count = layer.gamma.shape[0]
            layer.set_weights([rng.uniform(low, high, count) for low, high in ((0.5, 2), (-1, 1), (-1, 1), (0.2, 3))])
    network = of_keras(model)
    return network.bound(spec_of(network))


def pictures(network: Network, count: int = 4, seed: int = 0) -> NDArray[np.uint8]:
    """Give random pictures for a network."""
    shape = (count, *spec_of(network).shape)
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def floats(network: Network, count: int = 4) -> NDArray[np.float32]:
    """Give the same pictures as the network takes them."""
    return (pictures(network, count) / np.float32(255)).astype(np.float32)


def open_tflite(model: bytes) -> Interpreter:
    """Open a flatbuffer."""
    interpreter = Interpreter(model_content=model)
    interpreter.allocate_tensors()
    return interpreter


def by_tflite(model: bytes, samples: NDArray[np.generic]) -> NDArray[np.generic]:
    """Answer samples, one at a time, with what the output tensor holds."""
    interpreter = open_tflite(model)
    (given,), (made,) = interpreter.get_input_details(), interpreter.get_output_details()
    answers = []
    for sample in samples:
        interpreter.set_tensor(given["index"], sample[None])
        interpreter.invoke()
        answers.append(interpreter.get_tensor(made["index"])[0])
    return np.stack(answers)


def by_onnx(model: bytes, samples: NDArray[np.generic]) -> NDArray[np.generic]:
    """Answer samples, one at a time."""
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return np.stack([session.run(None, {name: sample[None]})[0][0] for sample in samples])


def run_onnx(model: onnx.ModelProto, fed: dict[str, NDArray[np.generic]]) -> list[NDArray[np.generic]]:
    """Compute all outputs, operator by operator, as the graph has them."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    outputs: list[NDArray[np.generic]] = session.run(None, fed)
    return outputs


def calibration(network: Network, count: int = 6) -> CalibrationSet:
    """Calibrate a network on random pictures."""
    return of_pictures(pictures(network, count, seed=1), (), spec_of(network))


def _convolutions(x: keras.KerasTensor) -> keras.KerasTensor:
    for filters in (12, 16):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=filters == 12)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
    return _head(layers.GlobalAveragePooling2D()(x))


def _depthwise(x: keras.KerasTensor) -> keras.KerasTensor:
    x = layers.Conv2D(64, 1, use_bias=False)(x)
    x = layers.DepthwiseConv2D(3, padding="same", use_bias=False)(x)
    x = layers.ReLU(max_value=6.0)(layers.BatchNormalization()(x))
    return _head(layers.Flatten()(layers.MaxPooling2D()(x)))


def _separable(x: keras.KerasTensor) -> keras.KerasTensor:
    x = layers.SeparableConv2D(16, 3, activation="relu")(x)
    x = layers.BatchNormalization()(layers.SeparableConv2D(32, 3, depth_multiplier=2)(x))
    return _head(layers.Flatten()(layers.AveragePooling2D(2)(x)))


def _residual(x: keras.KerasTensor) -> keras.KerasTensor:
    first = layers.Conv2D(16, 3, padding="same", activation="relu")(x)
    second = layers.BatchNormalization()(layers.Conv2D(16, 3, padding="same", use_bias=False)(first))
    both = layers.Concatenate()([layers.Add()([first, second]), layers.AveragePooling2D(3, 1, "same")(first)])
    return layers.Dense(1, activation="sigmoid")(layers.GlobalAveragePooling2D()(both))


def _two_readers(x: keras.KerasTensor) -> keras.KerasTensor:
    """A convolution whose plain output is read beside the normalized one."""
    plain = layers.Conv2D(16, 3, use_bias=False)(x)
    return _head(layers.Flatten()(layers.Concatenate()([layers.BatchNormalization()(plain), plain])))


def _dense_relu(x: keras.KerasTensor) -> keras.KerasTensor:
    return _head(layers.Dense(1400, activation="relu")(layers.Flatten()(x)))  # 192 × 1400 weights


def _dense_normalized(x: keras.KerasTensor) -> keras.KerasTensor:
    return _head(layers.ReLU()(layers.BatchNormalization()(layers.Dense(1400)(layers.Flatten()(x)))))


def _dense_alike(x: keras.KerasTensor) -> keras.KerasTensor:
    """Two large kernels of one shape, and square."""
    x = layers.Dense(LARGE, activation="relu")(layers.Flatten()(x))
    return _head(layers.Dense(LARGE, activation="relu")(layers.Dense(LARGE, activation="relu")(x)))


def _dense_scaled(x: keras.KerasTensor) -> keras.KerasTensor:
    """Two large kernels of one shape that the converter multiplies, each so that it may look like the other."""
    x = layers.Dense(LARGE, activation="relu")(layers.Flatten()(x))
    x = layers.ReLU()(layers.Rescaling(2.0)(layers.Dense(LARGE)(x)))
    return _head(layers.ReLU()(layers.Rescaling(0.5)(layers.Dense(LARGE)(x))))


def _dense_shared(x: keras.KerasTensor) -> keras.KerasTensor:
    shared = layers.Dense(LARGE, activation="relu")
    return _head(shared(shared(layers.Dense(LARGE)(layers.Flatten()(x)))))


def _dense_transposed(x: keras.KerasTensor) -> keras.KerasTensor:
    """A large square kernel that lies the other way round."""
    x = layers.Dense(LARGE, activation="relu")(layers.Flatten()(x))
    return _head(layers.EinsumDense("ab,cb->ac", LARGE, activation="relu")(x))


class _Backwards(layers.Layer):
    """A dense layer whose kernel has one row for each unit."""

    def build(self, shape: tuple[int | None, ...]) -> None:
        self.kernel = self.add_weight(shape=(LARGE, shape[-1]), initializer="glorot_uniform")

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return tf.matmul(x, self.kernel, transpose_b=True)


def _dense_backwards(x: keras.KerasTensor) -> keras.KerasTensor:
    return _head(layers.ReLU()(_Backwards()(layers.Dense(LARGE, activation="relu")(layers.Flatten()(x)))))


def _dense_on_places(x: keras.KerasTensor) -> keras.KerasTensor:
    """A large dense layer that is applied to every place of a map."""
    x = layers.Conv2D(LARGE, 3, 4, activation="relu")(x)
    return _head(layers.GlobalAveragePooling2D()(layers.Dense(LARGE, activation="relu")(x)))


def _recurrent(x: keras.KerasTensor) -> keras.KerasTensor:
    return _head(layers.LSTM(16)(layers.Reshape((SIDE, 3 * SIDE))(x)))


def _spectral(x: keras.KerasTensor) -> keras.KerasTensor:
    """Has a variable of 1 × 600 that answering does not read."""
    return _head(layers.SpectralNormalization(layers.Dense(600, activation="relu"))(layers.Flatten()(x)))


def _without_integers(x: keras.KerasTensor) -> keras.KerasTensor:
    """TFLite has no ELU of integers."""
    x = layers.Activation("elu")(layers.Conv2D(16, 3)(x))
    return _head(layers.GlobalAveragePooling2D()(layers.Conv2D(16, 3, activation="relu")(x)))


def _head(x: keras.KerasTensor) -> keras.KerasTensor:
    return layers.Dense(5, activation="softmax")(x)


NETWORKS: dict[str, Callable[[keras.KerasTensor], keras.KerasTensor]] = {
    "convolutions": _convolutions,
    "depthwise": _depthwise,
    "separable": _separable,
    "residual": _residual,
    "two readers": _two_readers,
    "dense, relu": _dense_relu,
    "dense, normalized": _dense_normalized,
    "dense, alike": _dense_alike,
    "dense, scaled": _dense_scaled,
    "dense, shared": _dense_shared,
    "dense, transposed": _dense_transposed,
    "dense, backwards": _dense_backwards,
    "dense, on places": _dense_on_places,
    "recurrent": _recurrent,
    "spectral": _spectral,
    "without integers": _without_integers,
}
