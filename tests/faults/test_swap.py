"""The campaign of tools/campaigns/swap.py, a few candidates long."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

import swap
from edgeproof.edge.updates import probation
from swap_material import BAD, Kind


def test_good_models_are_swapped_in_and_bad_ones_sent_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # What happens is tested, not how fast a busy machine is; none of the bad ones of this seed is slow or hangs.
    monkeypatch.setattr(swap, "_TERMS", replace(swap._TERMS, latency=100.0, opening=120.0, hung=60.0))
    monkeypatch.setattr(swap, "_PATIENCE", 240.0)
    monkeypatch.setattr(probation, "SHORTEST", 30.0)
    monkeypatch.setattr(probation, "_SILENCE", 60.0)
    monkeypatch.setattr(probation, "_WAY", 60_000.0)
    outcome, notes, _ = swap.swapped(tmp_path, 9, 3, time.monotonic() + 600)
    assert outcome.wrong == []
    assert (outcome.good, outcome.bad) == (6, 3)
    assert set(notes.files) >= {"rps-int8.tflite"}
    assert len(set(notes.files)) >= 6  # the last one may have passed without another frame
    assert len(notes.indices) == len(set(notes.indices))


def test_a_third_of_a_campaign_is_bad_and_every_kind_is_in_it() -> None:
    import random

    chosen = Counter(swap.kinds(500, random.Random(0)))  # noqa: S311 - repeatable
    assert sum(chosen[kind] for kind in BAD) == 166
    assert min(chosen[kind] for kind in BAD) == 12
    assert (chosen[Kind.GOOD], chosen[Kind.GROWING]) == (301, 33)
