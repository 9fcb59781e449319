"""The detective: why a candidate does not answer as its reference does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from ...edge.classifier import Classifier, label_scores
from ...edge.contract import ImageInput
from ...edge.preprocess import Pixels
from ...edge.quantization import dequantize
from .answers import Answers, Scores
from .feeds import Feed, Trial, trials
from .remedies import Remedy, remedies
from .report import Cause, Diagnosis

_AGREES = 0.97  # of the pictures, where a cause was found
_REGAINED = 0.8  # or of the agreement that was lost
_DRIFT_LEFT = 0.25  # of the drift, at most, is left over
_AS_GOOD = 1.05  # a drift this many times the least is as good
_NO_DRIFT = 1e-4  # floats that differ by rounding have nothing to explain
_FIRSTS = 3  # suspects that a second one is tried on top of


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
    that leaves the least drift is named, if it restores the reference's answers: both models then agree on 97 % of the
    pictures, or on 80 % of those that they did not agree on before, and of the mean drift of the probabilities no more
    than a quarter is left. Drift is what tells causes apart: a wrong one may win some agreement back by chance, but
    only the right one brings every probability back to its place. A network that was quantized badly keeps its drift
    with every suspect, and none is named. A second cause is named if it restores, likewise, what the first one left.

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
    if found is not None:
        found = _best(found, bench.alternatives(found)) or found
    else:
        # Where two are at work, neither restores much alone: the second is tried on top of the likeliest first ones.
        firsts = sorted(looks, key=lambda look: look.drift)[:_FIRSTS]
        pairs = [_best(first, bench.alternatives(first)) for first in firsts]
        found = _best(start, [pair for pair in pairs if pair])
    return Diagnosis(start.agreement, len(frames), found.causes if found else ())


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
            outputs.append(dequantize(self._interpreter.output_tensor()[0], self._output.quantization))
        return self._measured(feed, np.stack(outputs), ())

    def alternatives(self, before: _Look) -> list[_Look]:
        """Take each suspect that was not named yet away."""
        named = {cause.suspect for cause in before.causes}
        fed = [self._fed(before, trial) for trial in self._trials if trial.suspect not in named]
        return [*fed, *(look for look in self._reread(before) if look.causes[-1].suspect not in named)]

    def _fed(self, before: _Look, trial: Trial) -> _Look:
        look = self.look(trial.apply(before.feed))
        for cause in before.causes:  # what was read in another way still is
            again = [reread for reread in self._reread(look) if reread.causes[-1].suspect is cause.suspect]
            look = min(again, key=lambda reread: reread.drift, default=look)
        cause = Cause(trial.suspect, trial.change, look.agreement)
        return replace(look, causes=(*before.causes, cause))

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
    agrees = after.agreement >= max(wanted, before.agreement)
    return before.drift > _NO_DRIFT and agrees and after.drift <= _DRIFT_LEFT * before.drift
