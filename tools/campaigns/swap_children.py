"""The children of updates with faults in them: what a candidate's name asks for happens at its inferences.

A name such as "judge crash 3" or "host hang 20" says which child, what, and from which inference on.

A campaign that is alone has what answers frames before all other work of the machine, as it would be on a device that
does nothing else; children begin as any other work, and the one that answers joins it when its model is ready.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

# Before anything else is loaded, because its threads would keep the priority that they begin with.
IS_ALONE = os.sched_getscheduler(0) == os.SCHED_FIFO
if __name__ == "__main__":
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))

import numpy as np  # noqa: E402 - see above

from edgeproof.edge.classifier import Classifier  # noqa: E402
from edgeproof.edge.errors import InputError  # noqa: E402
from edgeproof.edge.updates.messages import Task  # noqa: E402
from edgeproof.edge.updates.terms import Programs  # noqa: E402

_PRIORITY = 10
FAULTY = Programs((str(Path(__file__)), "judge"), (str(Path(__file__)), "host"))
_SLOW = 0.1  # seconds
_HUGE = 1 << 40  # bytes


def _crash() -> None:
    signal.raise_signal(signal.SIGSEGV)


def _hang() -> None:
    time.sleep(3600)


def _fail() -> None:
    raise InputError("expected an inference, received an injected failure")


def _slow() -> None:
    time.sleep(_SLOW)


def _memory() -> None:
    np.ones(_HUGE, np.uint8)


def _end() -> None:
    os._exit(7)


FAULTS: dict[str, Callable[[], None]] = {
    "crash": _crash,
    "hang": _hang,
    "fail": _fail,
    "slow": _slow,
    "memory": _memory,
    "end": _end,
}


def alone() -> bool:
    """Put this process before all work that is not of real time; False where that is not allowed."""
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(_PRIORITY))
    except PermissionError:
        return False
    return True


def main() -> int:
    """Run one of the two."""
    which = sys.argv[1]
    module = importlib.import_module(f"edgeproof.edge.updates.{which}")
    proven = module.proven

    def faulty(task: Task, threads: int | None = None) -> Classifier:
        classifier: Classifier = proven(task, threads)
        words = classifier.contract.name.split()
        if words[:1] == [which]:
            _inject(classifier, FAULTS[words[1]], int(words[2]))
        if IS_ALONE and which == "host":
            alone()
        return classifier

    module.proven = faulty
    code: int = module.main()
    return code


def _inject(classifier: Classifier, fault: Callable[[], None], first: int) -> None:
    invoke = classifier.interpreter.invoke
    done = 0

    def faulty() -> None:
        nonlocal done
        done += 1
        if done >= first:
            fault()
        invoke()

    classifier.interpreter.invoke = faulty  # type: ignore[method-assign]


if __name__ == "__main__":
    sys.exit(main())
