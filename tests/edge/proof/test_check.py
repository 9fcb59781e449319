"""`edgeproof check` on whole files: what is right passes, and each kind of wrongness is named."""

from __future__ import annotations

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
from edgeproof.edge.contract import Contract, ImageInput, Interpolation
from edgeproof.edge.preprocess import Pixels
from golden import foreign

pytest.importorskip("ai_edge_litert", reason="the files of these tests are opened by ai-edge-litert")

from checking import MODEL, failed, rewritten, stages


def with_proof(**changes: Any) -> Callable[[Contract], Contract]:
    def change(contract: Contract) -> Contract:
        assert contract.proof is not None
        return replace(contract, proof=replace(contract.proof, **changes))

    return change


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
        ([], "the following arguments are required: MODEL"),
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
