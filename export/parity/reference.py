"""References: what a candidate's answers are held against, a network on its own pixels or another model file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ...edge.classifier import Classifier
from ...edge.console import Console
from ...edge.contract import ModelOutput
from ...edge.errors import InputError, UnreadableError
from ...edge.folders import LabelledFile
from ...edge.pixel_set import PixelSet, label_indices, read_labelled, report_unreadable
from ...edge.scores import label_scores
from .answers import Scores

_LOT = 4096  # pictures whose pixels are in memory at once


@dataclass(frozen=True)
class Answered:
    """What a reference answered: the pictures that could be read, their true indices, and scores (n, labels)."""

    files: tuple[LabelledFile, ...]
    truth: NDArray[np.int64]
    scores: Scores


class Reference(Protocol):
    """Answers pictures; `name` is what reports call it, `labels` are in the order of its scores."""

    name: str
    labels: tuple[str, ...]

    def answer(self, files: Sequence[LabelledFile]) -> Answered:
        """Answer pictures; the unreadable ones are left out.

        Raises:
            InputError: no picture can be read, or the reference answers NaN or infinity.
        """
        ...


class NetworkReference:
    """A network on the pixels that it was trained on.

    Args:
        name: what reports call it.
        output: what its units mean.
        read: decodes pictures to pixels at the network's size; gives a line for each one that cannot be read too.
        predict: pixels, uint8 of shape (n, height, width, channels), n above 0, to outputs (n, units).
        console: where warnings go.
        strict: end at the first unreadable picture.
    """

    def __init__(
        self,
        name: str,
        output: ModelOutput,
        read: Callable[[Sequence[LabelledFile]], tuple[PixelSet, Sequence[str]]],
        predict: Callable[[NDArray[np.uint8]], Scores],
        console: Console,
        *,
        strict: bool = False,
    ) -> None:
        self.name, self.labels = name, output.labels
        self._output, self._read, self._predict = output, read, predict
        self._console, self._strict = console, strict

    def answer(self, files: Sequence[LabelledFile]) -> Answered:
        """Answer pictures, as `Reference` says."""
        lots: list[Answered] = []
        failures: list[str] = []
        for start in range(0, len(files), _LOT):
            pixels, unreadable = self._read(files[start : start + _LOT])
            failures += unreadable
            if failures and self._strict:
                break
            if len(pixels):  # one lot may hold nothing that can be read
                lots.append(self._answer(pixels))
        report_unreadable(failures, len(files), self._console, strict=self._strict)
        kept = tuple(file for lot in lots for file in lot.files)
        truth = np.concatenate([lot.truth for lot in lots])
        return Answered(kept, truth, np.concatenate([lot.scores for lot in lots]))

    def _answer(self, pixels: PixelSet) -> Answered:
        outputs = _numbers(self._predict(pixels.pixels), "network", "train again")
        return Answered(pixels.files, pixels.labels, label_scores(outputs, self._output))


class FileReference:
    """A model file that answers the encoded pictures through the device's own code.

    Args:
        name: what reports call it.
        classifier: the opened file.
        root: the folder that the pictures' paths are relative to.
        console: where progress and warnings go.
        strict: end at the first unreadable picture.
    """

    def __init__(
        self, name: str, classifier: Classifier, root: Path, console: Console, *, strict: bool = False
    ) -> None:
        self.name, self.labels = name, classifier.contract.output.labels
        self._classifier, self._root, self._console, self._strict = classifier, root, console, strict

    def answer(self, files: Sequence[LabelledFile]) -> Answered:
        """Answer pictures, as `Reference` says."""
        kept, scores, failures = [], [], []
        with self._console.progress(f"answering with {self.name}", len(files)) as progress:
            for file in files:
                try:
                    scores.append(self._classifier.classify(read_labelled(self._root, file)).scores)
                    kept.append(file)
                except UnreadableError as error:
                    failures.append(str(error))
                progress.advance()
        report_unreadable(failures, len(files), self._console, strict=self._strict)
        outputs = _numbers(np.stack(scores), "reference", "choose another reference")
        return Answered(
            tuple(kept),
            label_indices(kept, self.labels),
            label_scores(outputs, self._classifier.contract.output),
        )


def _numbers(outputs: Scores, what: str, remedy: str) -> Scores:
    if not np.isfinite(outputs).all():
        raise InputError(f"expected a {what} that answers numbers, received NaN or infinity; {remedy}")
    return outputs
