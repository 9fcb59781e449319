"""Scores and labels against float64, and against what must hold of any."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from edgeproof.edge.contract import UNKNOWN, Activation, ModelOutput
from edgeproof.edge.quantization import dequantize
from edgeproof.edge.scores import ScoreReader, highest, sigmoid, softmax
from generated import outputs

logits = st.lists(st.floats(-(2.0**100), 2.0**100, width=32), min_size=2, max_size=8)


def labelled() -> st.SearchStrategy[ModelOutput]:
    return outputs().filter(lambda output: output.activation is not Activation.LINEAR)


@st.composite
def rows(draw: st.DrawFn, output: ModelOutput) -> NDArray[np.generic]:
    """What a runtime leaves: a row of the output's units."""
    count = output.units or 1
    if output.quantization is None:
        values = draw(st.lists(st.floats(-1e6, 1e6, width=32), min_size=count, max_size=count))
    else:
        limits = np.iinfo(output.dtype)
        values = draw(st.lists(st.integers(int(limits.min), int(limits.max)), min_size=count, max_size=count))
    return np.array(values, output.dtype)


def expected(real: NDArray[np.float64], output: ModelOutput) -> NDArray[np.float64]:
    """One score per label, in float64."""
    if output.activation is Activation.LOGITS:
        powers: NDArray[np.float64] = np.exp(real - real.max())
        powers /= powers.sum()
        return powers
    if output.activation is Activation.SIGMOID_LOGITS:
        real = np.array([1 / (1 + math.exp(-x)) if x > -700 else 0.0 for x in real])
    return np.array([1 - real[0], real[0]]) if output.units == 1 else real


@given(labelled(), st.data())
def test_row_is_read_as_in_float64(output: ModelOutput, data: st.DataObject) -> None:
    row = data.draw(rows(output))
    scores, label, score, probabilities = ScoreReader(output).read(row)
    real = row.astype(np.float64)
    if output.quantization is not None:
        real = (real - output.quantization.zero_point) * output.quantization.scale
    # A float32 is the tensor's own number; a byte stands for one that is rounded to float32, which exp makes more of.
    slack = 1e-5 if output.quantization is None else 1e-6 * max(1.0, float(np.abs(real).max()))
    assert np.allclose(scores, real, rtol=1e-6, atol=0)
    assert list(probabilities) == list(output.labels)
    assert np.allclose(list(probabilities.values()), expected(real, output), rtol=2e-6, atol=slack)
    assert score == max(probabilities.values())
    best = next(name for name, value in probabilities.items() if value == score)
    assert label == (best if score >= output.unknown_below else UNKNOWN)


@given(labelled().filter(lambda output: output.quantization is not None), st.data())
def test_table_of_bytes_gives_what_floats_do(output: ModelOutput, data: st.DataObject) -> None:
    row = data.draw(rows(output))
    by_float = ScoreReader(replace(output, dtype="float32", quantization=None)).read(
        dequantize(row, output.quantization)
    )
    by_table = ScoreReader(output).read(row)
    assert by_table[0].tolist() == by_float[0].tolist()
    assert by_table[1:] == by_float[1:]


@given(labelled(), st.data())
def test_order_of_labels_changes_no_answer(output: ModelOutput, data: st.DataObject) -> None:
    assume(output.units == len(output.labels))
    row = data.draw(rows(output))
    order = data.draw(st.permutations(range(len(output.labels))))
    other = replace(output, labels=tuple(output.labels[i] for i in order))
    first, second = ScoreReader(output).read(row), ScoreReader(other).read(row[list(order)])
    assert first[2] == second[2] or math.isclose(first[2], second[2], rel_tol=1e-6)
    if sorted(first[3].values())[-1] > 1.001 * sorted(first[3].values())[-2]:  # where two are not the same
        assert first[1] == second[1] or UNKNOWN in (first[1], second[1])


@given(logits)
def test_softmax_is_a_distribution_in_the_order_of_its_logits(values: list[float]) -> None:
    found = softmax(np.array(values, np.float32))
    assert found.dtype == np.float32
    assert (found >= 0).all()
    assert math.isclose(float(found.sum()), 1, abs_tol=1e-6)
    order = np.argsort(values)
    assert (np.diff(found[order]) >= 0).all()


@given(st.lists(st.floats(-20, 20, width=16), min_size=2, max_size=8), st.integers(-100, 100))
def test_softmax_does_not_see_what_is_added_to_all(values: list[float], shift: int) -> None:
    added = np.array(values, np.float32) + np.float32(shift)
    assert np.allclose(softmax(np.array(values, np.float32)), softmax(added), atol=1e-4)


@given(logits)
def test_sigmoid_is_between_0_and_1_and_its_opposite_adds_up(values: list[float]) -> None:
    each = np.array(values, np.float32)
    found = sigmoid(each)
    assert ((found >= 0) & (found <= 1)).all()
    assert np.allclose(found + sigmoid(-each), 1, atol=1e-6)
    assert (np.diff(sigmoid(np.sort(each))) >= 0).all()


@given(st.floats(-30, 30, width=32))
def test_sigmoid_is_as_in_float64(value: float) -> None:
    assert math.isclose(float(sigmoid(np.array([value], np.float32))[0]), 1 / (1 + math.exp(-value)), abs_tol=1e-6)


@given(st.lists(st.floats(), min_size=1, max_size=6))
def test_highest_is_the_largest_and_no_nan_is_overlooked(values: list[float]) -> None:
    found = highest(values)
    if any(math.isnan(value) for value in values):
        assert math.isnan(found)
    else:
        assert found in values
        assert all(value <= found for value in values)


@given(labelled().filter(lambda output: output.dtype == "float32"), st.data())
def test_nan_is_unknown_whatever_the_threshold(output: ModelOutput, data: st.DataObject) -> None:
    row = data.draw(rows(output))
    row[data.draw(st.integers(0, len(row) - 1))] = np.nan
    _, label, score, _ = ScoreReader(output).read(row)
    assert label == UNKNOWN
    assert math.isnan(score)
