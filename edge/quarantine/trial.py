"""A model's first load, and its first runs, in a child process: what ends the child would have ended this process."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass

from ..contract import Format
from ..errors import InputError, UnsoundError
from ..modelfile import ModelFile
from ..python_process import Ended, run_python
from ..wording import one_line

RUNS = "runs"  # what the child says where all is well
REFUSED = 2  # its exit code where the runtime refuses the model; then it says why
PATIENCE = 120.0  # seconds of the clock for the whole child; a runtime's first import on a slow card may take many
_LONGEST = 800  # characters of a refusal
# With the path of this process: a program may have found edgeproof in a way of its own.
_CODE = "import json, sys; sys.path[:] = json.loads(sys.argv[2]); from {package}.inmate import main; sys.exit(main())"
_ENVIRONMENT = {
    "MALLOC_ARENA_MAX": "2",  # each one takes 64 MB of addresses, of which the child has few
    "MALLOC_PERTURB_": "165",  # memory that was not written to, or is free, holds no zeros that hide an error
    "OPENBLAS_NUM_THREADS": "1",  # numpy's, of which the child has no use
    "PYTHONDONTWRITEBYTECODE": "1",
}


@dataclass(frozen=True)
class Trial:
    """How a model is tried: as it will be opened."""

    format: Format
    interpreter: str | None
    threads: int
    size: tuple[int, int] | None


def attempt(file: ModelFile, trial: Trial) -> None:
    """Load a model in a child and run it on a few inputs.

    Raises:
        UnsoundError: the child crashed, was ended, or could not be started.
        InputError: the runtime refuses the model, as it would have here.
    """
    code = _CODE.format(package=__package__)
    words = ["-c", code, json.dumps(asdict(trial)), json.dumps(_paths())]
    try:
        ended = run_python(words, PATIENCE, file.model, _ENVIRONMENT)
    except OSError as error:
        raise UnsoundError(
            f"expected a process of its own for a model's first load, received {error.strerror or error}; "
            f"allow one more: {file.name}"
        ) from error
    _judge(ended, file.name)


def _paths() -> list[str]:
    """Give where this process finds its modules, for one that is in another folder."""
    return [found for path in sys.path if (found := _absolute(path)) is not None]


def _absolute(path: str) -> str | None:
    if path and not os.path.exists(path):  # noqa: PTH110 - of an archive, too
        return path  # one that only an import hook understands, as that of an editable installation
    try:
        return os.path.abspath(path)  # noqa: PTH100 - which leaves an absolute one alone
    except FileNotFoundError:
        return None  # it is relative to a folder that is gone


def _judge(ended: Ended, where: str) -> None:
    said = one_line(ended.out, _LONGEST)
    if ended.code == 0 and said == RUNS:
        return
    if ended.code == REFUSED and said:
        raise InputError(said if where in said else f"{said}: {where}")
    how = ended.failure or "ended without a word"
    raise UnsoundError(f"expected a model that runs, received one that {_worded(how)}; do not use it: {where}")


def _worded(how: str) -> str:
    """Say what became of the interpreter."""
    if how.startswith("crashed"):
        return how.replace("crashed", "crashes the interpreter")
    if how == "did not end in time":
        return f"does not answer within {PATIENCE:.0f} s"
    return f"ends the interpreter ({one_line(how, _LONGEST)})"
