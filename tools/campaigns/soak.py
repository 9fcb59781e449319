"""A device that is left alone: does it hold the same memory, files and threads after as it did before?

Two parts. The stub's runs the real loop and its outputs for millions of iterations, with nothing but the network left
out; the real one is `edgeproof run` itself, for an hour on a camera of 30 frames a second, with every output at once.
Both are processes of their own, which this one reads from outside: see soak_gauge.
"""

from __future__ import annotations

import argparse
import json
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path

from figures import Figure, at_least, at_most, parser, report
from soak_gauge import Gauge, Sample, Span
from soak_surroundings import Camera, Viewer, answers

MODEL = Path(__file__).parents[2] / "tests" / "models" / "rps-int8.tflite"
RATE = 30.0  # frames a second
MOST_GROWTH = 1.0  # MB
_MB = 1e6
_SHARE = 0.9  # of a camera's frames must be answered: it takes a second to start, and other programs run beside it
_START = 60.0  # seconds until the device listens
_END = 30.0  # seconds for it to end
_SAMPLES = 720  # in the time that is given
_SHORTEST, _LONGEST = 0.2, 5.0  # seconds between two
_SUMMARY = re.compile(r": (\d+) frame\(s\) in .* (\d+) dropped")
_ADDRESSES = {"metrics": re.compile(r"metrics: (http\S+)"), "page": re.compile(r"web page: (http\S+)")}


@dataclass
class Course:
    """How one part went: its samples, and what was said and seen at the end."""

    name: str
    samples: list[Sample] = field(default_factory=list)
    frames: int = 0  # that were answered, by the device's own summary
    dropped: int = 0
    pictures: int = 0  # that the viewer saw
    failures: int = 0  # looks at the page that failed
    code: int | None = None  # of the device's end
    warnings: int = 0


@dataclass(frozen=True)
class Bounds:
    """How long a part goes on at most, and how often it is looked at, in seconds; `file` takes each sample."""

    minutes: float
    interval: float
    file: Path | None = None
    least: int = 0  # samples, for which a slow machine is given ten times as long

    def are_over(self, seconds: float, samples: int) -> bool:
        """Tell whether a part ends after so many seconds, in which so many samples were taken."""
        whole = 60 * self.minutes
        return seconds >= (whole if samples >= self.least else 10 * whole)

    def note(self, name: str, sample: Sample) -> None:
        """Append a sample to the file."""
        if self.file is not None:
            with self.file.open("a") as file:
                file.write(json.dumps({"part": name, **asdict(sample)}) + "\n")


def stub_command(count: int, folder: Path) -> list[str]:
    """Word the command of the part with the stub."""
    return [sys.executable, str(Path(__file__).with_name("soak_stub.py")), str(count), str(folder)]


def real_command(camera: str, folder: Path) -> list[str]:
    """Word the command of the part with the real interpreter: every output that needs no other program."""
    return [
        *(sys.executable, "-m", "edgeproof.edge", "run", str(MODEL), camera, "--json"),
        *("--smooth", "0.5", "--majority", "3/5", "--hold", "0.2", "--metrics", "127.0.0.1:0", "--web", "127.0.0.1:0"),
        *("--log", str(folder / "log.jsonl"), "--log-size", "20KB", "--log-keep", "3"),
        *("--snapshots", str(folder / "snapshots"), "--save-unsure", str(folder / "unsure")),
        *("--disk-budget", "2MB", "--save-on", "rock", "--save-on", "paper", "--save-on", "unknown"),
    ]


def follow(name: str, command: Sequence[str], folder: Path, bounds: Bounds) -> Course:
    """Run a device and sample it until it ends, or for so many minutes, after which it is asked to end.

    Args:
        name: of the part.
        command: that starts the device.
        folder: where it may write, and where its words go.
        bounds: how long at most, and how often it is looked at.

    Raises:
        RuntimeError: it does not start to listen.
    """
    course = Course(name)
    said = folder / "said.txt"
    with ExitStack() as stack:
        words = stack.enter_context(said.open("w"))
        device = stack.enter_context(
            subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=words, preexec_fn=_hear)  # noqa: S603 - ours
        )
        stack.callback(device.kill)
        found = _addresses(said, device)
        viewer = Viewer(found["page"])
        stack.callback(viewer.close)
        _sample(course, device, found["metrics"], bounds)
        viewer.close()
        device.send_signal(signal.SIGINT)
        course.code = device.wait(_END)
    course.pictures, course.failures = viewer.pictures, viewer.failures
    lines = said.read_text().splitlines()
    # That its camera is late is no fault of the device: others have the processors.
    cameras = [word for word in command if word.startswith("http")]
    warnings = [line for line in lines if line.startswith("warning: ")]
    course.warnings = sum(not any(camera in line for camera in cameras) for line in warnings)
    if match := _SUMMARY.search(lines[-1]):
        course.frames, course.dropped = int(match[1]), int(match[2])
    return course


