"""The program of docs/library.md that needs a workstation; tests/edge/test_library.py has those of a device."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from pages import Page


def test_training_and_exporting_by_functions(photos: Path, tmp_path: Path) -> None:
    (code,) = [block for block in Page.read("docs/library.md").blocks("python") if "edgeproof.train" in block]
    shutil.copytree(photos, tmp_path / "photos")
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=1200, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    first, bound = done.stdout.splitlines()
    assert "rps-int8.tflite" in first
    assert "rps-int8.onnx" in first
    assert 0 < float(bound) <= 1
    assert (tmp_path / "runs/rps/rps-int8.tflite").is_file()
