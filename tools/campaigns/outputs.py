"""Faults of broker and disk while answers go on: nothing waits, nothing is left half-written, all of it comes back."""

from __future__ import annotations

import random
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from figures import Figure, at_least, at_most, parser, percentile, report
from outputs_broker import BROKER_FAULTS, PROGRAM, Mosquitto
from outputs_disk import DISK_FAULTS, LOCKED, UNMOUNTED_FAULTS, emptied, small_disk, unfinished
from outputs_loop import OUTPUTS, RATE, OutputLoop, until

_SHORTEST, _LONGEST = 0.2, 1.0  # seconds of a fault of the disk
_AWAY = 3.0  # seconds of a fault of the broker at most, longer than the sink needs to notice a silent one here
_PATIENCE = 60.0  # seconds for an output to come back; how soon it does is a figure of its own
_SLOW = 200  # milliseconds for all outputs of one answer, on a machine that has other work too
_HELD = _SLOW + 250  # which is how long a lock is waited for that another program holds
_WAITING = 20  # messages for the broker
_BYTES = 100_000  # of them


@dataclass
class Seen:
    """What the faults did."""

    kinds: dict[str, int] = field(default_factory=dict)
    disk_back: list[float] = field(default_factory=list)  # seconds
    broker_back: list[float] = field(default_factory=list)  # seconds
    lost: list[str] = field(default_factory=list)  # what did not come back
    unfinished: list[str] = field(default_factory=list)
    longest: dict[str, float] = field(default_factory=dict)  # seconds of an answer in all outputs, by the fault
    most_warnings: int = 0  # of one output in one fault of the disk


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the campaign; returns its exit code."""
    options = parser("outputs", "Break the disk and the broker that outputs write to.", 140, 15.0).parse_args(arguments)
    if PROGRAM is None:
        print("expected mosquitto, received none; apt install mosquitto", file=sys.stderr)  # noqa: T201
        return 2
    with tempfile.TemporaryDirectory() as folder, small_disk(Path(folder) / "disk") as own_disk:
        if not own_disk:
            print("no small disk: that takes root; faults of a real full disk are left out", file=sys.stderr)  # noqa: T201
        broker = Mosquitto(Path(folder))
        loop = OutputLoop(Path(folder) / "disk", broker.port)  # whose broker is down at the start
        try:
            time.sleep(_LONGEST)
            broker.start()
            seen = _broken(loop, Path(folder) / "disk", broker, own_disk, options)
        finally:
            loop.close()
            broker.stop()
        seen.unfinished += unfinished(Path(folder) / "disk")
    for line in (*seen.lost, *seen.unfinished):
        print(line, file=sys.stderr)  # noqa: T201 - what went wrong
    return report(_figures(loop, seen, options.count), options.json)


def _broken(loop: OutputLoop, disk: Path, broker: Mosquitto, own_disk: bool, options: Namespace) -> Seen:
    rng = random.Random(options.seed)  # noqa: S311 - repeatable, no secret
    seen, end = Seen(), time.monotonic() + 60 * options.minutes
    disk_faults = DISK_FAULTS if own_disk else UNMOUNTED_FAULTS
    kinds = [*disk_faults, *BROKER_FAULTS]
    for number in range(options.count):
        if time.monotonic() > end:
            break
        fault = kinds[number] if number < len(kinds) else rng.choice(kinds)  # each at least once
        seen.kinds[fault.__name__] = seen.kinds.get(fault.__name__, 0) + 1
        answered = len(loop.holdups)
        emptied(disk)
        if fault in disk_faults:
            before = [loop.warnings(output) for output in OUTPUTS]
            with contextmanager(fault)(disk, rng):
                time.sleep(rng.uniform(_SHORTEST, _LONGEST))
            after = [loop.warnings(output) for output in OUTPUTS]
            seen.most_warnings = max(seen.most_warnings, *(b - a for a, b in zip(before, after, strict=True)))
            _await_disk(loop, seen, fault.__name__)
            seen.unfinished += unfinished(disk)
        else:
            with contextmanager(fault)(broker, rng):  # type: ignore[arg-type]  # one of the broker's
                time.sleep(rng.uniform(_SHORTEST, _AWAY))
            _await_broker(loop, broker, seen, fault.__name__)
        longest = max(loop.holdups[answered:], default=0.0)
        seen.longest[fault.__name__] = max(longest, seen.longest.get(fault.__name__, 0.0))
    return seen


def _await_disk(loop: OutputLoop, seen: Seen, fault: str) -> None:
    """See every output write again."""
    start = loop.written
    back = until(lambda: all(now != then for now, then in zip(loop.written, start, strict=True)), _PATIENCE)
    if back is None:
        seen.lost.append(f"{fault}: {start} → {loop.written}")
    else:
        seen.disk_back.append(back)


def _await_broker(loop: OutputLoop, broker: Mosquitto, seen: Seen, fault: str) -> None:
    """See a state kept by the broker that is newer than its return."""
    since = loop.index
    back = until(lambda: broker.newest() >= since, _PATIENCE)
    if back is None:
        seen.lost.append(f"{fault}: no state of {since} or later")
    else:
        seen.broker_back.append(back)


def _figures(loop: OutputLoop, seen: Seen, count: int) -> list[Figure]:
    answered = len(loop.holdups)
    held = [1e3 * each for each in loop.holdups]
    others = [seconds for fault, seconds in seen.longest.items() if fault != LOCKED]
    return [
        at_least("faults", sum(seen.kinds.values()), "", count),
        at_least("kinds of faults", len(seen.kinds), "", min(count, len(UNMOUNTED_FAULTS) + len(BROKER_FAULTS))),
        at_most("errors that would have ended the run", int(loop.error is not None), "", 0),
        at_least("answers given to every output", answered, "", 1),
        at_most("time of an answer in all outputs, p99", percentile(held, 99), "ms", 1e3 / RATE),
        at_most("longest, while a lock is held", 1e3 * seen.longest.get(LOCKED, 0.0), "ms", _HELD),
        at_most("longest in other faults", 1e3 * max(others, default=0.0), "ms", _SLOW),
        at_most("outputs that did not come back", len(seen.lost), "", 0),
        at_most("files that are not whole", len(seen.unfinished), "", 0),
        at_most("warnings of an output in one fault of the disk", seen.most_warnings, "", 1),
        at_most("disk's return until all is written again, p95", percentile(seen.disk_back, 95), "s", 5),
        at_most("broker's return until it keeps a newer state, p95", percentile(seen.broker_back, 95), "s", 5),
        at_most("messages that waited for the broker, most", loop.most_waiting, "", _WAITING),
        at_most("bytes that waited for the broker, most", loop.most_bytes, "B", _BYTES),
    ]


if __name__ == "__main__":
    sys.exit(main())
