"""A set of labelled pictures, decoded once: what training, calibration and the parity reference look at."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .console import Console
from .contract import ImageInput
from .errors import InputError, UnreadableError
from .folders import LabelledFile
from .preprocess import Pixels, decode_image, to_pixels

_THREADS = 4  # OpenCV releases the GIL; more than the cores, because some wait for the disk
_AHEAD = 4096  # pictures handed to the threads at once: a task each for a million takes more memory than the pictures


@dataclass(frozen=True)
class PixelSet:
    """Pictures at the model's size.

    `pixels` is uint8 of shape (n, height, width, channels), `labels` int64 of shape (n,) with indices into the label
    list, and `files` names the pictures in the same order.
    """

    pixels: Pixels
    labels: NDArray[np.int64]
    files: tuple[LabelledFile, ...]

    def __len__(self) -> int:
        return len(self.files)


def decode(
    root: Path,
    files: Sequence[LabelledFile],
    labels: Sequence[str],
    spec: ImageInput,
    console: Console,
    *,
    strict: bool = False,
) -> PixelSet:
    """Decode and resize pictures in threads, once, into memory.

    Args:
        root: the folder that the files' paths are relative to.
        files: what to read.
        labels: every label, in the order of the model's outputs.
        spec: the model's input.
        console: where progress and warnings go.
        strict: raise for the first unreadable picture, instead of leaving it out with a warning.

    Raises:
        InputError: a picture cannot be read and `strict` is set, or none can; or one is not what its hash says.
    """
    pixels, failures = decode_readable(root, files, labels, spec, console)
    report_unreadable(failures, len(files), console, strict=strict)
    return pixels


def decode_readable(
    root: Path, files: Sequence[LabelledFile], labels: Sequence[str], spec: ImageInput, console: Console
) -> tuple[PixelSet, list[str]]:
    """Decode what can be read, none perhaps, as `decode` does; gives one line for each of the others too.

    Raises:
        InputError: a picture is not what its hash says.
    """
    pixels = np.empty((len(files), *spec.shape), np.uint8)
    failures = _decode_each(root, files, spec, console, pixels.__setitem__)
    kept = [index for index in range(len(files)) if index not in failures]
    readable = tuple(files[index] for index in kept)
    found = PixelSet(pixels[kept] if failures else pixels, label_indices(readable, labels), readable)
    return found, list(failures.values())


def decode_each(
    root: Path,
    files: Sequence[LabelledFile],
    spec: ImageInput,
    console: Console,
    keep: Callable[[int, Pixels], None],
    *,
    strict: bool = False,
) -> list[int]:
    """Decode and resize pictures in threads and hand each to `keep`, with its index, from whichever thread has it.

    Arguments and errors are those of `decode`.

    Returns:
        The indices of the pictures that could be read, in order.
    """
    failures = _decode_each(root, files, spec, console, keep)
    report_unreadable(list(failures.values()), len(files), console, strict=strict)
    return [index for index in range(len(files)) if index not in failures]


def _decode_each(
    root: Path,
    files: Sequence[LabelledFile],
    spec: ImageInput,
    console: Console,
    keep: Callable[[int, Pixels], None],
) -> dict[int, str]:
    """Decode as `decode_each` does; gives what is wrong with those that cannot be read, by index, in order."""
    failures: dict[int, str] = {}

    def decode_one(index: int) -> None:
        try:
            frame = read_labelled(root, files[index])
        except UnreadableError as error:
            failures[index] = str(error)
        else:
            keep(index, to_pixels(frame, spec))

    with console.progress("decoding", len(files)) as progress, ThreadPoolExecutor(_THREADS) as pool:
        for start in range(0, len(files), _AHEAD):
            for _ in pool.map(decode_one, range(start, min(start + _AHEAD, len(files)))):
                progress.advance()
    return dict(sorted(failures.items()))


def label_indices(files: Sequence[LabelledFile], labels: Sequence[str]) -> NDArray[np.int64]:
    """Give the place of each file's label in `labels`: int64 of shape (n,)."""
    indices = {label: index for index, label in enumerate(labels)}
    return np.array([indices[file.label] for file in files], np.int64)


def read_labelled(root: Path, file: LabelledFile) -> Pixels:
    """Decode a picture of a data set, after a look whether it is still the one that was recorded.

    Returns:
        BGR, uint8, shape (height, width, 3).

    Raises:
        UnreadableError: the file cannot be read or is no picture.
        InputError: the file holds other bytes than it did when the data set was split.
    """
    path = root / file.file
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableError(f"expected a picture, received {error.strerror or error}: {path}") from error
    if hashlib.sha256(data).hexdigest() != file.sha256:
        raise InputError(f"expected the picture that the run was split with, received another: {path}; train again")
    try:
        return decode_image(data, str(path))
    except InputError as error:
        raise UnreadableError(str(error)) from error


def require_classes(files: Sequence[LabelledFile], labels: Sequence[str], root: Path) -> None:
    """Look whether every class has a picture.

    Raises:
        InputError: a class has no readable picture.
    """
    missing = sorted(set(labels) - {file.label for file in files})
    if missing:
        raise InputError(f"expected readable pictures of every class, received none of {', '.join(missing)}: {root}")


def report_unreadable(failures: Sequence[str], total: int, console: Console, *, strict: bool) -> None:
    """Name and count the pictures that could not be read.

    Raises:
        InputError: `strict` is set, or not one picture is left.
    """
    if not failures:
        return
    if strict or len(failures) == total:
        raise InputError(failures[0])
    for failure in failures:
        console.warn(failure)
    console.warn(f"{len(failures)} of {total} pictures could not be read and are left out")