def real(folder: Path, bounds: Bounds, seed: int) -> Course:
    """Run the part with the real interpreter."""
    camera = Camera(RATE, seed)
    try:
        return follow("real", real_command(camera.url, folder), folder, bounds)
    finally:
        camera.close()


def figures_of(course: Course, least: int) -> list[Figure]:
    """Hold a part to its goals; `least` is how many answers it must have given."""
    name, samples = course.name, course.samples
    resident = Span.of([one.resident / _MB for one in samples])
    private = Span.of([one.private / _MB for one in samples])
    descriptors = Span.of([one.descriptors for one in samples], min)
    threads = Span.of([one.threads for one in samples], min)
    seconds = samples[-1].seconds - samples[0].seconds
    return [
        at_least(f"{name}: answers", course.frames, "", least),
        seen(f"{name}: answers a second", (samples[-1].answers - samples[0].answers) / seconds, "/s"),
        seen(f"{name}: resident memory after warm-up", resident.early, "MB"),
        at_most(f"{name}: growth of resident memory", resident.growth, "MB", MOST_GROWTH),
        at_most(f"{name}: growth of private memory", private.growth, "MB", MOST_GROWTH),
        at_most(f"{name}: growth of file descriptors ({descriptors.early:g})", descriptors.growth, "", 0),
        at_most(f"{name}: growth of threads ({threads.early:g})", threads.growth, "", 0),
        at_least(f"{name}: pictures that the viewer saw", course.pictures, "", 1),
        at_most(f"{name}: looks at the page that failed", course.failures, "", 0),
        at_most(f"{name}: warnings", course.warnings, "", 0),
        at_most(f"{name}: exit code", -1 if course.code is None else abs(course.code), "", 0),
    ]


def seen(name: str, value: float, unit: str) -> Figure:
    """Give a figure that has no goal."""
    return Figure(name, value, unit, "–", True)


def options_of(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    made = parser("soak", "A device that is left alone holds what it held.", 10_000_000, 60)
    made.add_argument("--part", choices=("stub", "real", "both"), default="both", help="which one (both)")
    made.add_argument("--samples", type=Path, help="also append each sample to this file, as a line of JSON")
    return made.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """Run the campaign."""
    options = options_of(words)
    interval = min(_LONGEST, max(_SHORTEST, options.minutes * 60 / _SAMPLES))
    bounds = Bounds(options.minutes, interval, options.samples)
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        if options.part != "real":
            place = Path(folder) / "stub"
            place.mkdir()
            figures += figures_of(follow("stub", stub_command(options.count, place), place, bounds), options.count)
        if options.part != "stub":
            place = Path(folder) / "real"
            place.mkdir()
            figures += figures_of(real(place, bounds, options.seed), int(_SHARE * RATE * 60 * options.minutes))
    return report(figures, options.json)


def _sample(course: Course, device: subprocess.Popen[bytes], metrics: str, bounds: Bounds) -> None:
    gauge, start = Gauge(device.pid), time.monotonic()
    answered = 0.0
    while device.poll() is None and not bounds.are_over(now := time.monotonic() - start, len(course.samples)):
        try:
            # First the sample, so that what the last question about the answers took has been given back since.
            sample = gauge.read(now, answered)
            answered = answers(metrics)
        except OSError:  # it has just ended
            continue
        if answered > sample.answers:  # it neither starts nor ends
            course.samples.append(sample)
            bounds.note(course.name, sample)
        time.sleep(max(0.0, start + now + bounds.interval - time.monotonic()))


def _addresses(said: Path, device: subprocess.Popen[bytes]) -> dict[str, str]:
    end = time.monotonic() + _START
    while time.monotonic() < end and device.poll() is None:
        text = said.read_text()
        found = {name: match[1] for name, pattern in _ADDRESSES.items() if (match := pattern.search(text))}
        if len(found) == len(_ADDRESSES):
            return found
        time.sleep(_SHORTEST)
    raise RuntimeError(f"expected a device that listens, received {said.read_text()[-500:]!r}")


def _hear() -> None:
    # A shell's jobs in the background ignore SIGINT, and so would what they start.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


if __name__ == "__main__":
    sys.exit(main())
