from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from edgeproof.edge import modelfile
from edgeproof.edge.benching import candidates as of_candidates
from edgeproof.edge.benching import pick as of_pick
from edgeproof.edge.benching.candidates import Candidate, Entrant, candidates, entrants, model_files
from edgeproof.edge.benching.halving import Outcome
from edgeproof.edge.benching.pick import chosen, standings
from edgeproof.edge.contract import Format, Verdict
from edgeproof.edge.errors import InputError
from golden import HELLO, RPS, foreign


def entrant(name: str, size: int, verdict: Verdict | None = Verdict.PASS) -> Entrant:
    return Entrant(Path(name), Format(name.rpartition(".")[2]), size, verdict, "rps", ("a", "b"))


def outcome(**milliseconds: float) -> Outcome[Candidate]:
    """What halving found of one file: its time by the number of threads, as `t2=1.5`."""
    times = {Candidate(Path("a.tflite"), "litert", int(name[1:])): (ms,) * 3 for name, ms in milliseconds.items()}
    return Outcome(times, dict.fromkeys(times, 1), tuple(times), (), {})


def test_model_files_are_found_in_folders_and_other_files_are_left_out(tmp_path: Path) -> None:
    for name in ("b.onnx", "a.tflite", "parity.json", "model.keras"):
        (tmp_path / name).touch()
    found = model_files([tmp_path / "b.onnx", tmp_path / "parity.json", tmp_path])
    assert [path.name for path in found] == ["b.onnx", "a.tflite"]
    with pytest.raises(InputError, match=r"expected \.tflite or \.onnx files, received .*parity\.json"):
        model_files([tmp_path / "parity.json"])


def test_files_of_one_network_are_told_by_name_without_the_precision(models: Path) -> None:
    found = entrants([models / name for name in RPS])
    assert {(one.network, one.verdict) for one in found} == {("rps", Verdict.PASS)}
    assert [one.format.value for one in found] == ["tflite", "onnx", "tflite", "onnx"]


def test_files_of_two_networks_are_one_line(models: Path) -> None:
    with pytest.raises(InputError, match=r"expected files of one network, received rps \(rps-int8.tflite\) and hello"):
        entrants([models / RPS[0], models / HELLO[0]])


def test_only_what_has_passed_is_a_candidate_with_every_interpreter_and_number_of_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    installed = {Format.TFLITE: ("litert", "tflite-runtime"), Format.ONNX: ("onnxruntime",)}
    monkeypatch.setattr(of_candidates, "installed", installed.__getitem__)
    files = [
        entrant("big.tflite", 9),
        entrant("small.onnx", 2),
        entrant("failed.onnx", 1, Verdict.FAIL),
        entrant("unsure.onnx", 1, Verdict.INCONCLUSIVE),
        entrant("foreign.onnx", 1, None),
    ]
    found = [(one.file.name, one.interpreter, one.threads) for one in candidates(files, 4)]
    assert found == [
        *(("small.onnx", "onnxruntime", threads) for threads in (4, 2, 1)),
        *(("big.tflite", "litert", threads) for threads in (4, 2, 1)),
        *(("big.tflite", "tflite-runtime", threads) for threads in (4, 2, 1)),
    ]


def test_fastest_is_chosen_and_fewer_threads_where_that_costs_nothing() -> None:
    def threads(found: Outcome[Candidate]) -> int | None:
        winner = chosen(found)
        return None if winner is None else winner.threads

    assert threads(outcome(t4=1.0, t2=1.015, t1=1.9)) == 2
    assert threads(outcome(t4=1.0, t2=1.04, t1=1.9)) == 4
    assert threads(outcome(t1=1.0, t2=1.0)) == 1


def test_nothing_is_chosen_where_a_candidate_was_not_tried() -> None:
    found = outcome(t1=1.0)
    assert chosen(replace(found, untried=(Candidate(Path("b.onnx"), "onnxruntime", 1),))) is None
    assert chosen(Outcome({}, {}, (), (), {})) is None


def test_standings_name_the_fastest_and_why_others_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_pick, "installed", lambda _: ("any",))
    files = [entrant("a.tflite", 1), entrant("f.onnx", 1, Verdict.FAIL), entrant("x.onnx", 1, None)]
    refused = Candidate(Path("r.onnx"), "onnxruntime", 1)
    untried = Candidate(Path("u.onnx"), "onnxruntime", 1)
    found = replace(outcome(t2=1.0, t1=1.01), refused={refused: "no such op"}, untried=(untried,))
    rows = standings(files, found, Candidate(Path("a.tflite"), "litert", 1))
    assert [(row.file, row.threads, row.note) for row in rows] == [
        ("a.tflite", 1, "fastest"),
        ("a.tflite", 2, ""),
        ("r.onnx", 1, "refused: no such op"),
        ("u.onnx", 1, "not tried: no time was left"),
        ("f.onnx", None, "cannot win: its parity is fail"),
        ("x.onnx", None, "cannot win: carries no parity proof"),
    ]
    assert [None if row.total_ms is None else row.total_ms.median for row in rows] == [1.01, 1, None, None, None, None]


def test_file_that_no_interpreter_here_takes_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_pick, "installed", lambda kind: ("litert",) if kind is Format.TFLITE else ())
    files = [entrant("a.tflite", 1), entrant("b.onnx", 1)]
    rows = standings(files, outcome(t1=1.0), Candidate(Path("a.tflite"), "litert", 1))
    assert [(row.file, row.note) for row in rows] == [
        ("a.tflite", "fastest"),
        ("b.onnx", "not tried: no interpreter for it is installed here"),
    ]


def test_model_made_elsewhere_is_an_entrant_that_cannot_win(models: Path, tmp_path: Path) -> None:
    (tmp_path / "rps.tflite").write_bytes(foreign(models / "rps-int8.tflite"))
    (found,) = entrants([tmp_path / "rps.tflite"])
    assert found.verdict is None
    assert candidates([found], 2) == []


def test_verdict_is_read_from_the_file(models: Path, tmp_path: Path) -> None:
    shutil.copy(models / "rps-int8.onnx", tmp_path / "a.onnx")
    file = modelfile.read(tmp_path / "a.onnx")
    assert file.contract is not None
    assert file.contract.proof is not None
    contract = replace(file.contract, proof=replace(file.contract.proof, verdict=Verdict.INCONCLUSIVE))
    members = {name: content for name, content in file.members.items() if name != modelfile.CONTRACT}
    data = modelfile.assemble(file.format, file.model, contract, members)
    (tmp_path / "b.onnx").write_bytes(data)
    assert [one.verdict for one in entrants([tmp_path / "a.onnx", tmp_path / "b.onnx"])] == [
        Verdict.PASS,
        Verdict.INCONCLUSIVE,
    ]
