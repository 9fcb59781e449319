"""The one place where pictures of any source become class folders of image files."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from ...edge.atomic import write_text
from ...edge.console import Console, Progress
from ...edge.errors import InputError
from ...edge.folders import SUFFIXES
from .source import Side, Source

RECORD = "source.json"

_FORMAT = "edgeproof-pictures/1"
_DIGITS = 5  # of a file's name


def unpack(source: Source, folder: Path, console: Console) -> Path:
    """Write the pictures of a source into class folders, or use those that an earlier call left.

    A source with two sides makes train/ and validation/ with class folders each. The folder is written beside its
    place and renamed, so what is there is whole.

    Returns:
        `folder`.

    Raises:
        InputError: the folder holds something else, or the source is damaged.
    """
    record = _record(source)
    if _holds(folder, record, source):
        console.say(f"using the pictures of {source.name} in {folder}")
        return folder
    if folder.exists() and not (folder / RECORD).is_file():
        raise InputError(
            f"expected a place for the pictures of {source.name}, received one with other things: {folder}; move them "
            "away or choose another --out"
        )
    partial, old = (folder.with_name(f".{folder.name}.{state}") for state in ("partial", "old"))
    for remains in (partial, old):  # of a call that was killed
        shutil.rmtree(remains, ignore_errors=True)
    try:
        _write(source, partial, console)
        write_text(partial / RECORD, record)
        if folder.exists():
            folder.rename(old)
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)
    return folder


def _record(source: Source) -> str:
    sides = {name: side.count for name, side in source.sides.items()}
    facts = {"format": _FORMAT, "source": source.name, "digest": source.digest, "pictures": sides}
    return json.dumps(facts, indent=2, ensure_ascii=False) + "\n"


def _holds(folder: Path, record: str, source: Source) -> bool:
    """Tell whether a folder was made from this very source, and nothing was taken out of it since."""
    try:
        if (folder / RECORD).read_text(encoding="utf-8") != record:
            return False
    except (OSError, ValueError):
        return False
    return sum(path.suffix in SUFFIXES for path in folder.rglob("*")) == sum(s.count for s in source.sides.values())


def _write(source: Source, folder: Path, console: Console) -> None:
    with console.progress("unpacking", sum(side.count for side in source.sides.values())) as progress:
        for name, side in source.sides.items():
            _write_side(side, folder / name if len(source.sides) > 1 else folder, progress)


def _write_side(side: Side, folder: Path, progress: Progress) -> None:
    digits = max(_DIGITS, len(str(side.count - 1)))
    made: set[str] = set()
    for index, picture in enumerate(side.pictures()):
        place = folder / picture.label
        if picture.label not in made:
            place.mkdir(parents=True)
            made.add(picture.label)
        (place / f"{index:0{digits}}{picture.suffix}").write_bytes(picture.data)
        progress.advance()
