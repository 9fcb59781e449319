"""The command `tools/pi`, and the board itself where it has been made."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MADE = (ROOT / ".pi/.edgeproof").exists()


def pi(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", str(ROOT / "tools/pi"), *words], capture_output=True, text=True, check=False)  # noqa: S603, S607 - our own tool


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("run",), "error: expected a command, received none: tools/pi run -- edgeproof info MODEL"),
        (("run", "--cpu", "z80", "--", "true"), "error: expected one of cortex-a72 cortex-a76, received 'z80'"),
        (("run", "--cpu"), "error: expected something behind --cpu, received nothing"),
        (("run", "--environment", "numpy", "true"), "error: expected one of litert tflite-runtime, received 'numpy'"),
        (("run", "--share", "/nowhere", "true"), "error: expected a folder, received /nowhere"),
    ],
)
def test_what_it_cannot_use_is_named_in_one_line(words: tuple[str, ...], line: str) -> None:
    done = pi(*words)
    assert (done.returncode, done.stderr) == (2, line + "\n")


@pytest.mark.parametrize(("words", "code"), [((), 2), (("nothing",), 2), (("--help",), 0)])
def test_it_says_how_it_is_used(words: tuple[str, ...], code: int) -> None:
    done = pi(*words)
    assert done.returncode == code
    assert (done.stdout + done.stderr).startswith("usage: tools/pi make\n")


def shell(code: str, *words: str) -> str:
    code = f"set -euo pipefail; source tools/environment.sh; source tools/emulated/make.sh; {code}"
    words = ("bash", "-c", code, "bash", *words)
    return subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT).stdout  # noqa: S603 - our own code


def test_the_mirrors_of_any_debian_serve_the_suite_of_the_board(tmp_path: Path) -> None:
    etc, pi_folder = tmp_path / "etc", tmp_path / "pi"
    (etc / "sources.list.d").mkdir(parents=True)
    (pi_folder / "apt/sources").mkdir(parents=True)
    (etc / "sources.list").write_text("# deb file:/debian sid main\ndeb file:/debian trixie main\n")
    (etc / "sources.list.d/more.sources").write_text("URIs: file:/debian-security\nSuites: trixie-security\n")
    (etc / "sources.list.d/other.list").write_text("deb file:/other trixie main\n")
    shell('pi="$1"; own_sources "$2"', str(pi_folder), str(etc))
    assert {path.name: path.read_text() for path in (pi_folder / "apt/sources").iterdir()} == {
        "sources.list": "deb file:/debian bookworm main\n",
        "more.sources": "URIs: file:/debian-security\nSuites: bookworm-security\n",
    }


needs_board = pytest.mark.skipif(not MADE, reason="the emulated board has not been made: ./tools/pi make")


@needs_board
@pytest.mark.parametrize(("cpu", "part", "model"), [("cortex-a72", "0xd08", "Pi 4"), ("cortex-a76", "0xd0b", "Pi 5")])
def test_the_board_is_the_one_asked_for(cpu: str, part: str, model: str) -> None:
    code = "import os, platform; print(platform.machine(), os.geteuid(), open('/proc/cpuinfo').read())"
    done = pi("run", "--cpu", cpu, "--", "python3", "-c", code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("aarch64 0 processor\t: 0\n")
    assert f"CPU part\t: {part}\n" in done.stdout
    assert f"Raspberry {model} Model B" in done.stdout


@needs_board
def test_its_python_starts_itself_and_has_no_network_where_none_is_wanted(tmp_path: Path) -> None:
    code = (
        "import socket, subprocess, sys, urllib.request;"
        "print(subprocess.run([sys.executable, '-c', 'import platform; print(platform.machine())'],"
        " capture_output=True, text=True).stdout.strip());"
        "print([name for _, name in socket.if_nameindex()]); open('left', 'w').write('here')"
    )
    command = f'cd {tmp_path} && python3 -c "$1"'
    done = pi("run", "--offline", "--share", str(tmp_path), "--", "sh", "-c", command, "sh", code)
    assert done.stdout.splitlines() == ["aarch64", "['lo']"], done.stderr
    assert (tmp_path / "left").read_text() == "here"


@needs_board
def test_the_exit_code_is_that_of_the_command() -> None:
    assert pi("run", "--", "sh", "-c", "exit 7").returncode == 7
