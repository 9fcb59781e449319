"""Pictures of what is looked for: a frame is kept when its label is one of those asked for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..answer import Answer
from ..contract import UNKNOWN
from ..errors import InputError
from .pictures import PictureFolder

_SHOWN = 10  # labels in a message


@dataclass(frozen=True)
class Rule:
    """Keep frames that are shown as `label` with at least `score`."""

    label: str
    score: float = 0.0

    def holds(self, answer: Answer) -> bool:
        """Tell whether an answer is one to keep."""
        # Written so that the score of an unknown frame may be NaN.
        return answer.label == self.label and not answer.score < self.score


class SnapshotSink:
    """Keeps the first frame that fits a rule at once, and then one each `interval` seconds while frames fit it."""

    def __init__(self, rules: Sequence[Rule], interval: float, folder: PictureFolder) -> None:
        self._interval, self._folder = interval, folder
        self._kept = dict.fromkeys(rules, -math.inf)  # when each rule last kept a frame, by the time it was taken

    def write(self, answer: Answer) -> None:
        """Keep the frame, if it is one to keep."""
        at = answer.frame.captured
        due = [rule for rule, kept in self._kept.items() if rule.holds(answer) and at - kept >= self._interval]
        if due and answer.label is not None:
            self._kept.update(dict.fromkeys(due, at))
            self._folder.put(answer, answer.label, answer.score)

    def close(self) -> None:
        """The folder is the caller's."""


def read_rule(text: str, labels: Sequence[str]) -> Rule:
    """Read LABEL or LABEL:SCORE; a label may hold colons itself.

    Raises:
        InputError: it is none of the labels and not "unknown", or the score is no number from 0 to 1.
    """
    known = (*labels, UNKNOWN)
    if text in known:
        return Rule(text)
    label, _, number = text.rpartition(":")
    if label not in known:
        names = ", ".join(known if len(known) <= _SHOWN else (*known[:_SHOWN], "…"))
        raise InputError(f"expected LABEL or LABEL:SCORE for --save-on with one of {names}, received {text!r}")
    try:
        score = float(number)
    except ValueError:
        score = math.nan
    if not 0 <= score <= 1:
        raise InputError(f"expected a score from 0 to 1 for --save-on, {label}:0.9 for example, received {text!r}")
    return Rule(label, score)
