from __future__ import annotations

from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from edgeproof.edge.classifier import Classifier, Latency, Prediction
from edgeproof.edge.errors import InputError
from edgeproof.edge.updates import probation
from edgeproof.edge.updates.child import LateError
from edgeproof.edge.updates.guard import Guard
from edgeproof.edge.updates.probation import Probation
from edgeproof.edge.updates.remote import RemoteInterpreter
from edgeproof.edge.updates.terms import Terms

FRAME = np.zeros((4, 4, 3), np.uint8)
TERMS = Terms(latency=2.0, probation=10.0, fewest=3)
RECENT = [4.0, 5.0, 9.0]  # milliseconds: a median of 5


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(probation, "time", clock)
    return clock


class Model:
    """A classifier whose answers take so many milliseconds, or fail."""

    def __init__(self, name: str, *, remote: bool = False) -> None:
        self.name, self.milliseconds, self.asked = name, 5.0, 0
        self.error: InputError | None = None
        self.origin = None
        self.interpreter = RemoteInterpreter.__new__(RemoteInterpreter) if remote else object()

    def classify(self, _: NDArray[np.generic]) -> Prediction:
        self.asked += 1
        if self.error is not None:
            raise self.error
        return Prediction(self.name, 1.0, np.ones(1, np.float32), {}, Latency(0.0, 0.0, self.milliseconds))


class Interpreter:
    """The new model's own, as far as a probation asks."""

    def __init__(self) -> None:
        self.patience, self.busy_since, self.busy = 0.0, cast("float | None", None), False

    def is_busy(self) -> bool:
        return self.busy


def begun() -> tuple[Probation, Model, Model, Interpreter]:
    new, old, interpreter = Model("new"), Model("old"), Interpreter()
    made = Probation(
        cast("Classifier", new), cast("RemoteInterpreter", interpreter), cast("Classifier", old), RECENT, TERMS
    )
    return made, new, old, interpreter


def test_good_model_answers_every_frame_and_passes(clock: Clock) -> None:
    made, new, old, _ = begun()
    for _ in range(5):
        assert made.classify(FRAME).label == "new"
    assert not made.over.is_set()
    clock.now += 10.0
    made.classify(FRAME)
    assert made.over.is_set()
    assert (made.failure, old.asked) == (None, 0)
    assert made.current is new  # type: ignore[comparison-overlap]


def test_probation_without_frames_does_not_pass(clock: Clock) -> None:
    made, *_ = begun()
    clock.now += 100.0
    made.classify(FRAME)
    assert not made.over.is_set()


def test_frame_on_which_the_new_model_fails_is_answered_by_the_old_one() -> None:
    made, new, old, _ = begun()
    made.classify(FRAME)
    new.error = InputError("it gave up")
    assert made.classify(FRAME).label == "old"
    assert made.over.is_set()
    assert made.failure == "it gave up"
    assert made.current is old  # type: ignore[comparison-overlap]


def test_new_model_is_waited_for_no_longer_than_the_terms_and_the_longest_answer_allow() -> None:
    assert begun()[3].patience == pytest.approx(0.010)  # 2 × the median of 5 ms, above the longest of 9 ms


def test_late_frame_is_answered_by_the_old_model_and_is_no_end() -> None:
    made, new, _, _ = begun()
    made.classify(FRAME)
    new.error = LateError("late")
    assert made.classify(FRAME).label == "old"
    assert not made.over.is_set()
    new.error = None
    assert made.classify(FRAME).label == "new"


def test_frames_meanwhile_do_not_wait() -> None:
    made, new, old, interpreter = begun()
    interpreter.busy = True
    assert made.classify(FRAME).label == "old"
    assert (new.asked, old.asked) == (0, 1)


def test_hang_is_an_end(clock: Clock) -> None:
    made, _, _, interpreter = begun()
    interpreter.busy, interpreter.busy_since = True, clock.now
    made.classify(FRAME)
    assert not made.over.is_set()
    clock.now += 1.5
    assert made.classify(FRAME).label == "old"
    assert made.failure == "expected an answer within 1 s, received none: it hangs"


