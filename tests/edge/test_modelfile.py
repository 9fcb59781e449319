from __future__ import annotations

import hashlib
import io
import json
import random
import struct
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edgeproof.edge import modelfile, typed_json
from edgeproof.edge.contract import Activation, Contract, Format, ImageInput, ModelOutput
from edgeproof.edge.errors import InputError
from edgeproof.edge.modelfile import onnx, seal, tflite

GOLDEN = [f"rps-{precision}.{kind}" for precision in ("int8", "fp32") for kind in ("tflite", "onnx")]
SMALL = [name.replace("rps", "hello") for name in GOLDEN]  # small enough to try every bit
FLIPS = 300

CONTRACT = Contract("tiny", ImageInput(height=2, width=2, channels=3), ModelOutput(Activation.SOFTMAX, ("päper", "b")))
MEMBERS = {
    "golden/0.png": bytes(range(256)) * 3,
    "golden/1.json": b"[1.5]",
    "labels.txt": "päper\nb\n".encode(),
    "empty.bin": b"",
}
# The least bytes that pass for a model: a flatbuffer with TFLite's identifier; a ModelProto with ir_version = 8.
MODEL = {Format.TFLITE: b"\x1c\x00\x00\x00TFL3" + bytes(range(40)), Format.ONNX: b"\x08\x08"}
FORMATS = [(Format.TFLITE, tflite), (Format.ONNX, onnx)]


def outcome(data: bytes) -> str:
    """Say what a file is taken for; any exception but InputError fails the test."""
    try:
        file = modelfile.parse(data, "file")
    except InputError as error:
        return "refused" if "\n" not in str(error) else "refused on many lines"
    return "contract" if file.contract is not None else "foreign"


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


@pytest.mark.parametrize(("kind", "module"), FORMATS)
def test_contract_of_another_model_is_refused(kind: Format, module: object) -> None:
    ours = modelfile.parse(modelfile.assemble(kind, MODEL[kind], CONTRACT, {}), "file").members
    other = MODEL[kind] + (b"\x00" if kind is Format.TFLITE else b"\x10\x01")
    with pytest.raises(InputError, match="expected the model that the contract was made for, received another: file"):
        modelfile.parse(module.join(other, ours), "file")  # type: ignore[attr-defined]


@pytest.mark.parametrize(("kind", "module"), FORMATS)
def test_sealed_contract_that_does_not_hold_names_its_field(kind: Format, module: object) -> None:
    data = module.join(MODEL[kind], {"contract.json": b'{"name": 3}'})  # type: ignore[attr-defined]
    with pytest.raises(InputError, match=r"expected str, received 3: contract\.json in file: name"):
        modelfile.parse(data, "file")


@pytest.mark.parametrize(("kind", "module"), FORMATS)
def test_contract_without_a_seal_is_refused(kind: Format, module: object) -> None:
    data = module.join(MODEL[kind], {"contract.json": b"{}"})  # type: ignore[attr-defined]
    broken = data.replace(seal.MARK, b"edgeproof_seal:")
    with pytest.raises(InputError, match="expected an edgeproof seal at the end, received none: file was altered"):
        modelfile.parse(broken, "file")


