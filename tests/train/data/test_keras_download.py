"""Keras looks at KERAS_HOME once, when it is imported: each test has a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

PROGRAM = """
import sys
from pathlib import Path
from edgeproof.edge.console import Console
from edgeproof.edge.errors import InputError
from edgeproof.train.data import find
try:
    found = find("fashion-mnist", None, Path(sys.argv[1]), 0, Console())
except InputError as error:
    sys.exit(str(error))
print(len(found.split.train), len(found.split.validation), ",".join(found.labels), found.root)
"""


def run(home: Path, out: Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    home.mkdir(exist_ok=True)
    # A proxy that refuses at once: the test is the same with a network and without.
    refusing = dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9")
    environment = {**os.environ, **refusing, "KERAS_HOME": str(home)}
    command = [sys.executable, "-c", PROGRAM, str(out)]
    return subprocess.run(command, env=environment, cwd=cwd, capture_output=True, text=True, check=False)  # noqa: S603


def test_the_cache_of_keras_is_enough(tmp_path: Path, write_idx: Callable[[Path, Any], Path]) -> None:
    cache = tmp_path / "keras" / "datasets" / "fashion-mnist"
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (30, 28, 28), np.uint8)
    for prefix, part in (("train", slice(0, 20)), ("t10k", slice(20, 30))):
        write_idx(cache / f"{prefix}-images-idx3-ubyte.gz", pixels[part])
        write_idx(cache / f"{prefix}-labels-idx1-ubyte.gz", np.arange(30)[part] % 10)
    done = run(tmp_path / "keras", tmp_path / "run", tmp_path)
    assert done.returncode == 0, done.stderr
    labels = "Ankle-boot,Bag,Coat,Dress,Pullover,Sandal,Shirt,Sneaker,T-shirt-top,Trouser"
    assert done.stdout.split() == ["20", "10", labels, str(tmp_path / "run" / "pictures")]
    picture = cv2.imread(str(tmp_path / "run/pictures/validation/Ankle-boot/00009.png"), cv2.IMREAD_UNCHANGED)
    assert picture is not None
    assert (picture == pixels[29]).all()


def test_a_failed_download_says_what_to_do(tmp_path: Path) -> None:
    done = run(tmp_path / "keras", tmp_path / "run", tmp_path)
    line = done.stderr.splitlines()[-1]
    assert done.returncode == 1
    assert done.stdout == ""  # which is for results; Keras itself prints to it
    assert "expected Fashion-MNIST from Keras, received URL fetch failure" in line
    assert "pass --data with a folder that holds train-images-idx3-ubyte.gz" in line
    assert not (tmp_path / "run").exists()


def test_a_damaged_cache_is_one_line(mini: Path, tmp_path: Path) -> None:
    cache = tmp_path / "keras" / "datasets" / "fashion-mnist"
    shutil.copytree(mini, cache)
    path = cache / "train-images-idx3-ubyte.gz"
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1000])
    done = run(tmp_path / "keras", tmp_path / "run", tmp_path)
    assert done.returncode == 1
    assert "or empty Keras' cache" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
