"""Which pictures are learned from, and which are kept to judge by."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..edge.console import Console
from ..edge.errors import InputError
from ..edge.folders import LabelledFile, labelled_files
from ..edge.run_directory import Split

_VALIDATION_SHARE = 0.2
_TRAIN, _VALIDATION = "train", "validation"


def split_folder(root: Path, seed: int, console: Console) -> Split:
    """Split the pictures under `root`.

    Where `root` holds the folders train/ and validation/, they are the split; otherwise it holds the class folders
    themselves, and a fifth of each class, drawn by `seed`, is kept for validation.

    Raises:
        InputError: the folder is missing or holds fewer than two classes, or the two sides differ in their classes.
    """
    if (root / _TRAIN).is_dir() and (root / _VALIDATION).is_dir():
        return _given(labelled_files(root / _TRAIN, root), labelled_files(root / _VALIDATION, root), console)
    files = labelled_files(root, root)
    _warn_of_contradictions(files, console)
    return stratified(files, seed)


def stratified(files: Sequence[LabelledFile], seed: int) -> Split:
    """Keep a fifth of each class, at least one picture, for validation.

    Pictures with equal bytes stay on one side, or validation would ask for what was learned by heart.

    Raises:
        InputError: a class has fewer than two different pictures.
    """
    rng = np.random.default_rng(seed)
    contents: dict[str, list[str]] = defaultdict(list)
    for sha256, label in {file.sha256: file.label for file in files}.items():
        contents[label].append(sha256)
    kept: set[str] = set()
    for label in sorted(contents):
        hashes = sorted(contents[label])
        if len(hashes) < 2:
            raise InputError(f"expected at least 2 different pictures of each class, received {len(hashes)}: {label}")
        count = max(1, round(len(hashes) * _VALIDATION_SHARE))
        kept.update(hashes[index] for index in rng.permutation(len(hashes))[:count])
    return Split(
        train=tuple(file for file in files if file.sha256 not in kept),
        validation=tuple(file for file in files if file.sha256 in kept),
    )


def labels_of(split: Split) -> tuple[str, ...]:
    """List the labels of a split, sorted: the order of the network's outputs."""
    return tuple(sorted({file.label for file in split.train}))


def balance(files: Sequence[LabelledFile]) -> str:
    """Word how many pictures each class has."""
    return ", ".join(f"{label} {count}" for label, count in sorted(Counter(file.label for file in files).items()))


def _warn_of_contradictions(files: Sequence[LabelledFile], console: Console) -> None:
    labels: dict[str, set[str]] = defaultdict(set)
    for file in files:
        labels[file.sha256].add(file.label)
    contradictory = [file for file in files if len(labels[file.sha256]) > 1]
    if contradictory:
        console.warn(f"{len(contradictory)} pictures stand in several class folders, one is {contradictory[0].file}")


def _given(train: Sequence[LabelledFile], validation: Sequence[LabelledFile], console: Console) -> Split:
    sides = [sorted({file.label for file in side}) for side in (train, validation)]
    if sides[0] != sides[1]:
        raise InputError(f"expected the same classes in train/ and validation/, received {sides[0]} and {sides[1]}")
    kept = {file.sha256 for file in validation}
    fresh = tuple(file for file in train if file.sha256 not in kept)
    if {file.label for file in fresh} != set(sides[0]):
        raise InputError("expected pictures in train/ that are not in validation/ too, received a class without any")
    if len(fresh) < len(train):
        console.warn(f"{len(train) - len(fresh)} pictures of train/ are in validation/ too and are not trained on")
    return Split(fresh, tuple(validation))
