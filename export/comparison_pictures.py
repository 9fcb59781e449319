"""The pictures that a comparison runs on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..edge.console import Console
from ..edge.errors import InputError
from ..edge.folders import LabelledFile
from . import samples
from .samples import Chosen

_VALIDATION = "validation"


@dataclass(frozen=True)
class Pictures:
    """What to compare on: `validation` is what accuracy rests on, `extension` what the reference was trained on."""

    root: Path
    validation: tuple[LabelledFile, ...]
    extension: tuple[LabelledFile, ...] = ()

    @property
    def judged(self) -> Chosen:
        """The pictures that accuracy rests on."""
        return Chosen(self.root, self.validation)

    def uncalibrated(self, calibrated: frozenset[str], console: Console) -> Pictures:
        """Leave out what fixed the ranges of a file, by SHA-256: nobody is judged by that.

        Raises:
            InputError: nothing is left.
        """
        extension = tuple(file for file in self.extension if file.sha256 not in calibrated)
        return Pictures(self.root, self._unknown(calibrated, "calibrated a file", console), extension)

    def without(self, trained: frozenset[str], console: Console) -> Pictures:
        """Leave out what a candidate was trained on, by SHA-256: it knows those pictures by heart.

        The extension goes too. What the reference was trained on says how well it is copied, but nothing fair of a
        network that was trained by itself.

        Raises:
            InputError: nothing is left.
        """
        return Pictures(self.root, self._unknown(trained, "trained a candidate", console))

    def _unknown(self, known: frozenset[str], use: str, console: Console) -> tuple[LabelledFile, ...]:
        kept = tuple(file for file in self.validation if file.sha256 not in known)
        left_out = f"{len(self.validation) - len(kept)} of {len(self.validation)} pictures {use}"
        if not kept:
            raise InputError(f"expected pictures of other use, received none: {left_out}: {self.root}; pass --data")
        if len(kept) < len(self.validation):
            console.warn(f"{left_out} and are left out")
        return kept


class Listing:
    """The pictures of --data, which are listed and hashed once; `data` is its folder, None where there is none."""

    def __init__(self, data: Path | None) -> None:
        self.data = data
        self._found: dict[tuple[str, ...], Chosen] = {}

    def labelled(self, labels: Sequence[str]) -> Chosen:
        """List the pictures of each label; those of a folder `validation` within, where there is one.

        Raises:
            InputError: no folder was named, or its class folders are not the labels.
        """
        if self.data is None:
            raise InputError("expected pictures to compare on, received none; pass --data FOLDER")
        key = tuple(labels)
        if key not in self._found:
            self._found[key] = _labelled(self.data, key)
        return self._found[key]


def _labelled(data: Path, labels: Sequence[str]) -> Chosen:
    folder = data / _VALIDATION if (data / _VALIDATION).is_dir() else data
    found = samples.evaluation(folder, labels).files
    files = (replace(file, file=(folder / file.file).relative_to(data).as_posix()) for file in found)
    return Chosen(data, tuple(files))
