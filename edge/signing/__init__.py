"""Signed models: who made a file, by an Ed25519 signature in it, checked before anything else looks at its bytes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..errors import InputError
from ..modelfile import seal, signature


class SignatureError(InputError):
    """A model file that none of the keys has signed as it is."""


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
    from .keys import read_public

    public = [read_public(path) for path in keys]
    if not public:
        raise InputError("expected at least one public key, received none")
    found = signature.find(data)
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
    if not key.has_signed(signature.message(data), found.value) or not seal.holds(data):
        raise SignatureError(f"expected the bytes that were signed, received others: {where} was altered; copy it anew")


def short(fingerprint: str) -> str:
    """Shorten a fingerprint for a line that is read by a person."""
    return f"{fingerprint[:16]}…"
