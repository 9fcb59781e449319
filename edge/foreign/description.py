"""What a person says of a model made elsewhere, and what was assumed where they do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path


@dataclass(frozen=True)
class Description:
    """What a person says of a model without a contract; None where they leave it to the file, or to be assumed.

    The fields are the arguments of `Classifier.open`, which says what they mean, and the options of `edgeproof run`.
    """

    labels: str | Path | Sequence[str] | None = None
    range: str | tuple[float, float] | None = None
    mean: str | Sequence[float] | None = None
    std: str | Sequence[float] | None = None
    color: str | None = None
    resize: str | None = None
    layout: str | None = None
    activation: str | None = None
    size: tuple[int, int] | None = None

    def given(self) -> list[str]:
        """List the names of what is said."""
        return [field.name for field in fields(self) if getattr(self, field.name) is not None]


@dataclass(frozen=True)
class Assumption:
    """What was taken for true because neither the file nor a person says it.

    `argument` is the one of `Classifier.open`, and the option of `edgeproof run`, that says otherwise.
    """

    argument: str
    value: str
    why: str = ""

    def __str__(self) -> str:
        """Word it, as in "range 0..1" or "activation softmax (by its answers to test pictures)"."""
        return f"{self.argument} {self.value}" + (f" ({self.why})" if self.why else "")
