"""docs/raspberry-pi.md: its commands, where they need neither a board nor a second machine."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import pytest

import documented
import pages
from edgeproof.edge.cli import main

PROGRAM = "edgeproof-env/bin/edgeproof"


@pytest.fixture
def home(models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the page's model, in which its commands are given."""
    shutil.copy(models / "rps-int8.tflite", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_first_commands_answer(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = documented.commands(documented.PAGE.read_text("utf-8"), home / "rps-int8.tflite")
    calls = [shlex.split(line)[1:] for line in lines if line.startswith(PROGRAM)]
    assert [words[0] for words in calls] == ["run", "check", "doctor", "info", "run"]
    for words in calls:
        assert main(words) in ((0, 1) if words == ["doctor"] else (0,)), capsys.readouterr().err  # whose finding it is
    assert '"label": ' in capsys.readouterr().out.splitlines()[-1]


def test_the_service_is_one_that_systemd_could_start(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (block,) = pages.section("raspberry-pi.md", "From boot on").blocks
    install, _, journal, remove = pages.commands(block.text)
    sudo, program, *words = shlex.split(install)
    assert (sudo, program) == ("sudo", PROGRAM)
    assert main([*words, "--print"]) == 0
    unit = capsys.readouterr().out
    assert str(home / "rps-int8.tflite") in unit
    assert "ExecStart=" in unit
    assert "StateDirectory=edgeproof-rps-int8" in unit
    assert shlex.split(journal)[-1] == shlex.split(remove)[-1] == "edgeproof-rps-int8"
