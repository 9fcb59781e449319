"""Quarantine: what stands between a model's bytes and the interpreter of this process.

An interpreter is native code that believes the file it is given, and a damaged or forged one ends the process. A
file's seal comes first, in `modelfile`. It tells damage, not forgery: whoever forges a file seals it too. So its
structure is verified here, and then, once for each runtime, it is loaded and run in a child process, which may crash
in its place.
"""

from __future__ import annotations

from ..contract import Format
from ..errors import UnsoundError
from ..interpreters import choose, processors
from ..modelfile import ModelFile
from . import record

__all__ = ["UnsoundError", "admit"]


def admit(
    file: ModelFile,
    interpreter: str | None = None,
    threads: int | None = None,
    size: tuple[int, int] | None = None,
) -> None:
    """Let a model in, or refuse it, before an interpreter of this process sees it.

    Args:
        file: read, and its seal verified. One that somebody who is trusted has signed is neither verified nor tried; a
            seal is no such word.
        interpreter: a key of `BACKENDS`, with which it will be opened; the first installed one where None.
        threads: for one inference; as many as this process may use where None.
        size: height and width, where the file leaves them open.

    Raises:
        UnsoundError: it is not let in.
        InputError: the runtime is not installed, does not take this format, or refuses the model.
    """
    backend = choose(file.format, interpreter)
    if file.vouched:
        return
    entry = record.entry_for(file.sha256, backend.package, size)
    if entry is not None and record.holds(entry):
        return
    # Imported here: who is vouched for needs neither.
    from .trial import Trial, attempt

    _verify(file)
    attempt(file, Trial(file.format, interpreter, threads or processors.usable(), size))
    if entry is not None:
        record.note(entry)


def _verify(file: ModelFile) -> None:
    from . import onnx, tflite

    try:
        (tflite if file.format is Format.TFLITE else onnx).verify(file.model)
    except ValueError as error:
        raise UnsoundError(
            f"expected a model that holds together, received one with {error}; export it again: {file.name}"
        ) from error
