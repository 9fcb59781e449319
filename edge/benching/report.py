"""What is found out about one model, and about two that are compared."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..classifier import Classifier
from .frames import frame_for
from .memory import resident_mb
from .profile import Profile, TypeTotal, profile, together, totals
from .statistics import Ratio, paired_ratio
from .surroundings import Surroundings, Watch
from .timing import Cold, Stages, Times, answer_of, joined, measure, measure_in_turn, opened, warm_up

_PROFILE_SECONDS = 2.0  # at most
_OPENINGS = 8  # of each of two models that are compared


@dataclass(frozen=True)
class Effort:
    """How long is measured: seconds, and frames at most."""

    seconds: float
    frames: int | None = None

    def share(self, parts: int) -> int | None:
        """Give the frames at most of each of several parts."""
        return None if self.frames is None else math.ceil(self.frames / parts)


@dataclass(frozen=True)
class Memory:
    """Resident memory of the process in MB: before the model was opened, and after it was measured."""

    before_mb: float | None
    after_mb: float | None


@dataclass(frozen=True)
class Row:
    """The stages of an answer with one number of threads."""

    threads: int
    stages: Stages


@dataclass(frozen=True)
class ModelReport:
    """All about one model.

    `frame` is the shape of the sample that was answered; `ops` are those with `fastest_threads`, summed by type in
    `op_types`, and all together in `ops_ms`.
    """

    model: str
    interpreter: str
    frame: tuple[int, ...]
    cold: Cold
    memory: Memory
    rows: tuple[Row, ...]
    fastest_threads: int
    ops: Profile
    op_types: tuple[TypeTotal, ...]
    ops_ms: float | None
    surroundings: Surroundings


@dataclass(frozen=True)
class Side:
    """One of two models that are compared."""

    model: str
    interpreter: str
    cold: Cold
    stages: Stages


@dataclass(frozen=True)
class Comparison:
    """Two models that answered in turn; `ratio` is of the second's total time to the first's."""

    first: Side
    second: Side
    ratio: Ratio
    surroundings: Surroundings


def report_model(
    open_model: Callable[[int], Classifier],
    model: Path,
    interpreter: str | None,
    threads: Sequence[int],
    effort: Effort,
    signed_by: Sequence[Path] | None = None,
) -> ModelReport:
    """Measure one model.

    Args:
        open_model: opens it with a number of threads.
        model: its file.
        interpreter: a key of `BACKENDS`; the first installed one where None.
        threads: the numbers to try, one after the other.
        effort: for each of them.
        signed_by: files of public keys, one of which must have signed the file; None asks for no signature.

    Raises:
        InputError: as `open_model` does, or the model does not run.
    """
    watch, before = Watch(), resident_mb()
    classifier, cold = opened(lambda: open_model(threads[0]))
    rows = [_row(threads[0], classifier, effort)]
    memory = Memory(before, resident_mb())
    runtime = classifier.interpreter.name
    for count in threads[1:]:
        del classifier  # its threads would be in the way
        classifier = open_model(count)
        rows.append(_row(count, classifier, effort))
    surroundings = watch.end()  # at once: an idle processor slows down
    fastest = min(rows, key=lambda row: row.stages.total_ms.median).threads
    tensor = classifier.interpreter.input_tensor().copy()
    shape = frame_for(classifier.contract.input).shape
    del classifier
    ops = profile(model, interpreter, fastest, tensor, min(effort.seconds, _PROFILE_SECONDS), signed_by)
    return ModelReport(
        model=str(model),
        interpreter=runtime,
        frame=shape,
        cold=cold,
        memory=memory,
        rows=tuple(rows),
        fastest_threads=fastest,
        ops=ops,
        op_types=totals(ops.ops),
        ops_ms=together(ops.ops),
        surroundings=surroundings,
    )


def report_comparison(opens: Sequence[Callable[[], Classifier]], models: Sequence[Path], effort: Effort) -> Comparison:
    """Measure two models that answer frame by frame in turn, opened anew several times.

    Args:
        opens: what opens each.
        models: their files.
        effort: for both together.

    Raises:
        InputError: as `opens` do, or a model does not run.
    """
    watch = Watch()
    turns = [_turn(opens, Effort(effort.seconds / _OPENINGS, effort.share(_OPENINGS)), n) for n in range(_OPENINGS)]
    surroundings = watch.end()
    series = [[turn[side].times.total for turn in turns] for side in (0, 1)]
    sides = [
        Side(
            str(model),
            turns[0][side].runtime,
            turns[0][side].cold,
            Stages.of(joined(turn[side].times for turn in turns)),
        )
        for side, model in enumerate(models)
    ]
    return Comparison(sides[0], sides[1], paired_ratio(series[0], series[1]), surroundings)


@dataclass(frozen=True)
class _Run:
    """One opening of one of two models."""

    runtime: str
    cold: Cold
    times: Times


def _turn(opens: Sequence[Callable[[], Classifier]], effort: Effort, number: int) -> list[_Run]:
    """Open both, in either order by turns, and let them answer."""
    order = (0, 1) if number % 2 == 0 else (1, 0)
    found = {side: opened(opens[side]) for side in order}
    answers = (answer_of(found[0][0]), answer_of(found[1][0]))
    for answer in answers:
        warm_up(answer, effort.seconds)
    times = measure_in_turn(answers, effort.seconds, effort.frames)
    return [_Run(found[side][0].interpreter.name, found[side][1], times[side]) for side in (0, 1)]


def _row(threads: int, classifier: Classifier, effort: Effort) -> Row:
    answer = answer_of(classifier)
    warm_up(answer, effort.seconds)
    return Row(threads, Stages.of(measure(answer, effort.seconds, effort.frames)))
