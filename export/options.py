"""What a person may choose about an export."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..edge.choices import one_or_none
from ..edge.contract import Activation, Color, Contract, Format, ImageInput, Precision, Resize
from .conversion.choices import Quantizing
from .parity.verdict import Margins


@dataclass(frozen=True)
class Described:
    """What a model made elsewhere does not say of itself: its contract, in words.

    `labels` is "a,b,c" or a file of lines, or the labels themselves, in the order of the outputs; `range` holds the
    values of a pixel of 0 and of 255; `size` is height and width, for networks that take any; `activation` is what the
    outputs are, where the network does not tell; `name` begins the names of the exported files.
    """

    labels: str | Sequence[str] | None = None
    range: tuple[float, float] | None = None
    resize: Resize | None = None
    color: Color | None = None
    size: tuple[int, int] | None = None
    activation: Activation | None = None
    name: str | None = None

    @classmethod
    def in_words(
        cls,
        labels: str | Sequence[str] | None,
        range: tuple[float, float] | None,  # noqa: A002 - the contract's word
        resize: str | None,
        color: str | None,
        size: tuple[int, int] | None,
        activation: str | None,
        name: str | None = None,
    ) -> Described:
        """Read what a caller says in words.

        Raises:
            InputError: a word is none of the contract's.
        """
        return cls(
            labels=labels if labels is None or isinstance(labels, str) else tuple(labels),
            range=range,
            resize=one_or_none(Resize, "resize=", resize),
            color=one_or_none(Color, "color=", color),
            size=size,
            activation=one_or_none(Activation, "activation=", activation),
            name=name,
        )

    @property
    def given(self) -> list[str]:
        """The options that were set, as a person writes them."""
        return [f"--{name}" for name, value in vars(self).items() if value is not None]

    def completed(self, contract: Contract) -> Described:
        """Take from another model's contract what was not said: labels, range, resize rule, and BGR."""
        spec = contract.input
        if not isinstance(spec, ImageInput):
            raise TypeError("expected the contract of a model of pictures")
        # RGB or gray is the network's own affair: it has as many channels.
        color = spec.color if spec.color is Color.BGR else None
        return replace(
            self,
            labels=self.labels or contract.output.labels,
            range=self.range or spec.range,
            resize=self.resize or spec.resize,
            color=self.color or color,
        )


@dataclass(frozen=True)
class Options:
    """What a person may choose about an export; `precisions` of None are all that the formats have.

    `data` is where a run's pictures are now. `calibration` and `evaluate` are folders of pictures to calibrate with
    and to judge by; a run has its own. `out` is where files go; beside the model where None.
    `auto` walks the ladder where int8 does not pass. `group` is a regular expression whose first group names the photo
    that a picture is a copy of. `quantizing` is how integers are made.
    """

    precisions: Sequence[Precision] | None
    formats: Sequence[Format]
    margins: Margins
    data: Path | None = None
    strict: bool = False
    trust: bool = False
    calibration: Path | None = None
    evaluate: Path | None = None
    out: Path | None = None
    auto: bool = False
    group: re.Pattern[str] | None = None
    quantizing: Quantizing = field(default_factory=Quantizing)
    described: Described = field(default_factory=Described)
