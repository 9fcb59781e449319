"""Files with another contract, and what `edgeproof check` says of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from command import Command
from edgeproof.edge import modelfile
from edgeproof.edge.contract import Contract

MODEL = "rps-int8.tflite"


def rewritten(models: Path, tmp_path: Path, change: Callable[[Contract], Contract], **members: bytes | None) -> Path:
    """Write a golden model with another contract, sealed as every file of ours; members that are None are left out."""
    file = modelfile.read(models / MODEL)
    assert file.contract is not None
    kept = {name: content for name, content in file.members.items() if name.startswith("golden/")} | members
    given = {name: content for name, content in kept.items() if content is not None}
    path = tmp_path / MODEL
    path.write_bytes(modelfile.assemble(file.format, file.model, change(file.contract), given))
    return path


def stages(edgeproof: Command) -> dict[str, tuple[bool, str]]:
    """Read what a check said of its stages: whether each was passed, and its words."""
    lines = edgeproof.out.splitlines()[:-1]
    return {line[:13].strip(): (line[13:21].strip() == "ok", line[21:]) for line in lines}


def failed(edgeproof: Command, path: object) -> dict[str, str]:
    """Check a file that must fail; gives the words of the stages that were not passed."""
    assert edgeproof("check", path) == 1
    assert edgeproof.err == ""
    found = {name: words for name, (passed, words) in stages(edgeproof).items() if not passed}
    first = next(iter(found))
    assert edgeproof.out.splitlines()[-1] == f"fail: {first}: {found[first]}"
    return found
