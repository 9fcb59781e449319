"""The web page under attack: no effect on the loop, nothing without the token, and good guests are still answered."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import tempfile
import time
from argparse import Namespace
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median

from figures import Figure, at_least, at_most, parser, percentile, report
from web_attack import HELD, STREAM
from web_requests import SENT
from web_run import Helper, Pace, Resources, Span, WebRun
from web_visitor import Visitor

_REST = 2.0  # seconds until what was dropped is gone
_LEFT = 30.0  # seconds after which what is still there is left for good
_WARM = 100  # requests before anything is counted
_LOST, _MOST_LOST = 5.0, 33.0  # of 100 answers, beyond those lost beside the same attack on something else
_GAP = 100.0  # milliseconds, three frames of the camera
_LATENCY = 33.4  # milliseconds, one of them
_MEMORY = 24.0  # megabytes that 128 connections and what they send may take
_SOON = 1.0  # seconds for a good guest


@dataclass
class Seen:
    """What was seen of one run while it was attacked; `beside` is when something else was, for comparison."""

    during: list[Span] = field(default_factory=list)
    beside: list[Span] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)  # seconds
    failed: list[str] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the campaign; returns its exit code."""
    command = parser("web", "Attack the web page of a run, without and with a token.", 8000, 8.0)
    command.add_argument("--seconds", type=float, default=6.0, help="at most, of one kind of attack (6)")
    command.add_argument("--quick", action="store_true", help="compare with nothing, for a test of this itself")
    options = command.parse_args(arguments)
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder, Helper("web_camera.py") as camera, Helper("web_dummy.py") as dummy:
        for name, where, token in (
            ("loopback", "127.0.0.1:0", None),
            ("with a token", "0.0.0.0:0", secrets.token_urlsafe(16)),
        ):
            place = Path(folder) / name
            place.mkdir()
            run = WebRun(camera.port, where, place, {} if token is None else {"EDGEPROOF_TOKEN": token})
            try:
                figures += _attacked(run, name, token, dummy.port, options)
            finally:
                code = run.close()
            figures.append(at_most(f"{name}: exit code at the end", code, "", 0))
            figures.append(at_most(f"{name}: token in lines, log and complaints", run.secrets_told(), "times", 0))
            for line in run.complaints():
                print(f"{name}: {line.rstrip()}", file=sys.stderr)  # noqa: T201 - what went wrong
    return report(figures, options.json)


