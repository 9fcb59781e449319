from __future__ import annotations

import hashlib
import json
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from edgeproof.edge import modelfile
from edgeproof.edge.contract import Format
from edgeproof.edge.modelfile import seal
from parts import CONTRACT, FORMATS, GOLDEN, MODEL, SMALL, outcome

FLIPS = 300
MEMBERS = {
    "golden/0.png": bytes(range(256)) * 3,
    "golden/1.json": b"[1.5]",
    "labels.txt": "päper\nb\n".encode(),
    "empty.bin": b"",
}


def flipped(data: bytes, bit: int) -> bytes:
    copy = bytearray(data)
    copy[bit // 8] ^= 1 << bit % 8
    return bytes(copy)


def vital_bytes(data: bytes) -> Iterator[int]:
    """List positions whose damage could make a file look like another kind of file."""
    yield from range(12)
    yield from range(len(data) - seal.LENGTH - 30, len(data))
    for mark in (b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", seal.MARK, b"edgeproof/contract.json", b"contract.json"):
        place = data.rfind(mark)
        if place >= 0:
            yield from range(place, place + len(mark) + 20)


@pytest.mark.parametrize(("kind", "module"), FORMATS)
@pytest.mark.parametrize("members", [MEMBERS, {}], ids=["members", "none"])
def test_joined_parts_come_apart_again(kind: Format, module: object, members: dict[str, bytes]) -> None:
    data = module.join(MODEL[kind], members)  # type: ignore[attr-defined]
    assert data.startswith(MODEL[kind])
    assert module.split(data, "file")[1] == members  # type: ignore[attr-defined]
    assert modelfile.parse(data, "file").contract is None


@pytest.mark.parametrize(("kind", "module"), FORMATS)
def test_model_comes_back_byte_for_byte(kind: Format, module: object) -> None:
    assert module.split(module.join(MODEL[kind], MEMBERS), "file")[0] == MODEL[kind]  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", Format)
def test_assembled_file_is_parsed(kind: Format) -> None:
    data = modelfile.assemble(kind, MODEL[kind], CONTRACT, {"golden/0.png": b"\x00\xff"})
    file = modelfile.parse(data, "here.file")
    assert (file.name, file.format, file.model) == ("here.file", kind, MODEL[kind])
    assert file.members["golden/0.png"] == b"\x00\xff"
    assert file.members["labels.txt"] == "päper\nb\n".encode()
    assert file.contract is not None
    assert file.contract.output == CONTRACT.output
    assert file.contract.integrity is not None
    assert file.contract.integrity.sha256 == hashlib.sha256(MODEL[kind]).hexdigest()
    assert file.contract.integrity.size == len(MODEL[kind])


@pytest.mark.parametrize("kind", Format)
def test_same_parts_make_the_same_bytes(kind: Format) -> None:
    first, second = (modelfile.assemble(kind, MODEL[kind], CONTRACT, MEMBERS) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("name", GOLDEN + SMALL)
def test_seal_is_the_hash_of_all_bytes_before_it(models: Path, name: str) -> None:
    data = (models / name).read_bytes()
    unsealed, mark, digest = data[:-79], data[-79:-64], data[-64:]
    assert mark == b"edgeproof-seal:"
    assert digest.decode() == hashlib.sha256(unsealed).hexdigest()


def test_zip_tools_read_the_tflite_file(models: Path) -> None:
    with zipfile.ZipFile(models / "rps-int8.tflite") as archive:
        assert archive.testzip() is None
        assert archive.read("labels.txt") == b"paper\nrock\nscissors\n"
        assert archive.getinfo("labels.txt").compress_type == zipfile.ZIP_STORED
        assert json.loads(archive.read("contract.json"))["name"] == "rps-int8"


def test_onnxruntime_reads_the_onnx_file(models: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    session = onnxruntime.InferenceSession(str(models / "rps-int8.onnx"), providers=["CPUExecutionProvider"])
    metadata = session.get_modelmeta().custom_metadata_map
    assert metadata["edgeproof/labels.txt"] == "paper\nrock\nscissors\n"
    assert json.loads(metadata["edgeproof/contract.json"])["name"] == "rps-int8"


@pytest.mark.parametrize("name", GOLDEN)
def test_any_flipped_bit_is_refused(models: Path, name: str) -> None:
    data = (models / name).read_bytes()
    assert outcome(data) == "contract"
    rng = random.Random(name)  # noqa: S311 - a seeded choice of bits
    bits = [rng.randrange(len(data) * 8) for _ in range(FLIPS)]
    bits += [position * 8 + rng.randrange(8) for position in vital_bytes(data)]
    survivors = [bit for bit in bits if outcome(flipped(data, bit)) != "refused"]
    assert survivors == []


@pytest.mark.parametrize("name", SMALL)
def test_every_single_flipped_bit_is_refused(models: Path, name: str) -> None:
    data = (models / name).read_bytes()
    survivors = [bit for bit in range(len(data) * 8) if outcome(flipped(data, bit)) != "refused"]
    assert survivors == []


@pytest.mark.parametrize("name", GOLDEN)
def test_truncated_file_has_no_contract(models: Path, name: str) -> None:
    data = (models / name).read_bytes()
    rng = random.Random(name)  # noqa: S311 - a seeded choice of lengths
    lengths = [*range(12), *range(len(data) - 200, len(data)), *(rng.randrange(len(data)) for _ in range(200))]
    assert {outcome(data[:length]) for length in lengths} <= {"refused", "foreign"}
    assert outcome(data[:-1]) == "refused"


@pytest.mark.parametrize("name", SMALL)
def test_file_truncated_at_any_length_has_no_contract(models: Path, name: str) -> None:
    data = (models / name).read_bytes()
    assert {outcome(data[:length]) for length in range(len(data))} <= {"refused", "foreign"}


@pytest.mark.parametrize("name", SMALL + GOLDEN)
@pytest.mark.parametrize("filler", [b"\x00", b"\xff", b" ", b"PK\x05\x06"])
def test_overwritten_end_has_no_contract(models: Path, name: str, filler: bytes) -> None:
    data = (models / name).read_bytes()
    for count in (1, 15, 64, 79, 80, 101, 400, 1500):
        tail = (filler * count)[:count]
        assert outcome(data[:-count] + tail) in ("refused", "foreign")
        assert outcome(data + tail) in ("refused", "foreign")


@pytest.mark.parametrize("kind", Format)
def test_bytes_moved_within_the_file_are_refused(kind: Format) -> None:
    data = modelfile.assemble(kind, MODEL[kind], CONTRACT, MEMBERS)
    place = data.index(b"[1.5]")
    swapped = data[:place] + data[place + 1 : place + 2] + data[place : place + 1] + data[place + 2 :]
    assert len(swapped) == len(data)
    assert outcome(data) == "contract"
    assert outcome(swapped) == "refused"


@pytest.mark.parametrize("length", [0, 1, 1 << 20, (1 << 20) - 1, (1 << 20) + 1, 3 << 20, 3_500_000])
def test_hashes_of_beginnings_are_those_of_the_bytes(length: int) -> None:
    data = random.Random(0).randbytes(3_500_000)  # noqa: S311 - any bytes
    hashes = seal.Hashes(data)
    assert hashes.of_first(2_000_000) == hashlib.sha256(data[:2_000_000]).hexdigest()
    assert hashes.of_first(length) == hashlib.sha256(data[:length]).hexdigest()


@pytest.mark.parametrize("name", GOLDEN + SMALL)
def test_hash_of_the_network_is_told(models: Path, name: str) -> None:
    file = modelfile.read(models / name)
    assert file.sha256 == hashlib.sha256(file.model).hexdigest()
