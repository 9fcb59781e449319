"""How Home Assistant learns of this device: one retained message that describes all of its sensors.

Source: Home Assistant's documentation of MQTT, device discovery (since 2024.12).
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from ..contract import UNKNOWN
from .about import About

STATUS = "homeassistant/status"  # where Home Assistant says that it has started
_UNFIT = re.compile(r"[^a-zA-Z0-9_-]+")  # what the topic of a discovery message must not hold
ONLINE, OFFLINE = "online", "offline"


def state_topic(topic: str) -> str:
    """Say where the state is published."""
    return f"{topic}/state"


def availability_topic(topic: str) -> str:
    """Say where it is published whether there is a state to believe."""
    return f"{topic}/availability"


def discovery(topic: str, about: About) -> tuple[str, str]:
    """Describe the device that publishes under `topic`: the message's own topic, and its JSON.

    Every identity in it comes from the topic, so that it is the same after each start, and after a change of model.
    """
    # The digest keeps home/camera and home-camera apart.
    digest = hashlib.sha256(topic.encode()).hexdigest()[:6]
    identity = f"edgeproof_{_UNFIT.sub('-', topic)}_{digest}"
    message = {
        "device": {
            "identifiers": [identity],
            "name": f"edgeproof {topic.rpartition('/')[2]}",
            "manufacturer": "edgeproof",
            "model": about.model,
            "sw_version": about.version,
        },
        "origin": {"name": "edgeproof", "sw_version": about.version},
        "state_topic": state_topic(topic),
        "availability_topic": availability_topic(topic),
        "payload_available": ONLINE,
        "payload_not_available": OFFLINE,
        "components": {
            name: {"platform": "sensor", "unique_id": f"{identity}_{name}", **sensor}
            for name, sensor in _sensors(about).items()
        },
    }
    return f"homeassistant/device/{identity}/config", json.dumps(message)


def _sensors(about: About) -> dict[str, dict[str, Any]]:
    """Give Home Assistant's own fields of each sensor; templates read the state's JSON."""
    timed = {"device_class": "duration", "unit_of_measurement": "ms", "state_class": "measurement"}
    technical = {"entity_category": "diagnostic"}
    return {
        **(_answers(about.labels) if about.labels else _VALUE),
        "latency": {"name": "Latency", "value_template": "{{ value_json.latency_ms.total }}", **timed, **technical},
        "frame_age": {"name": "Frame age", "value_template": "{{ value_json.frame_age_ms }}", **timed, **technical},
        "dropped": {
            "name": "Dropped frames",
            "value_template": "{{ value_json.dropped }}",
            "state_class": "total_increasing",
            **technical,
        },
    }


_VALUE = {"value": {"name": "Value", "value_template": "{{ value_json.score }}", "state_class": "measurement"}}


def _answers(labels: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    percent = "{{ (value_json.score * 100) | round(1) if value_json.score is number else None }}"
    return {
        "label": {
            "name": "Label",
            "value_template": "{{ value_json.label }}",
            "device_class": "enum",
            "options": [*labels, UNKNOWN],
        },
        "confidence": {
            "name": "Confidence",
            "value_template": percent,
            "unit_of_measurement": "%",
            "state_class": "measurement",
        },
    }
