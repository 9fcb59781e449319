"""What the tests of services need: a service manager's socket, and a unit as a program would read it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from command import Command
from console_lines import Said
from notifications import PATIENCE, Listening, Printed


@pytest.fixture
def said() -> Said:
    """A console of the test's own."""
    return Said()


@pytest.fixture
def listening() -> Iterator[Listening]:
    """Listen at an address of sd_notify's protocol."""
    sockets: list[socket.socket] = []

    def listen(address: str) -> socket.socket:
        one = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        sockets.append(one)
        one.settimeout(PATIENCE)
        one.bind(f"\0{address[1:]}" if address.startswith("@") else address)
        return one

    yield listen
    for one in sockets:
        one.close()


@pytest.fixture
def printed(edgeproof: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Printed:
    """Give the settings of the unit that is printed for some words, each with all its values, in order."""
    monkeypatch.chdir(tmp_path)

    def settings(*words: object) -> dict[str, list[str]]:
        assert edgeproof("service", "install", *words, "--print") == 0, edgeproof.err
        found: dict[str, list[str]] = {}
        for line in edgeproof.out.splitlines():
            name, equals, value = line.partition("=")
            if equals and not line.startswith("#"):
                found.setdefault(name, []).append(value)
        return found

    return settings
