from __future__ import annotations

import socket
import tracemalloc
from collections.abc import Iterator
from urllib.request import urlopen

import pytest

pytest.importorskip("prometheus_client")

from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from answers import ABOUT, answer, until
from console_lines import Said
from edgeproof.edge.errors import InputError
from edgeproof.edge.sinks import metrics
from edgeproof.edge.sinks.about import About
from edgeproof.edge.sinks.metrics import MetricsSink
from edgeproof.edge.thermal import Thermal

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture
def sink(said: Said) -> Iterator[MetricsSink]:
    sink = MetricsSink(("127.0.0.1", 0), ABOUT, said.console)
    yield sink
    sink.close()


def scraped(port: int) -> Samples:
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20) as reply:
        text = reply.read().decode()
    families = text_string_to_metric_families(text)
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


def value(samples: Samples, name: str, **labels: str) -> float:
    return samples[name, frozenset(labels.items())]


def test_frames_are_counted_by_the_label_shown(sink: MetricsSink) -> None:
    for label in ("rock", "rock", "unknown", "paper"):
        sink.write(answer(label))
    samples = scraped(sink.port)
    counts = {label: value(samples, "edgeproof_frames_total", label=label) for label in (*ABOUT.labels, "unknown")}
    assert counts == {"paper": 1, "rock": 2, "scissors": 0, "unknown": 1}


def test_drops_are_those_of_the_whole_run(sink: MetricsSink) -> None:
    for dropped in (0, 3, 3, 10):
        sink.write(answer(dropped=dropped))
    assert value(scraped(sink.port), "edgeproof_frames_dropped_total") == 10


def test_times_are_in_seconds(sink: MetricsSink) -> None:
    for _ in range(4):
        sink.write(answer())  # 15.625 ms old; 1 and 3 of 5 ms
    samples = scraped(sink.port)
    assert value(samples, "edgeproof_frame_age_seconds_sum") == 4 * 0.015625
    assert value(samples, "edgeproof_frame_age_seconds_count") == 4
    assert value(samples, "edgeproof_frame_age_seconds_bucket", le="0.01") == 0
    assert value(samples, "edgeproof_frame_age_seconds_bucket", le="0.02") == 4
    sums = {
        stage: value(samples, "edgeproof_latency_seconds_sum", stage=stage)
        for stage in ("preprocess", "invoke", "total")
    }
    assert sums == pytest.approx({"preprocess": 0.004, "invoke": 0.012, "total": 0.02})
    assert value(samples, "edgeproof_latency_seconds_bucket", stage="invoke", le="0.002") == 0
    assert value(samples, "edgeproof_latency_seconds_bucket", stage="invoke", le="0.003") == 4


def test_silence_lasts_until_the_next_answer(sink: MetricsSink) -> None:
    silence = []
    for seconds in (None, 1.5, 7.25, None):
        if seconds is None:
            sink.write(answer())
        else:
            sink.wait(seconds)
        silence.append(value(scraped(sink.port), "edgeproof_silence_seconds"))
    assert silence == [0, 1.5, 7.25, 0]


def test_score_is_the_newest_and_the_build_is_named(sink: MetricsSink) -> None:
    sink.write(answer(score=0.25))
    sink.write(answer(score=0.5))
    samples = scraped(sink.port)
    assert value(samples, "edgeproof_score") == 0.5
    build = {"version": "0.1.0", "model": "rps-int8", "interpreter": "ai-edge-litert 2.3.0"}
    assert value(samples, "edgeproof_build_info", **build) == 1


def test_sensors_are_read_when_somebody_asks(sink: MetricsSink, monkeypatch: pytest.MonkeyPatch) -> None:
    readings = [
        Thermal({"cpu-thermal": 48.5}, {"throttled": False}, {"throttled": True}),
        Thermal({"cpu-thermal": 80.0}, {"throttled": True}, {"throttled": True}),
        Thermal({}, {}, {}),
    ]
    monkeypatch.setattr(metrics, "read_thermal", lambda: readings.pop(0))
    sink.write(answer())
    assert len(readings) == 3
    first, second, third = (scraped(sink.port) for _ in range(3))
    assert value(first, "edgeproof_temperature_celsius", zone="cpu-thermal") == 48.5
    assert value(first, "edgeproof_throttled", reason="throttled") == 0
    assert value(first, "edgeproof_throttled_since_boot", reason="throttled") == 1
    assert value(second, "edgeproof_throttled", reason="throttled") == 1
    assert not any("temperature" in name or "throttled" in name for name, _ in third)


def test_regression_is_counted_too(said: Said) -> None:
    sink = MetricsSink(("127.0.0.1", 0), About("hello", (), "litert", "0.1.0"), said.console)
    sink.write(answer(None, 18.5, raw=("", (18.5,))))
    samples = scraped(sink.port)
    sink.close()
    assert value(samples, "edgeproof_frames_total", label="") == 1
    assert value(samples, "edgeproof_score") == 18.5


def test_nothing_is_global(said: Said) -> None:
    before = {family.name for family in REGISTRY.collect()}
    sinks = [MetricsSink(("127.0.0.1", 0), ABOUT, said.console) for _ in range(2)]
    sinks[0].write(answer())
    assert {family.name for family in REGISTRY.collect()} == before
    counts = [value(scraped(sink.port), "edgeproof_frames_total", label="rock") for sink in sinks]
    for sink in sinks:
        sink.close()
    assert counts == [1, 0]


def test_address_that_is_taken_is_refused(sink: MetricsSink, said: Said) -> None:
    with pytest.raises(InputError, match=r"expected a free address for --metrics, received 127\.0\.0\.1:\d+ \(Addr"):
        MetricsSink(("127.0.0.1", sink.port), ABOUT, said.console)


def test_address_of_another_machine_is_refused(said: Said) -> None:
    with pytest.raises(InputError, match=r"expected a free address for --metrics, received 192\.0\.2\.1:9464 \("):
        MetricsSink(("192.0.2.1", 9464), ABOUT, said.console)


def test_address_that_others_reach_is_a_warning(said: Said) -> None:
    for host in ("127.0.0.1", "localhost", "0.0.0.0"):  # noqa: S104 - what is tested
        MetricsSink((host, 0), ABOUT, said.console).close()
    assert len([line for line in said.lines if line.startswith("metrics: http://")]) == 3
    (warning,) = said.warnings
    assert "open to other machines" in warning


def test_close_frees_the_port(said: Said) -> None:
    sink = MetricsSink(("127.0.0.1", 0), ABOUT, said.console)
    scraped(sink.port)
    sink.close()

    def refused() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", sink.port)) != 0

    until(refused, "somebody listens still")


def test_writing_for_long_keeps_no_memory(sink: MetricsSink) -> None:
    given = [answer("rock", dropped=1), answer("paper", dropped=2)]
    for frame in range(100):
        sink.write(given[frame % 2])
    tracemalloc.start()
    try:
        for frame in range(100):
            sink.write(given[frame % 2])
        before = tracemalloc.get_traced_memory()[0]
        for frame in range(5000):
            sink.write(given[frame % 2])
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 5000  # a byte a frame
