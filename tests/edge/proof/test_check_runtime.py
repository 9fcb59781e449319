"""`edgeproof check` where the interpreter is what differs: its scores, its age, its tensors."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from command import Command
from edgeproof.edge import modelfile
from edgeproof.edge.contract import Contract, ImageInput, Layout, Proof
from edgeproof.edge.errors import InputError
from edgeproof.edge.interpreters import Interpreter, open_interpreter
from edgeproof.edge.proof import runtime

pytest.importorskip("ai_edge_litert", reason="the files of these tests are opened by ai-edge-litert")

from checking import MODEL, failed, rewritten, stages

PNG = cv2.imencode(".png", np.zeros((9, 9, 3), np.uint8))[1].tobytes()


class Fake:
    """An interpreter that alters what the real one answers."""

    def __init__(self, real: Interpreter, alter: Callable[[Any], Any]) -> None:
        self._real, self._alter = real, alter
        self.name, self.input, self.output = "fake 1.0", real.input, real.output
        self.input_tensor, self.invoke = real.input_tensor, real.invoke

    def output_tensor(self) -> Any:
        return self._alter(self._real.output_tensor())


def faked(monkeypatch: pytest.MonkeyPatch, alter: Callable[[Any], Any]) -> None:
    def opened(*arguments: Any) -> Any:
        return Fake(open_interpreter(*arguments), alter)

    monkeypatch.setattr(runtime, "open_interpreter", opened)


def test_an_interpreter_that_gives_up_is_the_runtimes(edgeproof: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def give_up(_: object) -> object:
        raise InputError("expected a model that fake 1.0 can run, received one that fails: node 3")

    faked(monkeypatch, give_up)
    found = failed(edgeproof, MODEL)
    assert found == {"runtime": "golden/0.png: expected a model that fake 1.0 can run, received one that fails: node 3"}


@pytest.mark.parametrize(
    "content", [b"[1e9999999, 2]", b"{}", b"[[1], [1, 2]]", b"[1, 2]", b"no", b'["a"]', b"9" * 400]
)
def test_numbers_that_are_none_are_named(edgeproof: Command, models: Path, tmp_path: Path, content: bytes) -> None:
    file = modelfile.read(models / "hello-int8.tflite")
    assert file.contract is not None
    path = tmp_path / "a.tflite"
    golden = {name: content for name in file.members if name.startswith("golden/")}
    path.write_bytes(modelfile.assemble(file.format, file.model, file.contract, golden))
    assert failed(edgeproof, path)["input tensor"].startswith("expected 1 number(s)")


def test_scores_that_are_off_are_the_interpreters(edgeproof: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    faked(monkeypatch, lambda stored: stored // 8 * 7)
    found = failed(edgeproof, MODEL)
    assert list(found) == ["scores"]
    assert found["scores"].startswith("0 of 3 within 0.02, largest difference 0.1")
    assert found["scores"].endswith("fake 1.0 computes otherwise")


def test_scores_in_another_order_are_named(edgeproof: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    faked(monkeypatch, lambda stored: stored[:, [1, 2, 0]])
    found = failed(edgeproof, MODEL)
    assert found["scores"].endswith("; the scores are the workstation's in another order")
    assert found["top-1"] == "0 of 3 equal: golden/0.png is scissors here, paper on the workstation"


def test_nan_is_never_within(edgeproof: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    faked(monkeypatch, lambda stored: stored * np.float32(np.nan))
    found = failed(edgeproof, "rps-fp32.tflite")
    assert found["scores"] == "0 of 3 within 0.0001: golden/0.png gives NaN or infinity (fake 1.0)"
    assert found["top-1"] == "0 of 3 equal: golden/0.png is none here, paper on the workstation"
    assert edgeproof("check", "rps-fp32.tflite", "--json") == 1
    assert json.loads(edgeproof.out)["frames"][0]["scores"] == [None, None, None]


def test_the_tolerance_is_the_contracts(edgeproof: Command, models: Path, tmp_path: Path) -> None:
    """The recorded scores are moved by 0.03: more than 0.02, less than 0.04."""

    def moved(tolerance: float) -> Callable[[Contract], Contract]:
        def change(contract: Contract) -> Contract:
            assert isinstance(contract.proof, Proof)
            golden = [
                replace(frame, scores=tuple(score + 0.03 for score in frame.scores)) for frame in contract.proof.golden
            ]
            return replace(contract, proof=replace(contract.proof, golden=tuple(golden), tolerance=tolerance))

        return change

    found = failed(edgeproof, rewritten(models, tmp_path, moved(0.02)))
    assert found["scores"].startswith("0 of 3 within 0.02, largest difference 0.03 in golden/")
    assert edgeproof("check", rewritten(models, tmp_path, moved(0.04))) == 0


def test_another_number_of_scores_is_named(edgeproof: Command, models: Path, tmp_path: Path) -> None:
    def change(contract: Contract) -> Contract:
        assert contract.proof is not None
        golden = tuple(replace(frame, scores=frame.scores[:2]) for frame in contract.proof.golden)
        return replace(contract, proof=replace(contract.proof, golden=golden))

    found = failed(edgeproof, rewritten(models, tmp_path, change))
    assert found["scores"].startswith("0 of 3 within 0.02: golden/0.png gives 3 score(s) instead of 2")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "expected golden/1.png in the file, received none"),
        (b"no picture", "expected a PNG, received 10 bytes of something: golden/1.png"),
        (PNG[:20], "expected a PNG, received 20 bytes of something: golden/1.png"),
        (PNG[:40], "expected a picture that OpenCV can decode, received 40 bytes of something: golden/1.png"),
        (PNG[:16] + bytes([0, 0, 255, 255] * 2) + PNG[24:], "expected at most 4000000 pixels, received 65535×65535"),
    ],
)
def test_a_golden_frame_that_cannot_be_read_is_named(
    edgeproof: Command, models: Path, tmp_path: Path, content: bytes | None, message: str
) -> None:
    path = rewritten(models, tmp_path, lambda contract: contract, **{"golden/1.png": content})
    assert failed(edgeproof, path)["input tensor"].startswith(message)


def refusing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> Interpreter:
        raise InputError("expected a TFLite model, received one it refuses: Didn't find op for builtin opcode")

    monkeypatch.setattr(runtime, "open_interpreter", refuse)


def needing(version: str) -> Callable[[Contract], Contract]:
    def change(contract: Contract) -> Contract:
        assert contract.provenance is not None
        return replace(contract, provenance=replace(contract.provenance, minimum_runtime=version))

    return change


def test_a_runtime_that_refuses_is_named_with_what_the_file_needs(
    edgeproof: Command, models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing(monkeypatch)
    found = failed(edgeproof, rewritten(models, tmp_path, needing("TFLite 2.99.0")))
    assert list(found) == ["runtime"]
    assert found["runtime"].startswith("the file needs TFLite 2.99.0, here is ai-edge-litert 2.")
    assert found["runtime"].endswith("received one it refuses: Didn't find op for builtin opcode")


def test_a_runtime_that_is_too_old_is_named(models: Path) -> None:
    contract = modelfile.read(models / MODEL).contract
    assert contract is not None
    newer = needing("TFLite 2.99.0")(contract)
    assert runtime.too_old(newer, "tflite-runtime 2.14.0") == (
        "tflite-runtime 2.14.0 is too old, the file needs TFLite 2.99.0: pip install ai-edge-litert; "
    )
    assert runtime.too_old(newer, "tflite-runtime 2.100.1") == ""
    assert runtime.too_old(needing("TFLite 2.14.0")(contract), "tflite-runtime 2.14.0") == ""
    assert runtime.too_old(needing("ONNX opset 99")(contract), "onnxruntime 1.23.0") == (
        "the file needs ONNX opset 99, here is onnxruntime 1.23.0: pip install --upgrade onnxruntime if that is older; "
    )
    assert runtime.too_old(replace(contract, provenance=None), "tflite-runtime 2.14.0") == ""


@pytest.mark.skipif(importlib.util.find_spec("onnxruntime") is None, reason="needs onnxruntime")
def test_an_opset_that_does_not_exist_yet_is_refused_by_the_real_runtime(
    edgeproof: Command, models: Path, tmp_path: Path
) -> None:
    """The ModelProto's own opset_import, {domain "", version 17}, is raised to 99."""
    file = modelfile.read(models / "rps-int8.onnx")
    assert file.contract is not None
    entry = b"\x42\x04\x0a\x00\x10\x11"
    assert file.model.count(entry) == 1
    network = file.model.replace(entry, b"\x42\x04\x0a\x00\x10\x63")
    golden = {name: content for name, content in file.members.items() if name.startswith("golden/")}
    contract = needing("ONNX opset 99")(file.contract)
    (tmp_path / "a.onnx").write_bytes(modelfile.assemble(file.format, network, contract, golden))
    words = failed(edgeproof, tmp_path / "a.onnx")["runtime"]
    assert words.startswith("the file needs ONNX opset 99, here is onnxruntime 1.")
    assert "that onnxruntime 1." in words
    assert "\n" not in words


