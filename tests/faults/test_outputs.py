"""A short run of the campaign of broken disks and brokers; how long things take is for the long one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("paho.mqtt", reason="paho-mqtt is not installed")
pytest.importorskip("starlette", reason="starlette is not installed")
pytest.importorskip("fcntl", reason="the faults are Linux's")

from mosquitto import needs_mosquitto


@needs_mosquitto
def test_no_fault_of_disk_or_broker_ends_a_run_or_leaves_half_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from outputs import main

    import outputs_loop
    from edgeproof.edge.sinks import mqtt, unsure

    for module, name in ((mqtt, "_BACK_OFF"), (mqtt, "_KEEP_ALIVE"), (unsure, "_INTERVAL")):
        monkeypatch.setattr(module, name, getattr(module, name))  # the campaign sets them; they are put back
    main(["--count", "14", "--minutes", "15", "--json", str(tmp_path / "figures.json")])
    figures = {each["name"]: each for each in json.loads((tmp_path / "figures.json").read_text())["figures"]}
    assert figures["faults"]["seen"] == 14
    assert figures["answers given to every output"]["seen"] > outputs_loop.RATE
    for name in (
        "errors that would have ended the run",
        "outputs that did not come back",
        "files that are not whole",
        "warnings of an output in one fault of the disk",
        "messages that waited for the broker, most",
        "bytes that waited for the broker, most",
    ):
        assert figures[name]["met"], figures[name]
