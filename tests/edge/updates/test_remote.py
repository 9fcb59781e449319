from __future__ import annotations

import os
import random
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from answers import until
from edgeproof.edge.classifier import Classifier
from edgeproof.edge.errors import InputError
from edgeproof.edge.updates.child import LateError
from edgeproof.edge.updates.messages import Task
from edgeproof.edge.updates.remote import RemoteInterpreter, open_remote
from edgeproof.edge.updates.terms import Opening, Programs
from golden import LABELS, RPS, foreign
from swap_children import FAULTY
from swap_material import Kind, Material

PATIENCE = 240.0  # seconds; only a test that fails waits so long
HOST = Programs().host
FRAMES = [np.random.default_rng(seed).integers(0, 256, (48, 64, 3), np.uint8) for seed in range(5)]


def stop(process: int) -> None:
    """Stop a process, and wait until it stands still."""
    os.kill(process, signal.SIGSTOP)
    stat = Path(f"/proc/{process}/stat")
    until(lambda: not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "T", "it goes on")


def task(path: Path) -> Task:
    return Task(str(path), LABELS, "image", Opening(threads=1), 3 << 30, -1)


@pytest.fixture
def remote(models: Path) -> Iterator[tuple[Classifier, RemoteInterpreter]]:
    classifier, interpreter = open_remote(HOST, task(models / "rps-int8.tflite"), PATIENCE)
    yield classifier, interpreter
    interpreter.close()


@pytest.mark.parametrize("name", RPS)
def test_answers_are_those_of_the_same_model_in_this_process(models: Path, name: str) -> None:
    own = Classifier.open(models / name, threads=1)
    other, interpreter = open_remote(HOST, task(models / name), PATIENCE)
    try:
        for frame in FRAMES:
            ours, theirs = own.classify(frame), other.classify(frame)
            assert theirs.scores.tobytes() == ours.scores.tobytes()
            assert (theirs.label, theirs.probabilities) == (ours.label, ours.probabilities)
        assert other.interpreter.name == own.interpreter.name
        assert other.contract == own.contract
    finally:
        interpreter.close()


def test_process_that_is_killed_is_an_error_here(remote: tuple[Classifier, RemoteInterpreter]) -> None:
    classifier, interpreter = remote
    classifier.classify(FRAMES[0])
    os.kill(interpreter.pid, signal.SIGKILL)
    with pytest.raises(InputError, match=r"received one whose process crashed \(SIGKILL\)"):
        classifier.classify(FRAMES[0])


def test_answer_that_is_late_is_thrown_away(remote: tuple[Classifier, RemoteInterpreter]) -> None:
    classifier, interpreter = remote
    first, second = (classifier.classify(frame).scores.tobytes() for frame in FRAMES[:2])
    stop(interpreter.pid)
    interpreter.patience = 0.05
    with pytest.raises(LateError):
        classifier.classify(FRAMES[0])
    assert interpreter.is_busy()
    os.kill(interpreter.pid, signal.SIGCONT)
    interpreter.patience = PATIENCE
    assert classifier.classify(FRAMES[1]).scores.tobytes() == second
    assert not interpreter.is_busy()
    assert classifier.classify(FRAMES[0]).scores.tobytes() == first


def test_late_answer_ends_the_wait_for_it(remote: tuple[Classifier, RemoteInterpreter]) -> None:
    classifier, interpreter = remote
    stop(interpreter.pid)
    interpreter.patience = 0.05
    with pytest.raises(LateError):
        classifier.classify(FRAMES[0])
    os.kill(interpreter.pid, signal.SIGCONT)
    until(lambda: not interpreter.is_busy(), "the child has answered")


def test_process_ends_when_it_is_closed(models: Path) -> None:
    _, interpreter = open_remote(HOST, task(models / "rps-int8.tflite"), PATIENCE)
    interpreter.close()
    with pytest.raises(ProcessLookupError):
        os.kill(interpreter.pid, 0)


def refusal(path: Path, **changes: object) -> str:
    with pytest.raises(InputError) as caught:
        open_remote(FAULTY.host, replace(task(path), **changes), PATIENCE)  # type: ignore[arg-type]
    return str(caught.value)


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (Kind.DAMAGED, "expected the sealed SHA-256"),
        (Kind.HALF, "is truncated"),
        (Kind.LABELS, "labels differ: expected paper, rock, scissors, received paper, rock, lizard; start run again"),
        (Kind.GOLDEN, "expected the workstation's answers, received others, scores: 2 of 3"),
    ],
)
def test_bad_file_is_refused(models: Path, tmp_path: Path, kind: Kind, message: str) -> None:
    material = Material(models / "rps-int8.tflite", random.Random(4))  # noqa: S311 - repeatable
    path = tmp_path / "a.tflite"
    path.write_bytes(material.candidate(kind, 1).data)
    assert message in refusal(path)


def test_file_without_a_proof_is_refused(models: Path, tmp_path: Path) -> None:
    path = tmp_path / "theirs.onnx"
    path.write_bytes(foreign(models / "rps-int8.onnx"))
    assert "expected a contract inside the file, received none" in refusal(path)


def test_model_of_numbers_is_refused(models: Path) -> None:
    assert "labels differ: expected paper, rock, scissors, received none" in refusal(models / "hello-int8.tflite")


def test_model_of_another_kind_of_input_is_refused(models: Path) -> None:
    said = refusal(models / "hello-int8.tflite", labels=())
    assert said == "expected a model of image, received one of numbers; start run again with it"


def test_missing_file_is_refused(tmp_path: Path) -> None:
    assert "No such file" in refusal(tmp_path / "none.tflite")
