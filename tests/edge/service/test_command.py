"""`edgeproof service` on the command line, and what it asks of systemd."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from command import Command
from edgeproof.edge import atomic
from edgeproof.edge.errors import InputError
from edgeproof.edge.service import manager
from edgeproof.edge.service.manager import Manager

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="systemd is Linux's")

MODEL = "rps-int8.tflite"


@pytest.fixture
def systemctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A systemctl in whose place its words are written down; `restart` fails where there is a file "broken"."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "systemctl"
    program.write_text(f'#!/bin/sh\necho "$@" >>"{folder}/words"\n[ "$1" != restart ] || [ ! -e "{folder}/broken" ]\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setattr(manager, "UNITS", tmp_path / "units")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    (tmp_path / "units").mkdir()
    return folder


def asked(systemctl: Path) -> list[str]:
    return (systemctl / "words").read_text().splitlines()


def test_a_service_is_written_enabled_and_started(edgeproof: Command, systemctl: Path, tmp_path: Path) -> None:
    assert edgeproof("service", "install", MODEL, "hands:", "--json") == 0, edgeproof.err
    assert edgeproof.out == ""
    assert "edgeproof-rps-int8 answers, now and after every start" in edgeproof.err
    assert asked(systemctl) == ["daemon-reload", "enable edgeproof-rps-int8", "restart edgeproof-rps-int8"]
    unit = tmp_path / "units/edgeproof-rps-int8.service"
    assert stat.S_IMODE(unit.stat().st_mode) == 0o644
    assert edgeproof("service", "install", MODEL, "hands:", "--json", "--print") == 0
    assert unit.read_text() == edgeproof.out


def test_a_service_that_does_not_answer_is_exit_code_1(edgeproof: Command, systemctl: Path) -> None:
    (systemctl / "broken").touch()
    assert edgeproof("service", "install", MODEL, "0", "--name", "door") == 1
    assert "warning: door is installed and does not answer: journalctl -u door" in edgeproof.err


def test_a_unit_with_a_password_is_for_root_alone(
    edgeproof: Command, systemctl: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = []  # it is in its place
    commit = atomic.commit

    def committed(temporary: Path, path: Path) -> None:
        before.append(stat.S_IMODE(temporary.stat().st_mode))
        commit(temporary, path)

    monkeypatch.setattr(atomic, "commit", committed)
    assert edgeproof("service", "install", MODEL, "rtsp://me:secret@camera/1", "--name", "door") == 0
    assert stat.S_IMODE((tmp_path / "units/door.service").stat().st_mode) == 0o600
    assert before == [0o600]
    assert "warning: the source's address holds a password" in edgeproof.err
    assert "secret" not in edgeproof.err
    assert len(asked(systemctl)) == 3


def test_a_service_is_removed_with_its_unit(edgeproof: Command, systemctl: Path, tmp_path: Path) -> None:
    (tmp_path / "units/edgeproof-door.service").touch()
    line = edgeproof.error("service", "remove", "edgeproof-window")
    assert line == "error: expected one of edgeproof-door, received edgeproof-window"
    assert edgeproof("service", "remove", "edgeproof-door.service") == 0
    assert asked(systemctl) == ["disable --now edgeproof-door", "daemon-reload"]
    assert list((tmp_path / "units").iterdir()) == []


def test_status_is_that_of_all_services_of_ours_or_of_one(edgeproof: Command, systemctl: Path) -> None:
    assert edgeproof("service", "status") == 0
    assert edgeproof("service", "status", "door") == 0
    assert asked(systemctl) == ["status --no-pager --lines=5 edgeproof-*", "status --no-pager --lines=5 door"]


def test_only_root_changes_services(edgeproof: Command, systemctl: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    for words in (["install", MODEL], ["remove", "door"]):
        assert edgeproof("service", *words) == 2
        assert "error: expected root, who alone installs services" in edgeproof.err
    assert not (systemctl / "words").exists()


def test_a_machine_without_systemd_is_told_of_print(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(InputError, match="received one without systemctl; see --print"):
        Manager()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "expected one of install, status, remove, received nothing"),
        (["start"], "expected one of install, status, remove, received 'start'"),
        (["install"], "the following arguments are required: MODEL; see edgeproof run --help"),
        (["install", MODEL, "0", "--windows"], "unrecognized arguments: --windows"),
        (["install", MODEL, "0", "--window"], "expected outputs that need no desktop, received --window"),
        (["install", MODEL, "0", "--web", "--token", "secret"], "expected the token out of everyone's sight"),
        (["install", MODEL, "0", "--web", "--token=secret"], "expected the token out of everyone's sight"),
        (["install", MODEL, "0", "--mqtt", "mqtt://me:secret@pi"], "expected the broker's password out of everyone's"),
        (["install", MODEL, "0", "--log", "/a.jsonl"], "expected --log in the service's own folder, received /a.jsonl"),
        (["install", MODEL, "0", "--snapshots", "../b"], "expected --snapshots in the service's own folder, received"),
        (["install", MODEL, "0", "--web", "0.0.0.0:80"], "expected a port from 1024 on, received 0.0.0.0:80"),
        (["install", MODEL, "0", "--name", "a b"], "expected --name with letters, digits and dashes, received 'a b'"),
        (["install", MODEL, "0", "--user", "nobody-of-that-name"], "expected a user of this machine for --user"),
        (["install", MODEL, "0", "--user", "root;"], "expected --user with letters, digits and dashes"),
        (["install", "nowhere.tflite"], "expected a model file, received No such file or directory"),
        (["remove", "../etc"], "expected the name of a service, received '../etc'"),
    ],
)
def test_bad_input_is_one_line(edgeproof: Command, words: list[str], message: str) -> None:
    if words[:1] == ["install"]:
        words = [*words, "--print"]
    line = edgeproof.error("service", *words)
    assert message in line
    assert "secret" not in line


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["install", "--help"]])
def test_help_is_there(edgeproof: Command, words: list[str]) -> None:
    assert edgeproof("service", *words) == 0
    assert edgeproof.out.startswith("usage: edgeproof service install MODEL [SOURCE]")
