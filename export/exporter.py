"""The export: a trained network in; proven, sealed model files and parity.json out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timezone
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import onnx

from ..edge import modelfile, typed_json
from ..edge.atomic import check_place, write_all
from ..edge.classifier import Classifier
from ..edge.console import Console
from ..edge.contract import Contract, Format, ModelOutput, Precision, Proof, Provenance
from ..edge.errors import InputError
from ..edge.interpreters import open_interpreter
from ..edge.run_directory import PARITY, RunRecord
from ..edge.versions import versions
from . import foreign, network, subject, to_onnx, to_tflite
from .calibration import CALIBRATED
from .golden import TOLERANCE, Golden
from .options import Options
from .parity.report import CandidateReport, Dataset, ParityReport, fastest
from .subject import Subject

_TOOLS = ("tensorflow", "keras", "tf2onnx", "onnx", "onnxruntime", "ai-edge-litert", "numpy")
_FLOAT_BYTES = 4
CONVERTERS: dict[Format, ModuleType] = {Format.TFLITE: to_tflite, Format.ONNX: to_onnx}


@dataclass(frozen=True)
class _Candidate:
    """An exported network that has been judged, before its file is written."""

    format: Format
    precision: Precision
    model: bytes
    contract: Contract
    report: CandidateReport
    golden: Golden


class _Origin:
    """The network in the forms that the precisions of a format begin with, each made once, when it is needed."""

    def __init__(self, exported: Subject) -> None:
        self._model, self._spec, self._calibration = exported.model, exported.record.input, exported.calibration

    def convert(self, kind: Format, precision: Precision) -> bytes:
        """Convert the network."""
        if kind is Format.TFLITE:
            return to_tflite.convert(self._frozen, precision, self._calibration)
        return to_onnx.convert(self._floats, precision, self._calibration)

    @cached_property
    def _frozen(self) -> Any:
        return network.freeze(self._model, self._spec)

    @cached_property
    def _floats(self) -> onnx.ModelProto:
        return to_onnx.to_float(network.as_function(self._model, self._spec), self._spec.shape)


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
    origin = _Origin(exported)
    candidates = []
    with console.progress("exporting", len(wanted)) as progress:
        for kind, precision in wanted:
            progress.announce(f"{precision.value} {kind.value}")
            candidates.append(_make(exported, origin, kind, precision))
            progress.advance()
    finished = [_finish(exported, candidate, options) for candidate in candidates]
    report = _report(exported, options, [candidate for candidate, _ in finished])
    files = {out / candidate.file: data for candidate, data in finished}
    texts = {**exported.records, PARITY: typed_json.dumps(report)}
    write_all({**files, **{out / name: text.encode() for name, text in texts.items()}})
    return report


def _wanted(options: Options) -> list[tuple[Format, Precision]]:
    """List the files to make; a format that lacks a precision is left out of it.

    Raises:
        InputError: a precision is in none of the formats.
    """
    wanted = []
    for precision in options.precisions or Precision:
        formats = [kind for kind in options.formats if precision in CONVERTERS[kind].PRECISIONS]
        if not formats and options.precisions:
            names = ", ".join(kind.value for kind in Format if precision in CONVERTERS[kind].PRECISIONS)
            raise InputError(f"expected --format {names} for --{precision.value}, which the others lack, received none")
        wanted += [(kind, precision) for kind in formats]
    return wanted


def _make(exported: Subject, origin: _Origin, kind: Format, precision: Precision) -> _Candidate:
    record = exported.record
    converter = CONVERTERS[kind]
    model = origin.convert(kind, precision)
    draft = converter.describe(model, _draft(record, precision))
    if kind is Format.TFLITE:
        model = to_tflite.with_metadata(model, draft)
    draft = replace(draft, provenance=_provenance(exported, precision, converter.runtime(model)))
    classifier = Classifier(draft, open_interpreter(model, kind))
    report = exported.judge.judge(f"{draft.name}.{kind.value}", classifier)
    contract = replace(draft, output=replace(draft.output, unknown_below=report.unknown_below))
    return _Candidate(kind, precision, model, contract, report, exported.golden(classifier))


def _draft(record: RunRecord, precision: Precision) -> Contract:
    output = ModelOutput(record.activation, record.labels)
    return Contract(f"{record.model}-{precision.value}", record.input, output)


def _provenance(exported: Subject, precision: Precision, runtime: str) -> Provenance:
    record = exported.record
    return Provenance(
        model=record.model,
        precision=precision,
        created=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        trained_on=Path(record.data).name,
        train_images=exported.train_samples,
        seed=record.seed,
        tools=versions(*_TOOLS),
        minimum_runtime=runtime,
        calibration=exported.calibration.record if precision in CALIBRATED else None,
    )


def _finish(exported: Subject, candidate: _Candidate, options: Options) -> tuple[CandidateReport, bytes]:
    """Complete a candidate's contract with its proof; gives its report and the bytes of its file."""
    report = candidate.report
    proof = Proof(
        verdict=report.verdict,
        reference=exported.reference,
        n=report.n,
        n_validation=report.n_validation,
        margin=options.margins.whole,
        loss_bound=report.loss_bound,
        confidence=report.confidence,
        agreement=report.agreement,
        accuracy=report.accuracy,
        accuracy_reference=report.accuracy_reference,
        tolerance=TOLERANCE[candidate.precision],
        golden=candidate.golden.frames,
    )
    contract = replace(candidate.contract, proof=proof)
    data = modelfile.assemble(candidate.format, candidate.model, contract, candidate.golden.members)
    # A network of a few numbers is all wrapping; its size says nothing.
    ratio = len(data) / (exported.model.parameters * _FLOAT_BYTES) if contract.output.labels else None
    return replace(report, precision=candidate.precision, size=len(data), size_ratio=ratio), data


def _report(exported: Subject, options: Options, candidates: list[CandidateReport]) -> ParityReport:
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
    )
