from __future__ import annotations

import pytest

pytest.importorskip("uvicorn", reason="uvicorn is not installed")
pytest.importorskip("starlette", reason="starlette is not installed")

from edgeproof.edge.preprocess import Pixels
from playing import Playing
from web_site import Serve


def test_match_is_played_by_showing_hands(serve: Serve, chart: Pixels, monkeypatch: pytest.MonkeyPatch) -> None:
    site, playing = serve(best_of=3), Playing(monkeypatch, chart, "rock")
    site.feed(playing.make)
    assert site.get("/about").json["game"]["phase"] == "waiting"
    assert site.post("/game/start").json["game"]["phase"] == "countdown"
    while site.get("/about").json["game"]["phase"] != "over":
        playing.play()
    game = site.get("/next").answer["game"]
    assert max(game["person"], game["computer"]) == 2
    assert {played["person"] for played in game["rounds"]} == {"rock"}
    beaten = {"scissors": "win", "paper": "lose", "rock": "draw"}
    assert [played["outcome"] for played in game["rounds"]] == [beaten[each["computer"]] for each in game["rounds"]]
    assert site.post("/game/start").json["game"]["rounds"] == []


def test_unknown_is_no_hand(serve: Serve, chart: Pixels, monkeypatch: pytest.MonkeyPatch) -> None:
    site, playing = serve(best_of=1), Playing(monkeypatch, chart, "unknown")
    site.feed(playing.make)
    site.post("/game/start")
    for _ in range(2):
        playing.play()
    game = site.get("/about").json["game"]
    assert [played["outcome"] for played in game["rounds"]] == ["unseen"] * 2
    assert (game["person"], game["computer"]) == (0, 0)
    playing.play()
    assert site.get("/about").json["game"]["phase"] == "waiting"  # nobody plays
    game = site.get("/next").answer["game"]
    assert (game["given_up"], len(game["rounds"])) == (True, 3)


def test_hand_of_the_computer_is_not_told_before(serve: Serve, chart: Pixels, monkeypatch: pytest.MonkeyPatch) -> None:
    site, playing = serve(best_of=3), Playing(monkeypatch, chart, "rock")
    site.feed(playing.make)
    told = site.post("/game/start").json["game"]
    assert told["phase"] == "countdown"
    assert not {"rock", "paper", "scissors"} & set(map(str, told.values()))
    assert told["rounds"] == []


def test_page_without_a_game_has_no_such_button(serve: Serve) -> None:
    assert serve().post("/game/start").status == 404
