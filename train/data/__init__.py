"""The pictures of a training, wherever they come from.

Whatever is no folder of class folders is unpacked into the run directory first, so that training, calibration, the
parity proof and the golden frames all look at files, through the decoder that the device uses.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from ...edge.console import Console
from ...edge.errors import InputError
from ...edge.names import utf8
from ...edge.run_directory import PICTURES, Split
from .census import report
from .origin import open_origin
from .source import TRAIN, VALIDATION, Source
from .split import balance, given_sides, labels_of, split_folder, split_sides
from .unpack import unpack

__all__ = ["DataSet", "balance", "find", "labels_of"]

_OTHER_HANDS = 2_000_003  # added to the seed: hands to judge by are others than those that are learned


@dataclass(frozen=True)
class DataSet:
    """The pictures of a training.

    `root` is the absolute folder that the split's paths are relative to; `labels` are sorted, in the order of the
    network's outputs.
    """

    root: Path
    split: Split
    labels: tuple[str, ...]


def find(data: str, validation: str | None, out: Path, seed: int, console: Console) -> DataSet:
    """Find the pictures of a training, unpack them where needed, and decide which are kept to judge by.

    Args:
        data: a folder of class folders (or of train/ and validation/ with class folders each), a folder of IDX files,
            an .npz file, "fashion-mnist", "tfds:NAME" or "hands:NUMBER".
        validation: the same, to judge by; then all of `data` is learned from. Of a place with two sides, only the
            training side of `data` and the validation side of `validation` are used. None judges by the validation
            side of `data`, or by a fifth of it.
        out: the run directory; pictures that are unpacked go into its `pictures` and `pictures-validation`.
        seed: draws the fifth, and the hands.
        console: where the balance of the classes and warnings go.

    Raises:
        InputError: the data are missing or damaged, the two sides differ in their classes, or `out` lies among the
            class folders.
    """
    place = out.resolve() / PICTURES
    origin = open_origin(data, seed, console)
    if validation is None:
        root = origin if isinstance(origin, Path) else _unpacked(origin, place, (data,), console)
        if root is origin:
            _refuse_inside(out, *(given_sides(root) or {TRAIN: root}).values())
        split = split_folder(root, seed, console)
    else:
        judge = open_origin(validation, seed + _OTHER_HANDS, console)
        given = (data, validation)
        learned = _side(origin, TRAIN, place, given, console)
        judged = _side(judge, VALIDATION, place.with_name(f"{PICTURES}-{VALIDATION}"), given, console)
        _refuse_inside(out, learned, judged)
        root = Path(os.path.commonpath((learned, judged)))
        split = split_sides(learned, judged, root, console)
    utf8(str(root))
    report(split, console)
    return DataSet(root, split, labels_of(split))


def _side(origin: Path | Source, side: str, place: Path, given: tuple[str, ...], console: Console) -> Path:
    if isinstance(origin, Source):
        return _unpacked(origin.only(side), place, given, console)
    sides = given_sides(origin)
    return origin if sides is None else sides[side]


def _refuse_inside(out: Path, *folders: Path) -> None:
    """Refuse a run directory among class folders: its pictures would be taken for a class, next time."""
    for folder in folders:
        if folder.resolve() in out.resolve().parents:
            raise InputError(f"expected --out outside of the class folders, received {out} in {folder}; change --out")


def _unpacked(source: Source, place: Path, given: tuple[str, ...], console: Console) -> Path:
    for name in given:
        # Pictures of an earlier run make way for those of this one.
        if Path(name).exists() and Path(name).resolve().is_relative_to(place):
            raise InputError(f"expected data outside of {place}, which is replaced, received {name}; change --out")
    return unpack(source, place, console)
