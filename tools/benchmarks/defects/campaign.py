"""A campaign: files with defects and good ones, judged and investigated, beside what is true of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgeproof.edge.classifier import Classifier, Prediction
from edgeproof.edge.console import Console
from edgeproof.edge.contract import Verdict
from edgeproof.edge.folders import LabelledFile
from edgeproof.edge.preprocess import Pixels
from edgeproof.edge.scores import label_scores
from edgeproof.export.parity.answers import Answers, Scores
from edgeproof.export.parity.detective import investigate
from edgeproof.export.parity.pictures import PictureJudge
from edgeproof.export.parity.reference import Answered
from edgeproof.export.parity.report import Suspect
from edgeproof.export.parity.verdict import Margins

from . import calibration, facts, onnx, tflite
from .vocabulary import Broken, Good, Kind, Workshop

KINDS = (*facts.KINDS, *tflite.KINDS, *onnx.KINDS, *calibration.KINDS)
_VALIDATION, _EXTENSION = 437, 563  # pictures that one judgement may look at
_FRAMES = 60  # that the detective looks at, as in an export


@dataclass(frozen=True)
class Population:
    """All pictures there are: what a judgement draws from, and what the true loss is measured on.

    `reference` holds the network's scores, (n, labels), in the order of `labels`.
    """

    frames: Sequence[Pixels]
    truth: NDArray[np.int64]
    reference: Scores
    labels: tuple[str, ...]

    @cached_property
    def files(self) -> tuple[LabelledFile, ...]:
        """Name the pictures by their index."""
        return tuple(LabelledFile(str(index), self.labels[label], "") for index, label in enumerate(self.truth))

    def answer(self, files: Sequence[LabelledFile]) -> Answered:
        """Answer pictures as the network does."""
        chosen = np.array([int(file.file) for file in files], np.int64)
        return Answered(tuple(files), self.truth[chosen], self.reference[chosen])


@dataclass(frozen=True)
class Outcome:
    """What became of a file: its true loss on the whole population, the verdict, and what the detective named.

    `seen` is the loss on the validation pictures of this judgement, all that comparing two accuracies looks at.
    """

    file: str
    kind: str
    change: str
    loss: float
    agreement: float
    verdict: Verdict
    causes: frozenset[Suspect]
    named: frozenset[Suspect] | None = None
    seen: float = 0.0

    def __str__(self) -> str:
        named, causes = (
            "+".join(sorted(suspect.name for suspect in found)) or "-" for found in (self.named or (), self.causes)
        )
        wrong = "" if self.named is None or named == causes else "  WRONG"
        return (
            f"{100 * self.loss:7.2f} {self.agreement:7.2%} {self.verdict.value:12} {named:14} "
            f"{self.file:12} {self.kind}: {self.change}{wrong}"
        )


class Campaign:
    """Tries the gate and the detective on files of one network.

    Args:
        population: the pictures.
        good: files that answer as the network does.
        workshop: what defects are made with.
        margins: what a file may lose.
        seed: draws defects and splits.
        sizes: how many pictures validation and extension of a judgement have.
        kinds: the kinds of defects to draw, in turn.
    """

    def __init__(
        self,
        population: Population,
        good: Sequence[Good],
        workshop: Workshop,
        margins: Margins,
        seed: int,
        sizes: tuple[int, int] = (_VALIDATION, _EXTENSION),
        kinds: Sequence[Kind] = KINDS,
    ) -> None:
        self.margins = margins
        self._kinds = [kind for kind in kinds if any(map(kind.fits, good))]  # gray has no channels to swap
        self._population, self._good, self._workshop = population, tuple(good), workshop
        self._rng, self._sizes = np.random.default_rng(seed), sizes
        self._console = Console()

    def try_defects(self, count: int) -> list[Outcome]:
        """Draw defects, kind after kind; each is judged, and investigated unless it passes."""
        outcomes = []
        with self._console.progress("trying defects", count) as progress:
            for index in range(count):
                kind = self._kinds[index % len(self._kinds)]
                fitting = [file for file in self._good if kind.fits(file)]
                file = fitting[self._rng.integers(len(fitting))]
                broken = kind.make(file, self._workshop, self._rng)
                outcomes.append(self._outcome(file.name, kind.name, broken, _Known(broken.classifier)))
                progress.advance()
        return outcomes

    def try_good(self, count: int) -> list[Outcome]:
        """Judge the good files in turn, each on a split of its own."""
        known = [_Known(file.open()) for file in self._good]
        outcomes = []
        with self._console.progress("trying good files", count) as progress:
            for index in range(count):
                file, classifier = self._good[index % len(known)], known[index % len(known)]
                broken = Broken("none", classifier.classifier)
                outcomes.append(self._outcome(file.name, "good", broken, classifier))
                progress.advance()
        return outcomes

    def _outcome(self, name: str, kind: str, broken: Broken, known: _Known) -> Outcome:
        population = self._population
        outputs = np.stack([known.classify(frame).scores for frame in population.frames])
        output = broken.classifier.contract.output
        order = [output.labels.index(label) for label in population.labels]
        answers = Answers(population.truth, population.reference, label_scores(outputs, output)[:, order])
        drawn = [population.files[index] for index in self._rng.permutation(len(population.files))]
        judge = self._judge(drawn)
        verdict = judge.judge(name, known).verdict  # type: ignore[arg-type]  # a classifier in all but name
        named = None if verdict is Verdict.PASS else _named(judge, broken.classifier)
        loss, agreement = answers.pairs().loss, answers.agreement
        seen = self._seen(answers, drawn)
        return Outcome(name, kind, broken.change, loss, agreement, verdict, broken.causes, named, seen)

    def _seen(self, answers: Answers, drawn: Sequence[LabelledFile]) -> float:
        looked_at = np.array([int(file.file) for file in drawn[: self._sizes[0]]], np.int64)
        part = (answers.truth[looked_at], answers.reference[looked_at], answers.candidate[looked_at])
        return Answers(*part).pairs().loss

    def _judge(self, drawn: Sequence[LabelledFile]) -> PictureJudge:
        validation, extension = self._sizes
        return PictureJudge(
            Path(),
            drawn[:validation],
            drawn[validation : validation + extension],
            _Network(self._population),
            self.margins,
            Console(quiet=True),
            read=lambda _, file: self._population.frames[int(file.file)],
        )


def _named(judge: PictureJudge, classifier: Classifier) -> frozenset[Suspect]:
    asked = judge.some(_FRAMES)
    diagnosis = investigate(classifier, judge.frames(asked.files), asked.scores, judge.labels)
    return frozenset(cause.suspect for cause in diagnosis.causes)


class _Network:
    """The network as a reference: its answers are known."""

    name = "network"

    def __init__(self, population: Population) -> None:
        self.labels, self.answer = population.labels, population.answer


class _Known:
    """A classifier that answers each frame once, and remembers."""

    def __init__(self, classifier: Classifier) -> None:
        self.classifier, self.contract, self.interpreter = classifier, classifier.contract, classifier.interpreter
        self._known: dict[int, Prediction] = {}

    def classify(self, frame: Pixels) -> Prediction:
        """Answer a frame of the population."""
        if id(frame) not in self._known:
            self._known[id(frame)] = self.classifier.classify(frame)
        return self._known[id(frame)]
