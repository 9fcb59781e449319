from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest

from edgeproof.edge import modelfile
from edgeproof.edge.classifier import Classifier
from edgeproof.edge.contract import ImageInput
from edgeproof.edge.hands import hand_pictures
from edgeproof.edge.preprocess import to_pixels, to_real
from edgeproof.export.layers.files import are_comparable
from edgeproof.export.layers.noise import Layer, Meter, match, noisiest, worst
from edgeproof.export.layers.onnx import compare_onnx, onnx_noise
from edgeproof.export.layers.tflite import compare_tflite, tflite_noise


@pytest.fixture(scope="module")
def samples(models: Path) -> list[np.ndarray]:
    spec = Classifier.open(models / "rps-fp32.tflite").contract.input
    assert isinstance(spec, ImageInput)
    return [to_real(to_pixels(picture, spec)[None], spec) for _, picture in hand_pictures(4, 5, 96, 128, tidy=True)]


def model(models: Path, name: str) -> bytes:
    return modelfile.read(models / name).model


def test_the_meter_gives_decibels() -> None:
    meter = Meter()
    meter.add("a", np.array([10.0, 0.0]), np.array([10.0, 1.0]))  # noise 1 in a signal of 100
    meter.add("b", np.array([3.0]), np.array([3.0]))
    meter.add("b", np.array([4.0]), np.array([1.5]))  # over both samples, 6.25 in 25
    meter.add("c", np.zeros(1), np.ones(1))
    layers = [Layer(name.upper(), name, inputs) for name, inputs in [("a", ()), ("b", ("a",)), ("c", ()), ("d", ())]]
    a, b, c = meter.compare(layers)
    assert (a.name, a.snr, a.added) == ("A", pytest.approx(20), pytest.approx(0.01))
    assert (b.snr, b.added) == (pytest.approx(6.0206, abs=1e-4), pytest.approx(0.25 - 0.01))
    assert c.snr == -200
    assert [layer.name for layer in worst((a, b, c), 2)] == ["C", "B"]
    assert noisiest((a, b, c), 5) == ("C", "B", "A")


def test_names_match_in_part_where_that_is_plain() -> None:
    wanted = ["x/Relu;x/BiasAdd", "y/MatMul", "z__8", "p;shared", "q;shared"]
    found = ["x/BiasAdd;x/convolution", "y/MatMul", "z__27", "shared"]
    assert match(wanted, found) == {
        "x/Relu;x/BiasAdd": "x/BiasAdd;x/convolution",
        "y/MatMul": "y/MatMul",
        "z__8": "z__27",
    }


@pytest.mark.parametrize("kind", ["tflite", "onnx"])
def test_every_layer_of_the_int8_file_follows_the_float_one(models: Path, samples: list[np.ndarray], kind: str) -> None:
    compare = compare_tflite if kind == "tflite" else compare_onnx
    layers = compare(model(models, f"rps-fp32.{kind}"), model(models, f"rps-int8.{kind}"), samples)
    # three convolutions, three poolings, two dense layers and the softmax
    assert len(layers) == 9
    assert all(25 < layer.snr < 60 for layer in layers)


@pytest.mark.parametrize("kind", ["tflite", "onnx"])
def test_a_file_follows_itself_without_noise(models: Path, samples: list[np.ndarray], kind: str) -> None:
    compare = compare_tflite if kind == "tflite" else compare_onnx
    file = model(models, f"rps-fp32.{kind}")
    assert {(layer.snr, layer.added) for layer in compare(file, file, samples)} == {(200.0, 0.0)}


@pytest.mark.parametrize(
    ("name", "layers"), [("fp16.tflite", 5), ("dynamic.tflite", 9), ("int16x8.tflite", 9), ("fp16.onnx", 9)]
)
def test_other_precisions_are_compared_too(exported: Path, samples: list[np.ndarray], name: str, layers: int) -> None:
    # With float16 weights, TFLite's converter names some fused layers after other parts of them.
    compare = compare_tflite if name.endswith("tflite") else compare_onnx
    floats = model(exported, f"rps-fp32.{name.rpartition('.')[2]}")
    found = compare(floats, model(exported, f"rps-{name}"), samples)
    assert len(found) >= layers
    assert all(layer.snr > 20 for layer in found)


