"""Swaps of models under a running loop, a third of them bad: each good one answers, each bad one is sent back."""

from __future__ import annotations

import os
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from edgeproof.edge import loop
from edgeproof.edge.classifier import Answering, Classifier
from edgeproof.edge.console import Console
from edgeproof.edge.updates.folder import Folder, Found, hashed
from edgeproof.edge.updates.probation import SHORTEST
from edgeproof.edge.updates.record import Record
from edgeproof.edge.updates.store import Store
from edgeproof.edge.updates.terms import Opening, Terms
from edgeproof.edge.updates.trials import Rules, Trials
from edgeproof.edge.updates.watcher import Watcher
from figures import Figure, at_most, parser, percentile, report
from swap_children import FAULTY, alone
from swap_live import Lines, Notes, PacedHands
from swap_material import BAD, GOOD, Candidate, Kind, Material

MODEL = Path(__file__).parents[2] / "tests" / "models" / "rps-int8.tflite"
RATE = 30.0  # frames a second
CONTROL = 60.0  # seconds of the same run without a swap
_TERMS = Terms(shadow=0.3, agreement=0.8, latency=10.0, probation=0.3, fewest=8, opening=20.0, hung=1.0)
_LOOK = 0.05  # seconds
_PATIENCE = 60.0  # seconds for one candidate
_GROWS = 4  # parts of a slow copy
_OUTCOMES = ("passed its probation", "refused: ", "rolled back to ")
_SAYS = {
    Kind.DAMAGED: "refused: ",
    Kind.HALF: "refused: ",
    Kind.LABELS: "refused: labels differ",
    Kind.GOLDEN: "refused: expected the workstation's answers",
    Kind.DISAGREES: "refused: expected the same label",
    Kind.SHADOW_SLOW: "refused: ",  # as slow, or as one that hangs, where others have the processors
    Kind.SHADOW_CRASH: "crashed (SIGSEGV)",
    Kind.SHADOW_HANG: "it hangs",
    Kind.SHADOW_MEMORY: "refused: expected a model of bounded memory",
    Kind.SWAPPED_FAIL: "injected failure",
    Kind.SWAPPED_CRASH: "crashed (SIGSEGV)",
    Kind.SWAPPED_HANG: "rolled back to ",
    Kind.SWAPPED_SLOW: "rolled back to ",
}


@dataclass
class Outcome:
    """What came of the candidates: swaps that were passed, candidates that were sent back, and what went wrong."""

    good: int = 0
    bad: int = 0
    wrong: list[str] = field(default_factory=list)
    kinds: Counter[Kind] = field(default_factory=Counter)

    def note(self, candidate: Candidate, line: str | None) -> None:
        """Count one."""
        self.kinds[candidate.kind] += 1
        expected = _SAYS.get(candidate.kind, "passed its probation")
        if line is None or expected not in line:
            self.wrong.append(f"{candidate.kind.value}: {line}")
        elif candidate.is_good:
            self.good += 1
        else:
            self.bad += 1


