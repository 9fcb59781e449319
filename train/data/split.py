"""Which pictures are learned from, and which are kept to judge by."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ...edge.console import Console
from ...edge.errors import InputError
from ...edge.folders import SUFFIXES, LabelledFile, labelled_files
from ...edge.run_directory import Split
from .source import TRAIN, VALIDATION

_VALIDATION_SHARE = 0.2


def given_sides(root: Path) -> dict[str, Path] | None:
    """Name the folders of the two sides by `TRAIN` and `VALIDATION`, where `root` holds both; None elsewhere."""
    sides = {name: root / name for name in (TRAIN, VALIDATION)}
    return sides if all(folder.is_dir() for folder in sides.values()) else None


def split_folder(root: Path, seed: int, console: Console) -> Split:
    """Split the pictures under `root`.

    Where `root` holds the folders train/ and validation/, they are the split; otherwise it holds the class folders
    themselves, and a fifth of each class, drawn by `seed`, is kept for validation.

    Raises:
        InputError: the folder is missing or holds fewer than two classes, or the two sides differ in their classes.
    """
    sides = given_sides(root)
    if sides is not None:
        return split_sides(sides[TRAIN], sides[VALIDATION], root, console)
    files = labelled_files(root, root)
    _warn_of_empty(root, files, console)
    _warn_of_contradictions(files, console)
    return stratified(files, seed)


def split_sides(train: Path, validation: Path, root: Path, console: Console) -> Split:
    """Take the class folders under `train` to learn from and those under `validation` to judge by.

    Pictures of the one that are in the other too are not learned from. Paths are relative to `root`, which holds both.

    Raises:
        InputError: a folder is missing or holds fewer than two classes; the two differ in their classes; or all
            pictures of a class are in both.
    """
    learned, judged = labelled_files(train, root), labelled_files(validation, root)
    _require_equal_classes(learned, judged)
    for folder, files in ((train, learned), (validation, judged)):
        _warn_of_empty(folder, files, console)
    _warn_of_contradictions((*learned, *judged), console)
    kept = {file.sha256 for file in judged}
    fresh = tuple(file for file in learned if file.sha256 not in kept)
    if lost := sorted({file.label for file in learned} - {file.label for file in fresh}):
        raise InputError(
            f"expected pictures to train on that are not validated on too, received a class without any: {lost[0]}; "
            "add others"
        )
    if len(fresh) < len(learned):
        count = len(learned) - len(fresh)
        console.warn(f"{count} pictures of {train.name}/ are in {validation.name}/ too and are not trained on")
    return Split(fresh, tuple(judged))


def stratified(files: Sequence[LabelledFile], seed: int) -> Split:
    """Keep a fifth of each class, at least one picture, for validation.

    Pictures with equal bytes stay on one side, or validation would ask for what was learned by heart.

    Raises:
        InputError: a class has fewer than two different pictures; one of several classes counts for the last of them.
    """
    rng = np.random.default_rng(seed)
    contents: dict[str, list[str]] = defaultdict(list)
    for sha256, label in {file.sha256: file.label for file in files}.items():
        contents[label].append(sha256)
    kept: set[str] = set()
    for label in sorted({file.label for file in files}):
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


def _warn_of_empty(root: Path, files: Sequence[LabelledFile], console: Console) -> None:
    labels = {file.label for file in files}
    folders = (path.name for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))
    if empty := sorted(name for name in folders if name not in labels):
        kinds = " ".join(sorted(SUFFIXES))
        console.warn(f"folders of {root} without pictures ({kinds}) are left out: {', '.join(map(repr, empty))}")


def _warn_of_contradictions(files: Sequence[LabelledFile], console: Console) -> None:
    labels: dict[str, set[str]] = defaultdict(set)
    for file in files:
        labels[file.sha256].add(file.label)
    contradictory = [file for file in files if len(labels[file.sha256]) > 1]
    if contradictory:
        console.warn(f"{len(contradictory)} pictures stand in several class folders, one is {contradictory[0].file}")


def _require_equal_classes(learned: Sequence[LabelledFile], judged: Sequence[LabelledFile]) -> None:
    sides = {"train": {file.label for file in learned}, "validate": {file.label for file in judged}}
    for side, other in (("train", "validate"), ("validate", "train")):
        if extra := sorted(sides[side] - sides[other]):
            raise InputError(
                f"expected the same classes to train and to validate on, received {', '.join(extra)} only to {side} "
                f"on; add pictures to {other} on, or take the class away"
            )
