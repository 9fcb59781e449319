"""The child that judges a candidate: opens it, repeats its golden frames, and compares it on live frames.

It answers each frame with the model that answers now, and with the candidate, both with one thread: so the ratio of
their latencies is fair, whatever else the machine does. It rests as long as it works, at low priority.
"""

from __future__ import annotations

import sys
import time

from .. import typed_json
from ..errors import InputError
from .channel import Channel
from .limits import confine
from .messages import Begun, Compared, Offered, Task
from .proving import proven
from .shared import Shared

_NICENESS = 10
_THREADS = 1
_LONGEST_REST = 1.0  # seconds


def main() -> int:
    """Judge what standard input names."""
    channel = Channel()
    task = channel.task()
    confine(task.memory, _NICENESS)
    try:
        _compare(channel, task)
    except InputError as error:
        channel.say(Begun(refused=str(error)))
    except MemoryError:
        channel.say(Begun(refused="expected a model of bounded memory, received one that takes more"))
    return 0


def _compare(channel: Channel, task: Task) -> None:
    candidate = proven(task, _THREADS)
    if task.reference is None:
        raise InputError("expected a model to compare with, received none")
    reference = task.opening.open(task.reference, _THREADS)
    proof = candidate.contract.proof
    channel.say(Begun(golden=len(proof.golden) if proof else 0))
    shared = Shared(task.shared)
    while text := channel.line():
        offered = typed_json.loads(Offered, text, "frame")
        sample = shared.array(offered.shape, offered.dtype)
        start = time.perf_counter()
        try:
            old, new = reference.classify(sample), candidate.classify(sample)
        except InputError as error:
            channel.say(Compared(refused=str(error)))
            return
        time.sleep(min(_LONGEST_REST, time.perf_counter() - start))
        channel.say(Compared(old.label == new.label, new.latency.total, old.latency.total))


if __name__ == "__main__":
    sys.exit(main())
