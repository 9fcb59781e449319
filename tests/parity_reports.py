"""Parity reports for tests: candidates of every verdict, made of a few answers worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edgeproof.edge.contract import Format, Precision, Verdict
from edgeproof.export.parity.report import (
    CandidateReport,
    Cause,
    ClassResult,
    Dataset,
    Diagnosis,
    Disagreement,
    Extension,
    LayerNoise,
    ParityReport,
    Step,
    Suspect,
)
from edgeproof.export.parity.statistics import Interval

LABELS = ("paper", "rock")


def make_candidate(
    file: str = "rps-int8.tflite", labels: tuple[str, ...] = LABELS, **changes: object
) -> CandidateReport:
    """A candidate that passes: of 40 pictures of each class the reference finds all, the candidate one rock fewer."""
    n = 40 * len(labels)
    confusion = np.diag([40] * len(labels))
    confusion[1, :2] = (1, 39)
    made = CandidateReport(
        file=file,
        verdict=Verdict.PASS,
        reasons=(),
        n=n + 320,
        n_validation=n,
        photos=n + 300,
        agreement=0.9975,
        agreement_interval=Interval(0.986, 0.9996),
        accuracy=1 - 1 / n,
        accuracy_interval=Interval(0.93, 0.998),
        accuracy_reference=1.0,
        loss=0.0025,
        loss_bound=0.0087,
        confidence=0.975,
        needed=None,
        drift_mean=0.0012,
        largest_deviation=0.62,
        drift_histogram=(100, 200, 60, 20, 10, 5, 3, 1, 1),
        ece=0.03,
        ece_reference=0.02,
        ece_drift=Interval(-0.005, 0.0212),
        latency_ms=0.44,
        unknown_below=0.613,
        classes={
            label: ClassResult(39 / 40 if label == labels[1] else 1.0, 1.0, 40, Interval(0.87, 1.0)) for label in labels
        },
        confusion=tuple(map(tuple, confusion.tolist())),
        disagreements=(Disagreement("b/c.png", labels[1], labels[0], labels[1], 0.62, 0.9996),),
        extension=Extension(320, 1.0, 0.0),
        interpreter="ai-edge-litert 2.3.0",
        precision=Precision.INT8,
        size=9_750_000,
        size_ratio=0.257,
        n_disagreements=1,
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # fields by name


def make_failing(file: str = "rps-int8.onnx", labels: tuple[str, ...] = LABELS) -> CandidateReport:
    """A candidate whose channels are swapped, and whose second class has collapsed."""
    good = make_candidate(file, labels)
    lost = replace(good.classes[labels[1]], recall=0.5, verdict=Verdict.FAIL)
    return replace(
        good,
        verdict=Verdict.FAIL,
        reasons=(
            "lost 25.00 points, at least 18.20 points (97.5% sure), where 1.00 points are allowed",
            f"class {labels[1]} lost 50.00 points on 40 images, where 5.00 points are allowed",
        ),
        accuracy=0.75,
        loss=0.25,
        loss_bound=0.31,
        latency_ms=1.05,
        classes={**good.classes, labels[1]: lost},
        diagnosis=Diagnosis(0.75, 200, (Cause(Suspect.COLOR, "feed BGR (--color bgr)", 0.998),)),
    )


def make_undecided(file: str = "rps-int16x8.tflite", labels: tuple[str, ...] = LABELS) -> CandidateReport:
    """A candidate that too few pictures decide, with noisy layers."""
    return replace(
        make_candidate(file, labels),
        verdict=Verdict.INCONCLUSIVE,
        reasons=(
            "the loss may be up to 3.27 points (95.0% sure) on 80 images, where 1.00 points are allowed; "
            "about 1,240 images would decide: give more",
        ),
        needed=1240,
        loss_bound=0.0327,
        latency_ms=4.1,
        extension=None,
        n=80,
        photos=80,
        float_layers=("conv2d", "dense"),
        diagnosis=Diagnosis(0.9, 200, (), (LayerNoise("dense/MatMul", 3.0), LayerNoise("conv2d", 20.0))),
    )


def make_report(labels: tuple[str, ...] = LABELS, **changes: object) -> ParityReport:
    """A report of all three verdicts."""
    before = tuple(map(tuple, np.diag([40] * len(labels)).tolist()))
    made = ParityReport(
        reference="model.keras",
        dataset=Dataset("photos", 40 * len(labels) + 320, 40 * len(labels)),
        margin=0.01,
        class_margin=0.05,
        candidates=(make_candidate(labels=labels), make_failing(labels=labels), make_undecided(labels=labels)),
        labels=labels,
        confusion_reference=before,
        fastest="rps-int8.tflite",
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # fields by name


def make_ladder() -> ParityReport:
    """A report in which int8 in ONNX failed, one layer in floats did not help, and dynamic range was taken instead."""
    mixed, taken = make_failing("rps-mixed.onnx"), make_candidate("rps-dynamic.onnx")
    rungs = {"int8": make_failing(), "int8 with 1 layer in floats": mixed, "dynamic": taken}
    ladder = tuple(
        Step(Format.ONNX, rung, made.file, made.verdict, made.agreement, made.loss_bound)
        for rung, made in rungs.items()
    )
    return make_report(candidates=(make_candidate(), *rungs.values()), ladder=ladder)


def make_regression() -> ParityReport:
    """A report on a network that answers numbers."""
    unknown = ("agreement", "agreement_interval", "accuracy", "accuracy_interval", "accuracy_reference", "loss")
    unknown += ("loss_bound", "confidence", "ece", "ece_reference", "ece_drift", "extension", "size_ratio")
    nothing = dict.fromkeys(unknown)
    empty = dict.fromkeys(("drift_histogram", "confusion", "disagreements"), ())
    shared = {**nothing, **empty, "classes": {}, "unknown_below": 0.0, "n": 200, "n_validation": 200, "photos": 200}
    shared |= {"n_disagreements": None, "allowed_deviation": 0.4}
    fine = make_candidate("hello-fp32.onnx", largest_deviation=2e-6, size=3200, **shared)
    poor = make_candidate(
        "hello-int8.tflite",
        largest_deviation=0.5,
        size=2100,
        verdict=Verdict.FAIL,
        reasons=("deviates by 0.5 of 0.4 allowed",),
        **shared,
    )
    return replace(
        make_report(),
        labels=(),
        candidates=(fine, poor),
        dataset=Dataset("y = 2x − 1", 200, 200),
        confusion_reference=(),
        fastest="hello-fp32.onnx",
    )
