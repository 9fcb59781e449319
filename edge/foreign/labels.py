"""Labels in the order of the outputs: from a person, from a file, or from the model's own metadata."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..contract import UNKNOWN, listed
from ..errors import InputError
from ..wording import printable
from .description import Assumption

_LARGEST = 4 * 2**20  # bytes of a file of labels; the longest list that is known has 21,841 of them in half of one


def read_labels(text: str) -> tuple[str, ...]:
    """Read labels in the order of the outputs: "a,b,c", or the path of a file with one label a line.

    Lines that are numbered throughout, from 0 on, lose their numbers: Teachable Machine writes "0 rock".

    Raises:
        InputError: there are none, two are equal, one cannot be shown on a line, or the file is no text.
    """
    lines = _file_lines(text)
    labels = _of_lines(text.split(",") if lines is None else lines)
    if not labels or len(set(labels)) != len(labels):
        raise InputError(f"expected labels that differ, received {text!r}")
    return _printable(labels)


def given_labels(said: str | Path | Sequence[str]) -> tuple[tuple[str, ...], list[Assumption]]:
    """Take the labels that a person gives; those of a file are told apart where two are equal.

    Raises:
        InputError: as `read_labels`, or a path leads to no file.
    """
    if not isinstance(said, str | Path):
        return _printable(tuple(said)), []
    lines = _file_lines(str(said))
    if lines is None and isinstance(said, Path):  # a text may be the labels themselves
        raise InputError(f"expected a file of labels, received none that can be read: {said}")
    return (read_labels(str(said)), []) if lines is None else told_apart(_of_lines(lines))


def member_labels(files: Sequence[str], members: dict[str, bytes], where: str) -> tuple[str, ...]:
    """Read the labels that a model's metadata point to, in the zip behind it; none where no such file is there.

    Raises:
        InputError: the file is no text; `where` names the model.
    """
    name = next((name for name in files if name in members), None)
    if name is None:
        return ()
    if len(members[name]) > _LARGEST:
        raise InputError(f"expected at most {_LARGEST} bytes of labels, received {len(members[name])}: {where}")
    try:
        return _of_lines(members[name].decode("utf-8-sig").splitlines())
    except UnicodeDecodeError as error:
        raise InputError(f"expected labels of UTF-8 in {name}, received something else: {where}") from error


def told_apart(labels: tuple[str, ...]) -> tuple[tuple[str, ...], list[Assumption]]:
    """Number the labels that were there before: those of ImageNet have two cranes, a bird and a machine.

    A label called "unknown" is numbered too, for it is the answer below the threshold.

    Raises:
        InputError: one cannot be shown on a line.
    """
    taken, result, changed = {UNKNOWN}, [], []
    for index, label in enumerate(_printable(labels)):
        name = f"{label} ({index})" if label in taken else label
        if name != label:
            changed.append(name)
        taken.add(name)
        result.append(name)
    assumed = [Assumption("labels", listed(changed), "numbered, to tell them apart")] if changed else []
    return tuple(result), assumed


def fit(labels: tuple[str, ...], units: int | None, where: str) -> tuple[tuple[str, ...], list[Assumption]]:
    """See to it that there is a label for each output; one output stands for two, its absence and itself.

    Args:
        labels: in the order of the outputs.
        units: how many outputs there are; None where the model does not say.
        where: names the model in messages.

    Raises:
        InputError: there is another number of them.
    """
    if units == 1 and len(labels) == 1:
        pair = (f"not {labels[0]}", labels[0])
        return pair, [Assumption("labels", listed(pair), "one label, for one output")]
    wanted = 2 if units == 1 else units
    if wanted in (len(labels), None):
        return labels, []
    advice = "pass --labels"
    if wanted == len(labels) + 1:
        advice = "if the first output is a background class, as in many files of 1001, put 'background' before them"
    elif wanted == len(labels) - 1 and labels[0].lower() in ("background", "???"):
        advice = f"take {labels[0]!r} off them, this file has no such output"
    outputs = "1 output" if units == 1 else "as many outputs"
    raise InputError(
        f"expected {wanted} label(s) for {outputs}, received {len(labels)}: {listed(labels)}; {advice}: {where}"
    )


def _file_lines(text: str) -> list[str] | None:
    """Give the lines of a file; None where there is no such file.

    A file's name may hold a comma, but a list of many labels is longer than a name can be.
    """
    try:
        return Path(text).read_text(encoding="utf-8-sig").splitlines()
    except OSError:
        return None
    except ValueError as error:
        raise InputError(f"expected a text file of labels, received something else ({error}): {text}") from error


def _of_lines(lines: list[str]) -> tuple[str, ...]:
    labels = _unnumbered([line.strip() for line in lines if line.strip()])
    return tuple(label.replace("\t", " ") for label in labels)


def _printable(labels: tuple[str, ...]) -> tuple[str, ...]:
    """Give them back; what they are shown in, a terminal and JSON and a page, need not guard itself against them."""
    for label in labels:
        if not printable(label):
            raise InputError(f"expected labels of printable UTF-8, received {label!r}; rename it")
    return labels


def _unnumbered(lines: list[str]) -> tuple[str, ...]:
    numbered = [line.split(maxsplit=1) for line in lines]
    if all(len(words) == 2 and words[0] == str(index) for index, words in enumerate(numbered)):
        return tuple(label for _, label in numbered)
    return tuple(lines)
