"""`edgeproof train`: data in, a run directory out."""

from __future__ import annotations

from collections.abc import Sequence

from ..edge import typed_json
from ..edge.console import Console
from ..edge.errors import ExitCode
from ..edge.run_directory import REPORT, RunRecord
from .parser import options as chosen
from .parser import parser
from .trainer import Place, train


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit code.

    Raises:
        InputError: the model, the data or the run directory cannot be used.
    """
    words = parser().parse_args(arguments)
    console = Console(quiet=words.quiet)
    place = Place(words.out, words.data, words.validation, words.overwrite)
    record = train(words.model, place, chosen(words), console)
    if words.json:
        print(typed_json.dumps(record), end="")  # noqa: T201 - a command prints its result
    else:
        console.say(f"{words.out}: {summary(record)}; see {REPORT}")
    return ExitCode.GOOD


def summary(record: RunRecord) -> str:
    """Word how a training went."""
    judged = record.validation
    score = f"loss {judged.loss:.4g}" if judged.accuracy is None else f"accuracy {judged.accuracy:.2%}"
    return f"{record.model}, validation {score} on {judged.n} sample(s)"
