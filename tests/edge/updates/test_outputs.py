from __future__ import annotations

import importlib
import io
import urllib.request
from dataclasses import replace

import pytest

from answers import ABOUT, answer
from edgeproof.edge.answer import Answer
from edgeproof.edge.classifier import Origin
from edgeproof.edge.console import Console
from edgeproof.edge.sinks.lines import as_object
from edgeproof.edge.steady import Steady, Steadying

OLD = Origin("rps-int8.tflite", "a" * 64, "rps", "ai-edge-litert 2.3.0", 0.5)
NEW = Origin("rps-v2.onnx", "b" * 64, "rps", "onnxruntime 1.32.0", 0.9)


def by(origin: Origin | None, given: Answer | None = None) -> Answer:
    given = answer() if given is None else given
    return replace(given, prediction=replace(given.prediction, origin=origin))


def test_json_names_the_file_that_answers() -> None:
    assert "model" not in as_object(by(None))
    assert as_object(by(NEW))["model"] == {"file": "rps-v2.onnx", "sha256": "b" * 64}


def test_description_follows_the_model() -> None:
    assert ABOUT.now(None) == ABOUT
    assert ABOUT.now(OLD) == ABOUT
    assert ABOUT.now(NEW) == replace(ABOUT, model="rps-v2", interpreter="onnxruntime 1.32.0")


def test_steadied_answers_keep_to_the_threshold_of_the_model_that_answers() -> None:
    steady = Steady(Steadying(weight=0.5), 0.5)
    assert steady.shown(by(OLD)).label == "rock"  # 0.75 is above 0.5
    assert steady.shown(by(NEW)).label == "unknown"
    assert steady.shown(by(OLD)).label == "rock"


def test_metrics_name_the_model_that_answers() -> None:
    pytest.importorskip("prometheus_client")
    from edgeproof.edge.sinks.metrics import MetricsSink

    sink = MetricsSink(("127.0.0.1", 0), ABOUT, Console(stream=io.StringIO()))
    try:
        for origin, name in ((None, "rps-int8"), (OLD, "rps-int8"), (NEW, "rps-v2")):
            sink.write(by(origin))
            with urllib.request.urlopen(f"http://127.0.0.1:{sink.port}/metrics") as page:
                lines = [line for line in page.read().decode().splitlines() if line.startswith("edgeproof_build_info{")]
            assert len(lines) == 1
            assert f'model="{name}"' in lines[0]
    finally:
        sink.close()


def test_page_names_the_file_that_answers() -> None:
    pytest.importorskip("starlette")
    pytest.importorskip("uvicorn")
    import numpy as np

    web_site = importlib.import_module("web_site")  # which needs both

    with web_site.serving() as serve:
        site = serve()
        image = np.zeros((48, 64, 3), np.uint8)
        before = site.get("/about").json["model"]
        site.sink.write(web_site.answer(image))
        assert site.get("/about").json["model"] == before
        site.sink.write(by(NEW, web_site.answer(image)))
        assert site.get("/about").json["model"] == "rps-v2.onnx"
        assert site.get("/answer").json["model"]["file"] == "rps-v2.onnx"
