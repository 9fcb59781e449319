"""The proof that a file carries: what the workstation found, and frames that repeat it elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from .numbers import check_scores
from .vocabulary import Verdict

_MOST_GOLDEN = 64  # frames, all of which a run answers before it begins


@dataclass(frozen=True)
class GoldenFrame:
    """One raw frame, kept before resizing, with what the workstation made of it.

    `file` names the PNG (or, for numbers, .json) inside the model file, `input_sha256` is over the bytes of the input
    tensor, and `scores` are the dequantized outputs.
    """

    file: str
    label: str | None
    input_sha256: str
    scores: tuple[float, ...]

    def __post_init__(self) -> None:
        check_scores(self.scores)


@dataclass(frozen=True)
class Proof:
    """The parity result on the workstation, and the frames that repeat it elsewhere.

    The comparison with the reference rests on `n` samples, the accuracies on the `n_validation` among them that were
    kept from training. `loss_bound` is the one-sided upper bound of the accuracy loss at `confidence`.
    """

    verdict: Verdict
    reference: str
    n: int
    n_validation: int
    margin: float
    loss_bound: float | None
    confidence: float | None
    agreement: float | None
    accuracy: float | None
    accuracy_reference: float | None
    tolerance: float
    golden: tuple[GoldenFrame, ...] = ()

    def __post_init__(self) -> None:
        if len(self.golden) > _MOST_GOLDEN:
            raise ValueError(f"expected at most {_MOST_GOLDEN} golden frames, received {len(self.golden)}")
