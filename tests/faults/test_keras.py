"""A short run of tools/campaign keras_files, and the proof that it would notice."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("tensorflow")
pytest.importorskip("onnx")

import keras_files

ROOT = Path(__file__).parents[2]
PATIENCE = 300.0  # seconds
FILES = "lambda.,function-os,a-huge,weights-external,zip-parent,zip-weights,h5-lambda.,h5-external,onnx-parent"
CARELESS = """
import json, os, sys
from pathlib import Path
import h5py, onnxruntime
from keras_victim import Guard

canary = Path(sys.argv[1])
guard = Guard(canary)
found = {"nothing": guard.touched()}
h5py.File(canary / "secret.h5", "r").close()  # in C, where Python sees nothing
found["read"] = guard.touched()
(canary / "written").touch()
found["written"] = guard.touched()
os.system("true")
found["executed"] = guard.touched()
json.dump(found, sys.stdout)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the canaries are watched by Linux' inotify")
def test_nothing_is_executed_or_read(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    assert keras_files.main(["--count", "12", "--files", FILES, "--json", str(figures)]) == 0
    seen = {figure["name"]: figure["seen"] for figure in json.loads(figures.read_bytes())["figures"]}
    assert seen["hostile files"] >= 12
    assert seen["executed, read or connected"] == 0


@pytest.mark.skipif(sys.platform != "linux", reason="the canaries are watched by Linux' inotify")
def test_the_campaign_notices_what_is_touched(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    keras_files._make_canaries(canary)
    done = subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, "-c", CARELESS, str(canary)],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(ROOT / "tools" / "campaigns"), "PATH": ""},
    )
    found = json.loads(done.stdout)
    assert found.pop("nothing") == []
    assert all(found.values())
    assert any("secret.h5" in line for line in found["read"])
    assert any(line.startswith("os.system") for line in found["executed"])


def test_a_good_file_is_not_refused(tmp_path: Path) -> None:
    files, good, canary = keras_files.make(tmp_path)
    assert len(files) == len({file.name for file in files}) >= 50
    lines = keras_files.commands([good], good, keras_files.draw(tmp_path / "pictures"), tmp_path / "out")[1:]
    (answer,) = keras_files.run(lines, canary, tmp_path, time.monotonic() + PATIENCE)
    assert answer.code in (0, 1, 3), answer.said
    assert answer.touched == []
    assert not answer.is_refused
