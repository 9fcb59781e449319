"""The seal: the last bytes of a file hold the SHA-256 of all bytes before them.

One rule for both formats, and no byte outside it: a single flipped bit anywhere in the file, in the weights, in the
contract or in the seal itself, breaks it. It guards against damage, not against a forger, who can seal anew.
"""

import hashlib

from ..errors import DamagedError

MARK = b"edgeproof-seal:"
LENGTH = len(MARK) + hashlib.sha256().digest_size * 2


def seal(unsealed: bytes | memoryview) -> bytes:
    """Compute the seal that closes a file whose other bytes are `unsealed` (which end just before the seal)."""
    return MARK + hashlib.sha256(unsealed).hexdigest().encode()


def is_sealed(data: bytes) -> bool:
    """Tell whether a file ends in a seal, right or wrong."""
    return data[-LENGTH:].startswith(MARK)


def holds(data: bytes) -> bool:
    """Tell whether a file ends in a seal of its own bytes."""
    return data[-LENGTH:] == seal(memoryview(data)[:-LENGTH])


def verify(data: bytes, where: str) -> None:
    """Check the seal at the end of a file.

    Raises:
        DamagedError: the file does not end in a seal, or its bytes are not the ones that were sealed.
    """
    if not is_sealed(data):
        raise DamagedError(f"expected an edgeproof seal at the end, received none: {where} was altered; copy it again")
    if not holds(data):
        raise DamagedError(f"expected the sealed SHA-256, received other bytes: {where} is damaged; copy it again")
