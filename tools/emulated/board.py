"""The emulated board, as `tools/pi run` gives it, and this machine beside it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PI = ROOT / ".pi"
HOME = PI / "root/home/pi"
CPUS = {"cortex-a72": "Pi 4", "cortex-a76": "Pi 5"}
# Each environment of the board, the interpreters in it, and the environment of this machine with the same packages.
ENVIRONMENTS = {"litert": ("litert", "onnxruntime"), "tflite-runtime": ("tflite-runtime",)}
_COUNTERPARTS = {"litert": ".venv-device", "tflite-runtime": ".venv-device-tflite"}
FORMATS = {"litert": ".tflite", "tflite-runtime": ".tflite", "onnxruntime": ".onnx"}
_LIMIT = 900  # seconds for one command: emulation is some twenty times slower
_TAIL = 12  # lines of a failed command that are worth showing


@dataclass(frozen=True)
class Done:
    """A command that ended: its exit code, standard output and error, and seconds."""

    code: int
    output: str
    error: str
    seconds: float

    def tail(self) -> str:
        """Give the last lines that it printed."""
        return "\n".join((self.output + self.error).splitlines()[-_TAIL:])


@dataclass(frozen=True)
class Board:
    """A Raspberry Pi: `cpu` is a key of CPUS, `environment` one of ENVIRONMENTS; `folders` are seen at their paths."""

    cpu: str
    environment: str
    folders: tuple[Path, ...] = ()

    def __str__(self) -> str:
        return f"{CPUS[self.cpu]}, {self.environment}"

    def run(self, words: Sequence[str]) -> Done:
        """Run a command without a network."""
        shares = [word for folder in self.folders for word in ("--share", str(folder))]
        options = ["--offline", "--cpu", self.cpu, "--environment", self.environment, *shares]
        return _run([str(ROOT / "tools/pi"), "run", *options, "--", *words], dict(os.environ))


def counterpart(environment: str) -> Path | None:
    """Give this machine's Python with the same packages; None where there are none for its Python."""
    python = ROOT / _COUNTERPARTS[environment] / "bin/python"
    return python if python.exists() else None


def run_here(python: Path, words: Sequence[str]) -> Done:
    """Run a Python program on this machine, with the very edgeproof that the board has."""
    return _run([str(python), *words], {**os.environ, "PYTHONPATH": str(PI / "root/opt/edgeproof")})


def run_checkout(words: Sequence[str]) -> Done:
    """Run a Python program on this machine, with this checkout's own edgeproof."""
    return _run([sys.executable, *words], dict(os.environ))


def _run(words: Sequence[str], environment: dict[str, str]) -> Done:
    start = time.monotonic()
    try:
        done = subprocess.run(  # noqa: S603 - our own tools
            words, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=_LIMIT, check=False
        )
    except subprocess.TimeoutExpired:
        return Done(124, "", f"expected an end within {_LIMIT} s, received none\n", time.monotonic() - start)
    return Done(done.returncode, done.stdout, done.stderr, time.monotonic() - start)
