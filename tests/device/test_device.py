"""What a device must do where nothing of TensorFlow is installed; it runs on the workstation too."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from edgeproof.edge import modelfile
from edgeproof.edge.classifier import Classifier
from edgeproof.edge.cli import main
from edgeproof.edge.contract import ImageInput
from edgeproof.edge.preprocess import decode_image, write_input

FILES = [
    f"{name}.{suffix}" for name in ("rps-int8", "rps-fp32", "hello-int8", "hello-fp32") for suffix in ("tflite", "onnx")
]
FORBIDDEN = ("tensorflow", "keras", "onnx", "tf2onnx")


@pytest.mark.parametrize("name", FILES)
def test_golden_frames_give_the_same_tensor_and_scores_here(models: Path, name: str) -> None:
    file = modelfile.read(models / name)
    classifier = Classifier.open(models / name)
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


@pytest.mark.parametrize("name", ["rps-int8.tflite", "rps-int8.onnx"])
def test_run_answers_generated_hands(models: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert main(["run", str(models / name), "hands:45", "--headless", "--json", "--quiet"]) == 0
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
        f"code = main(['run', {str(models / 'rps-int8.tflite')!r}, 'hands:2', '--quiet']); "
        f"print(code, sorted(set(sys.modules) & {set(FORBIDDEN)!r}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - ourselves
    assert done.stdout.splitlines()[-1] == "0 []"


def test_the_device_environment_has_nothing_of_tensorflow() -> None:
    if not os.environ.get("EDGEPROOF_DEVICE"):
        pytest.skip("only in the environment that tools/test makes for a device")
    assert [name for name in FORBIDDEN if importlib.util.find_spec(name)] == []
