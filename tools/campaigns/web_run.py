"""A real `edgeproof run` with its page, and what is seen of it from outside: lines, memory, complaints."""

from __future__ import annotations

import itertools
import json
import os
import re
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

from figures import percentile

MODEL = Path(__file__).resolve().parents[2] / "tests" / "models" / "rps-int8.tflite"
_FILES = 1024  # that may be open, as on most devices
_PATIENCE = 120.0  # seconds for the page to open, and to close

Span = tuple[float, float]  # seconds of time.monotonic


class Helper:
    """A program beside this file that prints the port it serves, until this is left."""

    def __init__(self, name: str) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own
            [sys.executable, str(Path(__file__).with_name(name))], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._process.stdout is not None  # noqa: S101 - a pipe
        self.port = int(self._process.stdout.readline())

    def __enter__(self) -> Helper:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.communicate()


@dataclass(frozen=True)
class Line:
    """One answer: when its line came, how many frames were dropped until then, and milliseconds of latency."""

    at: float
    dropped: int
    latency: float


@dataclass(frozen=True)
class Pace:
    """How the loop did in a span of time."""

    rate: float  # answers a second
    gap: float  # milliseconds between two answers, at the 99th percentile
    latency: float  # milliseconds of one answer, at the 99th percentile
    dropped: float  # frames that were not answered, of 100 that came


@dataclass(frozen=True)
class Resources:
    """What a process holds: megabytes of memory, files and threads."""

    memory: float
    files: int
    threads: int


class WebRun:
    """The process, from the first answer on.

    Args:
        camera: the port of the camera.
        where: HOST:PORT of the page.
        folder: where pictures are collected and the log is.
        environment: what is added to this process's own.
    """

    def __init__(self, camera: int, where: str, folder: Path, environment: Mapping[str, str]) -> None:
        self.lines: list[Line] = []
        self.words: list[str] = []  # of standard error
        self.output = 0  # times that the secret was on standard output
        self._secret = environment.get("EDGEPROOF_TOKEN", "\n\n")
        self.log = folder / "log.jsonl"
        command = [sys.executable, "-W", "error", "-m", "edgeproof.edge", "run", str(MODEL)]
        self._camera = f"http://127.0.0.1:{camera}/stream"
        command += [self._camera, "--json", "--web", where, "--game", "--log", str(self.log)]
        command += ["--collect", str(folder / "collected"), "--disk-budget", "2MB"]
        self._process = subprocess.Popen(  # noqa: S603 - our own
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | dict(environment)
        )
        self._readers = [threading.Thread(target=read, daemon=True) for read in (self._read, self._listen)]
        for reader in self._readers:
            reader.start()
        wait_for(lambda: bool(self.url and self.lines), _PATIENCE)
        resource.prlimit(self._worker(), resource.RLIMIT_NOFILE, (_FILES, _FILES))
        self.port = urlsplit(self.url).port or 0

    @property
    def url(self) -> str:
        """The address of the page, as it was printed; empty before."""
        found = re.search(r"web page: (\S+)", "".join(self.words))
        return found[1] if found else ""

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def complaints(self) -> list[str]:
        """List what it said beyond what a run says that nobody attacks."""
        expected = ("web page: ", "checked ", "ai-edge-litert", "expected a token", "/")
        # Where others have the processors its camera may be late, which is told; how the loop did is measured.
        return [line for line in self.words if not line.startswith(expected) and self._camera not in line]

    def pace(self, spans: Sequence[Span]) -> Pace:
        """Say how the loop did within spans of time."""
        parts = [[line for line in self.lines if start <= line.at <= end] for start, end in spans]
        gaps = [(after.at - before.at) * 1e3 for part in parts for before, after in itertools.pairwise(part)]
        answered = sum(len(part) for part in parts)
        dropped = sum(part[-1].dropped - part[0].dropped for part in parts if part)
        latencies = [line.latency for part in parts for line in part]
        return Pace(
            answered / sum(end - start for start, end in spans),
            percentile(gaps, 99),
            percentile(latencies, 99),
            100 * dropped / max(1, dropped + answered),
        )

    def resources(self) -> Resources:
        """Measure what the worker holds now; its supervisor answers nobody."""
        folder = Path(f"/proc/{self._worker()}")
        status = dict(line.split(":\t", 1) for line in (folder / "status").read_text().splitlines() if ":\t" in line)
        files = len(list((folder / "fd").iterdir()))
        return Resources(int(status["VmRSS"].split()[0]) / 1024, files, int(status["Threads"]))

    def _worker(self) -> int:
        supervisor = self._process.pid
        (worker,) = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
        return int(worker)

    def close(self) -> int:
        """End it, and give its exit code."""
        self._process.terminate()
        code = self._process.wait(_PATIENCE)
        for reader in self._readers:
            reader.join(_PATIENCE)
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()
        return code

    def secrets_told(self) -> int:
        """Count where the secret was said, but in the address that is printed for the person who started it."""
        said = sum(self._secret in line for line in self.words if not line.startswith("web page: "))
        return self.output + said + self.log.read_text("utf-8").count(self._secret)

    def _read(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 - a pipe
        for line in self._process.stdout:
            self.output += self._secret in line
            answer = json.loads(line)
            self.lines.append(Line(time.monotonic(), answer["dropped"], answer["latency_ms"]["total"]))

    def _listen(self) -> None:
        assert self._process.stderr is not None  # noqa: S101 - a pipe
        self.words.extend(iter(self._process.stderr.readline, ""))


def wait_for(holds: Callable[[], bool], patience: float) -> None:
    """Wait for something that another process does.

    Raises:
        TimeoutError: it did not.
    """
    end = time.monotonic() + patience
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError("the run did not start")
        time.sleep(0.02)
