"""The fastest way to run a network on this machine, among the files whose parity has passed."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from .. import modelfile, settings
from ..atomic import check_place
from ..classifier import Classifier
from ..console import Console, Progress
from ..contract import Verdict
from ..interpreters import open_interpreter, processors
from ..machine import this_machine
from ..quarantine import admit
from ..settings import Setting
from .candidates import Candidate, Entrant, candidates, entrants, installed, model_files
from .halving import Outcome, halve
from .statistics import Distribution
from .surroundings import Surroundings, Watch
from .timing import Answer, answer_of, measure

_ALIKE = 1.02  # of the fastest's time: no difference worth a processor
_WARM_UP = 3  # frames
_PIECE, _WORTH = 0.5, 10.0  # seconds for which one is open at least, and times as long as opening took
_MOST_FRAMES = 3000  # of a measurement; their median is sure enough


@dataclass(frozen=True)
class Standing:
    """How a candidate did: `rounds` of measuring, and its times where it ran; else `note` says why not."""

    file: str
    interpreter: str
    threads: int | None
    total_ms: Distribution | None
    rounds: int
    note: str


@dataclass(frozen=True)
class PickReport:
    """What `pick` found; `setting` is None where nothing was chosen, and `written` where it lies.

    `untried` counts the candidates that no time was left for.
    """

    candidates: tuple[Standing, ...]
    setting: Setting | None
    written: str | None
    untried: int
    surroundings: Surroundings


def pick(
    paths: Sequence[Path], seconds: float, console: Console, signed_by: Sequence[Path] | None = None
) -> PickReport:
    """Find the fastest way to run a network within a time, and write the setting.

    Args:
        paths: model files, or folders of them.
        seconds: for all of it.
        console: where progress is shown.
        signed_by: files of public keys, one of which must have signed each file; None asks for no signature.

    Raises:
        InputError: there are no model files, one is damaged or not signed as asked for, they are of different networks,
            or the setting could not be written beside them.
    """
    watch = Watch()
    files = entrants(model_files(paths), signed_by)
    for folder in dict.fromkeys(entrant.file.parent for entrant in files):
        check_place(folder)
    ways = candidates(files, processors.usable())
    with console.progress("seconds", round(seconds)) as progress:
        opener = _Opener(progress, signed_by)
        outcome = halve(ways, opener.measure, seconds, time.monotonic)
    surroundings = watch.end()  # at once: an idle processor slows down
    winner = chosen(outcome)
    written, setting = None, None
    if winner is not None:
        setting = _setting(winner, outcome, opener.runtimes[winner])
        written = settings.path_for(winner.file.parent, files[0].network)
        settings.write(written, setting)
    return PickReport(
        standings(files, outcome, winner),
        setting,
        None if written is None else str(written),
        len(outcome.untried),
        surroundings,
    )


def _setting(winner: Candidate, outcome: Outcome[Candidate], runtime: str) -> Setting:
    sha256 = settings.sealed_sha256(winner.file)
    assert sha256 is not None  # noqa: S101 - what carries a contract is sealed
    return Setting(
        file=winner.file.name,
        sha256=sha256,
        interpreter=winner.interpreter,
        threads=winner.threads,
        latency_ms=Distribution.of(outcome.times[winner]).median,
        machine=this_machine(),
        created=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        runtime=runtime,
    )


def chosen(outcome: Outcome[Candidate]) -> Candidate | None:
    """Choose among the finalists: the fastest, or what is as fast with fewer threads, which leaves more to others.

    None where some candidates were not tried, or none has run: then nobody knows the fastest.
    """
    if outcome.untried or not outcome.finalists:
        return None
    medians = {one: Distribution.of(outcome.times[one]).median for one in outcome.finalists}
    alike = [one for one in outcome.finalists if medians[one] <= _ALIKE * min(medians.values())]
    return min(alike, key=lambda one: (one.threads, medians[one]))


def standings(
    entrants: Sequence[Entrant], outcome: Outcome[Candidate], winner: Candidate | None
) -> tuple[Standing, ...]:
    """List all candidates, the fastest first, then the files that cannot win."""
    ranked = sorted(outcome.times, key=lambda one: (one != winner, Distribution.of(outcome.times[one]).median))
    return (
        *(_standing(one, outcome, "fastest" if one == winner else "") for one in ranked),
        *(_standing(one, outcome, f"refused: {reason}") for one, reason in outcome.refused.items()),
        *(_standing(one, outcome, "not tried: no time was left") for one in outcome.untried),
        *_excluded(entrants),
    )


def _standing(one: Candidate, outcome: Outcome[Candidate], note: str) -> Standing:
    times = outcome.times.get(one)
    distribution = None if times is None else Distribution.of(times)
    return Standing(one.file.name, one.interpreter, one.threads, distribution, outcome.round_of.get(one, 0), note)


def _excluded(entrants: Sequence[Entrant]) -> Iterator[Standing]:
    for entrant in entrants:
        if entrant.verdict is None:
            note = "cannot win: carries no parity proof"
        elif entrant.verdict is not Verdict.PASS:
            note = f"cannot win: its parity is {entrant.verdict.value}"
        elif not installed(entrant.format):
            note = "not tried: no interpreter for it is installed here"
        else:
            continue
        yield Standing(entrant.file.name, "", None, None, 0, note)


class _Opener:
    """Opens candidates and measures them; the file that was read last is kept, for its next number of threads.

    One is open at a time: the threads of another would spin, and a small board's memory holds one.
    """

    def __init__(self, progress: Progress, signed_by: Sequence[Path] | None) -> None:
        self._progress, self._signed_by = progress, signed_by
        self._start, self._shown = time.monotonic(), 0
        self._read: tuple[Path, modelfile.ModelFile] | None = None
        self.runtimes: dict[Candidate, str] = {}

    def measure(self, candidate: Candidate, seconds: float, hopeless_above: float | None) -> list[float]:
        """Give the milliseconds of warm answers; raises InputError where the candidate does not run."""
        self._progress.announce(f"{candidate.file.name}, {candidate.interpreter}, {candidate.threads} thread(s)")
        times: list[float] = []
        left = seconds
        while left > 0 and len(times) < _MOST_FRAMES:
            start = time.monotonic()
            answer = self._open(candidate)
            # Opened anew as often as that costs little: where in memory a model happens to lie makes a difference.
            piece = min(left, max(_PIECE, _WORTH * (time.monotonic() - start)))
            times += measure(answer, piece, _MOST_FRAMES - len(times), hopeless_above).total
            del answer  # one is open at a time
            left -= piece
            if hopeless_above is not None and min(times) > hopeless_above:
                break
        self._show()
        return times

    def _open(self, candidate: Candidate) -> Answer:
        file = self._file(candidate.file)
        contract = file.contract
        assert contract is not None  # noqa: S101 - only proven files are candidates
        admit(file, candidate.interpreter, candidate.threads)
        interpreter = open_interpreter(file.model, file.format, candidate.interpreter, candidate.threads)
        self.runtimes[candidate] = interpreter.name
        answer = answer_of(Classifier(contract, interpreter))
        for _ in range(_WARM_UP):
            answer()
        return answer

    def _show(self) -> None:
        passed = int(time.monotonic() - self._start)
        self._progress.advance(passed - self._shown)
        self._shown = passed

    def _file(self, path: Path) -> modelfile.ModelFile:
        if self._read is None or self._read[0] != path:
            self._read = None  # before the next one is read
            self._read = path, modelfile.read(path, self._signed_by)
        return self._read[1]
