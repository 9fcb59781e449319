"""One model file: the network, its contract, its golden frames, and the seal over all of it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .. import typed_json
from ..contract import FORMAT, Contract, Format, Integrity, ModelOutput, texts
from ..errors import DamagedError, InputError
from ..wording import printable, shown
from . import archive, onnx, seal, signature, tflite
from .signature import Signature

CONTRACT = "contract.json"
LABELS = "labels.txt"
AXIS_LABELS = "axis-labels.txt"  # one line per output, for others, where one sigmoid unit stands for two labels
_OURS = b"exported by edgeproof"  # in the metadata that the export writes into the flatbuffer itself
_HEAD = 8  # bytes that tell the format
_LARGEST = 2**31 - 1  # bytes; neither format can be larger
_LARGEST_CONTRACT = 8 * 2**20  # bytes; 20,000 labels and their scores for three golden frames are 3 MB
_LONGEST = 1000  # characters of a label, or of another text of the contract
_FORMATS = {Format.TFLITE: tflite, Format.ONNX: onnx}


@dataclass(frozen=True)
class ModelFile:
    """A model file, read and verified: `model` is what an interpreter loads, `members` what rides behind it.

    `sha256` is that of `model`, in hexadecimal digits. `signature` is the one that is in it, which `read` has checked
    only where it was asked to; then the file is `vouched` for.
    """

    name: str
    format: Format
    model: bytes
    contract: Contract | None
    members: dict[str, bytes]
    sha256: str
    signature: Signature | None = None
    vouched: bool = False


def read(path: Path, signed_by: Sequence[Path] | None = None) -> ModelFile:
    """Read a model file, the seal first: nothing else looks at the bytes of a damaged file.

    A file without a contract, made elsewhere, is read too; its `contract` is None.

    Args:
        path: the file.
        signed_by: files of public keys, one of which must have signed it; None asks for no signature.

    Raises:
        DamagedError: its bytes are not those that were exported.
        SignatureError: none of the keys has signed it as it is.
        InputError: the file is missing, of another kind, or its contract does not hold; or a key cannot be read.
    """
    data = read_bytes(path)
    if signed_by is None:
        return parse(data, str(path))
    signature.verify(data, signed_by, str(path))
    return replace(parse(data, str(path)), vouched=True)


def read_bytes(path: Path) -> bytes:
    """Read a model file as it is; raises InputError where that cannot be done."""
    try:
        with path.open("rb") as file:
            facts = os.fstat(file.fileno())
            if stat.S_ISCHR(facts.st_mode) or facts.st_size > _LARGEST:  # some devices never end
                raise InputError(f"expected a model file of at most {_LARGEST} bytes, received something else: {path}")
            return file.read()
    except IsADirectoryError as error:
        raise InputError(
            f"expected a model file, received a folder: {path}; name a .tflite or .onnx file in it"
        ) from error
    except OSError as error:
        raise InputError(f"expected a model file, received {error.strerror or error}: {path}") from error
    except MemoryError as error:
        raise InputError(f"expected a model file that fits into this device's memory, received {path}") from error


def parse(data: bytes, where: str) -> ModelFile:
    """Read a model from the bytes of its file; `where` names it in messages. Raises as `read` does."""
    hashes = seal.Hashes(data)
    is_sealed = seal.is_sealed(data)
    if is_sealed:
        seal.verify(data, where, hashes)
    kind = Format.TFLITE if tflite.is_tflite(data) else Format.ONNX
    model, members = _FORMATS[kind].split(data, where)
    contract, sha256 = None, hashes.of_first(len(model))
    if CONTRACT in members:
        if not is_sealed:
            seal.verify(data, where)  # a contract without a seal is a file whose end was damaged
        _verify_size(members[CONTRACT], where)
        _verify_format(members[CONTRACT], where)
        contract = typed_json.loads(Contract, members[CONTRACT], f"{CONTRACT} in {where}")
        _verify_text(contract, where)
        _verify_identity(contract, Integrity(sha256, len(model)), where)
    elif _OURS in model:
        raise DamagedError(
            f"expected the contract behind a model of edgeproof, received none: {where} is truncated; copy it again"
        )
    return ModelFile(where, kind, model, contract, members, sha256, signature.find(data))


def read_members(path: Path) -> dict[str, bytes]:
    """Read what rides behind the network, by name, of a file that `read` has verified.

    The network itself stays on the disk: a device that has loaded it has no memory for a second one.

    Raises:
        DamagedError: the file has been changed since.
    """
    try:
        with path.open("rb") as file:
            kind = Format.TFLITE if tflite.is_tflite(file.read(_HEAD)) else Format.ONNX
            found: dict[str, bytes] = _FORMATS[kind].members(file)
    except (*archive.ERRORS, zipfile.BadZipFile) as error:
        raise DamagedError(f"expected the file that was opened before, received another ({error}): {path}") from error
    return found


def assemble(kind: Format, model: bytes, contract: Contract, members: dict[str, bytes]) -> bytes:
    """Make the bytes of a model file.

    Args:
        kind: which format `model` is in.
        model: the flatbuffer or ModelProto.
        contract: what to say about it; its `integrity` is filled in here.
        members: other contents by name, such as golden frames.

    Raises:
        InputError: the contract has words that could not be read back.
    """
    contract = replace(contract, integrity=identity(model))
    _verify_text(contract, contract.name)
    ours = {CONTRACT: typed_json.dumps(contract).encode()}
    if contract.output.labels:
        ours[LABELS] = "".join(f"{label}\n" for label in contract.output.labels).encode()
    if axis_labels(contract.output) == AXIS_LABELS:
        ours[AXIS_LABELS] = f"{contract.output.labels[-1]}\n".encode()
    data: bytes = _FORMATS[kind].join(model, ours | members)
    return data


def axis_labels(output: ModelOutput) -> str | None:
    """Name the member that holds one label per output unit, as other programs expect; None without labels."""
    if not output.labels:
        return None
    return LABELS if output.units == len(output.labels) else AXIS_LABELS


def identity(model: bytes) -> Integrity:
    """Identify model bytes by hash and size."""
    return Integrity(hashlib.sha256(model).hexdigest(), len(model))


def _verify_size(content: bytes, where: str) -> None:
    if len(content) > _LARGEST_CONTRACT:
        raise InputError(f"expected a contract of at most {_LARGEST_CONTRACT} bytes, received {len(content)}: {where}")


def _verify_format(content: bytes, where: str) -> None:
    """Look at the format alone, because a later one may have fields that are unknown here."""
    try:
        plain = json.loads(content)
    except (ValueError, RecursionError):
        return  # which is said better by those who read all of it
    found = plain.get("format") if isinstance(plain, dict) else None
    if isinstance(found, str) and found != FORMAT and re.fullmatch(r"edgeproof-contract/\w+", found):
        raise InputError(f"expected {FORMAT}, received {found}; update edgeproof: {where}")


def _verify_text(contract: Contract, where: str) -> None:
    """See to it that what a person is shown of a contract, labels above all, can be shown on a line of a terminal."""
    for text in texts(contract):
        if not printable(text) or len(text) > _LONGEST:
            raise InputError(
                f"expected printable words of at most {_LONGEST} characters in a contract, "
                f"received {shown(text)}: {where}"
            )


def _verify_identity(contract: Contract, found: Integrity, where: str) -> None:
    if contract.integrity is not None and contract.integrity != found:
        raise DamagedError(f"expected the model that the contract was made for, received another: {where}")
