"""How a command ends that gave a verdict: of a check on a device, or of the parity gate."""

from __future__ import annotations

from .contract import Verdict
from .errors import ExitCode

_CODES = {
    Verdict.PASS: ExitCode.GOOD,
    Verdict.FAIL: ExitCode.FAILED,
    Verdict.INCONCLUSIVE: ExitCode.INCONCLUSIVE,
}


def exit_code(verdict: Verdict) -> ExitCode:
    """Give the exit code of a verdict."""
    return _CODES[verdict]
