"""Candidates, made of one golden model: good ones, each with a hash of its own, and bad ones of every kind."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from edgeproof.edge import modelfile

_OURS = (modelfile.CONTRACT, modelfile.LABELS, modelfile.AXIS_LABELS)


class Kind(str, Enum):
    """What is right or wrong with a candidate."""

    GOOD = "good"
    GROWING = "good, copied slowly"
    DAMAGED = "damaged"
    HALF = "half of a copy"
    LABELS = "other labels"
    GOLDEN = "other golden scores"
    DISAGREES = "disagrees"
    SHADOW_SLOW = "slow in the shadow"
    SHADOW_CRASH = "crashes in the shadow"
    SHADOW_HANG = "hangs in the shadow"
    SHADOW_MEMORY = "takes all memory"
    SWAPPED_FAIL = "fails after the swap"
    SWAPPED_CRASH = "crashes after the swap"
    SWAPPED_HANG = "hangs after the swap"
    SWAPPED_SLOW = "slow after the swap"
    LATE_CRASH = "crashes after the probation"


GOOD = (Kind.GOOD, Kind.GROWING)
BAD = tuple(kind for kind in Kind if kind not in (*GOOD, Kind.LATE_CRASH))
_NAMES = {
    Kind.SHADOW_SLOW: "judge slow 1",
    Kind.SHADOW_CRASH: "judge crash 3",
    Kind.SHADOW_HANG: "judge hang 3",
    Kind.SHADOW_MEMORY: "judge memory 2",
    Kind.SWAPPED_FAIL: "host fail 3",
    Kind.SWAPPED_CRASH: "host crash 3",
    Kind.SWAPPED_HANG: "host hang 3",
    Kind.SWAPPED_SLOW: "host slow 1",
}


@dataclass(frozen=True)
class Candidate:
    """The bytes of a file, and what is to become of it."""

    kind: Kind
    data: bytes

    @property
    def is_good(self) -> bool:
        """Whether it is to be swapped in."""
        return self.kind in GOOD


class Material:
    """Makes candidates of the model in a file."""

    def __init__(self, path: Path, rng: random.Random) -> None:
        file = modelfile.read(path)
        assert file.contract is not None and file.contract.proof is not None  # noqa: S101, PT018 - a golden model
        self._rng = rng
        self._file, self._contract, self._proof = file, file.contract, file.contract.proof
        self._members = {name: content for name, content in file.members.items() if name not in _OURS}

    def candidate(self, kind: Kind, number: int) -> Candidate:
        """Make one; each number has other bytes."""
        name = f"{_NAMES.get(kind, 'variant')} {number}"
        if kind is Kind.LATE_CRASH:
            name = f"host crash 60 {number}"
        contract = replace(self._contract, name=name)
        if kind is Kind.LABELS:
            labels = (*contract.output.labels[:-1], "lizard")
            contract = replace(contract, output=replace(contract.output, labels=labels))
        elif kind is Kind.GOLDEN:
            first, *others = self._proof.golden
            wrong = replace(first, scores=first.scores[::-1])
            contract = replace(contract, proof=replace(self._proof, golden=(wrong, *others)))
        elif kind is Kind.DISAGREES:
            contract = replace(contract, output=replace(contract.output, unknown_below=1.0))  # it is never sure
        data = modelfile.assemble(self._file.format, self._file.model, contract, self._members)
        return Candidate(kind, self._damaged(kind, data))

    def _damaged(self, kind: Kind, data: bytes) -> bytes:
        if kind is Kind.HALF:
            return data[: self._rng.randrange(1000, len(data) - 1)]
        if kind is Kind.DAMAGED:
            place = self._rng.randrange(len(data))
            return data[:place] + bytes((data[place] ^ 1 << self._rng.randrange(8),)) + data[place + 1 :]
        return data
