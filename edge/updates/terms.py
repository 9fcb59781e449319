"""What a candidate must keep to, and how it is opened: the vocabulary of updates."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..interpreters import BACKENDS

if TYPE_CHECKING:
    from ..classifier import Classifier


@dataclass(frozen=True)
class Terms:
    """Bounds of the shadow and of the probation.

    Args:
        shadow: seconds for which a candidate answers live frames beside the model that answers now.
        agreement: the part of these frames on which both must say the same label.
        latency: how many times as long as the old model's a candidate's answer may take.
        probation: seconds after the swap for which the old model is kept.
        fewest: frames that either must have, however long that takes.
        opening: seconds within which a child must have opened a candidate and repeated its golden frames; a slow card
            takes many for the first import alone.
        hung: seconds for one frame in the shadow, after which a candidate counts as one that hangs.
    """

    shadow: float = 30.0
    agreement: float = 0.8
    latency: float = 2.0
    probation: float = 30.0
    fewest: int = 10
    opening: float = 120.0
    hung: float = 10.0


@dataclass(frozen=True)
class Programs:
    """What the children run: arguments of this Python."""

    judge: tuple[str, ...] = ("-m", "edgeproof.edge.updates.judge")
    host: tuple[str, ...] = ("-m", "edgeproof.edge.updates.host")


@dataclass(frozen=True)
class Opening:
    """How the running model was opened, and every candidate is.

    `signed_by` are the files of the keys one of which must have signed a file, where that is required.
    """

    interpreter: str | None = None
    threads: int | None = None
    unknown_below: float | None = None
    signed_by: tuple[str, ...] | None = None

    def open(self, path: str, threads: int | None = None) -> Classifier:
        """Open a file; `threads` go before the running model's.

        Raises:
            InputError: as Classifier.open does.
        """
        from ..classifier import Classifier

        interpreter = self.interpreter
        if interpreter in BACKENDS and f".{BACKENDS[interpreter].format.value}" != Path(path).suffix:
            interpreter = None  # it was chosen for the other format
        return Classifier.open(
            path,
            interpreter=interpreter,
            threads=threads or self.threads,
            unknown_below=self.unknown_below,
            signed_by=self.signed_by,
        )
