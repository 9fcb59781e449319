from __future__ import annotations

import io
import struct
import warnings
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from edgeproof.edge import modelfile, typed_json
from edgeproof.edge.contract import Activation, Format, ModelOutput
from edgeproof.edge.errors import InputError
from edgeproof.edge.modelfile import onnx, seal, tflite
from parts import CONTRACT, FORMATS, GOLDEN, MODEL, SMALL, outcome


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
    with pytest.raises(InputError, match="expected a model file, received a folder"):
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
