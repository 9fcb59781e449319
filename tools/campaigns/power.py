"""Kill −9 at random moments of everything that writes, and a look at every file after each: tools/campaign power.

A half of the kills comes by the clock, the other at one of the steps that a command takes on the disk, chosen by chance
(power_dying.py). The next start is the next round's: it meets what the last one has left. At the end each work is begun
once more and ends by itself, and everything it was to write is there.
"""

from __future__ import annotations

import math
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import figures
from power_works import Work, make_material, temporaries, works

_COUNT, _MINUTES = 300, 40.0
_PATIENCE = 300.0  # seconds for one command, however slow the machine
_AFRESH = 0.25  # of the rounds begin with an empty folder
_TRIES = 20  # for a kill, where the command has ended before
_OLD = 1_700_000_000  # seconds since 1970, long ago
_SHOWN = 20  # problems


@dataclass
class Tally:
    """What was seen so far."""

    kills: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)  # files that were not whole
    unfinished: list[str] = field(default_factory=list)  # works that did not go on
    most_left: int = 0  # temporary files in one folder
    stayed: int = 0  # temporary files that outlived the next write


class Bench:
    """One work in its folder, under a seed.

    Args:
        work: what is killed.
        folder: for its files.
        scratch: for what programs leave in the system's folder for temporary files.
        rng: of all chances.
    """

    def __init__(self, work: Work, folder: Path, scratch: Path, rng: random.Random) -> None:
        self._work, self._folder, self._rng = work, folder, rng
        quiet = {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull, "TF_CPP_MIN_LOG_LEVEL": "3"}
        self._environment = {**os.environ, **quiet, "TMPDIR": str(scratch)}
        if work.state:
            self._environment["STATE_DIRECTORY"] = str(folder / work.state)
        self._seconds, self._steps = 0.0, 0

    def begin(self) -> str | None:
        """Run the work once to its end, which tells its time and its steps; gives what went wrong."""
        self._empty()
        start = time.monotonic()
        code = self._start(0).wait(_PATIENCE)
        self._seconds = time.monotonic() - start
        if code not in self._work.codes:
            return f"{self._work.name} ended with {code}"
        self._steps = int(Path(f"{self._folder}.steps").read_text("ascii"))
        return None

    def kill(self) -> bool:
        """Begin the work and kill it at a moment; False where it had ended by then."""
        if self._work.is_over(self._folder) or self._rng.random() < _AFRESH:
            self._empty()
        if self._rng.random() < 0.5:
            return self._start(self._rng.randint(1, max(1, self._steps))).wait(_PATIENCE) == -signal.SIGKILL
        process = self._start(-1)
        moment = self._rng.uniform(0, self._seconds)
        try:
            process.wait(moment)
        except subprocess.TimeoutExpired:
            process.kill()
        return process.wait() == -signal.SIGKILL

    def look(self) -> list[str]:
        """List what is not whole."""
        return [f"{self._work.name}: {problem}" for problem in self._work.problems(self._folder)]

    def left(self) -> int:
        """Count temporary files."""
        return len(temporaries(self._folder))

    def end(self) -> list[str]:
        """Run the work to its end, on what the kills have left and has become old; list what is not as it must be."""
        for path in temporaries(self._folder):
            os.utime(path, (_OLD, _OLD))
        code = self._start(-1).wait(_PATIENCE)
        failed = [] if code in self._work.codes else [f"ended with {code}"]
        problems = [*failed, *self._work.missing(self._folder), *self._work.problems(self._folder)]
        return [f"{self._work.name} at the end: {problem}" for problem in problems]

    def _empty(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        self._work.prepare(self._folder)

    def _start(self, last: int) -> subprocess.Popen[bytes]:
        dying = Path(__file__).with_name("power_dying.py")
        words = [sys.executable, str(dying), str(self._folder), str(last), *self._work.words(self._folder)]
        return subprocess.Popen(words, env=self._environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - ours


def campaign(chosen: Sequence[Work], count: int, seed: int, deadline: float, place: Path) -> Tally:
    """Kill each of the works its share of times; stops at `deadline`, in seconds of time.monotonic."""
    tally = Tally()
    benches: dict[str, Bench] = {}
    for work in chosen:
        rng = random.Random(f"{seed} {work.name}")  # noqa: S311 - no secret
        bench = Bench(work, place / work.name, _scratch(place), rng)
        failed = bench.begin()
        if failed is None:
            benches[work.name] = bench
            tally.kills[work.name] = 0
        else:
            tally.unfinished.append(failed)
    for name in _turns([work for work in chosen if work.name in benches], count, seed):
        if time.monotonic() > deadline:
            break
        tally.kills[name] += _kill(benches[name], tally)
    for bench in benches.values():
        tally.unfinished += bench.end()
        tally.stayed += bench.left()
    return tally


def _turns(chosen: Sequence[Work], count: int, seed: int) -> list[str]:
    """List whose turn it is, in an order by chance, so that each has had its share whenever the time is over."""
    whole = sum(work.share for work in chosen)
    turns = [work.name for work in chosen for _ in range(max(1, math.ceil(count * work.share / whole)))]
    random.Random(seed).shuffle(turns)  # noqa: S311 - no secret
    return turns


def _kill(bench: Bench, tally: Tally) -> bool:
    """Kill once, and look at what is left; False where the work was too fast each time."""
    for _ in range(_TRIES):
        is_killed = bench.kill()
        tally.problems += bench.look()
        tally.most_left = max(tally.most_left, bench.left())
        if is_killed:
            return True
    return False


def _scratch(place: Path) -> Path:
    folder = place / "scratch"
    folder.mkdir(exist_ok=True)
    return folder


def say(text: str) -> None:
    """Tell how far it is."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - a program


def edgeproof(words: Sequence[str]) -> None:
    """Run a command that must succeed."""
    subprocess.run([sys.executable, "-m", "edgeproof.edge", *words], check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - ours


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the campaign; returns the exit code."""
    parser = figures.parser("power", "Kill everything that writes, and look at what is left.", _COUNT, _MINUTES)
    parser.add_argument("--works", help="names of some of them, A,B,…")
    options = parser.parse_args(arguments)
    deadline = time.monotonic() + options.minutes * 60
    with tempfile.TemporaryDirectory(prefix="power-") as name:
        material = Path(name) / "material"
        material.mkdir()
        make_material(material, edgeproof)
        wanted = options.works.split(",") if options.works else None
        chosen = [work for work in works(material) if wanted is None or work.name in wanted]
        tally = campaign(chosen, options.count, options.seed, deadline, Path(name))
    for problem in (*tally.problems, *tally.unfinished)[:_SHOWN]:
        say(problem)
    seen = [
        *(figures.at_least(f"kills of {name}", kills, "kills", 1) for name, kills in tally.kills.items()),
        figures.at_least("kills", sum(tally.kills.values()), "kills", options.count),
        figures.at_most("files that were not whole", len(tally.problems), "files", 0),
        figures.at_most("works that did not go on to their end", len(tally.unfinished), "works", 0),
        figures.at_most("temporary files that outlived the next write", tally.stayed, "files", 0),
        figures.at_most("temporary files in one folder, at most", tally.most_left, "files", options.count),
    ]
    return figures.report(seen, options.json)


if __name__ == "__main__":
    sys.exit(main())
