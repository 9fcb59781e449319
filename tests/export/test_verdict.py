from __future__ import annotations

import numpy as np
import pytest

from edgeproof.edge.contract import Verdict
from edgeproof.edge.errors import ExitCode
from edgeproof.edge.verdicts import exit_code
from edgeproof.export.parity.statistics import Pairs, lower_bound, upper_bound
from edgeproof.export.parity.verdict import Margins, decide, worst

EVEN = {"a": Pairs(200, 0, 0), "b": Pairs(200, 0, 0)}


@pytest.mark.parametrize(
    ("whole", "verdict"),
    [
        (Pairs(400, 0, 0), Verdict.PASS),  # bound 0.67 points
        (Pairs(200, 0, 0), Verdict.INCONCLUSIVE),  # nothing lost, but bound 1.33 points
        (Pairs(400, 1, 0), Verdict.INCONCLUSIVE),
        (Pairs(2000, 8, 2), Verdict.PASS),
        (Pairs(400, 40, 0), Verdict.FAIL),
        (Pairs(2000, 60, 5), Verdict.FAIL),
        (Pairs(40, 2, 0), Verdict.INCONCLUSIVE),  # five points lost, which chance may do
        (Pairs(0, 0, 0), Verdict.INCONCLUSIVE),
    ],
)
def test_the_bound_decides(whole: Pairs, verdict: Verdict) -> None:
    decision = decide(whole, EVEN, Margins())
    assert decision.verdict is verdict
    assert bool(decision.reasons) is (verdict is not Verdict.PASS)


def test_a_failure_says_what_was_lost_at_least_and_what_was_allowed() -> None:
    # 0.0780 is where the statistic of the constrained likelihood, searched and not solved, reaches 1.6449.
    decision = decide(Pairs(400, 40, 0), {}, Margins())
    assert decision.reasons == ("lost 10.00 points, at least 7.80 points (95.0% sure), where 1.00 points are allowed",)
    assert decision.needed is None


@pytest.mark.parametrize(
    ("confidence", "bound", "sure", "needed"),
    [
        (0.95, "1.33", "95.0%", 268),  # z² / (200 + z²) and 99 z², for z = 1.6449
        (0.975, "1.88", "97.5%", 381),  # and for z = 1.9600
    ],
)
def test_a_doubt_says_how_many_images_would_decide(confidence: float, bound: str, sure: str, needed: int) -> None:
    decision = decide(Pairs(200, 0, 0), {}, Margins(), confidence)
    assert decision.reasons == (
        f"the loss may be up to {bound} points ({sure} sure) on 200 images, where 1.00 points are allowed; "
        f"about {needed} images would decide: give more",
    )
    assert decision.needed == needed


def test_one_image_is_one() -> None:
    (reason,) = decide(Pairs(1, 0, 0), {}, Margins()).reasons  # z² / (1 + z²), as above
    assert reason == (
        "the loss may be up to 73.01 points (95.0% sure) on 1 image, where 1.00 points are allowed; "
        "about 268 images would decide: give more"
    )


def test_a_doubt_that_no_number_of_images_ends_says_what_was_lost() -> None:
    # As many points were lost as are allowed; 0.0586 is the upper bound of the constrained likelihood.
    decision = decide(Pairs(100, 2, 0), {}, Margins(whole=0.02))
    assert decision.needed is None
    (reason,) = decision.reasons
    assert reason == (
        "the loss may be up to 5.86 points (95.0% sure) on 100 images, where 2.00 points are allowed; "
        "2.00 points were lost on these"
    )


def test_a_loss_at_the_margin_is_within_it() -> None:
    seen = Pairs(400, 40, 4)
    assert decide(seen, {}, Margins(whole=upper_bound(seen))).verdict is Verdict.PASS
    assert decide(seen, {}, Margins(whole=lower_bound(seen))).verdict is Verdict.INCONCLUSIVE
    on_validation = Pairs(100, 1, 0)
    assert decide(Pairs(4000, 1, 0), {}, Margins(), 0.95, on_validation).verdict is Verdict.PASS
    assert decide(Pairs(4000, 5, 0), {"a": Pairs(100, 5, 0)}, Margins()).verdict is Verdict.PASS


def test_both_bounds_have_the_confidence_that_is_asked_for() -> None:
    # Four of a hundred lost: at least 1.26 points at 95 %, and 0.15 at 97.5 %, of one point allowed.
    seen = Pairs(100, 4, 0)
    assert decide(seen, {}, Margins(), 0.95).verdict is Verdict.FAIL
    assert decide(seen, {}, Margins(), 0.975).verdict is Verdict.INCONCLUSIVE


