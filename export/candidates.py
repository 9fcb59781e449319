"""Candidates: a network converted, judged, and looked into where it failed, before its file is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from types import ModuleType

from ..edge import modelfile
from ..edge.classifier import Classifier
from ..edge.contract import CalibrationMethod, Contract, Format, ModelOutput, Precision, Proof, Provenance
from ..edge.interpreters import open_interpreter
from ..edge.run_directory import RunRecord
from ..edge.versions import versions
from .calibration import CALIBRATED
from .conversion import to_onnx, to_tflite
from .conversion.choices import Quantizing
from .conversion.origin import Origin
from .diagnosis import diagnose
from .golden import Golden
from .layers.noise import LayerComparison, worst
from .layers.onnx import compare_onnx
from .layers.tflite import compare_tflite
from .parity.report import CandidateReport
from .parity.verdict import Margins
from .subject import Subject

_TOOLS = ("tensorflow", "keras", "tf2onnx", "onnx", "onnxruntime", "ai-edge-litert", "numpy")
_FLOAT_BYTES = 4
_SAMPLES = 16  # that layers are compared on
_WORST = 10  # layers that a report names
CONVERTERS: dict[Format, ModuleType] = {Format.TFLITE: to_tflite, Format.ONNX: to_onnx}


@dataclass(frozen=True)
class Candidate:
    """An exported network that has been judged, before its file is written; `model` are the interpreter's bytes."""

    format: Format
    precision: Precision
    model: bytes
    contract: Contract
    report: CandidateReport
    golden: Golden


class Workshop:
    """Makes candidates of one network; what several of them begin with is made once."""

    def __init__(self, exported: Subject, margins: Margins, quantizing: Quantizing) -> None:
        self._exported, self._margins, self._quantizing = exported, margins, quantizing
        self._origin = Origin(exported.model, exported.calibration, quantizing)

    def make(self, kind: Format, precision: Precision, float_layers: Sequence[str] = ()) -> Candidate:
        """Convert and judge the network.

        Args:
            kind: the format of the file.
            precision: its precision; MIXED is INT8 with `float_layers`.
            float_layers: the layers that stay floats, by the names that `compare` gives.
        """
        exported, converter = self._exported, CONVERTERS[kind]
        model = self._origin.convert(kind, Precision.INT8 if float_layers else precision, float_layers)
        draft = converter.describe(model, _draft(exported.record, precision))
        if kind is Format.TFLITE:
            model = to_tflite.with_metadata(model, draft)
        runtime = converter.runtime(model)
        method = self._quantizing.method(kind)
        draft = replace(draft, provenance=_provenance(exported, precision, method, runtime, tuple(float_layers)))
        classifier = Classifier(draft, open_interpreter(model, kind))
        report = exported.judge.judge(f"{draft.name}.{kind.value}", classifier)
        report = replace(report, precision=precision, float_layers=tuple(float_layers))
        contract = replace(draft, output=replace(draft.output, unknown_below=report.unknown_below))
        candidate = Candidate(kind, precision, model, contract, report, exported.golden(classifier))
        found = diagnose(report, classifier, exported.judge, lambda: worst(self.compare(candidate), _WORST))
        return replace(candidate, report=replace(report, diagnosis=found))

    @property
    def photos(self) -> int:
        """How many different photos a candidate can be judged by."""
        return self._exported.judge.photos

    def compare(self, candidate: Candidate) -> tuple[LayerComparison, ...]:
        """Compare a candidate's layers with those of the float network, on some of the calibration samples."""
        compare = compare_tflite if candidate.format is Format.TFLITE else compare_onnx
        samples = self._exported.calibration.some(_SAMPLES)
        return compare(self._origin.float_model(candidate.format), candidate.model, samples)

    def finish(self, candidate: Candidate) -> tuple[CandidateReport, bytes]:
        """Complete a candidate's contract with its proof; gives its report and the bytes of its file."""
        exported, report = self._exported, candidate.report
        proof = Proof(
            verdict=report.verdict,
            reference=exported.reference,
            n=report.n,
            n_validation=report.n_validation,
            margin=self._margins.whole,
            loss_bound=report.loss_bound,
            confidence=report.confidence,
            agreement=report.agreement,
            accuracy=report.accuracy,
            accuracy_reference=report.accuracy_reference,
            tolerance=candidate.golden.tolerance(candidate.precision),
            golden=candidate.golden.frames,
        )
        contract = replace(candidate.contract, proof=proof)
        data = modelfile.assemble(candidate.format, candidate.model, contract, candidate.golden.members)
        # A network of a few numbers is all wrapping; its size says nothing.
        ratio = len(data) / (exported.model.parameters * _FLOAT_BYTES) if contract.output.labels else None
        return replace(report, size=len(data), size_ratio=ratio), data


def _draft(record: RunRecord, precision: Precision) -> Contract:
    output = ModelOutput(record.activation, record.labels)
    return Contract(f"{record.model}-{precision.value}", record.input, output)


def _provenance(
    exported: Subject, precision: Precision, method: CalibrationMethod, runtime: str, float_layers: tuple[str, ...]
) -> Provenance:
    record, calibration = exported.record, replace(exported.calibration.record, method=method)
    return Provenance(
        model=record.model,
        precision=precision,
        created=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        trained_on=Path(record.data).name,
        train_images=exported.train_samples,
        seed=record.seed,
        tools=versions(*_TOOLS),
        minimum_runtime=runtime,
        calibration=calibration if precision in CALIBRATED else None,
        float_layers=float_layers,
    )
