"""What a person may choose about a comparison."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from .options import Described
from .parity.verdict import Margins


@dataclass(frozen=True)
class Options:
    """What a person may choose about a comparison.

    `data` is a folder of class folders; the validation pictures of the reference's run where None. `described` is what
    models without a contract are taken for. `group` is a regular expression whose first group names the photo that a
    picture is a copy of. `interpreter` and `threads` are what runs candidates of .tflite and .onnx; the first
    installed one, and as many as the machine has, where None.
    """

    margins: Margins = field(default_factory=Margins)
    data: Path | None = None
    described: Described = field(default_factory=Described)
    group: re.Pattern[str] | None = None
    strict: bool = False
    trust: bool = False
    interpreter: str | None = None
    threads: int | None = None
