"""Copies of one photo: told by their names, or by how they look.

Two pictures of one photo say little more than one, however many pixels differ: an evaluation that counts augmented
copies as independent is surer than it may be, and a calibration set of near-identical pictures is smaller than it
looks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ..edge.console import Console
from ..edge.contract import Color, ImageInput, Interpolation
from ..edge.errors import InputError
from ..edge.folders import LabelledFile
from ..edge.pixel_set import decode_each
from ..edge.preprocess import Pixels

# How tools name the copies that they make; the first group is the photo.
_AUGMENTED = re.compile(r"(.+?)(?:\.rf\.[0-9a-f]{16,}|[_-]aug(?:mented)?(?:_\d+|-\d+|\d*))(?=\.\w+$)")
# Of 512 bits. Measured on four sets of real photos: a change of brightness or JPEG quality moves 6 to 20, and of
# 5,888 photos of hands, cats and dogs that are not frames of one clip, 4 pairs are nearer.
_NEAR = 20
_GRID = 16
_SIDE = 64  # pixels of the small picture that a fingerprint is taken of
_SMALL = ImageInput(height=_SIDE, width=_SIDE, channels=1, color=Color.GRAY, interpolation=Interpolation.AREA)
_ROWS = 1024  # of the distance matrix at once

Fingerprints = NDArray[np.bool_]


def photos(
    root: Path, files: Sequence[LabelledFile], console: Console, pattern: re.Pattern[str] | None = None
) -> NDArray[np.int64]:
    """Number the photos that pictures show; copies of one photo have the same number.

    Args:
        root: the folder that the files' paths are relative to.
        files: the pictures; all must be readable.
        console: where progress goes.
        pattern: a regular expression whose first group is the photo that a path belongs to, such as `(.*)_aug`; where
            it does not match, and where None, the names that augmentation tools give are known.

    Returns:
        int64 of shape (n,).
    """
    small = np.empty((len(files), _SIDE, _SIDE), np.uint8)

    def keep(index: int, pixels: Pixels) -> None:
        small[index] = pixels[..., 0]

    decode_each(root, files, _SMALL, console, keep, strict=True)
    labels = np.unique([file.label for file in files], return_inverse=True)[1]
    names = [photo_name(file.file, pattern) for file in files]
    return _joined(names, look_alikes(fingerprints(small), labels))


def fingerprints(gray: Pixels) -> Fingerprints:
    """Give the difference hash of pictures: whether each of 16×16 cells is darker than its right and lower neighbour.

    Args:
        gray: uint8 of shape (n, height, width).

    Returns:
        bool of shape (n, 512).
    """
    found = np.empty((len(gray), 2 * _GRID * _GRID), np.bool_)
    for index, picture in enumerate(gray):
        wide = cv2.resize(picture, (_GRID + 1, _GRID), interpolation=cv2.INTER_AREA)
        high = cv2.resize(picture, (_GRID, _GRID + 1), interpolation=cv2.INTER_AREA)
        found[index, : _GRID * _GRID] = (wide[:, 1:] > wide[:, :-1]).ravel()
        found[index, _GRID * _GRID :] = (high[1:] > high[:-1]).ravel()
    return found


def look_alikes(prints: Fingerprints, labels: NDArray[np.int64]) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Give each picture that looks like others of its label, in order, with the places of those.

    Pictures of two labels may look the same and yet differ in what counts, a scratch for example.
    """
    signs = np.where(prints, 1, -1).astype(np.float32)
    for start in range(0, len(signs), _ROWS):
        block = signs[start : start + _ROWS]
        # Equal bits add 1 and others −1 to the product of two rows.
        near = (prints.shape[1] - block @ signs.T) / 2 <= _NEAR
        near &= labels[start : start + _ROWS, None] == labels
        near[np.arange(len(block)), np.arange(start, start + len(block))] = False
        for row in np.flatnonzero(near.any(1)):
            yield start + int(row), np.flatnonzero(near[row])


def parse_pattern(text: str) -> re.Pattern[str]:
    """Read the regular expression that names photos.

    Raises:
        InputError: it does not compile, or has no group.
    """
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise InputError(f"expected a regular expression, received {text!r}: {error}") from None
    if not pattern.groups:
        raise InputError(f"expected a group that names the photo, such as '(.*)_aug', received {text!r}")
    return pattern


def photo_name(path: str, pattern: re.Pattern[str] | None = None) -> str:
    """Give the name of the photo that a picture shows, by its path; the path itself where nothing tells."""
    named = pattern.search(path) if pattern else None
    if named is not None and named[1] is not None:
        return str(named[1])
    match = _AUGMENTED.match(path)
    return path if match is None else str(match[1])


def _joined(names: Sequence[str], alike: Iterable[tuple[int, NDArray[np.int64]]]) -> NDArray[np.int64]:
    """Number the sets of pictures that share a name or look alike; each by the place of its first."""
    first: dict[str, int] = {}
    numbers = np.array([first.setdefault(name, index) for index, name in enumerate(names)], np.int64)
    for index, others in alike:
        found = np.unique(np.append(numbers[others], numbers[index]))
        if len(found) > 1:
            numbers[np.isin(numbers, found)] = found[0]
    return numbers
