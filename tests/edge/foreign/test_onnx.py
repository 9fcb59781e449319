"""ONNX models as others make them: planes, bytes, free sizes, logits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edgeproof.edge.classifier import Classifier
from edgeproof.edge.errors import InputError

pytest.importorskip("onnxruntime")
helper = pytest.importorskip("onnx.helper")

FLOAT, UINT8, INT8, FLOAT16 = 1, 2, 3, 10
PLANES = (1, 3, 8, 6)
# Blue, green and red of one colour.
FRAME = np.full((30, 40, 3), (51, 102, 255), np.uint8)


def model(
    path: Path, shape: tuple[object, ...], kind: int = FLOAT, axes: tuple[int, ...] = (2, 3), last: str = "Identity"
) -> Path:
    """Write a model whose scores are the means of its channels: (1, 3), or (1, 3, 1, 1) where `last` is none."""
    nodes = [
        helper.make_node("Cast", ["x"], ["real"], to=FLOAT),
        helper.make_node("ReduceMean", ["real"], ["mean"], axes=list(axes), keepdims=int(not last)),
        helper.make_node(last or "Identity", ["mean"], ["y"]),
    ]
    ends = [
        helper.make_tensor_value_info("x", kind, shape),
        helper.make_tensor_value_info("y", FLOAT, (1, 3) if last else (1, 3, 1, 1)),
    ]
    graph = helper.make_graph(nodes, "means", ends[:1], ends[1:])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path.write_bytes(made.SerializeToString())
    return path


def scores(path: Path, **said: object) -> list[float]:
    classifier = Classifier.open(path, labels="r,g,b", **said)  # type: ignore[arg-type]
    return [float(score) for score in classifier.classify(FRAME).scores]


@pytest.mark.parametrize(
    ("shape", "axes"), [(PLANES, (2, 3)), (("n", 3, 8, 6), (2, 3)), ((1, 8, 6, 3), (1, 2)), (("n", 8, 6, 3), (1, 2))]
)
def test_planes_and_pixels_are_told_apart(tmp_path: Path, shape: tuple[object, ...], axes: tuple[int, ...]) -> None:
    assert scores(model(tmp_path / "m.onnx", shape, axes=axes)) == pytest.approx([1, 0.4, 0.2])


@pytest.mark.parametrize(("kind", "expected"), [(UINT8, [255, 102, 51]), (INT8, [127, -26, -77])])
def test_bytes_take_pixels_as_they_are(tmp_path: Path, kind: int, expected: list[float]) -> None:
    assert scores(model(tmp_path / "m.onnx", PLANES, kind)) == pytest.approx(expected)


def test_free_sizes_are_given(tmp_path: Path) -> None:
    path = model(tmp_path / "m.onnx", ("n", 3, "h", "w"))
    with pytest.raises(InputError, match=r"expected the size of pictures, .*pass --size: .*m\.onnx"):
        scores(path)
    assert scores(path, size=(12, 20)) == pytest.approx([1, 0.4, 0.2])
    classifier = Classifier.open(path, labels="r,g,b", size=(12, 20))
    assert classifier.interpreter.input_tensor().shape == (1, 3, 12, 20)


def test_channels_in_either_place_are_asked_for(tmp_path: Path) -> None:
    path = model(tmp_path / "m.onnx", (1, 3, 8, 3))
    with pytest.raises(InputError, match="pass --layout nhwc or nchw"):
        scores(path)
    assert scores(path, layout="nchw") == pytest.approx([1, 0.4, 0.2])


def test_scores_of_one_pixel_planes_are_a_row(tmp_path: Path) -> None:
    assert scores(model(tmp_path / "m.onnx", PLANES, last="")) == pytest.approx([1, 0.4, 0.2])


def test_floats_of_half_the_size_are_refused(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"expected an input tensor of float32, uint8, int8, received tensor\(float16\)"
    ):
        scores(model(tmp_path / "m.onnx", PLANES, FLOAT16))


@pytest.mark.parametrize(
    ("last", "mean", "activation"),
    [
        ("Softmax", None, "softmax"),
        ("Sigmoid", None, "sigmoid"),
        ("Identity", "0.5", "logits"),
        ("Relu", "0", "logits"),
    ],
)
def test_outputs_are_told_by_what_the_model_answers(
    tmp_path: Path, last: str, mean: str | None, activation: str
) -> None:
    path = model(tmp_path / "m.onnx", PLANES, last=last)
    classifier = Classifier.open(path, labels="r,g,b", mean=mean, std=mean and "0.1", color="rgb")
    assert classifier.contract.output.activation.value == activation
    assert classifier.assumptions[-1].argument == "activation"
    probabilities = classifier.classify(FRAME).probabilities
    assert max(probabilities, key=lambda label: probabilities[label]) == "r"
    if activation != "sigmoid":
        assert sum(probabilities.values()) == pytest.approx(1)
