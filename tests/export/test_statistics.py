from __future__ import annotations

import math
from itertools import starmap

import numpy as np
import pytest

from edgeproof.export.parity.statistics import (
    Cluster,
    Pairs,
    _bootstrap,
    images_needed,
    lower_bound,
    score_statistic,
    upper_bound,
    wilson,
)

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


@pytest.mark.parametrize(
    ("pairs", "low", "high"),
    [
        # T. Tango, "Improved confidence intervals …" (a letter on Newcombe's paper), Statistics in Medicine 18 (1999)
        # 3511–3513, with data of Karacan et al. 1976: 4, 9, 3 and 16 of 32 pairs
        (Pairs(32, 9, 3), -0.027, 0.390),
        # A. Agresti, Y. Min, "Simple improved confidence intervals for comparing matched proportions", Statistics in
        # Medicine 24 (2005) 729–740: 53, 16, 8 and 9 of 86
        (Pairs(86, 16, 8), -0.020, 0.207),
        # M. Fagerland, S. Lydersen, P. Laake, "Recommended tests and confidence intervals for paired binomial
        # proportions", Statistics in Medicine 33 (2014) 2850–2875, with data of Bentur et al. 2009: 1, 1, 7 and 12
        (Pairs(21, 1, 7), -0.517, -0.026),
    ],
)
def test_more_published_examples(pairs: Pairs, low: float, high: float) -> None:
    assert lower_bound(pairs, Z_TWO_SIDED) == pytest.approx(low, abs=5e-4)
    assert upper_bound(pairs, Z_TWO_SIDED) == pytest.approx(high, abs=5e-4)


def newcombe(both: int, lost: int, won: int, neither: int) -> tuple[float, float]:
    """Method 10 of R. Newcombe, Statistics in Medicine 17 (1998) 2635–2650: two Wilson intervals, put together."""
    n = both + lost + won + neither
    first, second = (both + lost) / n, (both + won) / n
    one, other = wilson(both + lost, n), wilson(both + won, n)
    product = both * neither - lost * won
    corrected = max(product - n / 2, 0) if product > 0 else product
    phi = corrected / math.sqrt((both + lost) * (won + neither) * (both + won) * (lost + neither))
    down = (first - one.low, other.high - second)
    up = (one.high - first, second - other.low)
    below, above = (math.sqrt(a * a - 2 * phi * a * b + b * b) for a, b in (down, up))
    return first - second - below, first - second + above


