from __future__ import annotations

import math

import numpy as np
import pytest

from edgeproof.export.parity.statistics import Pairs, lower_bound, score_statistic, upper_bound

Z = 1.6448536269514722  # the normal quantile of 95 %
Z_TWO_SIDED = 0.975  # the one-sided confidence whose pair of bounds is a two-sided 95 % interval


@pytest.mark.parametrize("n", [10, 437, 2000])
def test_without_discordant_pairs_the_bound_has_a_closed_form(n: int) -> None:
    assert upper_bound(Pairs(n, 0, 0)) == pytest.approx(Z**2 / (n + Z**2), abs=1e-9)
    assert lower_bound(Pairs(n, 0, 0)) == pytest.approx(-(Z**2) / (n + Z**2), abs=1e-9)


def test_tangos_published_example() -> None:
    # Tango 1998, example of two contact lens disinfection methods: 44 pairs, 0 and 1 discordant, two-sided 95 %.
    pairs = Pairs(44, 0, 1)
    assert lower_bound(pairs, Z_TWO_SIDED) == pytest.approx(-0.118, abs=5e-4)
    assert upper_bound(pairs, Z_TWO_SIDED) == pytest.approx(0.060, abs=1e-3)


def likelihood_statistic(pairs: Pairs, loss: float) -> float:
    """The same statistic from first principles: the likeliest nuisance parameter found by search, not by formula."""
    won = np.linspace(max(0.0, -loss) + 1e-9, (1 - loss) / 2 - 1e-9, 400_001)
    lost = won + loss
    kept = pairs.n - pairs.lost - pairs.won
    with np.errstate(divide="ignore", invalid="ignore"):
        value = kept * np.log(1 - won - lost)
        value += pairs.won * np.log(won) if pairs.won else 0
        value += pairs.lost * np.log(lost) if pairs.lost else 0
    best = won[np.nanargmax(value)]
    return (pairs.lost - pairs.won - pairs.n * loss) / math.sqrt(pairs.n * (2 * best + loss * (1 - loss)))


@pytest.mark.parametrize("pairs", [Pairs(50, 5, 2), Pairs(200, 9, 1), Pairs(1240, 12, 13), Pairs(30, 0, 6)])
@pytest.mark.parametrize("loss", [-0.1, -0.01, 0.02, 0.2])
def test_the_statistic_is_that_of_the_constrained_likelihood(pairs: Pairs, loss: float) -> None:
    assert score_statistic(pairs, loss) == pytest.approx(likelihood_statistic(pairs, loss), rel=2e-3)


@pytest.mark.parametrize("pairs", [Pairs(100, 4, 1), Pairs(100, 0, 30), Pairs(5, 5, 0), Pairs(5, 0, 5), Pairs(1, 1, 0)])
def test_bounds_enclose_what_was_seen_and_mirror(pairs: Pairs) -> None:
    assert -1 <= lower_bound(pairs) <= pairs.loss <= upper_bound(pairs) <= 1
    mirrored = Pairs(pairs.n, pairs.won, pairs.lost)
    assert lower_bound(pairs) == pytest.approx(-upper_bound(mirrored), abs=1e-9)


def test_the_bound_holds_its_level() -> None:
    # 95 of 100 experiments should bound the true loss; the score bound may miss that by little.
    rng = np.random.default_rng(0)
    n, lost, won = 400, 0.02, 0.01
    draws = rng.multinomial(n, [lost, won, 1 - lost - won], size=2000)
    held = [upper_bound(Pairs(n, int(b), int(c))) >= lost - won for b, c, _ in draws]
    assert 0.93 <= np.mean(held) <= 0.98


def test_the_number_of_images_that_a_margin_needs() -> None:
    # At 2 % disagreement, evenly spread: about 1,240 images for a whole point.
    assert upper_bound(Pairs(1000, 10, 10)) > 0.01 / 2
    assert upper_bound(Pairs(1240, 12, 12)) < 0.01
    assert upper_bound(Pairs(400, 4, 4)) > 0.01


def test_no_images_say_nothing() -> None:
    assert (upper_bound(Pairs(0, 0, 0)), lower_bound(Pairs(0, 0, 0))) == (1.0, -1.0)


@pytest.mark.parametrize("counts", [(10, 6, 5), (10, -1, 0), (1, 0, -1)])
def test_impossible_counts_are_refused(counts: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="expected lost"):
        Pairs(*counts)
