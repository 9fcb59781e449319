from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from edgeproof.train import feeding
from edgeproof.train.augmentation import LIGHT
from edgeproof.train.batches import Batch, Batches
from edgeproof.train.feeding import ahead, fed
from edgeproof.train.rows import MemoryRows

COUNT, SIZE = 203, 8


def batches(seed: int | None = 3) -> Batches:
    rows = MemoryRows(COUNT, (12, 10, 3), np.uint8)
    rng = np.random.default_rng(0)
    for index in range(COUNT):
        rows.write(index, rng.integers(0, 256, rows.shape, np.uint8))
    return Batches(rows, rng.integers(0, 3, COUNT), SIZE, seed=seed, augmentation=LIGHT)


def copied(some: Any) -> list[Batch]:
    return [tuple(np.array(part) for part in batch) for batch in some]  # type: ignore[misc]  # of as many parts


def same(some: list[Batch], others: list[Batch]) -> None:
    assert len(some) == len(others) == -(-COUNT // SIZE)
    for one, other in zip(some, others, strict=True):
        for mine, theirs in zip(one, other, strict=True):
            assert np.array_equal(mine, theirs)


@pytest.fixture(params=[1, 3, 64])
def threads(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(feeding, "_THREADS", request.param)
    return int(request.param)


def test_batches_that_are_made_ahead_are_those_made_one_by_one(threads: int) -> None:
    many, single = batches(), batches()
    for epoch in range(3):
        for made in (many, single):
            made.start(epoch)
        same(copied(ahead(many)), copied(single[index] for index in range(len(single))))
    # Two for each that is under way, its samples before and after the warp, and those that are handed over.
    assert len(many._buffers._owners) <= 2 * min(threads + 1, len(single)) + 2


def test_batch_stays_what_it_was_while_others_are_made() -> None:
    held = list(ahead(batches()))
    same(copied(held), copied(ahead(batches())))


@pytest.mark.usefixtures("threads")
def test_failure_of_a_thread_ends_the_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = batches()
    take = broken._rows.take

    def fail_late(indices: Any, out: Any = None) -> Any:
        if len(indices) == COUNT % SIZE:
            raise OSError("expected 360 bytes of a sample, received 0")
        return take(indices, out)

    monkeypatch.setattr(broken._rows, "take", fail_late)
    made = ahead(broken)
    for _ in range(len(broken) - 1):
        next(made)
    with pytest.raises(OSError, match="of a sample"):
        next(made)


@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_fit_gets_every_epoch_from_its_beginning(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keras.backend, "backend", lambda: backend)
    of_fit, single = batches(), batches()
    given = fed(of_fit)
    assert len(given) == len(single)
    one = given if backend == "tensorflow" else (given[index] for index in range(len(given)))
    copied([next(iter(one))])  # Keras looks at the first batch before it begins
    for epoch in range(2):
        for made in (of_fit, single):
            made.start(epoch)
        one = given if backend == "tensorflow" else (given[index] for index in range(len(given)))
        same(copied(one), copied(single[index] for index in range(len(single))))


def test_labels_are_as_wide_as_every_backend_takes() -> None:
    samples, labels = batches()[0]
    assert (samples.dtype, labels.dtype) == (np.uint8, np.int32)
