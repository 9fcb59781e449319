"""What a run holds: memory, file descriptors and threads, read from Linux's /proc by another process."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

_KIB = 1024
_TENTHS = 10


@dataclass(frozen=True)
class Sample:
    """A run at one moment: `seconds` after its start was noted, `answers` given until then, and bytes.

    `resident` is what /proc/PID/statm says; `proportional` shares pages of libraries among those who map them, and
    `private` leaves them out.
    """

    seconds: float
    answers: float
    resident: int
    proportional: int
    private: int
    descriptors: int
    threads: int


class Gauge:
    """Reads a process and its children: a run on a camera is a supervisor and its worker.

    Nothing is asked of the processes themselves, so reading costs them no memory.
    """

    def __init__(self, process: int) -> None:
        self._process = process

    def read(self, seconds: float, answers: float) -> Sample:
        """Take a sample, the sums of all of them.

        Raises:
            OSError: a process is gone.
        """
        root = _root(self._process)
        children = (root / "task" / str(self._process) / "children").read_text().split()
        held = [_held(each) for each in (root, *map(_root, children))]
        return Sample(seconds, answers, *(sum(column) for column in zip(*held, strict=True)))


def _root(process: int | str) -> Path:
    return Path("/proc") / str(process)


def _held(root: Path) -> tuple[int, int, int, int, int]:
    pages = int((root / "statm").read_text().split()[1])
    kibibytes = _fields(root / "smaps_rollup")
    private = sum(size for name, size in kibibytes.items() if name.startswith("Private_"))
    return (
        pages * os.sysconf("SC_PAGE_SIZE"),
        kibibytes["Pss"] * _KIB,
        private * _KIB,
        len(os.listdir(root / "fd")),  # noqa: PTH208 - as cheap as it gets
        _fields(root / "status")["Threads"],
    )


@dataclass(frozen=True)
class Span:
    """How one number went over a series: what it was after the warm-up and at the end, its least and its most.

    The first tenth of a series is the warm-up; `early` is of the second tenth and `late` of the last. Of each tenth
    it is the median, so that no burst counts for growth, or the least, for what is open all the time: files are also
    opened for a moment, to write a picture say.
    """

    early: float
    late: float
    least: float
    most: float

    @property
    def growth(self) -> float:
        """How much more it is at the end."""
        return self.late - self.early

    @classmethod
    def of(cls, values: Sequence[float], typical: Callable[[Sequence[float]], float] = median) -> Span:
        """Look at a series of at least ten numbers, in order; `typical` makes one number of a tenth."""
        if len(values) < _TENTHS:
            raise ValueError(f"expected at least {_TENTHS} samples, received {len(values)}")
        tenth = len(values) // _TENTHS
        warm = values[tenth:]
        return cls(typical(values[tenth : 2 * tenth]), typical(values[-tenth:]), min(warm), max(warm))


def _fields(path: Path) -> dict[str, int]:
    """Read lines of "Name:   12 kB"; what is no number is left out."""
    found = {}
    for line in path.read_text().splitlines():
        name, _, value = line.partition(":")
        words = value.split()
        if words and words[0].isdigit():
            found[name] = int(words[0])
    return found
