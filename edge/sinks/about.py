"""What outputs that leave this process say of it: which model answers, in what words, and by which version."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..classifier import Classifier, Origin


@dataclass(frozen=True)
class About:
    """The model's name, its labels in order (none for a regression), the runtime, and edgeproof's version."""

    model: str
    labels: tuple[str, ...]
    interpreter: str
    version: str

    @classmethod
    def of(cls, path: Path, classifier: Classifier) -> About:
        """Describe an open model file."""
        labels = tuple(classifier.contract.output.labels)
        name = path.stem.encode(errors="backslashreplace").decode()  # a file's name need not be text
        return cls(name, labels, classifier.interpreter.name, version("edgeproof"))

    def now(self, origin: Origin | None) -> About:
        """Describe the model that an answer is from, where it may change; labels stay the same."""
        if origin is None:
            return self
        return replace(self, model=Path(origin.file).stem, interpreter=origin.interpreter)
