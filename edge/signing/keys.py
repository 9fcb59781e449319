"""Keys of Ed25519 in files, as openssl writes them too: PKCS#8 and SubjectPublicKeyInfo, both as PEM.

All cryptography is that of the package cryptography.
"""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from ..atomic import write_new
from ..errors import InputError, missing_package

try:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        PublicFormat,
        load_pem_private_key,
        load_pem_public_key,
    )
except ModuleNotFoundError as error:
    raise missing_package("cryptography", "signing") from error

PASSWORD = "EDGEPROOF_KEY_PASSWORD"  # noqa: S105 - of the variable, the name
_PRIVATE_SUFFIX, _PUBLIC_SUFFIX = ".key", ".pub"
_MOST_BYTES = 16 * 1024  # a key of Ed25519 has 119
_PRIVATE_MARK = b"PRIVATE KEY-----"
_OURS_ALONE, _EVERYONE = 0o600, 0o666
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_MAKE = "make one with edgeproof sign --new-key NAME"


@dataclass(frozen=True)
class PublicKey:
    """A key that tells who has signed; `fingerprint` is the SHA-256 of its SubjectPublicKeyInfo, in hexadecimal."""

    key: Ed25519PublicKey
    fingerprint: str

    def has_signed(self, message: bytes, value: bytes) -> bool:
        """Tell whether `value`, 64 bytes, is this key's signature of a message."""
        try:
            self.key.verify(value, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class PrivateKey:
    """A key that signs."""

    key: Ed25519PrivateKey
    public: PublicKey

    def sign(self, message: bytes) -> bytes:
        """Sign a message, in 64 bytes."""
        return self.key.sign(message)


def read_public(path: Path) -> PublicKey:
    """Read a public key.

    Raises:
        InputError: the file is missing, or holds anything else.
    """
    content = _content(path, "public")
    if _PRIVATE_MARK in content:
        raise InputError(
            f"expected a public key, received a private one: {path}; keep that where models are signed, and give the "
            f"file that ends in {_PUBLIC_SUFFIX}"
        )
    try:
        key = load_pem_public_key(content)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise InputError(f"expected a public key as PEM, received something else: {path}; {_MAKE}") from error
    if not isinstance(key, Ed25519PublicKey):
        raise InputError(f"expected a key of Ed25519, received another kind: {path}; {_MAKE}")
    return _public(key)


def read_private(path: Path) -> PrivateKey:
    """Read a private key; the password of one that is encrypted is in the environment, as `PASSWORD`.

    Raises:
        InputError: the file is missing, or holds anything else, or the password is wrong.
    """
    content = _content(path, "private")
    password = os.environ.get(PASSWORD, "").encode() or None
    if password is not None and b"ENCRYPTED" not in content:
        password = None  # it may be there for another key
    try:
        key = load_pem_private_key(content, password)
    except TypeError as error:
        raise InputError(f"expected the password of an encrypted key in {PASSWORD}, received none: {path}") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        reason = f"something else, or its password is not that in {PASSWORD}" if password else "something else"
        raise InputError(f"expected a private key as PEM, received {reason}: {path}; {_MAKE}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError(f"expected a key of Ed25519, received another kind: {path}; {_MAKE}")
    return PrivateKey(key, _public(key.public_key()))


def new_pair(name: Path) -> tuple[Path, Path, PublicKey]:
    """Make NAME.key, which its owner alone may read, and NAME.pub; gives both paths and the public key.

    Raises:
        InputError: one of the files is there.
    """
    private, public = (name.with_name(name.name + suffix) for suffix in (_PRIVATE_SUFFIX, _PUBLIC_SUFFIX))
    for path in (private, public):
        if os.path.lexists(path):
            raise InputError(f"expected a new name for a pair of keys, received one that is taken: {path}")
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    # The public one last: where it is there, the pair is.
    write_new(private, pem, _OURS_ALONE)
    write_new(public, key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), _EVERYONE)
    return private, public, _public(key.public_key())


def is_readable_by_others(path: Path) -> bool:
    """Tell whether others than its owner may read a file."""
    return bool(path.stat().st_mode & _OTHERS)


def _public(key: Ed25519PublicKey) -> PublicKey:
    info = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return PublicKey(key, hashlib.sha256(info).hexdigest())


def _content(path: Path, kind: str) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        reason = error.strerror or error
        raise InputError(f"expected a file of a {kind} key, received {reason}: {path}; {_MAKE}") from error
    if len(content) > _MOST_BYTES:
        raise InputError(f"expected a {kind} key as PEM, received a file of more than {_MOST_BYTES} bytes: {path}")
    return content
