"""A candidate in the shadow: it answers live frames beside the model that answers now, and is held to its terms."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from .. import typed_json
from ..errors import InputError
from .child import Child, LateError
from .messages import CAPACITY, Begun, Compared, Offered, Task, line
from .shared import Shared, create
from .terms import Terms

_LOOK = 0.1  # seconds between two looks whether the run has ended
_MOST = 100_000  # latencies kept; a shadow of an hour has as many


@dataclass
class Tally:
    """What a shadow has shown so far: frames that both answered, and milliseconds of each answer."""

    agreed: int = 0
    candidate: list[float] = field(default_factory=list)
    reference: list[float] = field(default_factory=list)

    @property
    def frames(self) -> int:
        """How many frames both answered."""
        return len(self.candidate)

    @property
    def agreement(self) -> float:
        """The part of them with the same label."""
        return self.agreed / self.frames

    @property
    def ratio(self) -> float:
        """The candidate's median latency in terms of the reference's."""
        return float(np.median(self.candidate) / np.median(self.reference))

    def add(self, compared: Compared) -> None:
        """Count one frame."""
        self.agreed += compared.agrees
        self.candidate.append(compared.candidate)
        self.reference.append(compared.reference)

    def refusal(self, terms: Terms) -> str | None:
        """Say why a candidate is not to be taken; None where it is."""
        if self.agreement < terms.agreement:
            return (
                f"expected the same label on {terms.agreement:.0%} of the frames, received {self.agreement:.1%} "
                f"of {self.frames}"
            )
        if self.ratio > terms.latency:
            return f"expected up to {terms.latency:g} × the time of the model in use, received {self.ratio:.1f} ×"
        return None

    def __str__(self) -> str:
        return f"{self.frames} frames, agreement {self.agreement:.1%}, {self.ratio:.1f} × the time"


class Shadow:
    """The child that compares; `offer` is for the loop, `watch` for the thread that waits for the result.

    Raises:
        InputError: the child refuses the candidate, ends, or takes longer than `patience` seconds to prove it; or the
            run is over.
    """

    def __init__(
        self, program: Sequence[str], task: Task, patience: float, is_over: Callable[[], bool] = lambda: False
    ) -> None:
        self._shared = Shared(create(CAPACITY))
        self._child = Child(program, replace(task, shared=self._shared.descriptor))
        self._image: NDArray[np.generic] = np.empty(0, np.uint8)
        self._offered = b""  # the message about such an image
        self._busy_since: float | None = None
        try:
            begun = typed_json.loads(Begun, self._child.opened_line(patience, is_over), "child")
            if begun.refused is not None:
                raise InputError(begun.refused)
        except BaseException:
            self.close()
            raise

    def offer(self, image: NDArray[np.generic]) -> None:
        """Copy a frame for the child; nothing is done while it is busy, so the loop never waits."""
        if self._busy_since is not None or image.nbytes > CAPACITY:
            return
        if image.shape != self._image.shape or image.dtype != self._image.dtype:
            self._image = self._shared.array(image.shape, image.dtype.name)
            self._offered = line(Offered(image.shape, image.dtype.name))
        np.copyto(self._image, image)
        self._busy_since = time.monotonic()
        try:
            self._child.send(self._offered)
        except (InputError, ValueError):  # which `watch` meets too, and words
            return

    def watch(self, terms: Terms, is_over: Callable[[], bool]) -> Tally | None:
        """Count what the child says until the time is over; None where the run ended before.

        Raises:
            InputError: the child fails on a frame, ends, or hangs.
        """
        tally = Tally()
        start = time.monotonic()
        while tally.frames < terms.fewest or time.monotonic() - start < terms.shadow:
            if is_over():
                return None
            if (compared := self._compared(terms.hung)) is None:
                continue
            if compared.refused is not None:
                raise InputError(compared.refused)
            if tally.frames == 0:
                start = time.monotonic()  # a source that is away for long makes no short shadow
            if tally.frames < _MOST:
                tally.add(compared)
            self._busy_since = None
        return tally

    def close(self) -> None:
        """End the child; the loop offers nothing any more."""
        self._child.close()
        self._shared.close()

    def _compared(self, hung: float) -> Compared | None:
        try:
            return typed_json.loads(Compared, self._child.line(_LOOK), "child")
        except LateError:
            since = self._busy_since
            if since is not None and time.monotonic() - since > hung:
                raise InputError(f"expected an answer within {hung:g} s, received none: it hangs") from None
            return None
