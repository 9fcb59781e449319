"""What the loop's process and its children say to each other: lines of JSON, and one short reply per inference."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass

from ..contract import Contract
from ..interpreters import TensorInfo
from ..typed_json import to_plain
from .terms import Opening

CAPACITY = 64 << 20  # bytes of the shared memory, of which only those exist that are written to
REPLY = struct.Struct("<BBH")  # the number of the inference, whether it failed, and the bytes of the reason
LONGEST = 2000  # bytes of a reason; a reply fits into one write


@dataclass(frozen=True)
class Task:
    """What a child is to do.

    Args:
        file: the candidate's copy, which nobody else writes to.
        labels: those of the running model.
        kind: its kind of input.
        opening: how to open it.
        memory: bytes that the child may take beyond what its packages need.
        shared: descriptor of the shared memory.
        reference: the copy of the model that answers now, for a child that compares.
    """

    file: str
    labels: tuple[str, ...]
    kind: str
    opening: Opening
    memory: int
    shared: int
    reference: str | None = None


@dataclass(frozen=True)
class Begun:
    """How the opening went; `refused` says in a line why it did not."""

    refused: str | None = None


@dataclass(frozen=True)
class Hosted:
    """The network that a child holds ready; `output_at` is where its output begins in the shared memory."""

    contract: Contract
    name: str
    input: TensorInfo
    output: TensorInfo
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    output_at: int


@dataclass(frozen=True)
class Offered:
    """A frame in the shared memory."""

    shape: tuple[int, ...]
    dtype: str


@dataclass(frozen=True)
class Compared:
    """One frame, answered by both models in turn: milliseconds, and whether the labels are the same."""

    agrees: bool = False
    candidate: float = 0.0
    reference: float = 0.0
    refused: str | None = None


def line(message: Task | Begun | Hosted | Offered | Compared) -> bytes:
    """Write a message as one line."""
    return json.dumps(to_plain(message)).encode() + b"\n"
