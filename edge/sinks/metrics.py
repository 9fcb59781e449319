"""Numbers for Prometheus, served over HTTP."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Thread
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ..answer import Answer
from ..classifier import Origin
from ..console import Console
from ..contract import UNKNOWN
from ..errors import InputError
from ..loopback import is_loopback
from ..thermal import read_thermal
from .about import About

_PATIENCE = 0.1  # seconds for the server to end
# Seconds; the first also tells ages of a camera's 30 frames a second apart.
_AGES = (0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0, 2.0)
_LATENCIES = (0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)


class MetricsSink:
    """Counts answers in a registry of its own and serves it at http://HOST:PORT/metrics, in a thread.

    Args:
        address: host and port to listen on; any free one where the port is 0.
        about: what the metric of the build says, and which labels there are.
        console: where the address is said, and a warning if it is open to other machines.

    Raises:
        InputError: the address is taken, or not one of this machine.
    """

    def __init__(self, address: tuple[str, int], about: About, console: Console) -> None:
        registry = CollectorRegistry()
        frames = Counter("edgeproof_frames", "Frames answered, by the label shown.", ["label"], registry=registry)
        # A regression has no label, and an empty one is none to Prometheus.
        self._frames = {
            label or None: frames.labels(label) for label in (*about.labels, UNKNOWN if about.labels else "")
        }
        self._drops = Counter(
            "edgeproof_frames_dropped", "Frames that came while inference was busy.", registry=registry
        )
        self._age = Histogram(
            "edgeproof_frame_age_seconds", "Age of a frame when its inference began.", registry=registry, buckets=_AGES
        )
        latency = Histogram(
            "edgeproof_latency_seconds",
            "Time of one answer, by stage.",
            ["stage"],
            registry=registry,
            buckets=_LATENCIES,
        )
        self._preprocess, self._invoke, self._total = map(latency.labels, ("preprocess", "invoke", "total"))
        self._score = Gauge("edgeproof_score", "Score of the newest answer.", registry=registry)
        self._silence = Gauge(
            "edgeproof_silence_seconds", "For how long no frame has come; 0 while they come.", registry=registry
        )
        self._silent = False
        self._build = Info("edgeproof_build", "What answers.", registry=registry)
        self._about = about
        self._origin: Origin | None = None  # of the newest answer
        self._describe(None)
        registry.register(_ThermalCollector())
        self._dropped = 0
        self._server = _serve(address, registry)
        self.port = int(self._server.server_port)
        _announce(address[0], self.port, console)

    def write(self, answer: Answer) -> None:
        """Count one answer."""
        if answer.prediction.origin is not self._origin:
            self._describe(answer.prediction.origin)
        latency = answer.prediction.latency
        self._frames[answer.label].inc()
        if answer.dropped > self._dropped:
            self._drops.inc(answer.dropped - self._dropped)
            self._dropped = answer.dropped
        self._age.observe(answer.age)
        self._preprocess.observe(latency.preprocess / 1e3)
        self._invoke.observe(latency.invoke / 1e3)
        self._total.observe(latency.total / 1e3)
        self._score.set(answer.score)
        if self._silent:
            self.wait(0.0)

    def _describe(self, origin: Origin | None) -> None:
        about, self._origin = self._about.now(origin), origin
        self._build.info({"version": about.version, "model": about.model, "interpreter": about.interpreter})

    def wait(self, seconds: float) -> None:
        """Show for how long no frame has come."""
        self._silent = seconds > 0
        self._silence.set(seconds)

    def close(self) -> None:
        """End the server, in a thread that may be left behind: it looks only twice a second whether it shall end."""
        stopping = Thread(target=self._stop, name="metrics-stop", daemon=True)
        stopping.start()
        stopping.join(_PATIENCE)

    def _stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _ThermalCollector(Collector):
    """Reads the machine's sensors when somebody asks, and never otherwise."""

    def collect(self) -> Iterable[Metric]:
        thermal = read_thermal()
        temperature = GaugeMetricFamily("edgeproof_temperature_celsius", "Temperature, by sensor.", labels=["zone"])
        now = GaugeMetricFamily("edgeproof_throttled", "Whether a Raspberry Pi slows down now.", labels=["reason"])
        since = GaugeMetricFamily("edgeproof_throttled_since_boot", "Whether it has done so.", labels=["reason"])
        for family, values in ((temperature, thermal.celsius), (now, thermal.now), (since, thermal.since_boot)):
            for name, value in values.items():
                family.add_metric([name], float(value))
            if values:
                yield family


def _serve(address: tuple[str, int], registry: CollectorRegistry) -> WSGIServer:
    host, port = address
    try:
        return start_http_server(port, host, registry)[0]
    except OSError as error:
        raise InputError(
            f"expected a free address for --metrics, received {host}:{port} ({error.strerror or error}); "
            "end what listens there, or choose another: --metrics HOST:PORT"
        ) from None


def _announce(host: str, port: int, console: Console) -> None:
    console.say(f"metrics: http://{f'[{host}]' if ':' in host else host}:{port}/metrics")
    if not is_loopback(host):
        console.warn("--metrics is open to other machines: anyone who reaches it can read labels and counts")
