"""The child that judges a candidate: opens it, repeats its golden frames, and compares it on live frames.

It answers each frame with the model that answers now, and with the candidate, both with one thread: so the ratio of
their latencies is fair, whatever else the machine does. It rests as long as it works, at low priority.
"""

from __future__ import annotations

import sys
import time

from .. import typed_json
from ..classifier import Classifier
from ..errors import InputError
from .channel import Channel
from .limits import confine
from .messages import Begun, Compared, Offered, Task
from .proving import proven, reason
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
        candidate, reference = _opened(task)
    except (InputError, MemoryError) as error:
        channel.say(Begun(refused=reason(error)))
        return 0
    channel.say(Begun())
    try:
        _compare(channel, Shared(task.shared), candidate, reference)
    except (InputError, MemoryError) as error:
        channel.say(Compared(refused=reason(error)))
    return 0


def _opened(task: Task) -> tuple[Classifier, Classifier]:
    candidate = proven(task, _THREADS)
    if task.reference is None:
        raise InputError("expected a model to compare with, received none")
    return candidate, task.opening.open(task.reference, _THREADS)


def _compare(channel: Channel, shared: Shared, candidate: Classifier, reference: Classifier) -> None:
    # In turn, and with a frame that was just copied, so that neither finds more of it in the processor's cache.
    is_first = True
    while text := channel.line():
        offered = typed_json.loads(Offered, text, "frame")
        sample = shared.array(offered.shape, offered.dtype).copy()
        start = time.perf_counter()
        models = (candidate, reference) if is_first else (reference, candidate)
        answers = [model.classify(sample) for model in models]
        new, old = answers if is_first else answers[::-1]
        is_first = not is_first
        time.sleep(min(_LONGEST_REST, time.perf_counter() - start))
        channel.say(Compared(old.label == new.label, new.latency.total, old.latency.total))


if __name__ == "__main__":
    sys.exit(main())
