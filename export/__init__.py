"""The workstation: Keras to TFLite and ONNX, with the parity proof."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..edge.lazily import lazily

if TYPE_CHECKING:
    from ..edge.contract import Verdict
    from .library import compare, export
    from .parity.report import (
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
    from .parity.statistics import Interval

__all__ = [
    "CandidateReport",
    "Cause",
    "ClassResult",
    "Dataset",
    "Diagnosis",
    "Disagreement",
    "Extension",
    "Interval",
    "LayerNoise",
    "ParityReport",
    "Step",
    "Suspect",
    "Verdict",
    "compare",
    "export",
]

# Before anything is loaded: the converters are TensorFlow's, whatever backend the network was trained with; and its
# banner is not what a person should read first.
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

_ELSEWHERE = {
    "Interval": ".parity.statistics",
    "Verdict": "..edge.contract",
    "compare": ".library",
    "export": ".library",
}
# The names are asked for by programs that want TensorFlow; the command line's --help must not load it.
__getattr__ = lazily(__name__, {name: _ELSEWHERE.get(name, ".parity.report") for name in __all__})
