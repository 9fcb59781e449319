"""The golden frames of an open file, answered and judged: the part of a check that a run begins with too."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from .. import modelfile
from ..classifier import Classifier
from ..contract import Proof, Verdict
from ..errors import InputError
from .golden import FrameResult, UnansweredError, answer
from .report import CheckReport, verdict
from .stages import Stage, StageResult, compared


def check_at_start(path: Path, classifier: Classifier) -> CheckReport | None:
    """Answer the golden frames of a file that `classifier` was opened from; None where it carries none.

    Raises:
        InputError: the file has been changed since it was opened.
    """
    proof = classifier.contract.proof
    if proof is None or not proof.golden:
        return None
    begun = CheckReport(path.name, Verdict.FAIL, parity=proof.verdict, parity_n=proof.n)
    # What was signed is what was read when the signature was checked.
    members = modelfile.read_members(path) if classifier.members is None else classifier.members
    return repeated(begun, classifier, proof, members)


def repeated(begun: CheckReport, classifier: Classifier, proof: Proof, members: Mapping[str, bytes]) -> CheckReport:
    """Go on with a check whose network is loaded: answer the golden frames and judge them."""
    name = classifier.interpreter.name
    runtime = StageResult(Stage.RUNTIME, True, name)
    results: tuple[StageResult, ...]
    frames: list[FrameResult] = []
    start = time.perf_counter()
    try:
        frames.extend(answer(classifier, frame, members) for frame in proof.golden)
    except UnansweredError as error:
        results = (StageResult(Stage.RUNTIME, False, str(error)),)
    except InputError as error:
        results = (runtime, StageResult(Stage.INPUT, False, str(error)))
    else:
        results = (runtime, *compared(frames, proof, name))
    milliseconds = (time.perf_counter() - start) * 1e3
    stages = (*begun.stages, *results)
    return replace(
        begun,
        verdict=verdict(stages),
        stages=stages,
        frames=tuple(frames),
        interpreter=name,
        tolerance=proof.tolerance,
        milliseconds=milliseconds,
    )