def test_model_that_is_late_more_often_than_not_is_sent_back() -> None:
    made, new, _, _ = begun()
    new.error = LateError("late")
    for _ in range(3):
        assert not made.over.is_set()
        assert made.classify(FRAME).label == "old"
    assert made.failure == "3 of 3 answers were late"


def test_model_that_is_slower_than_the_terms_is_sent_back(clock: Clock) -> None:
    made, new, _, _ = begun()
    new.milliseconds = 11.5  # 2 × 5 ms and the way of 1 ms are 11
    for _ in range(3):
        made.classify(FRAME)
    clock.now += 10.0
    said = [made.classify(FRAME).label for _ in range(7)]
    assert said == ["new", *["old", "new"] * 3]  # once more, in turn
    assert made.failure == "its answers take 11.5 ms, bound 11.0 ms"


def test_model_is_not_sent_back_because_the_machine_is_busier_than_before(clock: Clock) -> None:
    made, new, old, _ = begun()
    new.milliseconds, old.milliseconds = 40.0, 30.0
    clock.now += 10.0
    for _ in range(9):
        made.classify(FRAME)
    assert made.over.is_set()
    assert made.failure is None


def guarded(first: Model, resort: Model) -> Guard:
    return Guard(cast("Classifier", first), lambda: cast("Classifier", resort), TERMS)


def swapped(guard: Guard) -> tuple[Model, Interpreter]:
    new, interpreter = Model("new", remote=True), Interpreter()
    guard.swap(cast("Classifier", new), cast("RemoteInterpreter", interpreter))
    return new, interpreter


def test_guard_swaps_between_two_frames_and_goes_on_with_a_model_that_passed(clock: Clock) -> None:
    guard = guarded(Model("old"), Model("first"))
    assert guard.classify(FRAME).label == "old"
    swapped(guard)
    for _ in range(4):
        assert guard.classify(FRAME).label == "new"
    clock.now += 10.0
    assert guard.classify(FRAME).label == "new"
    assert guard.probation is not None
    assert guard.probation.over.is_set()
    guard.forget()
    assert guard.classify(FRAME).label == "new"


def test_guard_goes_back_on_the_very_frame_that_fails() -> None:
    guard = guarded(Model("old"), Model("first"))
    guard.classify(FRAME)
    new, _ = swapped(guard)
    guard.classify(FRAME)
    new.error = InputError("it gave up")
    assert [guard.classify(FRAME).label for _ in range(3)] == ["old", "old", "old"]
    assert new.asked == 2


def test_model_that_fails_after_it_has_passed_gives_way_to_the_first(clock: Clock) -> None:
    guard = guarded(Model("old"), Model("first"))
    guard.classify(FRAME)
    new, _ = swapped(guard)
    for _ in range(3):
        guard.classify(FRAME)
    clock.now += 10.0
    guard.classify(FRAME)
    new.error = InputError("its process crashed (SIGSEGV)")
    assert [guard.classify(FRAME).label for _ in range(2)] == ["first", "first"]
    assert guard.lost is not None
    assert guard.lost.reason == "its process crashed (SIGSEGV)"


def test_old_model_that_fails_during_a_probation_gives_way_to_the_first(clock: Clock) -> None:
    old = Model("old", remote=True)
    guard = guarded(old, Model("first"))
    guard.classify(FRAME)
    new, _ = swapped(guard)
    guard.classify(FRAME)
    old.error = new.error = InputError("killed")
    assert [guard.classify(FRAME).label for _ in range(2)] == ["first", "first"]
    clock.now += 1.0
    assert guard.lost is not None


def test_first_model_that_cannot_answer_is_the_callers() -> None:
    old = Model("old")
    guard = guarded(old, Model("first"))
    old.error = InputError("expected a frame")
    with pytest.raises(InputError, match="expected a frame"):
        guard.classify(FRAME)


def test_swap_waits_for_an_answer_to_compare_with() -> None:
    guard = guarded(Model("old"), Model("first"))
    swapped(guard)
    assert [guard.classify(FRAME).label for _ in range(2)] == ["old", "new"]
