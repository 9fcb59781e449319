"""A process that opens model files as `edgeproof run` does, one after the other, and says what became of each.

It reads lines of JSON, [path, is foreign], and writes a line for each: an Answer. Its death is a crash of the main
process.
"""

from __future__ import annotations

import json
import re
import sys
import traceback
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from edgeproof.edge.classifier import Classifier
from edgeproof.edge.contract import NumberInput
from edgeproof.edge.errors import InputError
from edgeproof.edge.proof.repeat import check_at_start

_LABELS = ("paper", "rock", "scissors")


@dataclass(frozen=True)
class Answer:
    """What became of a file: "ran", "refused" or "raised"; `peak` is the largest memory so far, in MB."""

    outcome: str
    message: str
    peak: float


def opened(path: Path, is_foreign: bool) -> Answer:
    """Open a file, repeat the proof in it, and answer one frame."""
    outcome, message = "ran", ""
    try:
        classifier = Classifier.open(path, labels=_LABELS if is_foreign else None)
        spec = classifier.contract.input
        check_at_start(path, classifier)
        is_numbers = isinstance(spec, NumberInput)
        frame = np.zeros(spec.shape, np.float32) if is_numbers else np.full((48, 64, 3), 77, np.uint8)
        classifier.classify(frame)
    except InputError as error:
        outcome, message = "refused", str(error)
    except Exception:  # what an `edgeproof` would show as a traceback
        outcome, message = "raised", traceback.format_exc()
    return Answer(outcome, message, peak())


def peak() -> float:
    """Give the largest memory that this process has had, in MB; what getrusage says begins with its parent's."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None  # noqa: S101 - Linux's
    return int(found[1]) / 1024


def main() -> int:
    """Answer until there is no more to read."""
    voice = sys.stdout
    sys.stdout = sys.stderr
    for line in sys.stdin:
        path, is_foreign = json.loads(line)
        voice.write(json.dumps(asdict(opened(Path(path), is_foreign))) + "\n")
        voice.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