def test_onnx_layers_are_named_after_the_nodes_that_compute(models: Path, samples: list[np.ndarray]) -> None:
    floats = model(models, "rps-fp32.onnx")
    nodes = {node.name: node.op_type for node in onnx.load_from_string(floats).graph.node}
    layers = compare_onnx(floats, model(models, "rps-int8.onnx"), samples)
    kinds = [nodes[layer.name] for layer in layers]
    assert kinds == ["Conv", "MaxPool"] * 3 + ["Gemm", "Gemm", "Softmax"]


def test_a_layer_that_was_broken_brings_in_the_most_noise(models: Path, samples: list[np.ndarray]) -> None:
    broken = onnx.load_from_string(model(models, "rps-int8.onnx"))
    scale = next(t for t in broken.graph.initializer if t.name == "sequential_1/conv2d_1_2/Relu:0_scale")
    scale.CopyFrom(onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(scale) / np.float32(4), scale.name))
    layers = compare_onnx(model(models, "rps-fp32.onnx"), broken.SerializeToString(), samples)
    assert noisiest(layers, 1) == ("sequential_1/conv2d_1_2/BiasAdd",)


def test_the_worst_come_first(models: Path, samples: list[np.ndarray]) -> None:
    for kind, noise in (("tflite", tflite_noise), ("onnx", onnx_noise)):
        layers = noise(model(models, f"rps-fp32.{kind}"), model(models, f"rps-int8.{kind}"), samples, count=4)
        assert len(layers) == 4
        assert [layer.snr for layer in layers] == sorted(layer.snr for layer in layers)


SCALE = onnx.numpy_helper.from_array(np.float32(1 / 255), "scale")
SCALES = onnx.numpy_helper.from_array(np.full(2, 1 / 255, np.float32), "scales")
ZERO = onnx.numpy_helper.from_array(np.uint8(3), "zero")
WEIGHTS = onnx.numpy_helper.from_array(np.array([[1.0, -1.0], [0.5, 2.0]], np.float32), "weights")


def taking(dtype: int, *begins: onnx.NodeProto) -> modelfile.ModelFile:
    """An ONNX file of one layer, which reads "real"; the nodes before it make that of the input, "x"."""
    last = onnx.helper.make_node("MatMul", ["real", "weights"], ["y"], "layer")
    ends = [
        onnx.helper.make_tensor_value_info("x", dtype, (1, 2)),
        onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, (1, 2)),
    ]
    constants = [SCALE, SCALES, ZERO, WEIGHTS]
    graph = onnx.helper.make_graph([*begins, last], "graph", ends[:1], ends[1:], constants)
    made = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)
    return modelfile.parse(made.SerializeToString(), "made.onnx")


def dequantizing(*inputs: str) -> modelfile.ModelFile:
    return taking(onnx.TensorProto.UINT8, onnx.helper.make_node("DequantizeLinear", ["x", *inputs], ["real"]))


FLOATS = taking(onnx.TensorProto.FLOAT, onnx.helper.make_node("Identity", ["x"], ["real"]))
PIXELS = taking(
    onnx.TensorProto.UINT8,
    onnx.helper.make_node("Cast", ["x"], ["cast"], to=onnx.TensorProto.FLOAT),
    onnx.helper.make_node("Mul", ["cast", "scale"], ["real"]),
)


@pytest.mark.parametrize(("inputs", "zero"), [(("scale", "zero"), 3), (("scale",), 0), (("scale", ""), 0)])
def test_integers_whose_meaning_is_in_the_graph_are_compared(inputs: tuple[str, ...], zero: int) -> None:
    candidate = dequantizing(*inputs)
    assert are_comparable(FLOATS, candidate)
    exact = np.array([[10.0 - zero, 255.0 - zero]], np.float32) / 255
    ((name, snr),) = [(layer.name, layer.snr) for layer in onnx_noise(FLOATS.model, candidate.model, [exact])]
    assert name == "layer"
    assert snr > 100


@pytest.mark.parametrize("unknown", [PIXELS, dequantizing("scales"), dequantizing("computed")])
def test_integers_of_unknown_meaning_are_not_compared(unknown: modelfile.ModelFile) -> None:
    assert not are_comparable(FLOATS, unknown)
    assert not are_comparable(unknown, FLOATS)
