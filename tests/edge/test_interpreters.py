from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from edgeproof.edge import modelfile
from edgeproof.edge.contract import Format, Quantization
from edgeproof.edge.errors import InputError
from edgeproof.edge.interpreters import BACKENDS, Interpreter, TensorInfo, open_interpreter
from edgeproof.edge.interpreters.tflite_api import TFLiteInterpreter

INSTALLED = [name for name, backend in BACKENDS.items() if importlib.util.find_spec(backend.package)]
EXACT = Quantization(float(np.float32(1 / 255)), 0)


def opened(models: Path, model: str, name: str, threads: int | None = None) -> Interpreter:
    kind = BACKENDS[name].format
    file = modelfile.read(models / f"{model}.{kind.value}")
    return open_interpreter(file.model, kind, name, threads)


def answer(interpreter: Interpreter, sample: NDArray[np.generic]) -> NDArray[np.generic]:
    interpreter.input_tensor()[:] = sample
    interpreter.invoke()
    return interpreter.output_tensor().copy()


def facts(tensor: TensorInfo) -> tuple[tuple[int | None, ...], str, Quantization | None]:
    return tensor.shape, tensor.dtype, tensor.quantization


def test_some_runtime_is_installed() -> None:
    assert INSTALLED


@pytest.mark.parametrize("name", INSTALLED)
def test_tensors_of_the_int8_model(models: Path, name: str) -> None:
    interpreter = opened(models, "rps-int8", name)
    is_onnx = BACKENDS[name].format is Format.ONNX  # which keeps no quantization beside a tensor
    assert facts(interpreter.input) == ((1, 32, 32, 3), "uint8", None if is_onnx else EXACT)
    output = ("float32", None) if is_onnx else ("uint8", Quantization(1 / 256, 0))
    assert facts(interpreter.output) == ((1, 3), *output)
    assert interpreter.input_tensor().shape == (1, 32, 32, 3)
    assert interpreter.input_tensor().dtype == np.uint8


@pytest.mark.parametrize("name", INSTALLED)
@pytest.mark.parametrize(("model", "shape", "units"), [("rps-fp32", (1, 32, 32, 3), 3), ("hello-fp32", (1, 1), 1)])
def test_tensors_of_float_models(models: Path, name: str, model: str, shape: tuple[int, ...], units: int) -> None:
    interpreter = opened(models, model, name)
    assert facts(interpreter.input) == (shape, "float32", None)
    assert facts(interpreter.output) == ((1, units), "float32", None)


@pytest.mark.parametrize("name", INSTALLED)
@pytest.mark.parametrize("model", ["hello-fp32", "hello-int8"])
def test_line_is_computed(models: Path, name: str, model: str) -> None:
    interpreter = opened(models, model, name)
    numbers = [-8.0, -1.0, 0.0, 3.5, 10.0]
    answers = [answer(interpreter, np.array([[x]], np.float32)).item() for x in numbers]
    assert answers == pytest.approx([2 * x - 1 for x in numbers], abs=0.25)


@pytest.mark.parametrize("name", INSTALLED)
def test_threads_do_not_change_the_answer(models: Path, name: str) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (1, 32, 32, 3), np.uint8)
    one, two = (answer(opened(models, "rps-int8", name, threads), pixels) for threads in (1, 2))
    assert np.array_equal(one, two)
    assert answer(opened(models, "rps-int8", name), np.zeros_like(pixels)).tolist() != one.tolist()


@pytest.mark.parametrize("name", INSTALLED)
def test_name_tells_package_and_version(models: Path, name: str) -> None:
    package, version = opened(models, "hello-int8", name).name.split()
    assert package == {"litert": "ai-edge-litert"}.get(name, name)
    assert version[0].isdigit()


@pytest.mark.parametrize("name", INSTALLED)
@pytest.mark.parametrize(
    "model",
    [b"", b"garbage", bytes(1000), b"\x1c\x00\x00\x00TFL3" + bytes(100), b"\x08\x08"],
    ids=["empty", "text", "zeros", "head", "proto"],
)
def test_what_is_no_model_is_refused_without_noise(name: str, model: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InputError, match="can run, received one it refuses") as caught:
        open_interpreter(model, BACKENDS[name].format, name)
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", BACKENDS)
def test_other_format_is_refused(name: str) -> None:
    ours = BACKENDS[name].format
    other = next(kind for kind in Format if kind is not ours)
    with pytest.raises(
        InputError, match=rf"expected a \.{ours.value} file for {name}, received a \.{other.value} file"
    ):
        open_interpreter(b"", other, name)