def test_a_class_is_judged_with_the_confidence_that_is_asked_for() -> None:
    # Four of a hundred lost: more than nothing at 95 %, which at 99 % may be chance.
    classes = {"common": Pairs(3900, 0, 0), "rare": Pairs(100, 4, 0)}
    verdicts = [decide(Pairs(4000, 4, 0), classes, Margins(one_class=0.03), each).verdict for each in (0.95, 0.99)]
    assert verdicts == [Verdict.FAIL, Verdict.INCONCLUSIVE]


def test_a_pass_has_nothing_to_say() -> None:
    decision = decide(Pairs(400, 0, 0), EVEN, Margins())
    assert (decision.reasons, decision.needed, dict(decision.classes)) == ((), None, {})


def test_a_wider_margin_lets_more_pass() -> None:
    assert decide(Pairs(400, 1, 0), EVEN, Margins(whole=0.03)).verdict is Verdict.PASS


def test_one_class_that_collapses_fails_the_whole() -> None:
    classes = {"common": Pairs(3960, 0, 0), "rare": Pairs(40, 20, 0)}
    decision = decide(Pairs(4000, 20, 0), classes, Margins())
    assert decision.verdict is Verdict.FAIL
    assert decision.reasons == ("class rare lost 50.00 points on 40 images, where 5.00 points are allowed",)


def test_a_loss_on_validation_does_not_drown_among_training_images() -> None:
    # Three of a hundred lost on validation; three thousand training images without a loss bound the whole at 0.28.
    whole, validation = Pairs(3100, 3, 0), Pairs(100, 3, 0)
    assert decide(whole, EVEN, Margins()).verdict is Verdict.PASS
    decision = decide(whole, EVEN, Margins(), 0.95, validation)
    assert decision.verdict is Verdict.INCONCLUSIVE
    assert decision.reasons == (
        "3.00 points were lost on 100 validation images, where 1.00 points are allowed; the training images hide it",
    )


def test_a_class_that_may_have_lost_by_chance_is_a_doubt() -> None:
    classes = {"common": Pairs(3990, 0, 0), "rare": Pairs(10, 1, 0)}
    assert decide(Pairs(4000, 1, 0), classes, Margins()).verdict is Verdict.INCONCLUSIVE


def test_each_class_that_lost_too_much_is_told_apart() -> None:
    classes = {"fine": Pairs(3000, 0, 0), "collapsed": Pairs(40, 20, 0), "unlucky": Pairs(10, 1, 0)}
    decision = decide(Pairs(3050, 21, 0), classes, Margins())
    assert decision.classes == {"collapsed": Verdict.FAIL, "unlucky": Verdict.INCONCLUSIVE}


def test_the_worst_verdict_is_the_sum() -> None:
    passed, failed, doubt = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE
    assert worst([passed, passed]) is passed
    assert worst([passed, doubt]) is doubt
    assert worst([doubt, failed, passed]) is failed


def test_each_verdict_has_its_exit_code() -> None:
    codes = [exit_code(verdict) for verdict in (Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE)]
    assert codes == [ExitCode.GOOD, ExitCode.FAILED, ExitCode.INCONCLUSIVE] == [0, 1, 3]


def test_a_failure_tells_of_its_doubts_too() -> None:
    classes = {"collapsed": Pairs(40, 20, 0), "unlucky": Pairs(10, 1, 0)}
    decision = decide(Pairs(4000, 21, 0), classes, Margins())
    assert decision.reasons == (
        "class collapsed lost 50.00 points on 40 images, where 5.00 points are allowed",
        "class unlucky lost 10.00 points on 10 images, where 5.00 points are allowed",
    )


@pytest.mark.parametrize("margin", [0.0, 1.0])
def test_margins_go_from_nothing_to_everything(margin: float) -> None:
    assert Margins(margin, margin).one_class == margin


@pytest.mark.parametrize("margin", [float("nan"), float("inf"), -0.01, 1.01])
def test_margins_are_numbers(margin: float) -> None:
    with pytest.raises(ValueError, match="expected margins from 0 to 1"):
        Margins(whole=margin)


def test_two_looks_err_no_more_often_than_one() -> None:
    # A file whose true loss is the margin itself passes in at most 5 of 100 cases, though it may look twice.
    rng = np.random.default_rng(0)
    shares = [0.02, 0.01, 0.97]  # lost, won, neither: a loss of one point
    passed = 0
    for _ in range(1500):
        first, second = rng.multinomial(437, shares), rng.multinomial(1551, shares)
        looks = [Pairs(437, *first[:2].tolist()), Pairs(1988, *(first + second)[:2].tolist())]
        verdicts = [decide(look, {}, Margins(), confidence=0.975).verdict for look in looks]
        decided = next((verdict for verdict in verdicts if verdict is not Verdict.INCONCLUSIVE), None)
        passed += decided is Verdict.PASS
    assert passed / 1500 < 0.06
