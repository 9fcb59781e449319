"""The mutants of a campaign: golden model files, damaged or forged in every class, each by its own seeded chance."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import files_archives as archives
import files_contracts as contracts
import files_flatbuffer as flatbuffer
import files_protobuf as protobuf
from edgeproof.edge import modelfile
from edgeproof.edge.contract import Format
from edgeproof.edge.modelfile import onnx, tflite

_OURS, _THEIRS = b"exported by edgeproof", b"exported by somebody!"
_JOIN = {Format.TFLITE: tflite.join, Format.ONNX: onnx.join}
_MOST_FLIPS = 4  # of a forger
_WILD = 0.4  # of the mutants that know the schema


class Class(str, Enum):
    """What was done to a file; the value is how the table calls it."""

    FLIP = "one bit flipped, sealed file"
    FOREIGN_FLIP = "bits flipped, no contract"
    FORGED_FLIP = "bits flipped, sealed anew"
    CUT = "truncated"
    WILD = "schema-aware, no contract"
    FORGED_WILD = "schema-aware, sealed anew"
    HUGE = "huge tensors"
    ELSEWHERE = "weights in another file, graphs without end"
    MEMBERS = "zip and entries"
    CONTRACT = "contract JSON"


# Of a hundred files each.
SHARES = {
    Class.FLIP: 25,
    Class.FOREIGN_FLIP: 8,
    Class.FORGED_FLIP: 5,
    Class.CUT: 10,
    Class.WILD: 14,
    Class.FORGED_WILD: 10,
    Class.HUGE: 4,
    Class.ELSEWHERE: 4,
    Class.MEMBERS: 10,
    Class.CONTRACT: 10,
}
_FOREIGN = frozenset({Class.FOREIGN_FLIP, Class.WILD})


@dataclass(frozen=True)
class Mutant:
    """One file: `network` are the bytes that a runtime would be given by who trusts the file, None where intact."""

    number: int
    kind: Class
    seed: str
    format: Format
    data: bytes
    network: bytes | None

    @property
    def is_foreign(self) -> bool:
        """Tell whether somebody must say the labels, as the file has no contract."""
        return self.kind in _FOREIGN


class Seed:
    """A golden model, taken apart."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self.data = path.read_bytes()
        self.file = modelfile.parse(self.data, path.name)
        self.places = flatbuffer.places(self.file.model) if self.is_tflite else protobuf.places(self.file.model)

    @property
    def is_tflite(self) -> bool:
        """Tell the two formats apart."""
        return self.file.format is Format.TFLITE

    def mutate(self, rng: random.Random) -> bytes:
        """Change something in the network, by its schema: to what cannot be, or to what could be and is wrong."""
        kind = flatbuffer if self.is_tflite else protobuf
        return (kind.wild if rng.random() < _WILD else kind.plausible)(self.file.model, self.places, rng)  # type: ignore[attr-defined]

    def enlarge(self, rng: random.Random) -> bytes:
        """Make a tensor of the network huge."""
        return (flatbuffer if self.is_tflite else protobuf).huge(self.file.model, self.places, rng)  # type: ignore[attr-defined]

    def sealed(self, network: bytes) -> bytes:
        """Put a network into the file, as a forger does: with its hash in the contract, and a seal that holds."""
        contract = self.file.contract
        assert contract is not None  # noqa: S101 - golden models have one
        own = {modelfile.CONTRACT, modelfile.LABELS, modelfile.AXIS_LABELS}
        members = {name: content for name, content in self.file.members.items() if name not in own}
        return modelfile.assemble(self.file.format, network, contract, members)


def mutants(folder: Path, count: int, seed: int) -> Iterator[Mutant]:
    """Make mutants, each class as often as its share; the same ones for the same seed and count."""
    seeds = [Seed(path) for path in sorted(folder.glob("*-*.*")) if path.suffix in (".tflite", ".onnx")]
    classes = [kind for kind, share in SHARES.items() for _ in range(max(1, round(share * count / 100)))]
    random.Random(seed).shuffle(classes)  # noqa: S311 - a seeded order
    for number, kind in enumerate(classes):
        rng = random.Random(f"{seed}:{number}")  # noqa: S311 - a seeded choice
        yield _mutant(number, kind, rng.choice(seeds), rng)


def _mutant(number: int, kind: Class, seed: Seed, rng: random.Random) -> Mutant:
    network: bytes | None = None
    if kind is Class.FLIP:
        data = flipped(seed.data, rng, 1)
    elif kind is Class.CUT:
        network, data = _cut(seed, rng)
    elif kind is Class.MEMBERS:
        spoil = archives.bad_zip if seed.is_tflite else archives.bad_entries
        data = spoil(seed.file.model, seed.file.members, rng)
    elif kind is Class.CONTRACT:
        spoilt = contracts.bad(seed.file.members[modelfile.CONTRACT], rng)
        data = _JOIN[seed.file.format](seed.file.model, {**seed.file.members, modelfile.CONTRACT: spoilt})
    else:
        network = _network(kind, seed, rng)
        data = network.replace(_OURS, _THEIRS) if kind in _FOREIGN else seed.sealed(network)
    return Mutant(number, kind, seed.name, seed.file.format, data, network)


def _network(kind: Class, seed: Seed, rng: random.Random) -> bytes:
    model = seed.file.model
    if kind in (Class.FOREIGN_FLIP, Class.FORGED_FLIP):
        return flipped(model, rng, rng.randint(1, _MOST_FLIPS))
    if kind in (Class.WILD, Class.FORGED_WILD):
        return seed.mutate(rng)
    if kind is Class.ELSEWHERE and not seed.is_tflite:
        return protobuf.deep(model, rng) if rng.random() < 0.3 else protobuf.elsewhere(model, seed.places, rng)  # type: ignore[arg-type]
    return seed.enlarge(rng)


def _cut(seed: Seed, rng: random.Random) -> tuple[bytes | None, bytes]:
    """Leave out the end of a file, or of its network; or its middle."""
    model, data = seed.file.model, seed.data
    if rng.random() < 0.5:
        network = model[: rng.randrange(len(model))]
        return network, network.replace(_OURS, _THEIRS)
    begin, end = sorted(rng.randrange(len(data)) for _ in range(2))
    return None, data[:begin] if rng.random() < 0.5 else data[:begin] + data[end:]


def flipped(data: bytes, rng: random.Random, count: int) -> bytes:
    """Flip bits."""
    copy = bytearray(data)
    for bit in rng.sample(range(len(data) * 8), count):
        copy[bit // 8] ^= 1 << bit % 8
    return bytes(copy)