def foreign_zip(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Make an unsealed TFLite file with a zip behind it, as others write it."""
    buffer = io.BytesIO()
    buffer.write(MODEL[Format.TFLITE])
    with zipfile.ZipFile(buffer, "a", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_foreign_zip_is_read_without_a_contract() -> None:
    file = modelfile.parse(foreign_zip({"labels.txt": b"a\nb\n"}), "file")
    assert file.contract is None
    assert file.model == MODEL[Format.TFLITE]
    assert file.members == {"labels.txt": b"a\nb\n"}


@pytest.mark.parametrize(
    "members",
    [{"big": bytes(33 * 2**20)}, {str(index): bytes(2**20) for index in range(33)}],
    ids=["one", "many"],
)
def test_zip_bomb_is_refused(members: dict[str, bytes]) -> None:
    data = foreign_zip(members)
    assert len(data) < 2**20
    with pytest.raises(InputError, match="expected members of at most 33554432 bytes"):
        modelfile.parse(data, "file")


@pytest.mark.parametrize("size", [0, 1, 9999, 2**31, 2**32 - 2])
def test_lying_member_size_gives_no_contract(size: int) -> None:
    """A member that unpacks to more or less than it says is never taken for a contract."""
    data = bytearray(foreign_zip({"contract.json": b"{}" + b" " * 5000}))
    place = data.rindex(b"PK\x01\x02") + 24  # uncompressed size in the central directory
    assert struct.unpack_from("<I", data, place) == (5002,)
    struct.pack_into("<I", data, place, size)
    assert outcome(bytes(data)) in ("refused", "foreign")


def test_encrypted_member_is_refused() -> None:
    data = bytearray(foreign_zip({"labels.txt": b"a\nb\n"}, zipfile.ZIP_STORED))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.rindex(mark) + offset] |= 1
    with pytest.raises(InputError, match="expected a readable zip at the end, received a damaged one"):
        modelfile.parse(bytes(data), "file")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00",
        b"This is a text file, not a model.\n",
        b"\x89PNG\r\n\x1a\n" + bytes(50),
        b"\xff" * 40,
        b"\x3a\xff\xff\xff\xff\xff\xff\xff\xff\x7f",  # a field of 2 ** 63 bytes
        b"\x72\x0f" + b"\x0a\x0bedgeproof/x\x12",  # an entry of ours that ends too soon
        b"\x72\x11\x0a\x0bedgeproof/x\x12\x02?!",  # a picture that is no base64
    ],
    ids=["empty", "zero", "text", "picture", "ones", "giant", "cut", "base64"],
)
def test_what_is_no_model_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match=r"expected a \.tflite or \.onnx model, received neither .*: file"):
        modelfile.parse(data, "file")


def test_missing_file_and_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"expected a model file, received No such file or directory: .*none\.tflite"):
        modelfile.read(tmp_path / "none.tflite")
    with pytest.raises(InputError, match="expected a model file, received Is a directory"):
        modelfile.read(tmp_path)


def test_name_of_the_file_does_not_matter(models: Path, tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes((models / "hello-int8.onnx").read_bytes())
    assert modelfile.read(path).format is Format.ONNX


@pytest.mark.parametrize("name", [name for name in GOLDEN + SMALL if name.endswith("tflite")])
def test_truncated_tflite_file_is_not_taken_for_a_foreign_one(models: Path, name: str) -> None:
    data = (models / name).read_bytes()
    size = len(modelfile.parse(data, "file").model)
    for length in (size, size + 1, (size + len(data)) // 2, len(data) - 200):
        with pytest.raises(InputError, match="received none: file is truncated; copy it again"):
            modelfile.parse(data[:length], "file")


@pytest.mark.parametrize(("kind", "module"), FORMATS)
def test_contract_of_a_later_format_asks_for_an_update(kind: Format, module: object) -> None:
    content = b'{"format": "edgeproof-contract/2", "shape": [], "name": 3}'
    data = module.join(MODEL[kind], {"contract.json": content})  # type: ignore[attr-defined]
    message = "expected edgeproof-contract/1, received edgeproof-contract/2; update edgeproof: file"
    with pytest.raises(InputError, match=message):
        modelfile.parse(data, "file")


def sealed_zip(members: dict[str, bytes], method: int = zipfile.ZIP_STORED, twice: str = "") -> bytes:
    """Make a TFLite file with a seal that holds, as a forger does, whatever its members are called."""
    buffer = io.BytesIO()
    buffer.write(MODEL[Format.TFLITE])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that are there twice
        with zipfile.ZipFile(buffer, "a", method) as archive:
            for name, content in members.items():
                archive.writestr(name, content)
            if twice:
                archive.writestr(twice, b"another")
            archive.comment = b"0" * seal.LENGTH
    unsealed = buffer.getvalue()[: -seal.LENGTH]
    return unsealed + seal.seal(unsealed)


@pytest.mark.parametrize(
    "name",
    ["../evil", "/etc/evil", "a/../../evil", "a\\b", "C:evil", "a\x1b[2Jb", "a\nb", "./a", "a//b", "x" * 201, ".."],
)
def test_member_with_a_name_that_leads_elsewhere_is_refused_in_either_format(name: str) -> None:
    for data in (sealed_zip({name: b"x"}), onnx.join(MODEL[Format.ONNX], {name: b"x"})):
        with pytest.raises(InputError, match="expected members with the plain names of files, received") as caught:
            modelfile.parse(data, "file")
        assert str(caught.value).isprintable()


def test_member_that_is_there_twice_is_refused_in_either_format() -> None:
    with pytest.raises(InputError, match="expected members of different names, received two of one: file"):
        modelfile.parse(sealed_zip({"labels.txt": b"x"}, twice="labels.txt"), "file")
    entry = onnx._encode_entry("edgeproof/a.txt", b"x")
    unsealed = onnx.join(MODEL[Format.ONNX] + entry, {"a.txt": b"y"})[: -seal.LENGTH]
    with pytest.raises(InputError, match=r"two entries edgeproof/a\.txt"):
        modelfile.parse(unsealed + seal.seal(unsealed), "file")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_member_of_a_method_that_takes_gigabytes_is_refused(method: int) -> None:
    with pytest.raises(InputError, match=f"expected members stored or deflated, received others: method {method}"):
        modelfile.parse(sealed_zip({"labels.txt": b"a\nb\n"}, method), "file")


@pytest.mark.parametrize("count", [1001, 30_000])
def test_members_without_number_are_refused(count: int) -> None:
    many = {f"{index}": b"" for index in range(count)}
    with pytest.raises(InputError, match=r"expected at most 1000 members|expected a directory of at most"):
        modelfile.parse(sealed_zip(many), "file")
    with pytest.raises(InputError, match=f"expected at most 1000 members, received {count}"):
        modelfile.parse(onnx.join(MODEL[Format.ONNX], many), "file")


def test_archive_that_says_it_is_one_of_gigabytes_is_refused() -> None:
    data = sealed_zip({"a": b"x"})
    place = data.rindex(b"PK\x05\x06")
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, 0, 1)
    unsealed = (data[:place] + locator + data[place:])[: -seal.LENGTH]
    with pytest.raises(InputError, match="expected a zip of ordinary size, received a zip64: file"):
        modelfile.parse(unsealed + seal.seal(unsealed), "file")


def test_millions_of_empty_fields_are_refused() -> None:
    with pytest.raises(InputError, match="more than 100000 fields"):
        modelfile.parse(MODEL[Format.ONNX] + b"\x0a\x00" * 1_000_000, "file")


def test_contract_of_megabytes_is_refused() -> None:
    data = tflite.join(MODEL[Format.TFLITE], {"contract.json": b" " * (9 * 2**20)})
    with pytest.raises(InputError, match="expected a contract of at most 8388608 bytes, received 9437184: file"):
        modelfile.parse(data, "file")


@pytest.mark.parametrize("text", ["a\x1b[2J", "a\x07", "a\nb", "\u202egnp.exe", "\u2028", "x" * 1001])
@pytest.mark.parametrize("kind", Format)
def test_words_that_a_terminal_would_obey_are_refused_where_they_are_written_and_where_they_are_read(
    kind: Format, text: str
) -> None:
    forged = replace(CONTRACT, output=ModelOutput(Activation.SOFTMAX, (text, "b")))
    with pytest.raises(InputError, match="expected printable words of at most 1000 characters"):
        modelfile.assemble(kind, MODEL[kind], forged, {})
    module = dict(FORMATS)[kind]
    data = module.join(MODEL[kind], {"contract.json": typed_json.dumps(forged).encode()})
    with pytest.raises(InputError, match="expected printable words of at most 1000 characters") as caught:
        modelfile.parse(data, "file")
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 300


def test_a_device_that_never_ends_is_no_model() -> None:
    with pytest.raises(InputError, match="expected a model file of at most 2147483647 bytes, received something else"):
        modelfile.read(Path("/dev/zero"))


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
