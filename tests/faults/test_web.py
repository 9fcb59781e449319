"""A short run of the campaign of attacks on the web page; rates and times are for the long one."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

import pytest

pytest.importorskip("uvicorn", reason="uvicorn is not installed")
pytest.importorskip("starlette", reason="starlette is not installed")
if sys.platform != "linux":
    pytest.skip("what a process holds is read from Linux's /proc", allow_module_level=True)

from web_requests import SENT


def test_attacks_leave_nothing_open_and_learn_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from web import main

    import web_visitor

    monkeypatch.setattr(web_visitor, "_PATIENCE", 20.0)  # a busy machine may take longer, and drop a guest more often
    monkeypatch.setattr(web_visitor, "_TRIES", 10)
    main(["--quick", "--count", "200", "--seconds", "0.3", "--json", str(tmp_path / "figures.json")])
    figures = json.loads((tmp_path / "figures.json").read_text())["figures"]
    assert sum(each["seen"] for each in figures if "requests and connections" in each["name"]) > 400
    none = [each for each in figures if each["goal"] == "0"]
    assert len(none) == 19
    assert [each for each in none if not each["met"]] == []


@pytest.mark.parametrize("kind", SENT)
def test_hostile_requests_are_the_same_for_a_seed(kind: str) -> None:
    first, again, other = (
        [SENT[kind](random.Random(seed), "127.0.0.1:8080") for _ in range(1)]  # noqa: S311 - no secret
        for seed in (1, 1, 2)
    )
    assert first == again
    assert all(first)
    assert first != other