def kinds(count: int, rng: random.Random) -> list[Kind]:
    """Choose what comes: a third is bad, each kind as often as the others; one good one of ten is copied slowly."""
    bad = [BAD[index % len(BAD)] for index in range(count // 3)]
    good = [GOOD[index % 10 == 9] for index in range(count - len(bad))]
    chosen = [*good, *bad]
    rng.shuffle(chosen)
    return chosen


def put(candidate: Candidate, path: Path) -> None:
    """Copy a candidate into the folder."""
    if candidate.kind is not Kind.GROWING:
        path.write_bytes(candidate.data)  # in place, not renamed: as people copy
        return
    part = len(candidate.data) // _GROWS + 1
    with path.open("wb") as file:
        for start in range(0, len(candidate.data), part):
            file.write(candidate.data[start : start + part])
            file.flush()
            time.sleep(_LOOK / 2)


def answered(answering: Answering, seed: int, drive: Callable[[], None]) -> Notes:
    """Answer a live source for as long as `drive` takes, in a thread of its own."""
    source, notes = PacedHands(RATE, seed), Notes()

    def driven() -> None:
        try:
            drive()
        finally:
            source.ended.set()

    thread = threading.Thread(target=driven)
    thread.start()
    loop.run(source, answering, [notes])
    thread.join()
    return notes


def swapped(folder: Path, count: int, seed: int, end: float) -> tuple[Outcome, Notes, list[str]]:
    """Run the campaign itself; stops at `end`, in seconds of time.monotonic."""
    rng, lines, outcome = random.Random(seed), Lines(), Outcome()  # noqa: S311 - repeatable
    material = Material(MODEL, rng)
    watched = folder / "watched"
    watched.mkdir(parents=True)
    console = Console(stream=lines)
    model, opening = Found(MODEL, hashed(MODEL)), Opening(threads=1)
    rules = Rules(opening, _TERMS, FAULTY)
    trials = Trials(
        model, opening.open(str(MODEL)), Record(folder / "updates.json"), Store(folder / "state"), console, rules
    )
    watcher = Watcher(Folder(watched), None, trials, console, _LOOK)

    def drive() -> None:
        for number, kind in enumerate(kinds(count, rng)):
            if time.monotonic() > end:
                outcome.wrong.append(f"out of time after {number} of {count}")
                return
            candidate, path = material.candidate(kind, number), watched / f"model-{number}.tflite"
            put(candidate, path)
            outcome.note(candidate, lines.about(path.name, _OUTCOMES, _PATIENCE))
            path.unlink()

    watcher.start()
    try:
        notes = answered(trials.guard, seed, drive)
    finally:
        watcher.close()
    return outcome, notes, lines.lines


def main() -> int:
    """Run the campaign."""
    options = parser("swap", "Swaps of models under a running loop, a third of them bad.", 500, 25)
    options.add_argument("--control", type=float, default=CONTROL, help=f"seconds without a swap ({CONTROL:g})")
    options.add_argument("--lines", action="store_true", help="print what the run says of each candidate")
    options.add_argument("--shared", action="store_true", help="let others have the processors; gaps have no goal then")
    asked = options.parse_args()
    end = time.monotonic() + asked.minutes * 60
    classifier = Classifier.open(MODEL, threads=1)
    is_alone = not asked.shared and alone()
    control = answered(classifier, asked.seed, lambda: time.sleep(asked.control))
    with tempfile.TemporaryDirectory() as name:
        outcome, notes, lines = swapped(Path(name), asked.count, asked.seed, end)
    if asked.lines:
        sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.writelines(f"wrong: {each}\n" for each in outcome.wrong)
    return report([*_outcomes(outcome, asked.count), *_gaps(control, notes, is_alone=is_alone)], asked.json)


def _outcomes(outcome: Outcome, count: int) -> list[Figure]:
    bad = count // 3
    return [
        Figure("good models swapped in", outcome.good, "models", f"{count - bad}", outcome.good == count - bad),
        Figure("bad models sent back", outcome.bad, "models", f"{bad}", outcome.bad == bad),
        at_most("other ends", len(outcome.wrong), "models", 0),
    ]


def _gaps(control: Notes, notes: Notes, *, is_alone: bool) -> list[Figure]:
    # An interval, the time that a new model is waited for, and then an inference of the old one.
    bound = 1e3 / RATE + SHORTEST * 1e3 + max(*control.inferences, *notes.inferences)
    late = [gap for gap in notes.gaps if gap > bound]
    shown = [
        ("gap between answers", notes.gaps, control.gaps),
        ("frame to answer", notes.waits, control.waits),
        ("inference", notes.inferences, control.inferences),
    ]
    rows = [
        Figure(f"{name}, {percent:g} %, {whose}", percentile(values, percent), "ms", "–", True)
        for name, ours, theirs in shown
        for whose, values in (("with swaps", ours), ("without", theirs))
        for percent in (50, 99, 99.9, 100)
    ]
    dropped, beyond = "frames unanswered", f"gaps between answers beyond {bound:.1f} ms"
    return [
        Figure("frames answered", len(notes.indices), "frames", "–", True),
        Figure("frames unanswered, without swaps", control.unanswered, "frames", "–", True),
        at_most(dropped, notes.unanswered, "frames", 0)
        if is_alone
        else Figure(dropped, notes.unanswered, "frames", "–", True),
        at_most(beyond, len(late), "gaps", 0) if is_alone else Figure(beyond, len(late), "gaps", "–", True),
        *rows,
    ]


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main())
