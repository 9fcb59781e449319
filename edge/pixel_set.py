"""A set of labelled pictures, decoded once: what training, calibration and the parity reference look at."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .console import Console
from .contract import ImageInput
from .errors import InputError
from .folders import LabelledFile
from .preprocess import Pixels, read_image, to_pixels

_THREADS = 4  # OpenCV releases the GIL; more than the cores, because some wait for the disk


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
        InputError: a picture cannot be read and `strict` is set, or none can.
    """
    pixels = np.empty((len(files), *spec.shape), np.uint8)
    failures: dict[int, str] = {}

    def decode_one(index: int) -> None:
        try:
            to_pixels(read_image(root / files[index].file), spec, pixels[index])
        except InputError as error:
            failures[index] = str(error)

    with console.progress("decoding", len(files)) as progress, ThreadPoolExecutor(_THREADS) as pool:
        for _ in pool.map(decode_one, range(len(files))):
            progress.advance()
    report_unreadable([failures[index] for index in sorted(failures)], len(files), console, strict=strict)
    kept = [index for index in range(len(files)) if index not in failures]
    indices = {label: index for index, label in enumerate(labels)}
    return PixelSet(
        pixels[kept] if failures else pixels,
        np.array([indices[files[index].label] for index in kept], np.int64),
        tuple(files[index] for index in kept),
    )


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
