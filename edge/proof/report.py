"""What a check found: for a person, a line per stage; for a program, every number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..contract import Verdict
from ..errors import ExitCode
from ..verdicts import exit_code
from .golden import FrameResult
from .stages import StageResult


@dataclass(frozen=True)
class CheckReport:
    """A check of one file on one device; stages behind one that could not be passed are not there.

    `milliseconds` are those of the golden frames, decoding included. `parity` is the verdict that the workstation came
    to on `parity_n` samples when the file was made: the check asks whether answers are the same here, not whether they
    were good there.
    """

    file: str
    verdict: Verdict
    stages: tuple[StageResult, ...] = ()
    frames: tuple[FrameResult, ...] = ()
    network_bytes: int | None = None
    parity: Verdict | None = None
    parity_n: int | None = None
    tolerance: float | None = None
    interpreter: str | None = None
    threads: int | None = None
    minimum_runtime: str | None = None
    milliseconds: float | None = None
    machine: str = ""
    versions: dict[str, str] | None = None

    @property
    def code(self) -> ExitCode:
        """How the command ends."""
        return exit_code(self.verdict)

    def lines(self) -> Iterator[str]:
        """Word it for a person; where there is nothing to repeat, that is all there is to say."""
        if self.verdict is Verdict.INCONCLUSIVE:
            yield f"inconclusive: {self.stages[-1].words}: {self.file}"
            return
        for stage in self.stages:
            yield f"{stage.stage.value:13}{'ok' if stage.passed else 'FAILED':8}{stage.words}"
        if self.verdict is Verdict.PASS:
            count = f"{len(self.frames)} golden frame(s) in {self.milliseconds or 0.0:.1f} ms"
            yield f"pass: {self.file} answers here as on the workstation, {count}"
        else:
            yield f"{self.verdict.value}: {reason(self.stages)}"


def verdict(stages: tuple[StageResult, ...]) -> Verdict:
    """Judge stages that were all reached."""
    return Verdict.PASS if all(stage.passed for stage in stages) else Verdict.FAIL


def reason(stages: tuple[StageResult, ...]) -> str:
    """Give the line of the first stage that was not passed, which the others follow from."""
    first = next(stage for stage in stages if not stage.passed)
    return f"{first.stage.value}: {first.words}"