def test_newcombes_interval_is_near() -> None:
    # Data of Cavo et al. 2012, as in Fagerland, Lydersen and Laake, "Statistical analysis of contingency tables", 2017,
    # chapter 8, which gives −0.1186 to −0.0046.
    low, high = newcombe(59, 6, 16, 80)
    assert (low, high) == (pytest.approx(-0.1186, abs=5e-5), pytest.approx(-0.0046, abs=5e-5))
    pairs = Pairs(161, 6, 16)
    assert lower_bound(pairs, Z_TWO_SIDED) == pytest.approx(low, abs=0.01)
    assert upper_bound(pairs, Z_TWO_SIDED) == pytest.approx(high, abs=0.01)


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilsons_interval_is_the_published_one(hits: int, n: int, low: float, high: float) -> None:
    # R. Newcombe, "Two-sided confidence intervals for the single proportion: comparison of seven methods", Statistics
    # in Medicine 17 (1998) 857–872, table I, method 3
    interval = wilson(hits, n)
    assert (interval.low, interval.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_wilsons_interval_of_nothing_says_nothing() -> None:
    assert (wilson(0, 0).low, wilson(0, 0).high) == (0, 1)


def test_wilsons_interval_does_not_leave_the_shares_there_are() -> None:
    # By its formula it ends at 0 and at 1 there, but for the rounding of floats, which goes either way.
    for n in range(1, 100):
        assert 0 <= wilson(0, n).low < 1e-12
        assert 1 - 1e-12 < wilson(n, n).high <= 1


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


def copied(net: np.ndarray, copies: np.ndarray | int) -> Pairs:
    """Count photos by how many of their copies were lost, less those that were won, and by all copies."""
    sizes = np.broadcast_to(copies, net.shape)
    kinds, counts = np.unique(np.stack([net, sizes]), axis=1, return_counts=True)
    clusters = tuple(Cluster(int(a), int(b), int(n)) for (a, b), n in zip(kinds.T, counts, strict=True))
    lost, won = (np.maximum(sign * net, 0) / sizes for sign in (1, -1))
    return Pairs(len(net), float(lost.sum()), float(won.sum()), clusters)


def test_the_bound_of_photos_with_copies_holds_its_level() -> None:
    # 300 photos of four copies each; a photo's copies share most of what makes them fail.
    rng = np.random.default_rng(0)
    held, naive = [], []
    for _ in range(300):
        chance = rng.beta(0.05, 1.2, 300)  # of a copy to be lost: 4 % in the mean, most never and some always
        lost = rng.binomial(4, chance)
        held.append(upper_bound(copied(lost, 4)) >= 0.04)
        naive.append(upper_bound(Pairs(1200, int(lost.sum()), 0)) >= 0.04)
    assert 0.92 <= np.mean(held) <= 1
    assert np.mean(naive) < 0.9  # what counting copies as photos would promise in vain


def test_bounds_of_photos_with_copies_enclose_the_loss() -> None:
    pairs = copied(np.array([0] * 90 + [2] * 6 + [4] * 2 + [-1] * 2), 4)
    assert (pairs.n, pairs.lost, pairs.won) == (100, 5, 0.5)
    assert pairs.loss == pytest.approx(0.045)
    assert lower_bound(pairs) < pairs.loss < upper_bound(pairs)
    assert len({upper_bound(pairs) for _ in range(5)}) == 1  # seeded


def test_pictures_are_counted_with_their_copies() -> None:
    assert copied(np.array([0, 2]), np.array([1, 3])).images == 4
    assert Pairs(5, 1, 0).images == 5


def test_a_photo_with_many_lost_copies_is_not_hidden() -> None:
    # A thousand photos kept, and a clip of 300 frames that look alike, all lost.
    pairs = copied(np.array([0] * 1000 + [300]), np.array([1] * 1000 + [300]))
    assert pairs.loss == pytest.approx(300 / 1300)
    assert upper_bound(pairs) > pairs.loss


@pytest.mark.parametrize("quantile", [0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 0.99])
def test_the_bootstrap_is_the_binomial_distribution_where_there_are_two_kinds_of_photos(quantile: float) -> None:
    # 150 photos without a copy, nothing lost, and 50 with five copies, of which three were lost: of 200 photos that are
    # drawn, k are of the second kind, and 3 k of 200 + 4 k pictures are lost.
    chances = [math.comb(200, k) * 0.25**k * 0.75 ** (200 - k) for k in range(201)]
    sums = np.cumsum(chances)
    near = (max(quantile - 0.01, 0.005), min(quantile + 0.01, 0.995))  # what 4,000 draws leave open
    low, high = (3 * k / (200 + 4 * k) for k in np.searchsorted(sums, near).tolist())
    found = _bootstrap(Pairs(200, 30, 0, ((0, 1, 150), (3, 5, 50))), quantile)
    assert low <= found <= high


def test_the_bootstrap_is_the_same_each_time() -> None:
    clusters = tuple(starmap(Cluster, ((0, 1, 150), (3, 5, 50), (-1, 7, 11), (2, 3, 13))))
    assert len({_bootstrap(Pairs(224, 40, 2, clusters), 0.9) for _ in range(3)}) == 1


def test_a_photo_with_many_won_copies_is_not_hidden_either() -> None:
    pairs = copied(np.array([0] * 1000 + [-300]), np.array([1] * 1000 + [300]))
    assert lower_bound(pairs) < pairs.loss == pytest.approx(-300 / 1300)


def test_shares_of_copies_may_add_up_to_all_photos() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        copies = rng.integers(1, 20, 123)
        won = rng.binomial(copies, 0.1)
        shares = float(((copies - won) / copies).sum()), float((won / copies).sum())
        pairs = Pairs(123, *shares, ((1, 1, 123),))
        assert -1 <= lower_bound(pairs) <= upper_bound(pairs) <= 1


@pytest.mark.parametrize(("margin", "needed"), [(0.01, 1240), (0.005, 4950)])
def test_the_number_of_images_that_a_margin_needs(margin: float, needed: int) -> None:
    # At 2 % disagreement, evenly spread; (1.6449 + 0.8416)² × 0.02 / margin²
    images = images_needed(Pairs(1000, 10, 10), margin)
    assert images == pytest.approx(needed, rel=5e-3)


def test_as_many_images_as_are_said_to_be_needed_mostly_decide() -> None:
    rng = np.random.default_rng(0)
    n = images_needed(Pairs(1000, 10, 10), 0.01)
    draws = rng.multinomial(n or 0, [0.01, 0.01, 0.98], size=1000)
    decided = [upper_bound(Pairs(n or 0, int(b), int(c))) <= 0.01 for b, c, _ in draws]
    assert 0.75 <= np.mean(decided) <= 0.85  # a power of 80 %


def test_no_number_of_images_shows_that_a_loss_beyond_the_margin_is_within() -> None:
    assert images_needed(Pairs(1000, 20, 5), 0.01) is None
    assert images_needed(Pairs(0, 0, 0), 0.01) is None


def test_without_discordant_pairs_as_many_are_needed_as_bring_the_bound_to_the_margin() -> None:
    n = images_needed(Pairs(100, 0, 0), 0.01)
    assert n is not None
    assert upper_bound(Pairs(n, 0, 0)) <= 0.01 < upper_bound(Pairs(n - 1, 0, 0))


def test_images_are_counted_as_long_as_a_float_can() -> None:
    even = Pairs(100, 5, 5)
    assert images_needed(even, 1e-120) == pytest.approx((Z + 0.8416212335729143) ** 2 * 0.1 / 1e-240)
    assert images_needed(even, 1e-160) is None
    assert images_needed(even, 1e-170) is None


def test_where_nothing_can_vary_the_statistic_is_certain() -> None:
    # Were all lost, or all won, ten pictures of which none is would be impossible.
    same = Pairs(10, 0, 0)
    assert [score_statistic(same, loss) for loss in (-1.0, 0.0, 1.0)] == [math.inf, 0, -math.inf]


def test_no_images_say_nothing() -> None:
    assert (Pairs(0, 0, 0).loss, Pairs(0, 0, 0).images) == (0, 0)
    assert (upper_bound(Pairs(0, 0, 0)), lower_bound(Pairs(0, 0, 0))) == (1.0, -1.0)


@pytest.mark.parametrize("counts", [(10, 6, 5), (10, -1, 0), (1, 0, -1)])
def test_impossible_counts_are_refused(counts: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="expected lost"):
        Pairs(*counts)
