from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from answers import ABOUT
from edgeproof.edge.errors import InputError
from edgeproof.edge.sinks import broker as module
from edgeproof.edge.sinks.about import About
from edgeproof.edge.sinks.broker import Broker, read_broker
from edgeproof.edge.sinks.home_assistant import discovery


@pytest.mark.parametrize(
    ("text", "broker"),
    [
        ("mqtt://pi4/home/camera", Broker("pi4", 1883, False, "home/camera")),
        ("mqtts://pi4/c", Broker("pi4", 8883, True, "c")),
        ("mqtt://me:pa%23s%3As@10.0.0.2:1999/c", Broker("10.0.0.2", 1999, False, "c", "me", "pa#s:s")),
        ("mqtt://me@[::1]:1884/a/b", Broker("::1", 1884, False, "a/b", "me")),
        ("mqtt://pi4", Broker("pi4", 1883, False, "edgeproof/kitchen")),
        ("mqtt://pi4/", Broker("pi4", 1883, False, "edgeproof/kitchen")),
    ],
)
def test_address_is_read(text: str, broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.socket, "gethostname", lambda: "kitchen")
    assert read_broker(text, {}) == broker


def test_password_may_come_from_the_environment() -> None:
    environment = {"EDGEPROOF_MQTT_PASSWORD": "hidden"}
    assert read_broker("mqtt://me@pi4/c", environment).password == "hidden"  # noqa: S105
    assert read_broker("mqtt://me:shown@pi4/c", environment).password == "shown"  # noqa: S105
    assert read_broker("mqtt://pi4/c", environment).password is None


@pytest.mark.parametrize(
    "text",
    [
        "http://me:secret@pi4",
        "me:secret@pi4",
        "mqtt://me:secret#@pi4",
        "mqtt://me:sec?ret@pi4",
        "mqtt://me:secret@pi4:port",
        "mqtt://me:secret@pi4:70000",
        "mqtt://me:secret@pi4:0",
        "mqtt://me:secret@",
        "mqtt://:secret@pi4",
        "mqtt://me:secret@[::1",
        "mqtt://me:secret@pi..4",
        "mqtt://me:12/secret@pi4",
        "mqtt://me:12/secret@pi4/topic",
        "mqtt://me:secret@pi/secret@pi4",
        "mqtt://me:secret@pi4/\udcff",
        "mqtt://\udcff:secret@pi4",
        "mqtt://me:secret@pi4/a/#",
        "mqtt://me:secret@pi4/+/b",
        "mqtt://me:secret@pi4//b",
        "mqtt://me:secret@pi4/$SYS/b",
    ],
)
def test_address_that_cannot_be_used_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(InputError, match=r"^expected .* for --mqtt, ") as error:
        read_broker(text, {})
    assert "secret" not in str(error.value)
    assert error.value.__cause__ is None


def test_slash_of_a_password_and_at_sign_of_a_topic_have_their_codes() -> None:
    with pytest.raises(InputError, match=r"an @ behind the host; write / of a password as %2F, and @ of a topic as %4"):
        read_broker("mqtt://user:12/34@host", {})
    broker = read_broker("mqtt://user:12%2F34@host/a%40b", {})
    assert (broker.host, broker.user, broker.password, broker.topic) == ("host", "user", "12/34", "a@b")


def test_password_of_the_environment_that_is_no_text_is_refused() -> None:
    with pytest.raises(InputError, match="expected a password of UTF-8 in EDGEPROOF_MQTT_PASSWORD for ") as error:
        read_broker("mqtt://me@pi4", {"EDGEPROOF_MQTT_PASSWORD": "secret\udcff"})
    assert "secret" not in str(error.value)


def test_password_is_not_shown_with_a_broker() -> None:
    broker = read_broker("mqtt://me:secret@pi4", {})
    assert "secret" not in f"{broker} {broker!r}"


def test_model_whose_file_has_no_text_for_a_name_is_called_by_some(monkeypatch: pytest.MonkeyPatch) -> None:
    """MQTT and Prometheus take UTF-8 alone."""
    monkeypatch.setattr("edgeproof.edge.sinks.about.version", lambda _: "0.1.0")
    classifier = SimpleNamespace(
        contract=SimpleNamespace(output=SimpleNamespace(labels=("a", "b"))), interpreter=SimpleNamespace(name="litert")
    )
    about = About.of(Path("models/m\udcff.tflite"), classifier)  # type: ignore[arg-type]  # as much of one as it asks
    assert about == About("m\\udcff", ("a", "b"), "litert", "0.1.0")


def test_home_assistant_is_told_of_one_device_with_its_sensors() -> None:
    topic, text = discovery("home/camera", ABOUT)
    message = json.loads(text)
    (identity,) = message["device"]["identifiers"]
    assert topic == f"homeassistant/device/{identity}/config"
    assert message["device"]["model"] == "rps-int8"
    assert message["device"]["sw_version"] == "0.1.0"
    assert message["origin"]["name"] == "edgeproof"
    assert (message["state_topic"], message["availability_topic"]) == ("home/camera/state", "home/camera/availability")
    sensors = message["components"]
    assert set(sensors) == {"label", "confidence", "latency", "frame_age", "dropped"}
    assert {sensor["platform"] for sensor in sensors.values()} == {"sensor"}
    assert len({sensor["unique_id"] for sensor in sensors.values()}) == 5
    assert sensors["label"]["options"] == ["paper", "rock", "scissors", "unknown"]


def test_identity_is_that_of_the_topic_alone() -> None:
    other = About("another", ("a", "b"), "onnxruntime 1.23", "0.2.0")
    assert discovery("home/camera", ABOUT)[0] == discovery("home/camera", other)[0]
    topics = [discovery(topic, ABOUT)[0] for topic in ("home/camera", "home-camera", "home/Küche 1")]
    assert len(set(topics)) == 3
    for topic in topics:
        name = topic.split("/")[2]
        assert name.isascii()
        assert name.replace("_", "").replace("-", "").isalnum()


def test_regression_has_a_value_and_no_label() -> None:
    sensors = json.loads(discovery("c", About("hello", (), "litert", "0.1.0"))[1])["components"]
    assert "label" not in sensors
    assert sensors["value"]["value_template"] == "{{ value_json.score }}"
