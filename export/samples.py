"""Which pictures calibrate and which judge, where a person names the folders: apart, and of the network's classes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..edge.errors import InputError
from ..edge.folders import LabelledFile, labelled_files, pictures, sha256_of
from ..edge.names import utf8
from .calibration import FEWEST, IMAGES
from .copies import photo_name

_ANY = ""  # the label of pictures in a flat folder


@dataclass(frozen=True)
class Chosen:
    """Pictures of one step; their paths are relative to `root`."""

    root: Path
    files: tuple[LabelledFile, ...]

    @property
    def labelled(self) -> bool:
        """Whether the pictures are in class folders."""
        return all(file.label != _ANY for file in self.files)

    def labels(self, known: Sequence[str]) -> tuple[str, ...]:
        """Give the labels that the pictures have: the network's, or the one that stands for any."""
        return tuple(known) if self.labelled else (_ANY,)


def evaluation(folder: Path, labels: Sequence[str]) -> Chosen:
    """Take all pictures of class folders to judge by.

    Raises:
        InputError: the folders are not the labels.
    """
    files = tuple(labelled_files(folder, folder))
    _require_labels(folder, files, labels)
    return Chosen(folder, files)


def calibration(folder: Path, labels: Sequence[str], seed: int) -> Chosen:
    """Draw pictures to calibrate with, from class folders or from a folder without.

    Twice as many as are needed, since those that look alike are left out later.

    Raises:
        InputError: there are no pictures, or the class folders are not the labels.
    """
    found = _found(folder)
    if found.labelled:
        _require_labels(folder, found.files, labels)
    drawn = _draw(_by_label(found.files), seed, 2 * IMAGES, 1)
    return Chosen(folder, drawn)


def parted(folder: Path, labels: Sequence[str], seed: int) -> tuple[Chosen, Chosen]:
    """Part class folders: up to a third of each class, and no more than is needed, calibrates; the rest judges.

    Pictures with equal bytes stay on one side, and so do copies of a photo, by their names.

    Raises:
        InputError: the folder is no folder of class folders, these are not the labels, or one has a single picture.
    """
    found = _found(folder)
    if not found.labelled:
        raise InputError(
            f"expected one folder per class to judge by, received pictures without classes: {folder}; pass --evaluate"
        )
    _require_labels(folder, found.files, labels)
    classes = _by_label(found.files)
    for label, files in classes.items():
        if len(files) < 2:
            raise InputError(f"expected at least 2 different pictures of each class, received {len(files)}: {label}")
    drawn = _draw(classes, seed, IMAGES, 3)
    taken, photos = {file.sha256 for file in drawn}, {photo_name(file.file) for file in drawn}
    left = [file for file in found.files if file.sha256 not in taken and photo_name(file.file) not in photos]
    _require_labels(folder, left, labels)
    return Chosen(folder, drawn), Chosen(folder, tuple(left))


def require_apart(calibrating: Chosen, judged: Chosen) -> None:
    """See to it that nothing is judged by what it was calibrated with.

    Raises:
        InputError: a picture is on both sides.
    """
    hashes = {file.sha256: file for file in judged.files}
    for file in calibrating.files:
        if file.sha256 in hashes:
            raise InputError(
                f"expected calibration pictures that are not evaluated with, received {calibrating.root / file.file}, "
                f"which is {judged.root / hashes[file.sha256].file}; take it out of one of them"
            )


def _found(folder: Path) -> Chosen:
    inside = pictures(folder)
    if not inside:
        raise InputError(f"expected calibration pictures, received none: {folder}")
    if any(path.parent != folder for path in inside):
        return Chosen(folder, tuple(labelled_files(folder, folder)))
    return Chosen(folder, tuple(LabelledFile(utf8(path.name), _ANY, sha256_of(path)) for path in inside))


def _require_labels(folder: Path, files: Sequence[LabelledFile], labels: Sequence[str]) -> None:
    classes = {file.label for file in files}
    if classes != set(labels):
        raise InputError(
            f"expected one folder for each label ({', '.join(labels)}), received {', '.join(sorted(classes))}: {folder}"
        )


def _by_label(files: Sequence[LabelledFile]) -> dict[str, list[LabelledFile]]:
    """Give the pictures of each class, each different, in an order that does not depend on names."""
    classes: dict[str, dict[str, LabelledFile]] = defaultdict(dict)
    for file in files:
        classes[file.label].setdefault(file.sha256, file)
    return {label: [found[sha256] for sha256 in sorted(found)] for label, found in sorted(classes.items())}


def _draw(classes: dict[str, list[LabelledFile]], seed: int, count: int, part: int) -> tuple[LabelledFile, ...]:
    """Draw up to `count` pictures, in even shares, of each class at most one of `part`."""
    rng = np.random.default_rng(seed)
    share = max(FEWEST, count // len(classes))
    return tuple(
        files[index]
        for files in classes.values()
        for index in rng.permutation(len(files))[: min(share, max(1, len(files) // part))]
    )
