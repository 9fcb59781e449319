"""A candidate, opened and proven: done in each child before anything else."""

from __future__ import annotations

from pathlib import Path

from ..classifier import Classifier
from ..contract import Contract, Verdict
from ..errors import ExitCode, InputError
from .messages import Task

_SHOWN = 10  # labels, in a message


def proven(task: Task, threads: int | None = None) -> Classifier:
    """Open a candidate and repeat its golden frames.

    Raises:
        InputError: it cannot be opened, is no file that proves itself, answers otherwise than the workstation, or is
            for another task than the running model.
    """
    from ..proof.repeat import check_at_start
    from ..proof.report import reason as failing

    classifier = task.opening.open(task.file, threads)
    _check_contract(classifier.contract, task)
    report = check_at_start(Path(task.file), classifier)
    if report is None:
        raise InputError("expected golden frames to check it with, received none; export it again")
    if report.code != ExitCode.GOOD:
        raise InputError(f"expected the workstation's answers, received others, {failing(report.stages)}")
    return classifier


def reason(error: InputError | MemoryError) -> str:
    """Word why a candidate is not taken."""
    if isinstance(error, MemoryError):
        return "expected a model of bounded memory, received one that takes more"
    return str(error)


def _check_contract(contract: Contract, task: Task) -> None:
    if contract.proof is None or contract.integrity is None:
        raise InputError("expected a sealed file of edgeproof export, received one without proof; export it")
    if contract.proof.verdict is Verdict.FAIL:
        raise InputError("expected a model that passed its parity check, received one that failed; see its parity.json")
    if contract.output.labels != task.labels:
        raise InputError(
            f"labels differ: expected {_named(task.labels)}, received {_named(contract.output.labels)}; "
            "start run again with it"
        )
    if contract.input.kind != task.kind:
        raise InputError(
            f"expected a model of {task.kind}, received one of {contract.input.kind}; start run again with it"
        )


def _named(labels: tuple[str, ...]) -> str:
    return ", ".join(labels[:_SHOWN]) + (", …" if len(labels) > _SHOWN else "") if labels else "none"
