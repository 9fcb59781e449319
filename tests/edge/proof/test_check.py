"""`edgeproof check` on whole files: what is right passes, and each kind of wrongness is named."""

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
from edgeproof.edge import modelfile, preprocess
from edgeproof.edge.contract import Contract, ImageInput, Interpolation, Layout, Proof
from edgeproof.edge.errors import InputError
from edgeproof.edge.interpreters import Interpreter, open_interpreter
from edgeproof.edge.preprocess import Pixels
from edgeproof.edge.proof import runtime
from golden import foreign

pytest.importorskip("ai_edge_litert", reason="the files of these tests are opened by ai-edge-litert")

MODEL = "rps-int8.tflite"
PNG = cv2.imencode(".png", np.zeros((9, 9, 3), np.uint8))[1].tobytes()


def rewritten(models: Path, tmp_path: Path, change: Callable[[Contract], Contract], **members: bytes | None) -> Path:
    """Write a golden model with another contract, sealed as every file of ours; members that are None are left out."""
    file = modelfile.read(models / MODEL)
    assert file.contract is not None
    kept = {name: content for name, content in file.members.items() if name.startswith("golden/")} | members
    given = {name: content for name, content in kept.items() if content is not None}
    path = tmp_path / MODEL
    path.write_bytes(modelfile.assemble(file.format, file.model, change(file.contract), given))
    return path


def with_proof(**changes: Any) -> Callable[[Contract], Contract]:
    def change(contract: Contract) -> Contract:
        assert contract.proof is not None
        return replace(contract, proof=replace(contract.proof, **changes))

    return change


def stages(edgeproof: Command) -> dict[str, tuple[bool, str]]:
    """Read what a check said of its stages: whether each was passed, and its words."""
    lines = edgeproof.out.splitlines()[:-1]
    return {line[:13].strip(): (line[13:21].strip() == "ok", line[21:]) for line in lines}


def failed(edgeproof: Command, path: object) -> dict[str, str]:
    """Check a file that must fail; gives the words of the stages that were not passed."""
    assert edgeproof("check", path) == 1
    assert edgeproof.err == ""
    found = {name: words for name, (passed, words) in stages(edgeproof).items() if not passed}
    first = next(iter(found))
    assert edgeproof.out.splitlines()[-1] == f"fail: {first}: {found[first]}"
    return found


def test_a_good_file_passes_stage_by_stage(edgeproof: Command) -> None:
    assert edgeproof("check", MODEL) == 0
    found = stages(edgeproof)
    assert list(found) == ["integrity", "contract", "runtime", "input tensor", "scores", "top-1"]
    assert all(passed for passed, _ in found.values())
    assert found["integrity"][1] == "seal and SHA-256 of the network (179280 bytes)"
    assert found["contract"][1] == "rps-int8: 3 golden frame(s), parity verdict pass, n = 480"
    assert found["input tensor"][1] == "3 of 3 equal to the bit"
    assert found["scores"][1].startswith("3 of 3 within 0.02, largest difference ")
    assert found["top-1"][1] == "3 of 3 equal"
    assert edgeproof.out.splitlines()[-1].startswith(f"pass: {MODEL} answers here as on the workstation, 3 golden")


def test_a_regression_has_no_best_label(edgeproof: Command) -> None:
    assert edgeproof("check", "hello-int8.tflite") == 0
    assert list(stages(edgeproof)) == ["integrity", "contract", "runtime", "input tensor", "scores"]


def test_json_has_every_number(edgeproof: Command, models: Path) -> None:
    (report,) = edgeproof.objects("check", MODEL, "--json", "--threads", "1")
    contract = modelfile.read(models / MODEL).contract
    assert contract is not None
    assert contract.proof is not None
    assert (report["verdict"], report["parity"], report["parity_n"], report["tolerance"]) == ("pass", "pass", 480, 0.02)
    assert report["minimum_runtime"] == "TFLite 1.14.0"
    assert report["network_bytes"] == 179280
    assert report["threads"] == 1
    assert report["milliseconds"] > 0
    assert set(report["versions"]) >= {"python", "edgeproof", "numpy", "ai-edge-litert"}
    for frame, golden in zip(report["frames"], contract.proof.golden, strict=True):
        assert frame["input_sha256"] == frame["expected_input_sha256"] == golden.input_sha256
        assert frame["expected_scores"] == list(golden.scores)
        apart = np.abs(np.array(frame["scores"]) - golden.scores).max()
        assert frame["difference"] == pytest.approx(apart, abs=1e-7)
        assert frame["top1"] == frame["expected_top1"] == frame["label"]


@pytest.mark.parametrize("place", [1000, 180_000, -5])
def test_a_damaged_file_is_named(edgeproof: Command, models: Path, tmp_path: Path, place: int) -> None:
    data = bytearray((models / MODEL).read_bytes())
    data[place] ^= 1
    (tmp_path / "a.tflite").write_bytes(data)
    found = failed(edgeproof, tmp_path / "a.tflite")
    assert list(found) == ["integrity"]
    assert "a.tflite is damaged; copy it again" in found["integrity"]


def test_a_truncated_file_is_named(edgeproof: Command, models: Path, tmp_path: Path) -> None:
    (tmp_path / "a.tflite").write_bytes((models / MODEL).read_bytes()[:100_000])
    assert "is truncated; copy it again" in failed(edgeproof, tmp_path / "a.tflite")["integrity"]


