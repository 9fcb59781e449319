"""What each candidate goes through, with a shadow and a child that say what a test has them say."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from answers import until
from edgeproof.edge.classifier import Classifier, Latency, Prediction
from edgeproof.edge.console import Console
from edgeproof.edge.errors import InputError
from edgeproof.edge.updates import trials as module
from edgeproof.edge.updates.folder import Found, hashed
from edgeproof.edge.updates.record import Record
from edgeproof.edge.updates.remote import RemoteInterpreter
from edgeproof.edge.updates.shadow import Tally
from edgeproof.edge.updates.store import Store
from edgeproof.edge.updates.terms import Opening, Terms
from edgeproof.edge.updates.trials import Rules, Trials

FRAME = np.zeros((4, 4, 3), np.uint8)
TERMS = Terms(shadow=0.0, probation=0.0, fewest=1, latency=1000.0)


class Model:
    """A classifier that answers, until it is told to fail."""

    def __init__(self, first: Classifier) -> None:
        self.contract, self.interpreter = first.contract, first.interpreter
        self.origin: Any = None
        self.error: str | None = None

    def classify(self, _: np.ndarray) -> Prediction:
        if self.error is not None:
            raise InputError(self.error)
        return Prediction("rock", 1.0, np.ones(1, np.float32), {}, Latency(0.0, 0.0, 1.0), self.origin)


class Child(RemoteInterpreter):
    """The interpreter of a child, as far as a trial asks."""

    def __init__(self) -> None:
        self.patience, self.busy_since, self.closed = 0.0, None, False
        self.name = "child"

    def is_busy(self) -> bool:
        return False

    def close(self) -> None:
        self.closed = True


@dataclass
class Bench:
    """Trials in a folder, a loop that asks the guard, and what the shadow and the child are to do."""

    trials: Trials
    record: Record
    folder: Path
    said: io.StringIO
    first: Model
    tally: Tally | Exception | None = field(default_factory=lambda: Tally(1, [1.0], [1.0]))
    new: Model | Exception | None = None
    children: list[Child] = field(default_factory=list)
    closed: int = 0  # shadows

    def put(self, name: str) -> Found:
        path = self.folder / name
        path.write_bytes(name.encode())
        return Found(path, hashed(path))

    def opened(self, *_: object) -> tuple[Model, Child]:
        if isinstance(self.new, Exception):
            raise self.new
        made, child = self.new or Model(self.first), Child()  # type: ignore[arg-type]
        made.interpreter = child
        self.children.append(child)
        return made, child

    def answering(self) -> str:
        origin = self.trials.guard.current.origin
        return "" if origin is None else origin.file

    def lines(self) -> list[str]:
        return self.said.getvalue().splitlines()


class Shadow:
    """Stands for the child that compares."""

    bench: Bench

    def __init__(self, program: Sequence[str], *_: object) -> None:
        self.program = program

    def watch(self, *_: object) -> Tally | None:
        if isinstance(self.bench.tally, Exception):
            raise self.bench.tally
        return self.bench.tally

    def offer(self, _: np.ndarray) -> None:
        pass

    def close(self) -> None:
        self.bench.closed += 1


@pytest.fixture
def bench(models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    said = io.StringIO()
    first = Model(Classifier.open(models / "rps-int8.tflite"))
    watched = tmp_path / "watched"
    watched.mkdir()
    model = watched / "first.tflite"
    model.write_bytes(b"first")
    record = Record(tmp_path / "updates.json")
    store = Store(tmp_path / "state")
    rules = Rules(Opening(), TERMS)
    trials = Trials(Found(model, hashed(model)), first, record, store, Console(stream=said), rules)  # type: ignore[arg-type]
    made = Bench(trials, record, watched, said, first)
    monkeypatch.setattr(Shadow, "bench", made, raising=False)
    monkeypatch.setattr(module, "Shadow", Shadow)
    monkeypatch.setattr(module, "open_remote", made.opened)
    monkeypatch.setattr(Opening, "open", lambda *_: Model(first))  # type: ignore[arg-type]
    trials.settle()
    over = threading.Event()

    def loop() -> None:
        while not over.wait(0.001):
            trials.guard.classify(FRAME)

    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    yield made
    over.set()
    thread.join()
    trials.close()


def test_good_file_answers_and_its_copy_goes_once_another_has_taken_its_place(bench: Bench, tmp_path: Path) -> None:
    a, b = bench.put("a.tflite"), bench.put("b.tflite")
    assert bench.trials.tried(a)
    until(lambda: bench.answering() == "a.tflite", "the loop goes on with it")
    assert not bench.trials.is_new(a)
    assert bench.trials.tried(b)
    assert [child.closed for child in bench.children] == [True, False]
    assert len(list((tmp_path / "state" / "models").iterdir())) == 2  # the first one's, to go back to, and that of b
    assert [line for line in bench.lines() if "passed" in line] == [
        f"update {name}.tflite: passed its probation of 0 s" for name in "ab"
    ]
    assert bench.closed == 2


@pytest.mark.parametrize(
    ("tally", "words"),
    [
        (Tally(1, [1.0] * 4, [1.0] * 4), "expected the same label on 80% of the frames, received 25.0% of 4"),
        (InputError("expected a model\nthat runs"), "expected a model that runs"),
        (OSError(28, "No space left"), "expected a child and its state on the disk, received [Errno 28] No space left"),
    ],
)
def test_file_that_fails_in_the_shadow_is_refused_for_this_run(
    bench: Bench, tally: Tally | Exception, words: str, tmp_path: Path
) -> None:
    found = bench.put("bad.tflite")
    bench.tally = tally
    assert not bench.trials.tried(found)
    assert bench.lines() == [f"warning: update bad.tflite: refused: {words}"]
    assert not bench.trials.is_new(found)
    assert bench.record.reason(found.sha256) is None  # another run may look again
    assert len(list((tmp_path / "state" / "models").iterdir())) == 1
    assert bench.children == []


def test_file_that_the_second_child_refuses_is_named_as_the_person_knows_it(bench: Bench, tmp_path: Path) -> None:
    found = bench.put("bad.tflite")
    copy = tmp_path / "state" / "models" / f"{found.sha256[:16]}.tflite"
    bench.new = InputError(f"expected a model that loads: {copy}")
    assert not bench.trials.tried(found)
    assert bench.lines()[-1] == "warning: update bad.tflite: refused: expected a model that loads: bad.tflite"


def test_file_without_room_for_a_copy_is_refused(bench: Bench) -> None:
    found = bench.put("gone.tflite")
    found.path.unlink()
    assert not bench.trials.tried(found)
    expected = "warning: update gone.tflite: refused: expected room for a copy, received No such file or directory"
    assert bench.lines() == [expected]


def test_file_that_fails_on_probation_is_rolled_back_and_not_taken_in_a_later_run_either(bench: Bench) -> None:
    found = bench.put("bad.tflite")
    bench.new = Model(bench.first)  # type: ignore[arg-type]
    bench.new.error = "it failed"
    assert not bench.trials.tried(found)
    assert bench.lines()[-1] == "warning: update bad.tflite: rolled back to first.tflite: it failed"
    assert not bench.trials.is_new(found)
    assert bench.record.reason(found.sha256) == "it failed"
    assert [child.closed for child in bench.children] == [True]
    assert bench.trials.guard.probation is None  # which holds on to the new model's memory


def test_file_that_has_passed_stays_though_that_cannot_be_noted(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(bench.record, "clear", full)
    assert bench.trials.tried(bench.put("good.tflite"))
    assert [child.closed for child in bench.children] == [False]
    assert bench.lines()[-2:] == [
        "warning: update good.tflite: expected to note that it has passed, received No space left on device; the next "
        "run may refuse it",
        "update good.tflite: passed its probation of 0 s",
    ]


def test_model_that_fails_after_its_probation_is_given_up_for_the_first(bench: Bench) -> None:
    found = bench.put("later.tflite")
    bench.new = Model(bench.first)  # type: ignore[arg-type]
    assert bench.trials.tried(found)
    bench.new.error = "it failed\nlater"
    until(lambda: bench.trials.guard.lost is not None, "the loop has met the failure")
    bench.trials.settle()
    assert bench.lines()[-1] == "warning: update later.tflite: given up for first.tflite: it failed later"
    assert bench.record.reason(found.sha256) == "it failed later"
    assert not bench.trials.is_new(found)
    assert [child.closed for child in bench.children] == [True]


@pytest.mark.parametrize("tally", [None, InputError("the run is over")])
def test_end_of_the_run_refuses_nothing(bench: Bench, tally: Tally | Exception | None) -> None:
    found = bench.put("a.tflite")
    bench.tally = tally
    bench.trials.ended.set()
    assert not bench.trials.tried(found)
    assert bench.lines() == []
    assert bench.trials.is_new(found)
