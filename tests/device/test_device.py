"""What a device must do where nothing of TensorFlow is installed; it runs on the workstation too."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from edgeproof.edge import modelfile, preprocess
from edgeproof.edge.classifier import Classifier
from edgeproof.edge.cli import main
from edgeproof.edge.contract import ImageInput, Interpolation
from edgeproof.edge.interpreters import BACKENDS
from edgeproof.edge.preprocess import decode_image, write_input

FILES = [
    f"{name}.{suffix}" for name in ("rps-int8", "rps-fp32", "hello-int8", "hello-fp32") for suffix in ("tflite", "onnx")
]
FORBIDDEN = ("tensorflow", "keras", "onnx", "tf2onnx")
INSTALLED = [name for name, backend in BACKENDS.items() if importlib.util.find_spec(backend.package)]


def on(name: str, interpreter: str) -> object:
    """One file in one interpreter, skipped where that is not installed."""
    marks = [] if interpreter in INSTALLED else pytest.mark.skip(f"{interpreter} is not installed in this environment")
    return pytest.param(name, interpreter, marks=marks, id=f"{name}-{interpreter}")


def everywhere(*names: str) -> list[object]:
    """Each file in each interpreter of its format."""
    return [
        on(name, each) for name in names for each, backend in BACKENDS.items() if name.endswith(backend.format.value)
    ]


HERE = next((name for name in FILES if any(name.endswith(BACKENDS[each].format.value) for each in INSTALLED)), FILES[0])


def test_this_environment_has_the_interpreters_that_it_was_made_for() -> None:
    wanted = os.environ.get("EDGEPROOF_DEVICE")
    if not wanted:
        pytest.skip("only in the environments that tools/test makes for a device")
    assert ",".join(INSTALLED) == wanted


@pytest.mark.parametrize(("name", "interpreter"), everywhere(*FILES))
def test_golden_frames_give_the_same_tensor_and_scores_here(models: Path, name: str, interpreter: str) -> None:
    file = modelfile.read(models / name)
    classifier = Classifier.open(models / name, interpreter=interpreter)
    contract = classifier.contract
    assert contract.proof is not None
    assert contract.proof.golden
    for frame in contract.proof.golden:
        content = file.members[frame.file]
        is_picture = isinstance(contract.input, ImageInput)
        sample = decode_image(content, frame.file) if is_picture else np.array(json.loads(content), np.float32)
        tensor = np.empty((1, *contract.input.shape), contract.input.dtype)
        write_input(sample, contract.input, tensor)
        assert hashlib.sha256(tensor.tobytes()).hexdigest() == frame.input_sha256
        scores = classifier.classify(sample).scores
        assert np.abs(scores - frame.scores).max() <= contract.proof.tolerance
        assert int(scores.argmax()) == int(np.argmax(frame.scores))


@pytest.mark.parametrize(("name", "interpreter"), everywhere(*FILES))
def test_check_passes(models: Path, capsys: pytest.CaptureFixture[str], name: str, interpreter: str) -> None:
    assert main(["check", str(models / name), "--interpreter", interpreter, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["verdict"] == "pass"
    assert report["interpreter"].startswith({"litert": "ai-edge-litert"}.get(interpreter, interpreter))
    assert len(report["frames"]) == 3
    assert all(frame["input_sha256"] == frame["expected_input_sha256"] for frame in report["frames"])
    assert all(frame["difference"] <= report["tolerance"] for frame in report["frames"])


@pytest.mark.parametrize(("name", "interpreter"), everywhere("rps-int8.tflite", "rps-int8.onnx"))
def test_check_fails_on_a_device_that_resizes_otherwise(
    models: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str, interpreter: str
) -> None:
    monkeypatch.setitem(preprocess._INTERPOLATIONS, Interpolation.LINEAR, cv2.INTER_NEAREST)
    assert main(["check", str(models / name), "--interpreter", interpreter]) == 1
    assert "here the frame is resized by INTER_NEAREST" in capsys.readouterr().out


@pytest.mark.parametrize(("name", "interpreter"), everywhere("rps-int8.tflite", "rps-int8.onnx"))
def test_run_begins_with_the_check(
    models: Path, capsys: pytest.CaptureFixture[str], name: str, interpreter: str
) -> None:
    assert main(["run", str(models / name), "hands:1", "--interpreter", interpreter]) == 0
    assert capsys.readouterr().err.startswith("checked 3 golden frame(s) in ")


def test_doctor_finds_what_is_installed(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["doctor", str(models / HERE), "--json"])
    report = json.loads(capsys.readouterr().out)
    found = report["facts"]["interpreters"]["installed"]
    assert [(package["name"], package["failure"]) for package in found] == [(name, None) for name in INSTALLED]
    assert report["facts"]["opencv"]["version"] == cv2.__version__
    assert report["facts"]["model"]["report"]["verdict"] == "pass"


@pytest.mark.parametrize(("name", "interpreter"), everywhere("rps-int8.tflite", "rps-int8.onnx"))
def test_run_answers_generated_hands(
    models: Path, capsys: pytest.CaptureFixture[str], name: str, interpreter: str
) -> None:
    words = ["hands:45", "--headless", "--json", "--quiet", "--interpreter", interpreter]
    assert main(["run", str(models / name), *words]) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(answers) == 45
    right = [
        answer["source"] == f"hands:{max(answer['probabilities'], key=answer['probabilities'].get)}"
        for answer in answers
    ]
    assert sum(right) > 15  # chance; how good the tiny network is, is not the device's business


def test_info_prints_the_contract(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", str(models / "rps-int8.tflite")]) == 0
    text = capsys.readouterr().out
    assert "paper, rock, scissors" in text
    assert "32×32×3 rgb, uint8 (scale 0.0039215689, zero point 0)" in text


@pytest.mark.parametrize("command", ["train", "export"])
def test_what_is_not_installed_is_named(command: str, models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if importlib.util.find_spec("tensorflow"):
        pytest.skip("this environment has TensorFlow")
    words = {"train": ["hello", "--out", "x"], "export": [str(models), "--int8"]}[command]
    assert main([command, *words, "--quiet"]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert f"pip install 'edgeproof[{command}]'" in error


def test_a_device_loads_nothing_of_tensorflow(models: Path) -> None:
    """In a process of its own: after a whole run, none of the workstation's packages is loaded."""
    code = (
        "import sys; from edgeproof.edge.cli import main; "
        f"code = main(['run', {str(models / HERE)!r}, 'hands:2', '--quiet']); "
        f"print(code, sorted(set(sys.modules) & {set(FORBIDDEN)!r}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - ourselves
    assert done.stdout.splitlines()[-1] == "0 []"


def test_the_device_environment_has_nothing_of_tensorflow() -> None:
    if not os.environ.get("EDGEPROOF_DEVICE"):
        pytest.skip("only in the environments that tools/test makes for a device")
    assert [name for name in FORBIDDEN if importlib.util.find_spec(name)] == []
