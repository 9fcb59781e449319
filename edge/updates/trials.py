"""What each candidate goes through: a copy, the shadow, the swap, the probation; and a line about how it ended."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from ..classifier import Classifier, Origin
from ..console import Console
from ..errors import InputError
from .folder import Found
from .guard import Guard
from .messages import Task
from .probation import Probation
from .record import Record
from .remote import RemoteInterpreter, open_remote
from .shadow import Shadow, Tally
from .store import Kept, Store, shown
from .terms import Opening, Programs, Terms

_ROOM = 2 << 30  # bytes of addresses for a child's packages, threads and tensors
_COPIES = 8  # of a file: its bytes, those of the network in it, what the runtime packs, and the model compared with
_MOMENT = 0.05  # seconds between two looks at what the loop does

Value = TypeVar("Value")


@dataclass(frozen=True)
class Rules:
    """How candidates are opened, what they must keep to, and what the children run."""

    opening: Opening
    terms: Terms
    programs: Programs = field(default_factory=Programs)


class Trials:
    """Tries files, one after the other, and has the guard go on with those that are good.

    Args:
        model: the file that the run began with.
        classifier: the same, open.
        record: of this run and earlier ones.
        store: where copies go.
        console: where it is said how each trial ended.
        rules: what all candidates have in common.
    """

    def __init__(
        self, model: Found, classifier: Classifier, record: Record, store: Store, console: Console, rules: Rules
    ) -> None:
        self.ended = threading.Event()
        self.guard = Guard(classifier, self._reopened, rules.terms)
        self._record, self._store, self._console, self._rules = record, store, console, rules
        self._labels, self._kind = classifier.contract.output.labels, classifier.contract.input.kind
        self._model = model
        self._first = self._used = Kept(model.path, shown(model.path), model.sha256)
        self._is_copied = False
        self._remote: RemoteInterpreter | None = None  # of the model in use, where it is not the first
        self._refused: set[str] = set()
        classifier.origin = Origin.of(classifier, self._first.name, model.sha256)
        if record.crashed is not None:
            console.warn(f"update {record.crashed.name}: refused: the run ended while it was on probation")

    def settle(self) -> None:
        """Copy the first model, once; and note where the loop had to give up a model that had passed.

        Raises:
            InputError: the first model's file is another one by now.
            OSError: it cannot be copied.
        """
        if not self._is_copied:
            self._first = self._used = self._store.take(self._model)
            self._is_copied = True
        if self.guard.lost is None:
            return
        lost, self.guard.lost = self.guard.lost, None
        if lost.origin is None:
            return
        name, sha256, reason = lost.origin.file, lost.origin.sha256, " ".join(lost.reason.split())
        self._refused.add(sha256)
        self._console.warn(f"update {name}: given up for {self._first.name}: {reason}")
        if sha256 == self._used.sha256:  # and not one that another has taken the place of meanwhile
            before, self._used = self._used, self._first
            self._release(before)
        self._record.refuse(sha256, name, reason)

    def is_new(self, found: Found) -> bool:
        """Tell whether a file is neither in use nor refused."""
        known = found.sha256 == self._used.sha256 or found.sha256 in self._refused
        return not known and self._record.reason(found.sha256) is None

    def tried(self, found: Found) -> bool:
        """Try a file; tell whether it answers now.

        Raises:
            InputError: it is still written to.
        """
        name = shown(found.path)
        try:
            kept = self._store.take(found)
        except OSError as error:
            self._refuse(found.sha256, name, f"expected room for a copy, received {error.strerror or error}")
            return False
        taken = False
        try:
            tally = self._shadowed(kept)
            taken = tally is not None and self._exchanged(kept, tally)
        except InputError as error:
            if self.ended.is_set():  # it is tried in the next run
                return False
            self._refuse(kept.sha256, name, str(error).replace(str(kept.path), name))
        except OSError as error:
            self._refuse(kept.sha256, name, f"expected a child and its state on the disk, received {error}")
        finally:
            if not taken:
                self._store.drop(kept)
        return taken

    def close(self) -> None:
        """End the child that answers, if any, after the loop, and delete the copies."""
        if self._remote is not None:
            self._remote.close()
        self._store.clear()

    def _refuse(self, sha256: str, name: str, reason: str) -> None:
        self._refused.add(sha256)
        self._console.warn(f"update {name}: refused: {' '.join(reason.split())}")

    def _task(self, kept: Kept, reference: Path | None = None) -> Task:
        memory = _ROOM + _COPIES * kept.path.stat().st_size
        compared = None if reference is None else str(reference)
        return Task(str(kept.path), self._labels, self._kind, self._rules.opening, memory, -1, compared)

    def _shadowed(self, kept: Kept) -> Tally | None:
        """Let a candidate answer in the shadow; None where the run ends meanwhile."""
        terms = self._rules.terms
        shadow = Shadow(self._rules.programs.judge, self._task(kept, self._used.path), terms.opening, self.ended.is_set)
        try:
            self.guard.shadow = shadow
            tally = shadow.watch(terms, self.ended.is_set)
        finally:
            self.guard.shadow = None
            shadow.close()
        if tally is not None and (reason := tally.refusal(terms)) is not None:
            raise InputError(reason)
        return tally

    def _exchanged(self, kept: Kept, tally: Tally) -> bool:
        """Swap, and wait for the end of the probation; tell whether it was passed."""
        terms = self._rules.terms
        program, is_over = self._rules.programs.host, self.ended.is_set
        classifier, interpreter = open_remote(program, self._task(kept), terms.opening, is_over)
        classifier.origin = Origin.of(classifier, kept.name, kept.sha256)
        passed = False
        try:
            self._record.begin(kept.sha256, kept.name)
            self._console.say(f"update {kept.name}: shadowed {terms.shadow:g} s, {tally}; swapped")
            self.guard.swap(classifier, interpreter)
            probation = self._waited(lambda: self.guard.probation)
            passed = probation is not None and self._passed(kept, probation)
            if self.ended.is_set() and not passed:
                self._record.clear()
        finally:
            self.guard.forget()
            if not passed:
                interpreter.close()
        if passed:
            before, self._used = self._used, kept
            self._release(before)
            self._remote = interpreter
        return passed

    def _passed(self, kept: Kept, probation: Probation) -> bool:
        if self._waited(lambda: probation.over.is_set() or None) is None:
            return False  # the run ends
        terms = self._rules.terms
        if probation.failure is None:
            self._clear(kept)
            self._console.say(f"update {kept.name}: passed its probation of {terms.probation:g} s")
            return True
        reason = " ".join(probation.failure.split())
        self._refused.add(kept.sha256)
        self._console.warn(f"update {kept.name}: rolled back to {self._used.name}: {reason}")
        self._record.refuse(kept.sha256, kept.name, reason)
        return False

    def _clear(self, kept: Kept) -> None:
        """Note that a file has passed; a disk that is full is no reason to give it up."""
        try:
            self._record.clear()
        except OSError as error:
            self._console.warn(
                f"update {kept.name}: expected to note that it has passed, received {error.strerror or error}; "
                "the next run may refuse it"
            )

    def _release(self, kept: Kept) -> None:
        """End the child of a model that answers no more, and delete its copy; the first one's stays, to go back to."""
        if self._remote is not None:
            self._remote.close()
        self._remote = None
        if kept.sha256 != self._first.sha256:
            self._store.drop(kept)

    def _reopened(self) -> Classifier:
        """Open the first model again, for a loop that has no other."""
        classifier = self._rules.opening.open(str(self._first.path))
        classifier.origin = Origin.of(classifier, self._first.name, self._first.sha256)
        return classifier

    def _waited(self, given: Callable[[], Value | None]) -> Value | None:
        """Wait for what the loop will give; None where the run ends before."""
        while (value := given()) is None and not self.ended.wait(_MOMENT):
            pass
        return value
