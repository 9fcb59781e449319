from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

import tiny
from edgeproof.edge import cli, modelfile
from edgeproof.edge.errors import InputError
from edgeproof.edge.preprocess import Pixels

RPS = [f"rps-{precision}.{kind}" for precision in ("int8", "fp32") for kind in ("tflite", "onnx")]
HELLO = [name.replace("rps", "hello") for name in RPS]
PROMISED = {"source", "time", "label", "score", "probabilities", "latency_ms", "frame_age_ms"}
LABELS = ["paper", "rock", "scissors"]


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """The command sets a signal handler; a test leaves none."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.draw(tmp_path_factory.mktemp("pictures"), 6)


class Command:
    """The command line, in this process."""

    def __init__(self, capture: pytest.CaptureFixture[str], models: Path) -> None:
        self._capture, self._models = capture, models
        self.out = self.err = ""

    def __call__(self, *words: object) -> int:
        """Run it; a word that names a golden model becomes its path."""
        golden = RPS + HELLO
        arguments = [str(self._models / str(word)) if word in golden else str(word) for word in words]
        try:
            code = cli.main(arguments)
        except SystemExit as end:  # how argparse ends
            code = int(end.code or 0)
        self.out, self.err = self._capture.readouterr()
        return code

    def error(self, *words: object) -> str:
        """Run what must fail as bad input: exit code 2, nothing on standard output, one line that says why."""
        assert self(*words) == 2
        assert self.out == ""
        assert "Traceback" not in self.err
        (line,) = [line for line in self.err.splitlines() if "error:" in line]
        others = [other for other in self.err.splitlines() if other != line]
        assert all(other.startswith(("warning: this model", "usage:", " ")) for other in others)
        return line

    def objects(self, *words: object) -> list[dict[str, Any]]:
        """Run what must succeed and read its JSON lines."""
        assert self(*words) == 0, self.err
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def edgeproof(capfd: pytest.CaptureFixture[str], models: Path) -> Command:
    return Command(capfd, models)


# Bad usage and bad input


@pytest.mark.parametrize("words", [["fly"], ["RUN"], ["--jsn"]])
def test_unknown_command_is_one_line(edgeproof: Command, words: list[str]) -> None:
    expected = f"error: expected one of demo, train, export, run, info, received {words[0]!r}"
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
    path.write_bytes(modelfile.read(models / name).model)
    assert edgeproof.error("run", path, "hands:1").endswith(f"{path}; export it again, or pass --labels")
    assert edgeproof.error("info", path).endswith(f"{path}; export it with edgeproof")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["rps-int8.tflite", "42"], "expected a camera that gives frames, received none from /dev/video42"),
        (["rps-int8.tflite", "/dev/video42"], "expected a camera that gives frames, received none from /dev/video42"),
        (["rps-int8.tflite", "no/such/folder"], "received no such source: no/such/folder"),
        (["rps-int8.tflite", "none.jpg"], "expected a picture, received No such file or directory: none.jpg"),
        (["rps-int8.tflite", "hands:none"], "expected hands: or hands:30 (a number of frames), received 'hands:none'"),
        (["rps-int8.tflite", "x" * 300], "received File name too long"),
        (["hello-int8.tflite", "ten"], "expected 1 number(s) such as 10 or 1,2.5, received 'ten'"),
        (["hello-int8.tflite", "1,2"], "expected 1 number(s), received 2: 1,2"),
        (["hello-int8.tflite", "nan"], "expected numbers that float32 can hold, received 'nan'"),
        (["hello-int8.tflite", "10", "--save", "a.mp4"], "expected --save and --window with a model of pictures"),
        (["hello-int8.tflite", "10", "--labels", "a,b"], "expected a model without a contract for --labels"),
        (
            ["rps-int8.tflite", "hands:1", "--save", "a.gif"],
            "expected a clip that ends in .mp4 or .avi, received a.gif",
        ),
        (["rps-int8.tflite", "hands:1", "--interpreter", "onnxruntime"], "expected a .onnx file for onnxruntime"),
        (["rps-int8.tflite", "hands:1", "--frames", "0"], "expected a whole number above 0, received 0"),
        (["rps-int8.tflite", "hands:1", "--threads", "-2"], "expected a whole number from 1 to 256, received -2"),
        (["rps-int8.tflite", "hands:1", "--frames", "many"], "argument --frames"),
        (["rps-int8.tflite", "hands:1", "--window", "--headless"], "not allowed with"),
        ([], "the following arguments are required: model"),
    ],
)
def test_bad_input_of_run_is_one_line(
    edgeproof: Command, words: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert message in edgeproof.error("run", *words)
    assert list(tmp_path.iterdir()) == []


def test_folder_that_cannot_be_written_is_one_line(edgeproof: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    line = edgeproof.error("run", "rps-int8.tflite", "hands:1", "--save", tmp_path / "file" / "a.mp4")
    assert line.startswith("error: expected files that can be read and written, received")


# Answers


@pytest.mark.parametrize("name", RPS)
def test_run_gives_one_json_object_per_picture(edgeproof: Command, pictures: Path, name: str) -> None:
    answers = edgeproof.objects("run", name, pictures, "--headless", "--json", "--quiet")
    assert [answer["source"] for answer in answers] == sorted(map(str, pictures.rglob("*.jpg")))
    for answer in answers:
        assert set(answer) >= PROMISED
        assert list(answer["probabilities"]) == LABELS
        assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=0.02)
        assert answer["score"] == max(answer["probabilities"].values())
        assert answer["label"] in (*LABELS, "unknown")
        assert set(answer["latency_ms"]) == {"preprocess", "invoke", "total"}
    # The network is small, but better than chance by far.
    right = [answer["label"] == Path(answer["source"]).parent.name for answer in answers]
    assert sum(right) >= 4


@pytest.mark.parametrize("name", HELLO)
def test_run_answers_a_number(edgeproof: Command, name: str) -> None:
    (answer,) = edgeproof.objects("run", name, "10", "--json")
    assert answer["score"] == pytest.approx(19, abs=0.1)
    assert (answer["label"], answer["probabilities"], answer["source"]) == (None, {}, "10")


def test_summary_goes_to_standard_error(edgeproof: Command, pictures: Path) -> None:
    assert edgeproof("run", "rps-int8.tflite", pictures) == 0
    assert len(edgeproof.out.splitlines()) == 6
    assert re.search(r"ai-edge-litert \S+: 6 frame\(s\) in .* 0 dropped, median latency \S+ ms\n$", edgeproof.err)


def test_quiet_leaves_answers_alone(edgeproof: Command) -> None:
    assert edgeproof("run", "hello-int8.tflite", "10", "--quiet") == 0
    assert edgeproof.out.startswith("10 [0]: 18.9")
    assert edgeproof.err == ""


def test_unreadable_pictures_are_warned_of(edgeproof: Command, pictures: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(pictures, folder)
    (folder / "rock" / "broken.jpg").write_bytes(b"no picture")
    assert len(edgeproof.objects("run", "rps-int8.tflite", folder, "--json", "--quiet")) == 6
    warnings = [line for line in edgeproof.err.splitlines() if "verdict" not in line]
    assert len(warnings) == 2
    assert "broken.jpg" in warnings[0]
    assert warnings[1] == "warning: 1 of 7 pictures could not be read and are left out"


def test_unreadable_picture_is_an_error_when_strict(edgeproof: Command, tmp_path: Path) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    assert "broken.jpg" in edgeproof.error("run", "rps-int8.tflite", tmp_path, "--strict")


def test_run_reads_a_video_and_saves_one(edgeproof: Command, clip: Path, tmp_path: Path) -> None:
    answers = edgeproof.objects("run", "rps-int8.onnx", clip, "--json", "--save", tmp_path / "out.avi", "--quiet")
    assert [answer["source"] for answer in answers] == [str(clip)] * 6
    capture = cv2.VideoCapture(str(tmp_path / "out.avi"))
    assert capture.get(cv2.CAP_PROP_FRAME_COUNT) == 6


def test_frames_limit_the_run(edgeproof: Command) -> None:
    assert len(edgeproof.objects("run", "rps-int8.tflite", "hands:9", "--frames", "2", "--json", "--quiet")) == 2


def test_run_reads_a_camera(edgeproof: Command, clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real: Callable[[str], cv2.VideoCapture] = cv2.VideoCapture
    monkeypatch.setattr(cv2, "VideoCapture", lambda _: real(str(clip)))
    (answer,) = edgeproof.objects("run", "rps-int8.tflite", "0", "--json", "--frames", "1", "--quiet")
    assert answer["source"] == "/dev/video0"


def test_flags_supply_what_the_file_lacks(edgeproof: Command, models: Path, pictures: Path, tmp_path: Path) -> None:
    path = tmp_path / "bare.onnx"
    path.write_bytes(modelfile.read(models / "rps-int8.onnx").model)
    own = edgeproof.objects("run", "rps-int8.onnx", pictures, "--json", "--quiet")
    flags = edgeproof.objects("run", path, pictures, "--json", "--quiet", "--labels", "paper,rock,scissors")
    assert [answer["probabilities"] for answer in flags] == [answer["probabilities"] for answer in own]
    assert edgeproof.err == (
        "warning: this model carries no parity proof; nobody has compared it with the network it came from\n"
    )


# Info


@pytest.mark.parametrize("name", RPS + HELLO)
def test_info_prints_the_contract(edgeproof: Command, models: Path, name: str) -> None:
    assert edgeproof("info", name) == 0
    assert edgeproof.err == ""
    facts = dict(line.split(maxsplit=1) for line in edgeproof.out.splitlines())
    contract = modelfile.read(models / name).contract
    assert contract is not None
    assert contract.integrity is not None
    assert facts["name"] == name.partition(".")[0]
    assert contract.integrity.sha256 in facts["integrity"]
    if name.startswith("rps"):
        assert facts["labels"] == "paper, rock, scissors"
        assert facts["input"].startswith("32×32×3 rgb, ")
        assert ("scale 0.0039215689, zero point 0" in facts["input"]) == ("int8" in name)
    else:
        assert "labels" not in facts
        assert facts["input"].startswith("1 number(s), float32")


def test_info_prints_the_contract_as_json(edgeproof: Command, models: Path) -> None:
    assert edgeproof("info", "rps-int8.tflite", "--json") == 0
    file = modelfile.read(models / "rps-int8.tflite")
    assert json.loads(edgeproof.out) == json.loads(file.members["contract.json"])
    assert edgeproof.out.count("\n") == 1


# The process


def test_help_lists_the_commands(edgeproof: Command) -> None:
    for word in ("-h", "--help"):
        assert edgeproof(word) == 0
        listed = re.findall(r"^  (\w+)  ", edgeproof.out, re.MULTILINE)
        assert listed == ["demo", "train", "export", "run", "info"]


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
    assert edgeproof.error("info", "a") == line


@pytest.mark.parametrize("error", [RuntimeError("x"), ModuleNotFoundError("x", name="edgeproof.edge.nothing")])
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


@pytest.mark.parametrize("words", [("run", "rps-int8.tflite", "hands:3"), ("info", "rps-int8.tflite")])
def test_reader_that_leaves_early_is_no_error(models: Path, words: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "edgeproof.edge", words[0], str(models / words[1]), *words[2:]]
    # As on a user's machine: output that is kept back is written when the process ends.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "env": environment}
    with subprocess.Popen(command, **pipes) as process:  # noqa: S603 - our own interpreter
        process.stdout.close()
        errors = process.stderr.read()
    assert process.returncode == 0
    assert "Traceback" not in errors
    assert "Exception" not in errors


def test_process_says_nothing_but_its_answers(models: Path) -> None:
    """What native libraries print when they are loaded goes past Python, once per process."""
    command = [sys.executable, "-m", "edgeproof.edge", "run", str(models / "hello-int8.tflite"), "10", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own interpreter
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"10 \[0\]: 18\.9\d* \(.* ms\)\n", done.stdout)


def test_frame_of_one_colour_is_answered(edgeproof: Command, tmp_path: Path) -> None:
    """The smallest picture there is, through the whole command."""
    pixel: Pixels = np.zeros((1, 1, 3), np.uint8)
    cv2.imwrite(str(tmp_path / "a.png"), pixel)
    (answer,) = edgeproof.objects("run", "rps-int8.tflite", tmp_path / "a.png", "--json", "--quiet")
    assert answer["source"] == str(tmp_path / "a.png")
