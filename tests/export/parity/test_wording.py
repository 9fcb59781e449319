from __future__ import annotations

import pytest

from edgeproof.export.parity.report import Cause, Diagnosis, LayerNoise, Suspect
from edgeproof.export.parity.wording import headline
from parity_reports import make_candidate, make_failing, make_report, make_undecided

FINE, FAILING, UNDECIDED = make_candidate(), make_failing(), make_undecided()


@pytest.mark.parametrize(
    ("candidates", "words"),
    [
        ((FINE,), "The file passes"),
        ((UNDECIDED,), "The file is undecided"),
        ((FINE, FINE), "Both files pass"),
        ((FAILING, FAILING), "Both files fail"),
        ((FINE, FAILING), "Of 2 files, 1 fails and 1 passes"),
        ((UNDECIDED, FINE, UNDECIDED, FINE), "Of 4 files, 2 are undecided and 2 pass"),
        ((FINE, FAILING, UNDECIDED, FAILING), "Of 4 files, 2 fail, 1 is undecided and 1 passes"),
    ],
)
def test_the_headline_counts_verdicts(candidates: tuple[object, ...], words: str) -> None:
    assert headline(make_report(candidates=candidates)) == words


def test_causes_say_what_to_change() -> None:
    diagnosis = Diagnosis(0.25, 100, (Cause(Suspect.COLOR, "feed BGR (--color)", 0.6), Cause(Suspect.RANGE, "x", 0.99)))
    assert diagnosis.findings() == [
        "color order: feed BGR (--color) brings the agreement from 25.0% to 60.0% (100 images)",
        "value range: x brings the agreement from 25.0% to 99.0% (100 images)",
    ]


def test_nothing_found_is_nothing_said() -> None:
    assert Diagnosis(0.5, 10).findings() == []


def test_noisy_layers_are_named() -> None:
    (line,) = Diagnosis(0.5, 10, (), (LayerNoise("dense", -1.25), LayerNoise("conv", 4.0))).findings()
    assert line.startswith("noise: dense (-1.2 dB), conv (4.0 dB) are the noisiest layers; keep them in float")
