"""A short campaign of hostile model files, and what it counts with."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

pytest.importorskip("ai_edge_litert", reason="the files of this campaign are opened by ai-edge-litert")
pytest.importorskip("onnxruntime", reason="the files of this campaign are opened by onnxruntime")

import files
from edgeproof.edge import modelfile
from edgeproof.edge.errors import InputError
from edgeproof.edge.modelfile import seal
from files_mutants import SHARES, Class, mutants
from files_process import DiedError, HungError, Worker


def test_a_short_campaign_meets_its_goals(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--count", "100", "--seed", "7", "--commands", "3", "--json", str(tmp_path / "figures.json")]
    assert files.main(words) == 0, capsys.readouterr()
    found = {each["name"]: each for each in json.loads((tmp_path / "figures.json").read_text())["figures"]}
    assert found["files opened"]["seen"] == 100
    assert found["main process crashed"]["seen"] == 0
    assert found["commands tried"]["seen"] == 3
    assert found["flipped bits refused, sealed files"]["seen"] == 100
    assert found[f"refused: {Class.FOREIGN_FLIP.value}"]["unit"] == "of 8"


def test_the_same_seed_makes_the_same_mutants(models: Path) -> None:
    first, second = ([each.data for each in mutants(models, 100, 3)] for _ in range(2))
    assert first == second
    assert first != [each.data for each in mutants(models, 100, 4)]
    assert Counter(each.kind for each in mutants(models, 100, 3)) == Counter(SHARES)


def test_mutants_are_what_their_class_says(models: Path) -> None:
    whole = {path.name: path.read_bytes() for path in models.iterdir()}
    for mutant in mutants(models, 200, 5):
        original = whole[mutant.seed]
        if mutant.kind is Class.FLIP:
            assert len(mutant.data) == len(original)
            changed = [a ^ b for a, b in zip(mutant.data, original, strict=True) if a != b]
            assert len(changed) == 1
            assert changed[0].bit_count() == 1
        elif mutant.kind in (Class.FORGED_FLIP, Class.FORGED_WILD, Class.HUGE, Class.MEMBERS, Class.CONTRACT):
            seal.verify(mutant.data, "a forged file")
        elif mutant.is_foreign:
            assert not seal.is_sealed(mutant.data)
            assert b"exported by edgeproof" not in mutant.data


def refusal(data: bytes) -> str | None:
    """Say why a file is refused; any exception but InputError fails the test."""
    try:
        modelfile.parse(data, "file")
    except InputError as error:
        return str(error)
    return None


@pytest.mark.parametrize("kind", [Class.MEMBERS, Class.CONTRACT, Class.CUT])
def test_parsing_alone_raises_nothing_but_what_a_person_is_told(models: Path, kind: Class) -> None:
    told = [refusal(mutant.data) for mutant in mutants(models, 600, 11) if mutant.kind is kind]
    refused = [line for line in told if line is not None]
    assert len(refused) > 30
    assert all(line.isprintable() and len(line) < 2000 for line in refused)


def test_a_worker_that_dies_or_hangs_is_counted_and_started_anew(tmp_path: Path) -> None:
    program = tmp_path / "worker.py"
    program.write_text(
        "import json, os, sys, time\n"
        "for line in sys.stdin:\n"
        "    (word,) = json.loads(line)\n"
        "    if word == 'die': os.abort()\n"
        "    if word == 'hang': time.sleep(600)\n"
        "    print(word, flush=True)\n"
    )
    worker = Worker(program, 120.0, {})
    assert worker.ask("well") == "well\n"
    with pytest.raises(DiedError, match="-6"):
        worker.ask("die")
    assert worker.ask("well") == "well\n"
    worker._patience = 1.0
    with pytest.raises(HungError):
        worker.ask("hang")
    worker._patience = 120.0
    assert worker.ask("well") == "well\n"
    assert worker.starts == 3
    worker.close()


@pytest.mark.parametrize(
    ("code", "error", "outcome"),
    [
        (0, "", "good"),
        (3, "", "good"),
        (2, "error: expected a model\n", "refused"),
        (2, "warning: assumed\nerror: expected a model\n", "refused"),
        (2, "", "bad"),
        (2, "error: a\nerror: b\n", "bad"),
        (1, "Traceback (most recent call last)\n", "bad"),
        (-11, "", "bad"),
    ],
)
def test_how_a_command_ends_is_judged(code: int, error: str, outcome: str) -> None:
    assert files.judged(code, error) == outcome
