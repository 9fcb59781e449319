# ruff: noqa: F401, F811 - the fixtures of mqtt_home are known by their names

from __future__ import annotations

import json

import pytest

pytest.importorskip("paho.mqtt")

from answers import answer, until
from console_lines import Said
from mosquitto import Listener, Mosquitto, needs_mosquitto, retained
from mqtt_home import (
    AVAILABILITY,
    CONFIG,
    STATE,
    Clock,
    Open,
    clock,
    connected,
    is_idle,
    listener,
    mosquitto,
    open_sink,
)

pytestmark = needs_mosquitto


def test_state_availability_and_discovery_are_kept_by_the_broker(
    open_sink: Open, mosquitto: Mosquitto, listener: Listener, said: Said
) -> None:
    sink = connected(open_sink, said)
    sink.write(answer("rock", 0.75, dropped=4))
    until(lambda: bool(listener.texts(STATE)), "no state")
    kept = retained(mosquitto.port)
    assert set(kept) == {STATE, AVAILABILITY, CONFIG}
    assert kept[AVAILABILITY] == "online"
    state = json.loads(kept[STATE])
    assert (state["label"], state["score"], state["dropped"], state["frame_age_ms"]) == ("rock", 0.75, 4, 15.625)
    assert state["probabilities"] == {"paper": 0.125, "rock": 0.75, "scissors": 0.125}
    assert state["latency_ms"] == {"preprocess": 1.0, "invoke": 3.0, "total": 5.0}
    sink.close()
    assert retained(mosquitto.port)[AVAILABILITY] == "offline"


def test_camera_that_is_away_makes_the_state_unavailable(
    open_sink: Open, listener: Listener, said: Said, clock: Clock
) -> None:
    sink = connected(open_sink, said)
    sink.write(answer("rock"))
    until(lambda: listener.texts(AVAILABILITY) == ["online"], "not online")
    for seconds in (1.5, 2.5):
        sink.wait(seconds)
    until(lambda: listener.texts(AVAILABILITY) == ["online", "offline"], "not offline")
    clock.now += 5
    sink.write(answer("rock"))
    until(lambda: listener.texts(AVAILABILITY) == ["online", "offline", "online"], "not online again")


def test_state_is_published_on_change_and_each_interval_and_never_ten_times_a_second(
    open_sink: Open, listener: Listener, said: Said, clock: Clock
) -> None:
    sink = connected(open_sink, said, interval=2.0)
    for label, seconds in [
        ("rock", 0.0),  # the first
        ("rock", 0.5),
        ("paper", 0.75),  # a change
        ("rock", 0.8),  # one too soon
        ("rock", 0.875),  # the same change, late enough
        ("rock", 2.75),
        ("rock", 2.875),  # the interval
        ("rock", 3.0),
    ]:
        clock.now = 1000.0 + seconds
        before = len(listener.texts(STATE))
        sink.write(answer(label, seconds / 4))
        if seconds in (0.0, 0.75, 0.875, 2.875):
            until(lambda before=before: len(listener.texts(STATE)) > before, f"no state at {seconds} s")  # type: ignore[misc]
            until(lambda: is_idle(sink), "the sink does not know that it was published")
    sink.close()
    until(lambda: listener.texts(AVAILABILITY)[-1:] == ["offline"], "no end")
    published = [(state["label"], state["score"]) for state in listener.objects(STATE)]
    assert published == [("rock", 0.0), ("paper", 0.1875), ("rock", 0.21875), ("rock", 0.71875), ("rock", 0.75)]


def test_flood_of_changes_is_ten_states_a_second(open_sink: Open, listener: Listener, said: Said, clock: Clock) -> None:
    sink = connected(open_sink, said)
    for frame in range(300):  # three seconds of a camera at 100 frames a second
        clock.now = 1000.0 + frame / 100
        sink.write(answer(("rock", "paper")[frame // 5 % 2]))
        if frame % 10 == 0:
            until(lambda: not sink._client.want_write(), "the network is stuck")
    sink.close()
    until(lambda: listener.texts(AVAILABILITY)[-1:] == ["offline"], "no end")
    assert 2 < len(listener.texts(STATE)) <= 31


def test_home_assistant_is_told_again_when_it_starts(open_sink: Open, listener: Listener, said: Said) -> None:
    sink = connected(open_sink, said)
    sink.write(answer())
    until(lambda: len(listener.texts(STATE)) == 1, "no state")
    assert len(listener.texts(CONFIG)) == 1
    listener.say("homeassistant/status", "offline")
    listener.say("homeassistant/status", "online")
    until(lambda: len(listener.texts(STATE)) == 2, "nothing was told again")
    assert len(listener.texts(CONFIG)) == 2
    assert listener.texts(AVAILABILITY) == ["online", "online"]
