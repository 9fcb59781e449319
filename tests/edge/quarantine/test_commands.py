"""What a person sees of a forged file: one line, and exit code 2."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from command import Command
from edgeproof.edge import modelfile
from edgeproof.edge.modelfile import ModelFile
from edgeproof.edge.quarantine import trial

pytest.importorskip("ai_edge_litert", reason="the files of these tests are opened by ai-edge-litert")

CRASH = "import os, signal; os.kill(os.getpid(), signal.SIGSEGV) # {package}"
COMMANDS = (("run", "hands:1"), ("check",), ("bench", "--seconds", "1"))


def forged(models: Path, folder: Path, change: Callable[[bytes], bytes]) -> Path:
    """Write a golden model with another network, and a seal that holds."""
    file: ModelFile = modelfile.read(models / "rps-int8.tflite")
    assert file.contract is not None
    golden = {name: content for name, content in file.members.items() if name.startswith("golden/")}
    path = folder / "forged.tflite"
    path.write_bytes(modelfile.assemble(file.format, change(file.model), file.contract, golden))
    return path


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_a_network_that_does_not_hold_together_is_one_line(
    edgeproof: Command, models: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    path = forged(models, tmp_path, lambda network: b"\xff\xff\xff\x7f" + network[4:])
    line = edgeproof.error(words[0], path, *words[1:])
    assert line.startswith("error: expected a model that holds together, received one with an offset beyond the data")
    assert line.endswith(f"export it again: {path}")


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_a_network_that_crashes_the_interpreter_is_one_line(
    edgeproof: Command, models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setattr(trial, "_CODE", CRASH)
    path = forged(models, tmp_path, lambda network: network + bytes(16))
    line = edgeproof.error(words[0], path, *words[1:])
    assert line == (
        f"error: expected a model that runs, received one that crashes the interpreter (SIGSEGV); do not use it: {path}"
    )
