from __future__ import annotations

import pytest

pytest.importorskip("uvicorn", reason="uvicorn is not installed")
pytest.importorskip("starlette", reason="starlette is not installed")

from edgeproof.edge.game import match
from edgeproof.edge.preprocess import Pixels
from web_site import Serve, answer, until


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A game of short rounds."""
    for name, seconds in {"COUNTDOWN": 0.1, "REACTION": 0.05, "READING": 0.2, "_LATE": 0.1, "PAUSE": 0.1}.items():
        monkeypatch.setattr(match, name, seconds)


@pytest.mark.usefixtures("quick")
def test_match_is_played_by_showing_hands(serve: Serve, chart: Pixels) -> None:
    site = serve(best_of=3)
    site.feed(lambda index: answer(chart, index, "Rock".lower()))
    assert site.get("/about").json["game"]["phase"] == "waiting"
    assert site.post("/game/start").json["game"]["phase"] == "countdown"
    until(lambda: site.get("/about").json["game"]["phase"] == "over")
    game = site.get("/next").answer["game"]
    assert max(game["person"], game["computer"]) == 2
    assert {played["person"] for played in game["rounds"]} <= {"rock", None}
    beaten = {"scissors": "win", "paper": "lose", "rock": "draw"}
    for played in game["rounds"]:
        assert played["outcome"] == (beaten[played["computer"]] if played["person"] else "unseen")
    assert site.post("/game/start").json["game"]["rounds"] == []


@pytest.mark.usefixtures("quick")
def test_unknown_is_no_hand(serve: Serve, chart: Pixels) -> None:
    site = serve(best_of=1)
    site.feed(lambda index: answer(chart, index, "unknown"))
    site.post("/game/start")
    until(lambda: len(site.get("/about").json["game"]["rounds"]) >= 2)
    game = site.get("/about").json["game"]
    assert {played["outcome"] for played in game["rounds"]} == {"unseen"}
    assert (game["person"], game["computer"]) == (0, 0)
    until(lambda: site.get("/about").json["game"]["phase"] == "waiting")  # nobody plays
    game = site.get("/next").answer["game"]
    assert (game["given_up"], len(game["rounds"])) == (True, 3)


def test_hand_of_the_computer_is_not_told_before(serve: Serve, chart: Pixels) -> None:
    site = serve(best_of=3)
    site.feed(lambda index: answer(chart, index))
    told = site.post("/game/start").json["game"]
    assert told["phase"] == "countdown"
    assert not {"rock", "paper", "scissors"} & set(map(str, told.values()))
    assert told["rounds"] == []


def test_page_without_a_game_has_no_such_button(serve: Serve) -> None:
    assert serve().post("/game/start").status == 404
