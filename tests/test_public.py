"""What a program of one's own may import: the names, without their price, and functions that do what commands do."""

from __future__ import annotations

import importlib
import inspect
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import tiny
from edgeproof import export, train
from edgeproof.edge import InputError
from edgeproof.edge.contract import Verdict

PACKAGES = ("edge", "train", "export")


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_is_there_and_says_what_it_is(package: str) -> None:
    module = importlib.import_module(f"edgeproof.{package}")
    assert list(module.__all__) == sorted(module.__all__)
    for name in module.__all__:
        found = getattr(module, name)
        assert found.__name__ == name
        # A dataclass without a docstring would be given its own signature.
        assert not (inspect.getdoc(found) or f"{name}(").startswith(f"{name}(")
    with pytest.raises(AttributeError, match="has no attribute 'Foo'"):
        module.Foo  # noqa: B018 - asking is the test


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_costs_nothing_until_a_name_is_asked_for(package: str) -> None:
    code = f"import sys, edgeproof.{package}; print({{'numpy', 'cv2', 'keras', 'tensorflow'}} & set(sys.modules))"
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own interpreter
    assert done.stdout.strip() == "set()"


def test_a_network_is_trained_exported_and_compared_without_a_command(tmp_path: Path) -> None:
    out = tmp_path / "run"
    record = train.train("rps", out, tiny.draw(tmp_path / "hands", 60), epochs=1, size=(32, 32), augment="none")
    assert (record.model, record.labels, record.validation.n) == ("rps", ("paper", "rock", "scissors"), 12)
    assert (record.input.shape, len(record.history["loss"])) == ((32, 32, 3), 1)
    report = export.export(out, precisions=["fp32"], formats=["tflite"])
    assert [candidate.file for candidate in report.candidates] == ["rps-fp32.tflite"]
    assert (out / "rps-fp32.tflite").is_file()
    with pytest.raises(InputError, match="expected precisions of fp32, fp16, dynamic, int16x8, int8, received mixed"):
        export.export(out, precisions=["mixed"])
    compared = export.compare(out / "rps-fp32.tflite")
    assert (compared.verdict, compared.candidates[0].agreement) == (Verdict.INCONCLUSIVE, 1.0)  # 60 are too few


def test_a_file_that_keeps_its_accuracy_passes(models: Path, hands: Path) -> None:
    report = export.compare(models / "rps-int8.tflite", reference=models / "rps-fp32.onnx", data=hands, margin=3)
    assert (report.verdict, report.candidates[0].n) == (Verdict.PASS, 360)


def test_what_cannot_be_used_is_said(tmp_path: Path, models: Path) -> None:
    shutil.copy(models / "rps-int8.tflite", tmp_path)
    cases = {
        "expected at least one model file, received none": lambda: export.compare(),
        "expected resize= of stretch, center-crop, received 'squeeze'": lambda: export.compare(
            tmp_path / "rps-int8.tflite", resize="squeeze"
        ),
        "give points, as in margin=1.0": lambda: export.compare(tmp_path / "rps-int8.tflite", margin=-1),
        "received no such folder or file": lambda: export.export(tmp_path / "none"),
        "expected precisions of fp32, fp16, dynamic, int16x8, mixed, int8, received 'int4'": lambda: export.export(
            tmp_path, ["int4"]
        ),
        "expected augment= of recipe, none, light, full, received 'much'": lambda: train.train(
            "rps", tmp_path / "run", augment="much"
        ),
        "expected no --size for hello, which learns from its own numbers": lambda: train.train(
            "hello", tmp_path / "run", size=(9, 9)
        ),
    }
    for expected, call in cases.items():
        with pytest.raises(InputError) as raised:
            call()
        assert expected in str(raised.value)
