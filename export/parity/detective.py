"""The detective: why a candidate does not answer as its reference does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from ...edge.classifier import Classifier
from ...edge.contract import ImageInput
from ...edge.preprocess import Pixels
from ...edge.quantization import dequantize
from ...edge.scores import label_scores
from .answers import Answers, Scores
from .feeds import Feed, Trial, trials
from .remedies import Remedy, remedies
from .report import Cause, Diagnosis, Suspect
from .statistics import wilson

_AGREES = 0.97  # of the pictures, where a cause was found
_REGAINED = 0.8  # or of the agreement that was lost
# Of the drift, at most, is left over. Over the defects of tools/bench gate, wrong suspects leave 45 % and more (and of
# the agreement next to none is regained), and right ones 25 % and less wherever the defect costs accuracy.
_DRIFT_LEFT = 0.4
_FITTED_LEFT = 0.1  # where the change was fitted to the answers, which flatters it: right ones leave 2 %
_AS_GOOD = 1.05  # a drift this many times the least is as good
_MATTERS = 0.01  # drift beyond what a good int8 file has, which a second cause may explain
_NO_DRIFT = 1e-4  # floats that differ by rounding have nothing to explain
_FIRSTS = 3  # suspects that a second one is tried on top of
_FEWER = 3  # of so many frames one is enough to try pairs on


@dataclass(frozen=True)
class _Look:
    """What the answers become with causes taken away; `drift` is the mean change of a probability."""

    feed: Feed
    outputs: Scores
    agreement: float
    drift: float
    causes: tuple[Cause, ...] = ()


def investigate(
    classifier: Classifier, frames: Sequence[Pixels], reference: Scores, labels: Sequence[str]
) -> Diagnosis:
    """Find the cause, or the two causes, that explain the difference between a candidate and its reference.

    Suspects are tried by feeding the same frames in another way, or by reading the same outputs in another way. The one
    that leaves the least drift is named, if it restores the reference's answers:

    - both models then agree on 97 % of the pictures, or on 80 % of those that they did not agree on before, as far as
      so many pictures can tell;
    - of the mean drift of the probabilities no more than two fifths are left, or a tenth where outputs are read in
      another way, because what is then wrong is found by fitting.

    Drift is what tells causes apart: a wrong one may win some agreement back by chance, but only the right one brings
    every probability back to its place. A network that was quantized badly keeps its drift with every suspect, and none
    is named. A second cause is named if it restores, likewise, what the first one left.

    Args:
        classifier: the candidate, which takes pictures and has labels.
        frames: BGR, uint8, each of shape (height, width, 3); fifty or so tell causes apart.
        reference: the reference's scores of the frames, (n, labels).
        labels: the reference's labels, in the order of its scores; the candidate's may be in another.

    Returns:
        The diagnosis, without causes where no suspect explains the difference.
    """
    bench = _Bench(classifier, frames, reference, labels)
    start = bench.look(Feed(bench.spec))
    looks = bench.alternatives(start)
    found = _best(start, looks)
    if found is not None and found.drift > _MATTERS:
        found = _best(found, bench.alternatives(found)) or found
    elif found is None:
        few = _Bench(classifier, frames[::_FEWER], reference[::_FEWER], labels)
        found = _best(start, _pairs(bench, few, sorted(looks, key=lambda look: look.drift)[:_FIRSTS]))
    return Diagnosis(start.agreement, len(frames), found.causes if found else ())


def _pairs(bench: _Bench, few: _Bench, firsts: Sequence[_Look]) -> list[_Look]:
    """Take a second suspect away on top of each first: neither need restore much alone where two are at work.

    All of them are tried on a few frames, since they are many, and the best on all.
    """
    looks = []
    for first in firsts:
        start = few.again(first.feed, first.causes)
        best = _best(start, few.alternatives(start))
        if best is not None:
            looks.append(bench.again(best.feed, (*first.causes, best.causes[-1])))
    return looks


class _Bench:
    """The candidate, the frames, and what the reference answers, in the candidate's order of labels."""

    def __init__(
        self, classifier: Classifier, frames: Sequence[Pixels], reference: Scores, labels: Sequence[str]
    ) -> None:
        self._interpreter, self._output, self._frames = classifier.interpreter, classifier.contract.output, frames
        self._reference = reference[:, [labels.index(label) for label in self._output.labels]]
        # The caller's promise: numbers have no colours, ranges or sizes to suspect.
        self.spec = cast("ImageInput", classifier.contract.input)
        self._trials = trials(self.spec, self._interpreter.input.quantization)

    def look(self, feed: Feed) -> _Look:
        """Answer the frames, fed in one way."""
        outputs = []
        for frame in self._frames:
            feed.write(frame, self._interpreter.input_tensor())
            self._interpreter.invoke()
            outputs.append(dequantize(self._interpreter.output_tensor().reshape(-1), self._output.quantization))
        return self._measured(feed, np.stack(outputs), ())

    def alternatives(self, before: _Look) -> list[_Look]:
        """Take each suspect that was not named yet away."""
        named = {cause.suspect for cause in before.causes}
        fed = [self._fed(before, trial) for trial in self._trials if trial.suspect not in named]
        return [*fed, *(look for look in self._reread(before) if look.causes[-1].suspect not in named)]

    def again(self, feed: Feed, causes: tuple[Cause, ...]) -> _Look:
        """Answer the frames with these causes taken away, the last of which is measured anew."""
        look, named = self.look(feed), list(causes)
        for index, cause in enumerate(causes):
            readings = [reread for reread in self._reread(look) if reread.causes[-1].suspect is cause.suspect]
            if readings:
                look = min(readings, key=lambda reread: reread.drift)
                named[index] = replace(cause, change=look.causes[-1].change)
        named[-1] = replace(named[-1], agreement=look.agreement)
        return replace(look, causes=tuple(named))

    def _fed(self, before: _Look, trial: Trial) -> _Look:
        return self.again(trial.apply(before.feed), (*before.causes, Cause(trial.suspect, trial.change, 0.0)))

    def _reread(self, before: _Look) -> list[_Look]:
        return [self._read(before, remedy) for remedy in remedies(before.outputs, self._reference, self._output)]

    def _read(self, before: _Look, remedy: Remedy) -> _Look:
        look = self._measured(before.feed, remedy.outputs, before.causes)
        return replace(look, causes=(*before.causes, Cause(remedy.suspect, remedy.change, look.agreement)))

    def _measured(self, feed: Feed, outputs: Scores, causes: tuple[Cause, ...]) -> _Look:
        scores = label_scores(outputs, self._output)
        answers = Answers(np.zeros(len(scores), np.int64), self._reference, scores)
        return _Look(feed, outputs, answers.agreement, float(answers.drift.mean()), causes)


def _best(before: _Look, looks: Sequence[_Look]) -> _Look | None:
    """Choose the look that restores the answers best; of those that are as good, the first."""
    restored = [look for look in looks if _restores(before, look)]
    least = min((look.drift for look in restored), default=0.0)
    return next((look for look in restored if look.drift <= least * _AS_GOOD), None)


def _restores(before: _Look, after: _Look) -> bool:
    wanted = min(_AGREES, before.agreement + _REGAINED * (1 - before.agreement))
    left = _FITTED_LEFT if after.causes[-1].suspect is Suspect.OUTPUT else _DRIFT_LEFT
    less = before.drift > _NO_DRIFT and after.drift <= left * before.drift
    n = len(after.outputs)
    # A good int8 file disagrees on a few pictures too, and there are not many here.
    return less and wilson(after.agreement * n, n).high >= wanted