def test_another_network_under_the_same_contract_is_named(edgeproof: Command, models: Path, tmp_path: Path) -> None:
    """Sealed anew, so that only the hash of the network tells."""
    data = (models / MODEL).read_bytes()
    network = modelfile.read(models / MODEL).model
    other = bytearray(network)
    other[len(other) // 2] ^= 1
    unsealed = data.replace(network, bytes(other))[: -modelfile.seal.LENGTH]
    (tmp_path / MODEL).write_bytes(unsealed + modelfile.seal.seal(unsealed))
    found = failed(edgeproof, tmp_path / MODEL)
    assert found["integrity"].startswith("expected the model that the contract was made for, received another")


@pytest.mark.parametrize(
    ("change", "missing"),
    [(lambda contract: replace(contract, proof=None), "proof"), (with_proof(golden=()), "golden frames")],
)
def test_a_file_without_proof_is_inconclusive(
    edgeproof: Command, models: Path, tmp_path: Path, change: Callable[[Contract], Contract], missing: str
) -> None:
    path = rewritten(models, tmp_path, change)
    assert edgeproof("check", path) == 3
    words = f"expected golden frames inside the file, received no {missing}; export it with edgeproof"
    assert edgeproof.out == f"inconclusive: {words}: {MODEL}\n"


def test_a_file_made_elsewhere_is_inconclusive(edgeproof: Command, models: Path, tmp_path: Path) -> None:
    (tmp_path / "a.tflite").write_bytes(foreign(models / MODEL))
    assert edgeproof("check", tmp_path / "a.tflite") == 3
    assert "received no contract" in edgeproof.out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["none.tflite"], "expected a model file, received No such file or directory: none.tflite"),
        ([__file__], "expected a .tflite or .onnx model, received neither"),
        ([MODEL, "--interpreter", "onnxruntime"], "expected a .onnx file for onnxruntime, received a .tflite file"),
        ([MODEL, "--threads", "0"], "expected a whole number from 1 to 256, received 0"),
        ([], "the following arguments are required: model"),
    ],
)
def test_bad_input_is_one_line(edgeproof: Command, words: list[str], message: str) -> None:
    assert message in edgeproof.error("check", *words)


def test_a_runtime_that_is_not_installed_is_bad_input(edgeproof: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert "expected the package ai_edge_litert, received none" in edgeproof.error("check", MODEL)


def test_swapped_channels_are_named(edgeproof: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def swapped(frame: Pixels, spec: ImageInput, *memory: Pixels) -> Pixels:
        pixels = real(frame, spec, *memory)
        pixels[:] = pixels[..., ::-1].copy()
        return pixels

    real = preprocess.to_pixels
    monkeypatch.setattr(preprocess, "to_pixels", swapped)
    found = failed(edgeproof, MODEL)
    assert found["input tensor"] == "0 of 3 equal to the bit: here red and blue are swapped"


def test_another_interpolation_is_named(edgeproof: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(preprocess._INTERPOLATIONS, Interpolation.LINEAR, cv2.INTER_NEAREST)
    found = failed(edgeproof, MODEL)
    assert found["input tensor"] == "0 of 3 equal to the bit: here the frame is resized by INTER_NEAREST"
    if "scores" in found:
        assert "its input tensor differs already" in found["scores"]


def test_a_shift_is_named(edgeproof: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def shifted(frame: Pixels, spec: ImageInput, *memory: Pixels) -> Pixels:
        pixels = real(frame, spec, *memory)
        pixels[:] = np.roll(pixels, 1, axis=1)
        return pixels

    real = preprocess.to_pixels
    monkeypatch.setattr(preprocess, "to_pixels", shifted)
    words = "0 of 3 equal to the bit: the picture is shifted by 1 pixel(s) to the right"
    assert failed(edgeproof, MODEL)["input tensor"] == words


def test_another_opencv_is_named_and_measured(edgeproof: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """The contract's resize, off by two levels in one pixel of one frame of three."""
    calls: list[int] = []

    def rounded(frame: Pixels, spec: ImageInput, *memory: Pixels) -> Pixels:
        pixels = real(frame, spec, *memory)
        calls.append(1)
        if len(calls) == 1:  # the tensor that is hashed is the one that is answered
            pixels[7, 9, 1] ^= 2
        return pixels

    real = preprocess.to_pixels
    monkeypatch.setattr(preprocess, "to_pixels", rounded)
    assert edgeproof("check", MODEL, "--json") == 1
    report = json.loads(edgeproof.out)
    words = next(stage["words"] for stage in report["stages"] if stage["stage"] == "input tensor")
    assert words.startswith(f"2 of 3 equal to the bit: resize of OpenCV {cv2.__version__} differs, by up to 2 level(s)")
    assert words.endswith("in 0.0% of the values")
    assert report["frames"][0]["diagnosis"]["difference"] == {
        "largest": pytest.approx(2),
        "mean": pytest.approx(2 / 3072),
        "share": pytest.approx(1 / 3072),
    }
    assert report["frames"][1]["diagnosis"] is None


def test_a_contract_of_another_resize_is_named(edgeproof: Command, models: Path, tmp_path: Path) -> None:
    def change(contract: Contract) -> Contract:
        assert isinstance(contract.input, ImageInput)
        return replace(contract, input=replace(contract.input, interpolation=Interpolation.AREA))

    words = failed(edgeproof, rewritten(models, tmp_path, change))["input tensor"]
    assert words.endswith("on the workstation the frame is resized by INTER_LINEAR, which the contract does not say")


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
