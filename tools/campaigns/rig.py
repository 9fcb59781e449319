"""A run that is tormented: its process, when it answered what, and when it warned."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_HERE = Path(__file__).parent
_ENDING = 20.0  # seconds
_STEP = 0.01


@dataclass(frozen=True)
class Seen:
    """One line of the run's, and when it came, in seconds of `time.monotonic`."""

    at: float
    text: str


class Rig:
    """A process of `edgeproof run`; threads read its answers and warnings as they come."""

    def __init__(self, command: list[str], cache: Path) -> None:
        pipe = subprocess.PIPE
        environment = os.environ | {"XDG_CACHE_HOME": str(cache), "OPENCV_LOG_LEVEL": "SILENT"}
        self.process = subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment)  # noqa: S603 - ours
        self.answers: deque[Seen] = deque(maxlen=4000)  # labels
        self.warnings: deque[Seen] = deque(maxlen=4000)
        self._readers = [
            threading.Thread(target=self._read, args=(self.process.stdout, self._answer), daemon=True),
            threading.Thread(target=self._read, args=(self.process.stderr, self._warn), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    @classmethod
    def camera(cls, switch: Path, pictures: Path, model: str, cache: Path) -> Rig:
        """Run the faulty camera; `pictures` is a .npy file of what may be before it."""
        words = [str(_HERE / "faulty_run.py"), str(switch), str(pictures), "run", model, "0", "--json", "--quiet"]
        return cls([sys.executable, *words], cache)

    @classmethod
    def stream(cls, url: str, model: str, cache: Path) -> Rig:
        """Run a camera in a network."""
        return cls([sys.executable, "-m", "edgeproof.edge", "run", model, url, "--json", "--quiet"], cache)

    def answer_after(self, moment: float, label: str, limit: float) -> float | None:
        """Wait for an answer with this label; gives when it came, None where none did by `limit` seconds later."""
        return self._wait(self.answers, lambda seen: seen.at >= moment and seen.text == label, moment + limit)

    def warning_after(self, moment: float, limit: float) -> float | None:
        """Wait for a warning, likewise."""
        return self._wait(self.warnings, lambda seen: seen.at >= moment, moment + limit)

    def is_alive(self) -> bool:
        """Tell whether the run still goes on."""
        return self.process.poll() is None

    def end(self) -> int:
        """End it as a person does; gives its exit code."""
        if self.is_alive():
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(_ENDING)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        for reader in self._readers:
            reader.join(_ENDING)
        return code

    def _wait(self, seen: deque[Seen], is_it: Callable[[Seen], bool], until: float) -> float | None:
        looks = max(
            1, round((until - time.monotonic()) / _STEP)
        )  # of which none is lost where this process was stopped
        for _ in range(looks):
            if (found := next((each for each in tuple(seen) if is_it(each)), None)) is not None:
                return found.at
            if not self.is_alive():
                return None
            time.sleep(_STEP)
        return None

    @staticmethod
    def _read(stream: IO[str], take: Callable[[str], None]) -> None:
        with stream:
            for line in stream:
                take(line.rstrip())

    def _answer(self, line: str) -> None:
        self.answers.append(Seen(time.monotonic(), str(json.loads(line)["label"])))

    def _warn(self, line: str) -> None:
        if line.startswith(("warning:", "error:")):
            self.warnings.append(Seen(time.monotonic(), line))
