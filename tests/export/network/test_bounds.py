"""A config of a few bytes that asks for more memory than there is."""

from __future__ import annotations

from pathlib import Path

import keras
import pytest

from edgeproof.edge.errors import InputError
from edgeproof.export.network.bounds import bounded_weights, check_answers, check_batch

MOST = 64 * 2**20 // 2  # weights of an empty file


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "model.keras"
    file.write_bytes(b"")
    return file


def test_weights_are_counted_together_before_there_is_memory_for_them(path: Path) -> None:
    original = keras.layers.Layer.add_weight
    with bounded_weights(path):
        keras.layers.Dense(MOST // 2 - 1).build((None, 1))  # as many biases
    message = f"expected at most {MOST} weights, as the file could hold, received"
    with pytest.raises(InputError, match=message), bounded_weights(path):
        keras.layers.Dense(10**9).build((None, 192))
    with bounded_weights(path):
        keras.layers.Dense(MOST // 2 - 1).build((None, 1))
        with pytest.raises(InputError, match=message):
            keras.layers.Dense(10).build((None, 1))
    assert keras.layers.Layer.add_weight is original


def test_a_larger_file_may_hold_more(path: Path) -> None:
    path.write_bytes(bytes(1_000_000))
    with bounded_weights(path):
        keras.layers.Dense(MOST // 2 + 1000).build((None, 1))


def test_an_answer_that_no_memory_holds_is_refused_at_any_depth(path: Path) -> None:
    grown = [keras.layers.UpSampling2D(20_000), keras.layers.AveragePooling2D(20_000)]
    inner = keras.Sequential([keras.Input((8, 8, 3)), *grown])
    outer = keras.Sequential([keras.Input((8, 8, 3)), inner])
    for model in (inner, outer):
        with pytest.raises(InputError, match=r"expected at most 268435456 values from 'up_sampling2d.*', received"):
            check_answers(model, path)
    check_answers(keras.Sequential([keras.Input((224, 224, 3)), keras.layers.Flatten()]), path)


INPUTS = [
    (None, (None, None, 3), True),
    (64, (224, 224, 3), True),
    (10**9, (8, 8, 3), False),
    (1, (10**6, 10**6, 3), False),
]


@pytest.mark.parametrize(("batch", "shape", "fits"), INPUTS)
def test_an_input_that_no_memory_holds_is_refused(
    path: Path, batch: int | None, shape: tuple[int | None, ...], fits: bool
) -> None:
    if fits:
        check_batch(batch, shape, path)
        return
    with pytest.raises(InputError, match="expected an input of at most 268435456 values, received"):
        check_batch(batch, shape, path)
