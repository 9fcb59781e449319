"""The signature: where it stands in a file, and which bytes it is of; `signing` has the keys.

It stands directly before the seal, in both formats: in the comment of the zip, or in the value of the last entry. The
places are counted from the end of the file, so nothing of it has to be parsed to find them, and every byte before the
signature is signed, its mark and the fingerprint of its key included. Behind it is the seal alone, which is the hash of
all that is before it.

    … network, contract, golden frames … edgeproof-signature:FINGERPRINT:SIGNATURE edgeproof-seal:SHA-256   (no blanks)
"""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..contract import Format
from ..errors import InputError
from ..signing import SignatureError, short
from . import onnx, seal, tflite

MARK = b"edgeproof-signature:"
_CONTEXT = b"edgeproof signed model 1\n"  # a signature of something else with the same key is none of a model
_FINGERPRINT, _SIGNATURE = 64, 128  # hexadecimal digits of SHA-256, and of Ed25519's 64 bytes
_LENGTH = len(MARK) + _FINGERPRINT + 1 + _SIGNATURE
_BLOCK = re.compile(re.escape(MARK) + rb"([0-9a-f]{64}):([0-9a-f]{128})")
_COMMENT_LENGTH = struct.Struct("<H")  # the last bytes of a zip before its comment
# What onnxruntime would read from other files, which no signature is of: the key of an entry of `external_data`.
_EXTERNAL = b"\x0a\x08location"


@dataclass(frozen=True)
class Signature:
    """A signature as a file has it: the fingerprint of its key, 64 hexadecimal digits, and Ed25519's 64 bytes."""

    fingerprint: str
    value: bytes


def find(data: bytes) -> Signature | None:
    """Find the signature of a file, right or wrong; None where there is none, or no seal behind it."""
    if not seal.is_sealed(data):
        return None
    match = _BLOCK.fullmatch(data[-_LENGTH - seal.LENGTH : -seal.LENGTH])
    return None if match is None else Signature(match[1].decode(), bytes.fromhex(match[2].decode()))


def message(data: bytes) -> bytes:
    """Give what the signature of a file is of: a hash of every byte before the signature itself."""
    return _message(memoryview(data)[: -_SIGNATURE - seal.LENGTH])


def verify(data: bytes, keys: Sequence[Path], where: str) -> None:
    """Check that one of several keys has signed a file, every byte of it; nothing of it is parsed.

    Args:
        data: the bytes of the whole file.
        keys: files of public keys.
        where: names the file in messages.

    Raises:
        SignatureError: the file is not signed, or by another key, or its bytes are others.
        InputError: there are no keys, one cannot be read, or the package cryptography is missing.
    """
    from ..signing.keys import read_public

    public = [read_public(path) for path in keys]
    if not public:
        raise InputError("expected at least one public key, received none")
    found = find(data)
    if found is None:
        raise SignatureError(f"expected a signed model, received one without a signature: {where}; do not run it")
    key = next((key for key in public if key.fingerprint == found.fingerprint), None)
    if key is None:
        names = ", ".join(map(str, keys))
        raise SignatureError(
            f"expected a model signed by {names}, received one signed by the key {short(found.fingerprint)}: {where}; "
            "do not run it"
        )
    # The seal is behind the signature, the one part of the file that it is not of.
    if not key.has_signed(message(data), found.value) or not seal.holds(data):
        raise SignatureError(f"expected the bytes that were signed, received others: {where} was altered; copy it anew")


def put(data: bytes, kind: Format, fingerprint: str, sign: Callable[[bytes], bytes], where: str) -> bytes:
    """Put a signature into a file, in the place of the one that is there, and seal it anew.

    Args:
        data: the file, which has been parsed before; one made elsewhere gets a seal, too.
        kind: its format.
        fingerprint: of the key.
        sign: signs a message.
        where: names the file in messages.

    Raises:
        InputError: the model keeps some of its weights in other files.
    """
    if kind is Format.ONNX and _EXTERNAL in data:
        raise InputError(
            f"expected a model with all its weights inside, received one that reads others from another file: {where}; "
            "save it as one file"
        )
    if not seal.is_sealed(data):
        data = tflite.join(data, {}) if kind is Format.TFLITE else onnx.join(data, {})
    closing = seal.LENGTH + (_LENGTH if find(data) else 0)
    head = _with_room(data, kind, closing, where) + MARK + fingerprint.encode() + b":"
    signed = head + sign(_message(memoryview(head))).hex().encode()
    return signed + seal.seal(signed)


def _with_room(data: bytes, kind: Format, closing: int, where: str) -> bytes:
    """Give the bytes before the closing ones, which say how many these are, for a closing with a signature."""
    wanted = _LENGTH + seal.LENGTH
    before = data[:-closing]
    found, made = (_head(kind, length) for length in (closing, wanted))
    if not before.endswith(found):
        raise InputError(f"expected a seal at the end of the {kind.value} file, received it elsewhere: {where}")
    return before[: -len(found)] + made


def _head(kind: Format, closing: int) -> bytes:
    return _COMMENT_LENGTH.pack(closing) if kind is Format.TFLITE else onnx.seal_head(closing)


def _message(signed: memoryview) -> bytes:
    return _CONTEXT + hashlib.sha512(signed).digest()