def _attacked(run: WebRun, name: str, token: str | None, dummy: int, options: Namespace) -> list[Figure]:
    kinds = [*SENT, *HELD]
    start = time.monotonic()
    time.sleep(options.seconds)
    calm = run.pace([(start, time.monotonic())])
    memory = run.resources().memory
    _attack(run.port, "buttons", options.seed, _WARM, options.seconds)
    Visitor(run.port, token).press("/collect/undo")  # a thread for the disk is there from then on
    time.sleep(_REST)
    before = replace(run.resources(), memory=memory)
    seen = Seen()
    for number, kind in enumerate(kinds):
        words = (kind, options.seed * len(kinds) + number, options.count // len(SENT), options.seconds)
        if not options.quick:
            start = time.monotonic()
            with Visitor(run.port, token):  # who costs something too
                _attack(dummy, *words)
            seen.beside.append((start, time.monotonic()))
        _watch(run, seen, token, *words)
    return [
        Figure(f"{name}: {each.name}", each.seen, each.unit, each.goal, each.met)
        for each in (*_loop(run, calm, seen), *_answers(seen, token), *_left(run, before, token))
    ]


def _watch(run: WebRun, seen: Seen, token: str | None, kind: str, seed: int, count: int, seconds: float) -> None:
    """Attack the page while somebody else visits it."""
    start = time.monotonic()
    with Visitor(run.port, token) as visitor:
        seen.counts.update(_attack(run.port, kind, seed, count, seconds))
    seen.during.append((start, time.monotonic()))
    seen.waits += visitor.seconds
    longest = max(visitor.seconds, default=0.0)
    print(f"{kind}: {run.pace(seen.during[-1:])}, longest wait {longest:.2f} s", file=sys.stderr)  # noqa: T201
    seats = token is None and kind == STREAM  # whoever is on the machine may watch, and take every seat
    seen.failed += [f"{kind}: {each}" for each in visitor.failed if not (seats and each.endswith("503"))]


def _attack(port: int, kind: str, seed: int, count: int, seconds: float) -> dict[str, int]:
    words = [kind, str(port), str(seed), str(count), str(seconds)]
    done = subprocess.run(  # noqa: S603 - our own
        [sys.executable, str(Path(__file__).with_name("web_attack.py")), *words], capture_output=True, check=True
    )
    result: dict[str, int] = json.loads(done.stdout)
    return result


def _loop(run: WebRun, calm: Pace, seen: Seen) -> list[Figure]:
    """Hold what the loop did under attack to what it did while something else was attacked, kind by kind."""
    during = [run.pace([span]) for span in seen.during]
    beside = [run.pace([span]) for span in seen.beside] or [calm] * len(during)
    lost = [100 * (1 - each.rate / other.rate) for each, other in zip(during, beside, strict=True)]
    gap = median(each.gap for each in beside)
    return [
        at_least("answers a second in peace", calm.rate, "/s", 1),
        at_least("answers a second beside an attack, median kind", median(each.rate for each in beside), "/s", 1),
        at_least("answers a second under attack, median kind", median(each.rate for each in during), "/s", 1),
        at_most("answers lost to an attack, median kind", median(lost), "%", _LOST),
        at_most("answers lost to an attack, worst kind", max(lost), "%", _MOST_LOST),
        at_most("p99 between answers beside an attack, median kind", gap, "ms", 1e4),
        at_most("p99 between answers under attack, median kind", median(each.gap for each in during), "ms", gap + _GAP),
        at_most("p99 of latency beside an attack, median kind", median(each.latency for each in beside), "ms", 1e4),
        at_most("p99 of latency under attack, median kind", median(each.latency for each in during), "ms", _LATENCY),
    ]


def _answers(seen: Seen, token: str | None) -> list[Figure]:
    content = [at_most("content without the token", seen.counts["content"], "", 0)] if token else []
    return [
        at_least("requests and connections", seen.counts["made"], "", 1),
        at_most("server errors", seen.counts["errors"], "", 0),
        at_most("answers without the headers", seen.counts["bare"], "", 0),
        at_most("upgraded connections", seen.counts["upgraded"], "", 0),
        *content,
        at_least("good guest's visits", len(seen.waits), "", 1),
        at_most("good guest's wait, p95", percentile(seen.waits, 95), "s", _SOON),
        at_most("good guest's wait, p99", percentile(seen.waits, 99), "s", _SOON),
        at_most("good guest unanswered", len(seen.failed), "times", 0),
    ]


def _left(run: WebRun, before: Resources, token: str | None) -> list[Figure]:
    """Say what is left of it all once it is over."""
    after = Visitor(run.port, token)
    after.ask("/frame.jpg")
    now = _rested(run, before)
    return [
        at_most("good guest's wait afterwards", max(after.seconds, default=60.0), "s", _SOON),
        at_most("complaints and tracebacks", len(run.complaints()), "lines", 0),
        at_most("memory grown", now.memory - before.memory, "MB", _MEMORY),
        at_most("files left open", now.files - before.files, "", 0),
        at_most("threads left", now.threads - before.threads, "", 0),
    ]


def _rested(run: WebRun, before: Resources) -> Resources:
    """Measure what the run holds once what was dropped is gone; what never goes is seen."""
    end = time.monotonic() + _LEFT
    now = run.resources()
    while (now.files > before.files or now.threads > before.threads) and time.monotonic() < end:
        time.sleep(0.1)
        now = run.resources()
    return now


if __name__ == "__main__":
    sys.exit(main())
