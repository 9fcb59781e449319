"""An interpreter in a process of its own: a crash or a hang there is an error here, and loading costs nothing here."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .. import typed_json
from ..classifier import Classifier
from ..errors import InputError
from ..interpreters import failed
from .child import Child, LateError
from .messages import CAPACITY, REPLY, Begun, Hosted, Task
from .shared import Shared, create

HUNG = 10.0  # seconds for one inference, unless somebody waits who has another answer
_NUMBERS = 256


class RemoteInterpreter:
    """An `Interpreter` whose network a child runs.

    `patience` are the seconds that `invoke` waits; an answer that is later is thrown away when it comes.
    """

    def __init__(self, child: Child, shared: Shared, hosted: Hosted) -> None:
        self.name, self.input, self.output = hosted.name, hosted.input, hosted.output
        self.patience = HUNG
        self.busy_since: float | None = None  # of an inference that was given up, in seconds of time.monotonic
        self._child, self._shared = child, shared
        self._number = 0
        self._input = shared.array(hosted.input_shape, hosted.input.dtype)
        self._output = shared.array(hosted.output_shape, hosted.output.dtype, hosted.output_at)

    @property
    def pid(self) -> int:
        """The number of the child's process."""
        return self._child.pid

    def is_busy(self) -> bool:
        """Tell, without waiting, whether an inference that was given up still runs.

        Raises:
            InputError: the child has ended, or that inference failed.
        """
        if self.busy_since is None:
            return False
        try:
            self._reply(0.0)
        except LateError:
            return True
        self.busy_since = None
        return False

    def input_tensor(self) -> NDArray[np.generic]:
        """Give the memory that the child reads the input from."""
        return self._input

    def invoke(self) -> None:
        """Have the child run the network.

        Raises:
            LateError: it took longer than `patience`.
            InputError: the runtime gives up, or the child has ended.
        """
        self._number = (self._number + 1) % _NUMBERS
        begun = time.monotonic()
        self._child.send(bytes((self._number,)))
        try:
            self._reply(self.patience)
        except LateError:
            self.busy_since = begun
            raise
        self.busy_since = None

    def output_tensor(self) -> NDArray[np.generic]:
        """Give the memory that the child writes the output to."""
        return self._output

    def close(self) -> None:
        """End the child."""
        self._child.close()
        self._shared.close()

    def _reply(self, patience: float) -> None:
        end = time.monotonic() + patience
        number = -1
        while number != self._number:  # the answer to one that was given up comes first, and is thrown away
            left = max(0.0, end - time.monotonic())
            number, has_failed, length = REPLY.unpack(self._child.read(REPLY.size, left))
            reason = self._child.read(length, HUNG).decode(errors="replace")
            if has_failed:
                raise failed(self.name, RuntimeError(reason))


def open_remote(
    program: Sequence[str], task: Task, patience: float, is_over: Callable[[], bool] = lambda: False
) -> tuple[Classifier, RemoteInterpreter]:
    """Have a child open a candidate and repeat its golden frames; `task.shared` is filled in here.

    Raises:
        InputError: it refuses the candidate, ends, or takes longer than `patience` seconds; or the run is over.
    """
    shared = Shared(create(CAPACITY))
    child = Child(program, replace(task, shared=shared.descriptor))
    try:
        begun = typed_json.loads(Begun, child.opened_line(patience, is_over), "child")
        if begun.refused is not None:
            raise InputError(begun.refused)
        hosted = typed_json.loads(Hosted, child.line(patience), "child")
        interpreter = RemoteInterpreter(child, shared, hosted)
        return Classifier(hosted.contract, interpreter), interpreter
    except BaseException:
        child.close()
        shared.close()
        raise
