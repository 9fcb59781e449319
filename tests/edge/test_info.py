from __future__ import annotations

import json
from pathlib import Path

import pytest

from command import Command
from edgeproof.edge import modelfile
from golden import HELLO, RPS


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
    told, kept = json.loads(edgeproof.out), json.loads(file.members["contract.json"])
    # A file of an earlier version lacks the fields that are younger than it; they have their defaults.
    for part in ("provenance", "input"):
        assert {**told[part], **kept.pop(part)} == told.pop(part)
    assert told == kept
    assert edgeproof.out.count("\n") == 1
