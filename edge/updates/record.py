"""What outlives a run that crashes: which file was on probation, and which ones are not to be taken again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from .. import typed_json
from ..atomic import write_text
from ..errors import InputError

FORMAT = "edgeproof-updates/1"
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_MOST = 200  # hashes that are remembered
_TRIES = 2  # starts of the machine that may fall into one file's probation; power may be lost in a good one's too


@dataclass(frozen=True)
class Refused:
    """A file that is not taken again, by the hash of all of its bytes, and why."""

    sha256: str
    name: str
    reason: str


@dataclass(frozen=True)
class OnProbation:
    """A file that was swapped in and has not passed yet; `boot` names the machine's start, `tries` counts those."""

    sha256: str
    name: str
    boot: str
    tries: int


@dataclass(frozen=True)
class State:
    """The contents of the record; `interrupted` is a file whose probation a new start of the machine cut short."""

    probation: OnProbation | None = None
    interrupted: OnProbation | None = None
    refused: tuple[Refused, ...] = ()
    format: str = FORMAT


class Record:
    """The record in a file, which is whole whenever power is lost.

    `crashed` is the file that an earlier run had on probation when it ended without a word; it is refused from now on.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._state = _read(path)
        self.crashed: OnProbation | None = None
        probation = self._state.probation
        if probation is None:
            return
        if probation.boot != _boot() and probation.tries < _TRIES:
            self._write(replace(self._state, probation=None, interrupted=probation))
            return
        self.crashed = probation
        self.refuse(probation.sha256, probation.name, "the run ended while it was on probation")

    def reason(self, sha256: str) -> str | None:
        """Say why a file was refused; None where it was not."""
        return next((each.reason for each in self._state.refused if each.sha256 == sha256), None)

    def begin(self, sha256: str, name: str) -> None:
        """Note, before the swap, that a file is on probation.

        Raises:
            OSError: it cannot be written, and the file is not to be swapped in.
        """
        before = self._state.interrupted
        tries = before.tries + 1 if before is not None and before.sha256 == sha256 else 1
        self._write(replace(self._state, probation=OnProbation(sha256, name, _boot(), tries), interrupted=None))

    def clear(self) -> None:
        """Note that no file is on probation: it has passed, or the run ends in order.

        Raises:
            OSError: it cannot be written.
        """
        if self._state.probation is not None:
            self._write(replace(self._state, probation=None))

    def refuse(self, sha256: str, name: str, reason: str) -> None:
        """Note that a file is not to be taken again, in later runs either.

        Raises:
            OSError: it cannot be written.
        """
        refused = (*self._state.refused, Refused(sha256, name, reason))[-_MOST:]
        self._write(replace(self._state, probation=None, interrupted=None, refused=refused))

    def _write(self, state: State) -> None:
        self._state = state  # holds in this run, whatever the disk says
        write_text(self._path, typed_json.dumps(state))


def _read(path: Path) -> State:
    try:
        state = typed_json.loads(State, path.read_bytes(), str(path))
    except (OSError, InputError):  # none yet; or another version's, of which nothing is known
        return State()
    return state if state.format == FORMAT else State()


def _boot() -> str:
    try:
        return _BOOT.read_text().strip()
    except OSError:
        return ""
