from __future__ import annotations

import numpy as np
import pytest

from edgeproof.export.parity.answers import Answers

RIGHT, WRONG = [0.9, 0.1], [0.2, 0.8]


def answers(reference: list[list[float]], candidate: list[list[float]], photos: list[int] | None) -> Answers:
    return Answers(
        np.zeros(len(reference), np.int64),
        np.array(reference, np.float32),
        np.array(candidate, np.float32),
        None if photos is None else np.array(photos),
    )


def test_copies_of_a_photo_count_as_one() -> None:
    # Photo 7 has three copies, of which two were lost; photo 9 was won; photo 4 stayed as it was.
    reference = [RIGHT, RIGHT, RIGHT, WRONG, RIGHT]
    candidate = [WRONG, WRONG, RIGHT, RIGHT, RIGHT]
    pairs = answers(reference, candidate, [7, 7, 7, 9, 4]).pairs()
    assert pairs.n == 3
    assert (pairs.lost, pairs.won) == (pytest.approx(2 / 3), 1)
    assert pairs.loss == pytest.approx((2 - 1) / 5)  # the loss itself is of pictures; only its bounds are of photos
    assert pairs.clusters == ((-1, 1, 1), (0, 1, 1), (2, 3, 1))


def test_photos_without_copies_are_plain_pairs() -> None:
    reference, candidate = [RIGHT, RIGHT, WRONG], [WRONG, RIGHT, RIGHT]
    with_photos, without = (answers(reference, candidate, photos).pairs() for photos in ([5, 2, 8], None))
    assert with_photos == without
    assert (without.n, without.lost, without.won, without.clusters) == (3, 1, 1, ())


def test_chosen_pictures_bring_only_their_own_photos() -> None:
    reference, candidate = [RIGHT, RIGHT, RIGHT], [WRONG, WRONG, RIGHT]
    pairs = answers(reference, candidate, [1, 1, 2]).pairs(np.array([True, True, False]))
    assert (pairs.n, pairs.lost) == (1, 1)


def test_answers_that_are_no_numbers_agree_with_nothing_and_drift_the_whole_way() -> None:
    found = answers([RIGHT, RIGHT], [[np.nan, 0.1], RIGHT], None)
    assert found.agreement == 0.5
    assert found.right.tolist() == [False, True]
    assert found.drift[0].tolist() == [1.0, 0.0]


def test_joined_answers_are_in_order() -> None:
    first, second = answers([RIGHT], [WRONG], [1]), answers([WRONG], [RIGHT], [1])
    joined = first.joined(second)
    assert joined.candidate.argmax(1).tolist() == [1, 0]
    assert joined.reference.argmax(1).tolist() == [0, 1]
    assert joined.truth.tolist() == [0, 0]
    assert joined.photos is None  # a number of one says nothing among those of the other


def test_agreement_is_of_each_picture_by_itself() -> None:
    found = answers([RIGHT, WRONG, RIGHT, WRONG], [RIGHT, WRONG, WRONG, RIGHT], None)
    assert found.agrees.tolist() == [True, True, False, False]
    assert found.agreement == 0.5
    assert found.right_reference.tolist() == [True, False, True, False]


def test_drift_of_infinity_is_the_largest_number_of_a_float32() -> None:
    drift = answers([[0.0, 0.0]], [[np.inf, -np.inf]], None).drift
    assert drift.tolist() == [[(2 - 2**-23) * 2.0**127] * 2]


def test_drift_is_how_far_each_probability_moved() -> None:
    assert answers([[0.75, 0.25]], [[0.5, 0.5]], None).drift.tolist() == [[0.25, 0.25]]
