from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

pytest.importorskip("uvicorn", reason="uvicorn is not installed")
pytest.importorskip("starlette", reason="starlette is not installed")

from command import Command
from edgeproof.edge import collection
from edgeproof.edge.collection import Collection
from edgeproof.edge.web import sink
from edgeproof.edge.web.access import local_names
from edgeproof.edge.web.address import Address, listen
from web_site import PATIENCE

MODEL = "rps-int8.tflite"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--token", "correct-horse"], "expected --web beside --token"),
        (["--web-rate", "5"], "expected --web beside --web-rate"),
        (["--collect", "x"], "expected --web beside --collect"),
        (["--game"], "expected --web beside --game"),
        (["--web", "nowhere:at:all"], "expected HOST:PORT, 127.0.0.1:8080 for example, received nowhere:at:all"),
        (["--web", "0"], "expected HOST:PORT or nothing behind the option, and a source before it, received 0"),
        (["--web", "file"], "nothing behind the option, and a source before it, received file"),
        (
            ["--metrics", "rtsp://a/b"],
            "nothing behind the option, and a source before it, received rtsp",
        ),
        (["--web", "no.such.name.invalid:80"], "expected an address of this machine, received no.such.name.invalid:80"),
        (["--web", ":0", "--token", "short"], "expected a token of 8 to 200 letters"),
        (["--web", "0.0.0.0:0", "--quiet"], "expected a token beside --quiet"),
        (["--web", ":0", "--game", "2"], "expected an odd number of rounds up to 99, received 2"),
        (["--web", ":0", "--web-rate", "61"], "expected up to 60 pictures a second, received 61"),
        (["--web", ":0", "--collect", "file/x"], "expected a folder that can be written to"),
    ],
)
def test_bad_input_is_one_line(
    edgeproof: Command, words: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    assert message in edgeproof.error("run", MODEL, "hands:1", *words)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_port_in_use_is_one_line_before_the_loop(edgeproof: Command) -> None:
    with listen(Address("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        line = edgeproof.error("run", MODEL, "hands:1", "--web", f"127.0.0.1:{port}")
    assert line.startswith(f"error: expected a free port, received one in use: 127.0.0.1:{port}")


def test_model_of_numbers_has_no_page(edgeproof: Command) -> None:
    assert "expected --web with a model of pictures" in edgeproof.error("run", "hello-int8.tflite", "10", "--web")


def test_model_of_other_labels_has_no_game(edgeproof: Command, models: Path, tmp_path: Path) -> None:
    from golden import foreign

    (tmp_path / "bare.onnx").write_bytes(foreign(models / "rps-int8.onnx"))
    words = ("hands:1", "--labels", "cat,rock,dog", "--web", ":0", "--game")
    assert "received one without paper, scissors" in edgeproof.error("run", tmp_path / "bare.onnx", *words)


@pytest.mark.parametrize("package", ["starlette", "uvicorn"])
def test_package_that_is_missing_is_named(edgeproof: Command, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*sys.modules]:
        if name.startswith("edgeproof.edge.web"):
            monkeypatch.delitem(sys.modules, name)
    for name in [*sys.modules]:
        if name.split(".")[0] == package:
            monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, package, None)
    line = edgeproof.error("run", MODEL, "hands:1", "--web", ":0")
    assert line.startswith(f"error: expected the package {package}")
    assert line.endswith("pip install 'edgeproof[web]'")


def test_random_token_is_printed_with_the_address(edgeproof: Command) -> None:
    tokens = []
    for _ in range(2):
        assert edgeproof("run", MODEL, "hands:1", "--web", "0.0.0.0:0") == 0
        (token,) = re.findall(r"^web page: http://[^/]+:\d+/\?token=([\w-]{22})$", edgeproof.err, re.MULTILINE)
        tokens.append(token)
    assert tokens[0] != tokens[1]


def test_token_may_come_from_the_environment(edgeproof: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGEPROOF_TOKEN", "of-the-environment")
    assert edgeproof("run", MODEL, "hands:1", "--web", ":0") == 0
    assert "/?token=of-the-environment\n" in edgeproof.err
    assert edgeproof("run", MODEL, "hands:1", "--web", ":0", "--token", "of-the-words") == 0
    assert "/?token=of-the-words\n" in edgeproof.err


def test_name_that_was_asked_for_is_taken_for_the_host(edgeproof: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    names = []

    def noted(*asked: str) -> frozenset[str]:
        names.extend(asked)
        return local_names(*asked)

    monkeypatch.setattr(sink, "local_names", noted)
    assert edgeproof("run", MODEL, "hands:1", "--web", "localhost:0") == 0
    assert names == ["localhost", "127.0.0.1"]


def test_what_is_collected_keeps_to_the_disk_budget(
    edgeproof: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    budgets = []

    def noted(folder: Path, budget: int | None = None) -> Collection:
        budgets.append(budget)
        return Collection(folder, budget)

    monkeypatch.setattr(collection, "Collection", noted)
    words = ("--web", ":0", "--collect", tmp_path / "x", "--disk-budget", "3MB")
    assert edgeproof("run", MODEL, "hands:1", *words) == 0
    assert budgets == [3_000_000]


def test_page_comes_beside_other_outputs(edgeproof: Command) -> None:
    answers = edgeproof.objects("run", MODEL, "hands:3", "--json", "--web", ":0")
    assert [answer["frame"] for answer in answers] == [0, 1, 2]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_it_all(models: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-W", "error", "-m", "edgeproof.edge", "run", str(models / MODEL), "hands:1000000"]
    process = subprocess.Popen(  # noqa: S603 - our own interpreter
        [*command, "--web", ":0"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=os.environ.copy()
    )
    with process:
        assert process.stderr is not None
        url = next(line for line in process.stderr if line.startswith("web page: ")).split()[-1]
        with urllib.request.urlopen(f"{url}next", timeout=PATIENCE) as reply:  # noqa: S310 - ours, on loopback
            assert reply.status == 200
        with urllib.request.urlopen(f"{url}stream.mjpg", timeout=PATIENCE) as reply:  # noqa: S310 - the same
            assert reply.readline() == b"--frame\r\n"
            process.send_signal(number)
            assert process.wait(PATIENCE) == 0
        rest = process.stderr.read()
    assert re.fullmatch(r"ai-edge-litert \S+: \d+ frame\(s\) in .*\n", rest)
