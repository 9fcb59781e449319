"""What is let in, what is refused, and what is believed of the record."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import onnx_files
import pytest

from edgeproof.edge import modelfile
from edgeproof.edge.classifier import Classifier
from edgeproof.edge.contract import Format
from edgeproof.edge.errors import InputError, UnsoundError
from edgeproof.edge.modelfile import ModelFile
from edgeproof.edge.quarantine import admit, record, trial
from golden import foreign

pytest.importorskip("ai_edge_litert", reason="the files of these tests are opened by ai-edge-litert")

CRASH = "import os, signal; os.kill(os.getpid(), signal.{name}) # {{package}}"
LABELS = ["a", "b", "c"]


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A record of its own, as a service has it."""
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    return tmp_path / "state" / "vouched"


@pytest.fixture
def file(models: Path) -> ModelFile:
    """A golden model's file."""
    return modelfile.read(models / "hello-int8.tflite")


def child_is(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr(trial, "_CODE", code)


def written(folder: Path, data: bytes, name: str = "model.onnx") -> Path:
    (folder / name).write_bytes(data)
    return folder / name


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize(
    ("code", "message"),
    [
        (CRASH.format(name="SIGSEGV"), "received one that crashes the interpreter (SIGSEGV); do not use it: "),
        (CRASH.format(name="SIGABRT"), "received one that crashes the interpreter (SIGABRT); do not use it: "),
        ("import sys; sys.exit(0)", "received one that ends the interpreter (ended without a word)"),
        ("print('runs and more')", "received one that ends the interpreter (ended without a word)"),
        ("raise TypeError('what?')", "received one that ends the interpreter (TypeError: what?)"),
        ("import time; time.sleep(60)", "received one that does not answer within 1 s; do not use it: "),
    ],
)
def test_whatever_ends_the_child_is_one_line(
    file: ModelFile, monkeypatch: pytest.MonkeyPatch, code: str, message: str
) -> None:
    child_is(monkeypatch, code)
    monkeypatch.setattr(trial, "PATIENCE", 1.0 if "sleep" in code else 60.0)
    with pytest.raises(UnsoundError) as caught:
        admit(file)
    assert message in str(caught.value)
    assert str(caught.value).endswith("hello-int8.tflite")
    assert "\n" not in str(caught.value)


def test_a_model_is_tried_once_and_then_believed(file: ModelFile, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    admit(file)
    (entry,) = state.iterdir()
    assert entry.stat().st_size == 0
    child_is(monkeypatch, CRASH.format(name="SIGKILL"))
    admit(file)
    with pytest.raises(UnsoundError, match="SIGKILL"):
        admit(replace(file, sha256="0" * 64))


def test_a_model_that_fails_is_not_noted(file: ModelFile, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    child_is(monkeypatch, CRASH.format(name="SIGSEGV"))
    for _ in range(2):
        with pytest.raises(UnsoundError, match="SIGSEGV"):
            admit(file)
    assert not state.exists()


@pytest.mark.usefixtures("state")
def test_a_signed_model_is_let_in_without_a_trial(file: ModelFile, monkeypatch: pytest.MonkeyPatch) -> None:
    child_is(monkeypatch, CRASH.format(name="SIGSEGV"))
    admit(replace(file, vouched=True))


def test_a_record_that_others_may_write_to_is_not_believed(
    file: ModelFile, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    admit(file)
    child_is(monkeypatch, CRASH.format(name="SIGSEGV"))
    state.chmod(0o777)
    with pytest.raises(UnsoundError, match="SIGSEGV"):
        admit(file)
    state.chmod(0o700)
    admit(file)


def test_where_no_record_can_be_written_a_model_is_tried_each_time(
    file: ModelFile, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state.parent.write_text("a file, no folder")
    admit(file)
    child_is(monkeypatch, CRASH.format(name="SIGSEGV"))
    with pytest.raises(UnsoundError, match="SIGSEGV"):
        admit(file)


def test_the_record_is_bounded_and_forgets_what_was_used_least_lately(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "_MOST", 3)
    entries = [record.entry_for(f"{index}", "ai_edge_litert", None) for index in range(5)]
    for age, entry in enumerate(entries):
        assert entry is not None
        record.note(entry)
        os.utime(entry, (1000 + age, 1000 + age))
    assert {entry.name for entry in state.iterdir()} == {entry.name for entry in entries[2:] if entry}


@pytest.mark.parametrize(("first", "second"), [(("a", None), ("b", None)), (("a", None), ("a", (8, 8)))])
def test_entries_differ_by_model_and_size(first: tuple[str, None], second: tuple[str, None]) -> None:
    one, other = (record.entry_for(sha, "ai_edge_litert", size) for sha, size in (first, second))
    assert one != other


def test_a_new_version_of_the_runtime_is_tried_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    import ai_edge_litert

    before = record.entry_for("a", "ai_edge_litert", None)
    monkeypatch.setattr(ai_edge_litert, "__version__", "99")
    assert record.entry_for("a", "ai_edge_litert", None) != before


@pytest.mark.usefixtures("state")
def test_a_model_that_fills_the_memory_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    path = written(tmp_path, onnx_files.enormous())
    with pytest.raises(InputError, match="received one that") as caught:
        Classifier.open(path, labels=LABELS)
    assert str(path) in str(caught.value)


@pytest.mark.usefixtures("state")
def test_a_model_that_never_answers_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("onnxruntime")
    assert Classifier.open(written(tmp_path, onnx_files.sound()), labels=LABELS, activation="softmax").contract
    monkeypatch.setattr(trial, "PATIENCE", 8.0)
    with pytest.raises(UnsoundError, match="does not answer within 8 s"):
        Classifier.open(written(tmp_path, onnx_files.endless()), labels=LABELS)


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize("name", ["rps-int8.tflite", "rps-int8.onnx"])
def test_a_damaged_model_made_elsewhere_is_refused_in_one_line(models: Path, tmp_path: Path, name: str) -> None:
    data = foreign(models / name)
    path = written(tmp_path, data[: len(data) * 3 // 4], name)
    with pytest.raises(InputError) as caught:
        Classifier.open(path, labels=LABELS)
    assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("state")
def test_a_forger_who_seals_anew_is_found(models: Path, tmp_path: Path) -> None:
    file = modelfile.read(models / "hello-int8.tflite")
    assert file.contract is not None
    broken = bytearray(file.model)
    broken[0:4] = (len(broken) + 1000).to_bytes(4, "little")  # where the first table is
    forged = modelfile.assemble(Format.TFLITE, bytes(broken), file.contract, {})
    with pytest.raises(UnsoundError, match="received one with an offset beyond the data at byte"):
        Classifier.open(written(tmp_path, forged))


def test_it_works_with_a_closed_input_in_a_folder_that_is_gone(models: Path, tmp_path: Path) -> None:
    code = (
        "import os, sys; os.mkdir(sys.argv[1]); os.chdir(sys.argv[1]); os.rmdir(sys.argv[1]); os.close(0)\n"
        "from edgeproof.edge import Classifier; print(Classifier.open(sys.argv[2]).contract.name)"
    )
    done = subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, "-c", code, str(tmp_path / "gone"), str(models / "hello-fp32.tflite")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "STATE_DIRECTORY": str(tmp_path / "state")},
    )
    assert (done.stdout, done.stderr) == ("hello-fp32\n", "")


def test_limits_that_a_sandbox_forbids_to_set_are_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    from edgeproof.edge.quarantine import inmate

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(resource, "setrlimit", refuse)
    monkeypatch.setattr(Path, "write_text", refuse)
    inmate._limit(1000)
