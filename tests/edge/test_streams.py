"""What becomes of standard output and error when nobody listens, in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import pytest

from edgeproof.edge.preprocess import Pixels

# As on a user's machine: what is written is kept back until there is enough of it, or the process ends.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}


def shell(line: str, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a line of the shell, in which "$@" is edgeproof with the words."""
    command = ["bash", "-c", f"set -o pipefail; {line}", "bash", sys.executable, "-m", "edgeproof.edge", *words]
    return subprocess.run(  # noqa: S603 - ourselves
        command, capture_output=True, text=True, check=False, env=ENVIRONMENT | variables
    )


MODEL = "hello-int8.tflite"  # its verdict is a pass, so that nothing is warned of
WORDS = [("--help",), ("--version",), ("run", "--help"), ("info", MODEL), ("run", MODEL, "10", "--quiet")]


def named(words: tuple[str, ...], models: Path) -> list[str]:
    return [str(models / word) if word == MODEL else word for word in words]


@pytest.mark.parametrize("words", WORDS)
def test_reader_that_leaves_early_is_no_error(models: Path, words: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "edgeproof.edge", *named(words, models)]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "env": ENVIRONMENT}
    with subprocess.Popen(command, **pipes) as process:  # noqa: S603 - our own interpreter
        process.stdout.close()
        errors = process.stderr.read()
    assert (process.returncode, errors) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("words", WORDS)
def test_full_disk_is_one_line(models: Path, words: tuple[str, ...]) -> None:
    done = shell('"$@" >/dev/full', *named(words, models))
    assert done.returncode == 2
    assert done.stderr == "error: expected files that can be read and written, received No space left on device\n"


@pytest.mark.parametrize("words", WORDS)
def test_closed_output_is_one_line(models: Path, words: tuple[str, ...]) -> None:
    done = shell('"$@" >&-', *named(words, models))
    assert done.returncode == 2
    assert done.stderr.startswith("error: expected an open standard output, received a closed one")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("words", WORDS)
def test_closed_errors_change_nothing(models: Path, words: tuple[str, ...]) -> None:
    done = shell('"$@" 2>&-', *named(words, models))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_errors_without_a_listener_keep_their_code() -> None:
    for line in ('"$@" 2>&-', '"$@" >&- 2>&-', '"$@" 2>/dev/full'):
        done = shell(line, "info", "none.tflite")
        assert (done.returncode, done.stdout, done.stderr) == (2, "", "")


@pytest.fixture
def strange(chart: Pixels, tmp_path: Path) -> Path:
    """A folder of two pictures, of which one has a name that is no text, and the other one beyond Latin-1."""
    folder = tmp_path / "strange"
    folder.mkdir()
    for name in (b"caf\xe9.png", "鋏.png".encode()):
        (folder / os.fsdecode(name)).write_bytes(cv2.imencode(".png", chart)[1].tobytes())
    return folder


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "ascii"])
def test_any_name_can_be_printed(models: Path, strange: Path, encoding: str) -> None:
    done = shell('"$@"', "run", str(models / "rps-int8.tflite"), str(strange), "--quiet", PYTHONIOENCODING=encoding)
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 2)
    assert r"caf\udce9.png" in done.stdout


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "ascii"])
def test_any_name_is_json(models: Path, strange: Path, encoding: str) -> None:
    done = shell(
        '"$@"', "run", str(models / "rps-int8.tflite"), str(strange), "--quiet", "--json", PYTHONIOENCODING=encoding
    )
    names = [os.fsencode(json.loads(line)["source"]) for line in done.stdout.splitlines()]
    assert sorted(names) == sorted(os.fsencode(path) for path in strange.iterdir())


def test_strange_name_in_an_error_is_printed() -> None:
    done = shell('"$@"', "info", os.fsdecode(b"caf\xe9.tflite"))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert r"caf\udce9.tflite" in done.stderr