@pytest.mark.skipif(importlib.util.find_spec("onnxruntime") is None, reason="needs onnxruntime")
def test_an_interpreter_may_be_named(edgeproof: Command) -> None:
    assert edgeproof("check", "rps-int8.onnx", "--interpreter", "onnxruntime") == 0
    assert stages(edgeproof)["runtime"][1].startswith("onnxruntime 1.")


def test_a_wrong_layout_is_named(edgeproof: Command, models: Path, tmp_path: Path) -> None:
    def change(contract: Contract) -> Contract:
        assert isinstance(contract.input, ImageInput)
        return replace(contract, input=replace(contract.input, layout=Layout.NCHW))

    found = failed(edgeproof, rewritten(models, tmp_path, change))
    assert found["runtime"] == (
        "wrong layout: the network takes (1, 32, 32, 3), channels last, the contract says (1, 3, 32, 32), "
        "channels first; export it again"
    )


def test_tensors_of_another_size_are_named(edgeproof: Command, models: Path, tmp_path: Path) -> None:
    def change(contract: Contract) -> Contract:
        assert isinstance(contract.input, ImageInput)
        return replace(contract, input=replace(contract.input, height=48))

    words = failed(edgeproof, rewritten(models, tmp_path, change))["runtime"]
    assert words.startswith("expected an input tensor uint8 (1, 48, 32, 3) as the contract says, received uint8 (1, 32")
