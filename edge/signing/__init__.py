"""Signed models: who made a file, by an Ed25519 signature in it, checked before anything else looks at its bytes."""

from ..errors import InputError


class SignatureError(InputError):
    """A model file that none of the keys has signed as it is."""


def short(fingerprint: str) -> str:
    """Shorten a fingerprint for a line that is read by a person."""
    return f"{fingerprint[:16]}…"
