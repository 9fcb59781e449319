"""The export: a trained network in; proven, sealed model files, parity.json and parity.html out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ..edge import typed_json
from ..edge.atomic import check_place, write_all
from ..edge.console import Console
from ..edge.contract import Format, Precision, Verdict
from ..edge.errors import InputError
from ..edge.run_directory import PARITY, PARITY_PAGE
from . import foreign, network, subject
from .candidates import CONVERTERS, Candidate, Workshop
from .ladder import MOST_FLOAT_LAYERS, Rung, climb, could_pass
from .layers.noise import noisiest
from .options import Options
from .parity.page import page
from .parity.report import CandidateReport, Dataset, ParityReport, Step, fastest
from .subject import Subject


def export(path: Path, options: Options, console: Console) -> ParityReport:
    """Export a network in every chosen format and precision, judge each file, and write them with the report.

    Files are written whatever the verdict, which they carry: a person may want to look at what failed. They are
    written together at the end, so that an export that fails or is interrupted leaves nothing.

    Args:
        path: a run directory, or a model made elsewhere.
        options: what to make of it.
        console: where progress and warnings go.

    Raises:
        InputError: the network or its pictures cannot be used, or it cannot be converted.
    """
    wanted = _wanted(options)
    elsewhere = network.is_model(path)
    out = options.out or (foreign.output_folder(path) if elsewhere else path)
    check_place(out)
    exported = (foreign if elsewhere else subject).load(path, options, console)
    workshop = Workshop(exported, options.margins, options.quantizing)
    candidates = []
    with console.progress("exporting", len(wanted)) as progress:
        for kind, precision in wanted:
            progress.announce(f"{precision.value} {kind.value}")
            candidates.append(workshop.make(kind, precision))
            progress.advance()
    climbs = [_Climb(workshop, candidates, kind, options, console) for kind in options.formats if options.auto]
    finished = []
    while candidates:  # each is let go when its file is there: all of them twice would be eight times the network
        finished.append(workshop.finish(candidates.pop(0)))
    report = _report(exported, options, [candidate for candidate, _ in finished], climbs)
    files = {out / candidate.file: data for candidate, data in finished}
    shown = page.render(report, Path(exported.data))
    texts = {**exported.records, PARITY: typed_json.dumps(report), PARITY_PAGE: shown}
    write_all({**files, **{out / name: text.encode() for name, text in texts.items()}})
    console.say(f"{out}: {', '.join(file.name for file in files)}, {PARITY}, {PARITY_PAGE}")
    return report


def _wanted(options: Options) -> list[tuple[Format, Precision]]:
    """List the files to make; a format that lacks a precision is left out of it.

    Raises:
        InputError: a precision is in none of the formats.
    """
    wanted = []
    known = [one for one in Precision if any(one in converter.PRECISIONS for converter in CONVERTERS.values())]
    for precision in options.precisions or known:
        if precision not in known:  # what the ladder alone makes
            names = ", ".join(one.value for one in known)
            raise InputError(f"expected precisions of {names}, received {precision.value}")
        formats = [kind for kind in options.formats if precision in CONVERTERS[kind].PRECISIONS]
        if not formats and options.precisions:
            names = ", ".join(kind.value for kind in Format if precision in CONVERTERS[kind].PRECISIONS)
            raise InputError(f"expected --format {names} for --{precision.value}, which the others lack, received none")
        wanted += [(kind, precision) for kind in formats]
    return wanted


class _Climb:
    """The walk up the ladder in one format, where its int8 file did not pass.

    Adds what it makes to `candidates`; `steps` is what was tried, int8 first.
    """

    def __init__(
        self, workshop: Workshop, candidates: list[Candidate], kind: Format, options: Options, console: Console
    ) -> None:
        self._workshop, self._candidates, self._kind, self._console = workshop, candidates, kind, console
        self.steps: tuple[Step, ...] = ()
        start = self._made(Precision.INT8)
        if start is None or start.report.verdict is Verdict.PASS or start.report.confidence is None:
            return
        if not could_pass(workshop.photos, start.report.confidence, options.margins.whole):
            console.warn(
                f"{kind.value}: nothing is tried in the place of int8; {workshop.photos} photos can prove nothing"
            )
            return
        self._noisiest = noisiest(workshop.compare(start), MOST_FLOAT_LAYERS)
        self.steps = tuple(self._walk(start))

    def _walk(self, start: Candidate) -> Iterator[Step]:
        yield _step(self._kind, Rung(Precision.INT8), start.report)
        for rung, report in climb(self._kind, len(self._noisiest), self._attempt):
            self._console.say(f"{self._kind.value}, {rung.words}: {report.verdict.value}")
            yield _step(self._kind, rung, report)

    def _attempt(self, rung: Rung) -> CandidateReport | None:
        candidate = self._made(rung.precision)
        if candidate is not None and not rung.float_layers:
            return candidate.report
        try:
            made = self._workshop.make(self._kind, rung.precision, self._noisiest[: rung.float_layers])
        except InputError as error:
            # Not every layer has a kernel of 16-bit integers; the next rung may do without.
            self._console.warn(f"{self._kind.value}, {rung.words}: {error}")
            return None
        if candidate is not None:
            self._candidates.remove(candidate)  # the same file, with fewer layers in floats
        self._candidates.append(made)
        return made.report

    def _made(self, precision: Precision) -> Candidate | None:
        found = (c for c in self._candidates if (c.format, c.precision) == (self._kind, precision))
        return next(found, None)


def _step(kind: Format, rung: Rung, report: CandidateReport) -> Step:
    return Step(kind, rung.words, report.file, report.verdict, report.agreement, report.loss_bound)


def _report(
    exported: Subject, options: Options, candidates: Sequence[CandidateReport], climbs: Sequence[_Climb]
) -> ParityReport:
    largest = max(candidates, key=lambda report: report.n)
    return ParityReport(
        reference=exported.reference,
        dataset=Dataset(exported.data, largest.n, largest.n_validation),
        margin=options.margins.whole,
        class_margin=options.margins.one_class,
        candidates=tuple(candidates),
        labels=exported.record.labels,
        confusion_reference=exported.judge.confusion_reference,
        fastest=fastest(candidates),
        ladder=tuple(step for climb in climbs for step in climb.steps),
    )
