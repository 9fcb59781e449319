"""The soak, for seconds: a looser bound for memory, which is still warming up, and the same for files and threads."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

import soak
from soak_gauge import Gauge, Sample, Span

pytest.importorskip("starlette")
pytest.importorskip("prometheus_client")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's /proc")

COUNT = 50_000
MOST_GROWTH = 4.0  # MB: caches and the heap's free lists still fill up, at 100 bytes an iteration it would be 5
BOUNDS = soak.Bounds(minutes=15, interval=0.2)


def held(course: soak.Course) -> None:
    """See that files and threads are as many as before, and memory about as much."""
    assert len(course.samples) >= 20
    middle = len(course.samples) // 2
    for name in ("descriptors", "threads"):
        # The least of each half: a file that is written may be open for a second where the disk is busy. The last
        # sample may be of an end that has begun, with a thread fewer.
        counts = [asdict(one)[name] for one in course.samples[2:]]
        assert min(counts[middle:]) <= min(counts[:middle]), name
    assert Span.of([one.private / 1e6 for one in course.samples]).growth < MOST_GROWTH
    assert course.code == 0
    assert (course.failures, course.warnings) == (0, 0)
    assert course.pictures > 0


def test_loop_with_a_stub_holds_what_it_held(tmp_path: Path) -> None:
    course = soak.follow("stub", soak.stub_command(COUNT, tmp_path), tmp_path, BOUNDS)
    held(course)
    assert course.frames == COUNT
    assert len(list(tmp_path.glob("log.jsonl*"))) == 4  # three full ones are kept
    kept = [path.stat().st_size for path in (tmp_path / "snapshots").iterdir()]
    assert kept
    assert sum(kept) <= 100_000


def test_run_on_a_camera_with_every_output_holds_what_it_held(tmp_path: Path) -> None:
    course = soak.real(tmp_path, soak.Bounds(minutes=0.2, interval=0.2, least=30), seed=0)
    held(course)
    assert course.frames > 0
    assert (tmp_path / "log.jsonl.1").exists()


def test_what_a_process_holds_is_read_from_outside() -> None:
    """Against what the process says that it has taken."""
    program = "import sys, threading; kept = []\nfor line in sys.stdin: exec(line); print('done', flush=True)"
    with subprocess.Popen(  # noqa: S603 - ourselves
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        samples = []
        words = (
            "pass",
            "kept.append(b'x' * 20_000_000)",
            "kept += [open('/dev/null') for _ in range(3)]",
            "[threading.Thread(target=threading.Event().wait, daemon=True).start() for _ in range(2)]",
        )
        for line in words:
            process.stdin.write(f"{line}\n")
            process.stdin.flush()
            assert process.stdout.readline() == "done\n"
            samples.append(Gauge(process.pid).read(0, 0))
        process.kill()
    first, memory, files, threads = samples
    assert memory.resident - first.resident == pytest.approx(20e6, abs=1e6)
    assert memory.private - first.private == pytest.approx(20e6, abs=1e6)
    assert files.descriptors - memory.descriptors == 3
    assert threads.threads - files.threads == 2


def test_growth_is_from_the_second_tenth_to_the_last() -> None:
    """A steep start is the warm-up, and one high moment is none of it."""
    steady = [*range(0, 100, 10), *[100] * 90]
    steady[50] = 1000
    assert Span.of(steady) == Span(early=100, late=100, least=100, most=1000)
    assert Span.of([12, *[11, 12, 13] * 33], min) == Span(early=11, late=11, least=11, most=13)
    assert Span.of([2.0 * i for i in range(100)]).growth == 2 * (94.5 - 14.5)


def test_device_that_leaks_does_not_pass() -> None:
    samples = [Sample(i, 10 * i, 10**8 + 10**5 * i, 0, 10**5 * i, 8 + i // 50, 3) for i in range(100)]
    course = soak.Course("leaky", samples, frames=1000, pictures=5, code=0)
    missed = {figure.name for figure in soak.figures_of(course, 1000) if not figure.met}
    assert missed == {
        "leaky: growth of resident memory",
        "leaky: growth of private memory",
        "leaky: growth of file descriptors (8)",
    }


def test_device_that_does_not_start_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"expected a device that listens, received .*no such place"):
        soak.follow("none", [sys.executable, "-c", "raise SystemExit('no such place')"], tmp_path, BOUNDS)
