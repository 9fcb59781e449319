from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from edgeproof.edge.errors import InputError
from edgeproof.edge.updates.messages import Compared, Task
from edgeproof.edge.updates.shadow import Shadow, Tally
from edgeproof.edge.updates.terms import Opening, Programs, Terms
from golden import LABELS

PATIENCE = 240.0  # seconds; only a test that fails waits so long
TERMS = Terms(shadow=0.0, agreement=0.8, latency=2.0, fewest=4)
FRAMES = np.random.default_rng(0).integers(0, 256, (4, 48, 64, 3), np.uint8)


def tally(*compared: tuple[bool, float, float]) -> Tally:
    made = Tally()
    for agrees, candidate, reference in compared:
        made.add(Compared(agrees, candidate, reference))
    return made


def test_candidate_within_the_terms_is_taken() -> None:
    made = tally(*[(True, 3.0, 2.0)] * 8, *[(False, 3.0, 2.0)] * 2)
    assert made.refusal(TERMS) is None
    assert str(made) == "10 frames, agreement 80.0%, 1.5 × the time"


def test_candidate_that_disagrees_is_refused() -> None:
    made = tally(*[(True, 2.0, 2.0)] * 7, *[(False, 2.0, 2.0)] * 3)
    assert made.refusal(TERMS) == "expected the same label on 80% of the frames, received 70.0% of 10"


def test_candidate_that_is_slow_is_refused_and_one_slow_answer_is_not() -> None:
    made = tally((True, 900.0, 2.0), *[(True, 5.0, 2.0)] * 4)
    assert made.refusal(TERMS) == "expected up to 2 × the time of the model in use, received 2.5 ×"
    assert tally((True, 900.0, 2.0), *[(True, 3.0, 2.0)] * 4).refusal(TERMS) is None


@contextmanager
def shown(candidate: Path, reference: Path) -> Iterator[Shadow]:
    """A shadow that is shown frames as a loop would."""
    task = Task(str(candidate), LABELS, "image", Opening(), 3 << 30, -1, str(reference))
    shadow = Shadow(Programs().judge, task, PATIENCE)
    over = threading.Event()

    def loop() -> None:
        end = time.monotonic() + PATIENCE
        for index in range(10**9):
            if over.wait(0.001) or time.monotonic() > end:
                return
            shadow.offer(FRAMES[index % len(FRAMES)])

    thread = threading.Thread(target=loop)
    thread.start()
    try:
        yield shadow
    finally:
        over.set()
        thread.join()
        shadow.close()


@pytest.mark.parametrize("candidate", ["rps-fp32.tflite", "rps-int8.onnx"])
def test_models_of_one_network_agree_in_the_shadow(models: Path, candidate: str) -> None:
    with shown(models / candidate, models / "rps-int8.tflite") as shadow:
        made = shadow.watch(TERMS, lambda: False)
    assert made is not None
    assert made.frames == 4
    assert made.agreement >= 0.75  # of noise, on which the precisions may differ
    assert made.ratio > 0


def test_shadow_ends_with_the_run(models: Path) -> None:
    with shown(models / "rps-int8.tflite", models / "rps-int8.tflite") as shadow:
        assert shadow.watch(Terms(shadow=3600.0), lambda: True) is None


def test_frame_that_is_too_large_is_passed_over(models: Path) -> None:
    with shown(models / "rps-int8.tflite", models / "rps-int8.tflite") as shadow:
        shadow.offer(np.zeros((5000, 5000, 3), np.uint8))
        assert shadow.watch(TERMS, lambda: False) is not None


def test_frame_that_a_model_cannot_take_is_a_refusal(models: Path) -> None:
    task = Task(
        str(models / "rps-int8.tflite"), LABELS, "image", Opening(), 3 << 30, -1, str(models / "rps-int8.tflite")
    )
    shadow = Shadow(Programs().judge, task, PATIENCE)
    shadow.offer(np.zeros((4, 4), np.uint8))
    try:
        with pytest.raises(InputError, match="expected a"):
            shadow.watch(TERMS, lambda: False)
    finally:
        shadow.close()
