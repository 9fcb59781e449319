"""The options of `edgeproof run` that choose outputs, on the command line."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import cv2
import pytest

from answers import until
from command import Command
from edgeproof.edge.sinks import pictures
from loopback import closed_port


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pictures, "_WAITING", 1000)  # or a busy machine keeps only some of them


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--save-on", "stone"], "with one of paper, rock, scissors, unknown, received 'stone'"),
        (["--save-on", "rock", "--save-on", "rock:2"], "expected a score from 0 to 1 for --save-on"),
        (
            ["--disk-budget", "much"],
            "argument --disk-budget: expected a size such as 10MB, 500MB or 1GB, received much",
        ),
        (["--log-size", "0"], "argument --log-size: expected a size"),
        (["--log-keep", "0"], "argument --log-keep: expected a whole number above 0"),
        (["--log", "."], "argument --log: expected a file to write, received a folder: ."),
        (["--unsure-margin", "2"], "argument --unsure-margin: expected a number from 0 to 1"),
        (["--snapshot-interval", "0"], "argument --snapshot-interval: expected seconds from 0.1"),
        (["--save-rate", "0"], "argument --save-rate: expected frames a second from 1 to 240"),
        (["--mqtt", "pi4"], "expected mqtt://[user[:password]@]host[:port][/topic] for --mqtt"),
        (["--mqtt", "http://me:secret@pi4"], "that begins with neither mqtt:// nor mqtts://"),
        (["--mqtt-interval", "0"], "argument --mqtt-interval: expected seconds from 0.1"),
        (["--metrics", "9464"], "argument --metrics: expected HOST:PORT"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(
    edgeproof: Command, tmp_path: Path, words: list[str], message: str
) -> None:
    line = edgeproof.error("run", "rps-int8.tflite", "hands:1", *words)
    assert message in line
    assert "secret" not in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [["--save-on", "rock"], ["--save-unsure", "unsure"]])
def test_pictures_of_numbers_cannot_be_kept(edgeproof: Command, tmp_path: Path, words: list[str]) -> None:
    line = edgeproof.error("run", "hello-int8.tflite", "10", *words)
    assert "expected --save-on and --save-unsure with a model of pictures, received one of numbers" in line
    assert list(tmp_path.iterdir()) == []


def test_folder_that_is_a_file_is_refused(edgeproof: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    for flag in ("--snapshots", "--save-unsure"):
        line = edgeproof.error("run", "rps-int8.tflite", "hands:1", "--save-on", "rock", flag, "file")
        assert "expected a folder that can be written to, received" in line


def test_port_in_use_is_one_line(edgeproof: Command) -> None:
    pytest.importorskip("prometheus_client")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        line = edgeproof.error("run", "rps-int8.tflite", "hands:1", "--metrics", f"127.0.0.1:{port}")
    assert f"expected a free address for --metrics, received 127.0.0.1:{port} (Address already in use)" in line


@pytest.mark.parametrize(
    ("module", "words", "hint"),
    [
        (
            "paho",
            ["--mqtt", "mqtt://pi4"],
            "expected the package paho-mqtt, received none in this environment: pip insta",
        ),
        (
            "prometheus_client",
            ["--metrics"],
            "expected the package prometheus-client, received none in this environment",
        ),
    ],
)
def test_package_that_is_missing_is_named_with_its_extra(
    edgeproof: Command, module: str, words: list[str], hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [
        name for name in sys.modules if name.split(".")[0] == module or name.startswith("edgeproof.edge.sinks.m")
    ]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    assert hint in edgeproof.error("run", "rps-int8.tflite", "hands:1", *words)


def test_any_number_of_outputs_get_every_answer(edgeproof: Command, tmp_path: Path) -> None:
    pytest.importorskip("prometheus_client")
    words = ["--json", "--log", "logs/a.jsonl", "--log-size", "5KB", "--save", "clip.avi", "--save-rate", "24"]
    words += ["--save-on", "rock", "--save-on", "unknown", "--save-unsure", "unsure", "--metrics", "127.0.0.1:0"]
    printed = edgeproof.objects("run", "rps-int8.tflite", "hands:30", *words)
    assert "metrics: http://127.0.0.1:" in edgeproof.err
    logged = [
        json.loads(line)
        for path in sorted((tmp_path / "logs").iterdir(), reverse=True)
        for line in path.read_text().splitlines()
    ]
    newest = [answer["frame"] for answer in printed][-len(logged) :]
    assert [answer["frame"] for answer in logged] == newest
    assert len(list((tmp_path / "logs").iterdir())) > 1
    clip = cv2.VideoCapture(str(tmp_path / "clip.avi"))
    assert (clip.get(cv2.CAP_PROP_FPS), clip.get(cv2.CAP_PROP_FRAME_COUNT)) == (24.0, 30.0)
    clip.release()
    shown = {answer["label"] for answer in printed}
    names = [path.name for path in (tmp_path / "snapshots").iterdir()]
    assert {name.split("-")[4] for name in names} == shown & {"rock", "unknown"} != set()
    kept = list((tmp_path / "unsure").rglob("*.jpg"))
    assert {path.parent.name for path in kept} <= {"paper", "rock", "scissors"}
    assert f"--save-on: {len(names)} picture(s) kept in snapshots" in edgeproof.err
    assert f"--save-unsure: {len(kept)} picture(s) kept in unsure" in edgeproof.err


def test_both_kinds_of_pictures_share_the_budget_of_one_folder(edgeproof: Command, tmp_path: Path) -> None:
    words = ["--save-on", "rock", "--save-on", "unknown", "--save-unsure", "kept", "--snapshots", "./kept"]
    assert edgeproof("run", "rps-int8.tflite", "hands:30", "--unsure-margin", "1", *words) == 0
    assert edgeproof.err.count("picture(s) kept in") == 1
    pictures = list((tmp_path / "kept").rglob("*.jpg"))
    assert f"--save-on: {len(pictures)} picture(s) kept in kept" in edgeproof.err
    assert {path.parent == tmp_path / "kept" for path in pictures} == {True, False}


def test_broker_that_is_down_does_not_hold_up_answers(edgeproof: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("paho.mqtt")
    monkeypatch.setenv("EDGEPROOF_MQTT_PASSWORD", "secret")
    from edgeproof.edge.sinks.mqtt import MqttSink

    close = MqttSink.close

    def close_late(sink: MqttSink) -> None:
        until(lambda: sink._complained, "no warning")  # or ten answers may be over before it tried
        close(sink)

    monkeypatch.setattr(MqttSink, "close", close_late)
    with closed_port() as port:
        words = ["--json", "--mqtt", f"mqtt://me@127.0.0.1:{port}/c"]
        assert len(edgeproof.objects("run", "rps-int8.tflite", "hands:10", *words)) == 10
    assert edgeproof.err.count("warning: --mqtt: expected a broker at 127.0.0.1:") == 1
    assert "secret" not in edgeproof.err


LIGHT = """
import sys
from edgeproof.edge.commands.run import parser
parser().format_help()
print(*{name.split(".")[0] for name in sys.modules} & {"cv2", "numpy", "paho", "prometheus_client", "http", "ssl"})
"""


def test_help_loads_nothing_heavy() -> None:
    done = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.strip() == ""


LIMITED = """
import resource, sys
from edgeproof.edge.cli import main
from edgeproof.edge.sinks import pictures
pictures._PATIENCE = 60  # a busy machine may be slow to say what it lost
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
sys.exit(main(["run", sys.argv[1], "hands:20", "--json", "--log", "a.jsonl", "--save-on", "rock", "--save-on",
               "unknown", "--save-on", "paper", "--save-on", "scissors", "--save-unsure", "unsure",
               "--unsure-margin", "1"]))
"""


def test_files_that_cannot_grow_cost_a_warning_each_and_no_answer(models: Path, tmp_path: Path) -> None:
    """In a process of its own, whose files have 3,000 bytes at most."""
    pytest.importorskip("resource")
    command = [sys.executable, "-W", "error", "-c", LIMITED, str(models / "rps-int8.tflite")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - ourselves
    assert [json.loads(line)["frame"] for line in done.stdout.splitlines()] == list(range(20))
    warnings = [line for line in done.stderr.splitlines() if line.startswith("warning: ")]
    assert sorted(line.split(": ")[1] for line in warnings if "File too large" in line) == [
        "--log",
        "--save-on",
        "--save-unsure",
    ]
    text = (tmp_path / "a.jsonl").read_text()
    assert text.endswith("}\n")
    assert [json.loads(line)["frame"] for line in text.splitlines()] == list(range(text.count("\n")))
    assert list(tmp_path.rglob("*.jpg")) == []
    assert done.stderr.splitlines()[-1].startswith("ai-edge-litert")
