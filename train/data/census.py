"""What a person should know of a split before a training is paid for."""

from __future__ import annotations

from collections import Counter

from ...edge.console import Console
from ...edge.folders import LabelledFile
from ...edge.run_directory import Split
from .split import balance

_LOPSIDED = 3  # times the pictures of the smallest class
_MOST_NAMED = 20  # classes


def report(split: Split, console: Console) -> None:
    """Tell how many pictures each class has on both sides, and warn where the classes differ much in size."""
    console.say(f"training: {_words(split.train)} · validation: {_words(split.validation)}")
    for name, files in (("train", split.train), ("validate", split.validation)):
        counts = Counter(file.label for file in files).most_common()
        (largest, most), (smallest, least) = counts[0], counts[-1]
        if most > _LOPSIDED * least:
            console.warn(
                f"the classes to {name} on differ much in size: {largest} has {most} pictures, {smallest} {least}; an "
                "accuracy says little about the small ones"
            )


def _words(files: tuple[LabelledFile, ...]) -> str:
    counts = Counter(file.label for file in files)
    if len(counts) <= _MOST_NAMED:
        return balance(files)
    return f"{len(files)} pictures of {len(counts)} classes, {min(counts.values())} to {max(counts.values())} each"
