from __future__ import annotations

import re
import signal
import subprocess
import sys
import types
from pathlib import Path

import pytest

from command import Command
from edgeproof.edge.arguments import Parser, pixel_range
from edgeproof.edge.cli import main
from edgeproof.edge.errors import InputError
from golden import RPS, foreign

COMMANDS = [
    "demo",
    "train",
    "export",
    "parity",
    "run",
    "capture",
    "check",
    "bench",
    "doctor",
    "info",
    "sign",
    "bundle",
    "service",
]


@pytest.mark.parametrize("words", [["fly"], ["RUN"], ["--jsn"]])
def test_unknown_command_is_one_line(edgeproof: Command, words: list[str]) -> None:
    names = ", ".join(COMMANDS)
    expected = f"error: expected one of {names}, received {words[0]!r}"
    assert edgeproof.error(*words) == expected


def test_no_command_gives_the_usage(edgeproof: Command) -> None:
    assert edgeproof() == 2
    assert edgeproof.out == ""
    assert edgeproof.err.startswith("usage: edgeproof COMMAND")


@pytest.mark.parametrize("command", ["run", "info"])
def test_missing_model_is_one_line(edgeproof: Command, command: str) -> None:
    line = edgeproof.error(command, "none.tflite")
    assert line == "error: expected a model file, received No such file or directory: none.tflite"


@pytest.mark.parametrize("command", ["run", "info"])
@pytest.mark.parametrize("name", RPS)
def test_truncated_model_is_one_line(edgeproof: Command, models: Path, tmp_path: Path, command: str, name: str) -> None:
    path = tmp_path / name
    data = (models / name).read_bytes()
    path.write_bytes(data[:-100])
    assert str(path) in edgeproof.error(command, path)
    path.write_bytes(data[:1000])
    assert str(path) in edgeproof.error(command, path)


@pytest.mark.parametrize("command", ["run", "info"])
def test_damaged_model_is_one_line(edgeproof: Command, models: Path, tmp_path: Path, command: str) -> None:
    data = bytearray((models / "rps-int8.tflite").read_bytes())
    data[1000] ^= 1
    (tmp_path / "a.tflite").write_bytes(data)
    assert "a.tflite is damaged; copy it again" in edgeproof.error(command, tmp_path / "a.tflite")


@pytest.mark.parametrize("name", RPS)
def test_model_without_a_contract_is_one_line(edgeproof: Command, models: Path, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(foreign(models / name))
    assert edgeproof.error("run", path, "hands:1").endswith(f"{path}; export it again, or pass --labels")
    assert edgeproof.error("info", path).endswith(f"{path}; export it with edgeproof")


def test_help_lists_the_commands(edgeproof: Command) -> None:
    for word in ("-h", "--help"):
        assert edgeproof(word) == 0
        listed = re.findall(r"^  (\w+)  ", edgeproof.out, re.MULTILINE)
        assert listed == COMMANDS


def test_version_is_printed(edgeproof: Command) -> None:
    assert edgeproof("--version") == 0
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*\n", edgeproof.out)


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (InputError("expected a, received b"), "error: expected a, received b"),
        (KeyboardInterrupt(), "error: interrupted; nothing half-written is left"),
        (
            ModuleNotFoundError("No module named 'tensorflow'", name="tensorflow"),
            "error: expected the package tensorflow, received none in this environment: pip install 'edgeproof[edge]'",
        ),
        (
            ImportError("libGL.so.1: cannot open\n  shared object file", name="cv2"),
            "error: expected the package cv2 to load, received libGL.so.1: cannot open shared object file; "
            "install what it needs, or install it anew",
        ),
        (ImportError("Importing numpy failed"), "error: expected the package named here to load, received Importing"),
        (
            OSError(28, "No space left on device", "a.onnx"),
            "error: expected files that can be read and written, received No space left on device: a.onnx",
        ),
    ],
)
def test_what_a_user_can_mend_is_one_line(
    edgeproof: Command, error: BaseException, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> int:
        raise error

    module = types.SimpleNamespace(main=fail)
    monkeypatch.setitem(sys.modules, "edgeproof.edge.commands.info", module)  # type: ignore[arg-type]
    assert edgeproof.error("info", "a").startswith(line)


@pytest.mark.parametrize("error", [RuntimeError("x"), ImportError("x", name="edgeproof.edge.nothing")])
def test_mistakes_of_ours_keep_their_traceback(
    edgeproof: Command, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> int:
        raise error

    module = types.SimpleNamespace(main=fail)
    monkeypatch.setitem(sys.modules, "edgeproof.edge.commands.info", module)  # type: ignore[arg-type]
    with pytest.raises(type(error)):
        edgeproof("info", "a")


def test_terminated_command_ends_as_an_interrupted_one(edgeproof: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    module = types.SimpleNamespace(main=lambda _: signal.raise_signal(signal.SIGTERM))
    monkeypatch.setitem(sys.modules, "edgeproof.edge.commands.info", module)  # type: ignore[arg-type]
    assert edgeproof.error("info", "a") == "error: interrupted; nothing half-written is left"


# `python -m edgeproof.edge`, which then lists on standard error what was loaded.
LISTED = """
import runpy, sys
try:
    runpy.run_module("edgeproof.edge", run_name="__main__", alter_sys=True)
finally:
    print(*sys.modules, file=sys.stderr)
"""


def test_help_of_run_does_not_load_numpy_or_opencv() -> None:
    command = [sys.executable, "-c", LISTED, "run", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own interpreter
    assert done.returncode == 0
    assert done.stdout.startswith("usage: edgeproof run")
    loaded = set(done.stderr.split())
    assert "edgeproof.edge.commands.run" in loaded
    assert not loaded & {"numpy", "cv2", "ai_edge_litert", "onnxruntime", "tensorflow", "keras"}


def test_process_says_nothing_but_its_answers(models: Path) -> None:
    """What native libraries print when they are loaded goes past Python, once per process."""
    command = [sys.executable, "-m", "edgeproof.edge", "run", str(models / "hello-int8.tflite"), "10", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own interpreter
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"10 \[0\]: 18\.9\d* \(.* ms\)\n", done.stdout)


def test_a_line_end_in_a_word_does_not_break_the_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", "no\nsuch\r\nfile"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize("words", [["--range", "-1..1"], ["--range=-1..1"], ["--range", "-.5...5", "-3"]])
def test_a_range_from_below_zero_is_a_value(words: list[str]) -> None:
    parser = Parser("test")
    parser.add_argument("--range", type=pixel_range)
    parser.add_argument("numbers", nargs="*")
    read = parser.parse_args(words)
    assert read.range[0] == -read.range[1]
    assert read.numbers == words[2:]
