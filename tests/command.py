"""The command line, in the process of a test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from edgeproof.edge import cli
from golden import HELLO, RPS


class Command:
    """The command `edgeproof`; `out` and `err` are what it said last."""

    def __init__(self, capture: pytest.CaptureFixture[str], models: Path) -> None:
        self._capture, self._models = capture, models
        self.out = self.err = ""

    def __call__(self, *words: object) -> int:
        """Run it; a word that names a golden model becomes its path."""
        arguments = [str(self._models / str(word)) if word in RPS + HELLO else str(word) for word in words]
        code = cli.main(arguments)
        self.out, self.err = self._capture.readouterr()
        return code

    def error(self, *words: object) -> str:
        """Run what must fail as bad input: exit code 2, nothing on standard output, one line that says why."""
        assert self(*words) == 2
        assert self.out == ""
        assert "Traceback" not in self.err
        (line,) = [line for line in self.err.splitlines() if "error:" in line]
        others = [other for other in self.err.splitlines() if other != line]
        assert all(other.startswith(("warning: ", "checked ")) for other in others)
        return line

    def objects(self, *words: object) -> list[dict[str, Any]]:
        """Run what must succeed and read its JSON lines."""
        assert self(*words) == 0, self.err
        return [json.loads(line) for line in self.out.splitlines()]