@pytest.mark.parametrize("name", BACKENDS)
def test_runtime_that_is_not_installed_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    backend = BACKENDS[name]
    message = rf"expected the package {backend.package}, received none .*pip install 'edgeproof\[{backend.extra}\]'"
    with pytest.raises(InputError, match=message):
        open_interpreter(b"", backend.format, name)


@pytest.mark.parametrize(
    ("installed", "kind", "chosen"),
    [
        ({"ai_edge_litert", "tflite_runtime", "onnxruntime"}, Format.TFLITE, "ai_edge_litert"),
        ({"ai_edge_litert", "tflite_runtime", "onnxruntime"}, Format.ONNX, "onnxruntime"),
        ({"tflite_runtime"}, Format.TFLITE, "tflite_runtime"),
    ],
)
def test_first_installed_runtime_is_chosen(
    installed: set[str], kind: Format, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[str] = []

    class Module:
        @staticmethod
        def open_model(model: bytes, threads: int | None, shape: object) -> tuple[bytes, int | None]:
            assert shape is None
            return model, threads

    def load(name: str, package: str) -> type[Module]:
        loaded.append(package + name)
        return Module

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name if name in installed else None)
    monkeypatch.setattr(importlib, "import_module", load)
    assert open_interpreter(b"model", kind, None, 3) == (b"model", 3)
    modules = {backend.package: backend.module for backend in BACKENDS.values()}
    assert loaded == [f"edgeproof.edge.interpreters.{modules[chosen]}"]


def test_first_runtime_is_asked_for_where_none_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(InputError, match="expected the package ai_edge_litert"):
        open_interpreter(b"", Format.TFLITE)


@pytest.mark.skipif("onnxruntime" not in INSTALLED, reason="needs onnxruntime")
def test_output_before_the_first_answer_is_a_mistake(models: Path) -> None:
    with pytest.raises(RuntimeError, match="expected invoke"):
        opened(models, "hello-int8", "onnxruntime").output_tensor()


class Failing:
    """The API of both TFLite packages, over a model that loads and then does not run."""

    def __init__(self, **_: object) -> None:
        pass

    def allocate_tensors(self) -> None:
        pass

    def details(self) -> list[dict[str, object]]:
        return [{"index": 0, "name": "x", "shape": [1, 1], "dtype": np.float32, "quantization": (0.0, 0)}]

    get_input_details = get_output_details = details

    def tensor(self, _: int) -> object:
        return lambda: np.zeros((1, 1), np.float32)

    def invoke(self) -> None:
        raise RuntimeError("gather index out of bounds\nNode number 3 failed to invoke.")


def test_tflite_model_that_fails_is_one_line() -> None:
    interpreter = TFLiteInterpreter("litert 1", Failing, b"", None)
    message = r"that litert 1 can run, received one that fails: gather index out of bounds Node number 3 failed"
    with pytest.raises(InputError, match=message):
        interpreter.invoke()


@pytest.mark.skipif("onnxruntime" not in INSTALLED, reason="needs onnxruntime")
def test_onnx_model_that_fails_is_one_line() -> None:
    """A model that looks up row x of a table of one row."""
    helper = pytest.importorskip("onnx.helper")
    nodes = [helper.make_node("Cast", ["x"], ["i"], to=6), helper.make_node("Gather", ["table", "i"], ["y"])]
    ends = [helper.make_tensor_value_info(name, 1, (1, 1)) for name in "xy"]
    table = helper.make_tensor("table", 1, (1,), [0.5])
    graph = helper.make_graph(nodes, "lookup", ends[:1], ends[1:], [table])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    interpreter = open_interpreter(model.SerializeToString(), Format.ONNX)
    assert answer(interpreter, np.array([[0.0]], np.float32)).item() == 0.5
    with pytest.raises(InputError, match=r"received one that fails: .*out of") as caught:
        answer(interpreter, np.array([[7.0]], np.float32))
    assert "\n" not in str(caught.value)


@pytest.mark.skipif("onnxruntime" not in INSTALLED, reason="needs onnxruntime")
def test_onnxruntime_leaves_no_trace_at_home(models: Path, tmp_path: Path) -> None:
    code = f"from edgeproof.edge import Classifier; Classifier.open({str(models / 'hello-int8.onnx')!r})"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "ORT_"))}
    subprocess.run([sys.executable, "-c", code], check=True, env={**kept, "HOME": str(tmp_path)})  # noqa: S603 - ourselves
    assert list(tmp_path.iterdir()) == []
