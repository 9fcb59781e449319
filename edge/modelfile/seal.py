"""The seal: the last bytes of a file hold the SHA-256 of all bytes before them.

One rule for both formats, and no byte outside it: a single flipped bit anywhere in the file, in the weights, in the
contract or in the seal itself, breaks it. It guards against damage, not against a forger, who can seal anew.
"""

from __future__ import annotations

import hashlib

from ..errors import DamagedError

MARK = b"edgeproof-seal:"
LENGTH = len(MARK) + hashlib.sha256().digest_size * 2
_STEP = 1 << 20  # bytes after which the state of a hash is kept


class Hashes:
    """The SHA-256 of a file's beginnings, of any length up to where a seal begins, of which each byte is hashed once.

    A file's seal is over all of it and its contract names the hash of the network, which is its first part: 48 MB take
    31 ms, and would be hashed three times otherwise.
    """

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)
        self._states = [hashlib.sha256()]  # after so many steps each

    def of_first(self, length: int) -> str:
        """Give the hash of the first bytes, in hexadecimal digits."""
        while len(self._states) <= length // _STEP:
            state = self._states[-1].copy()
            begin = (len(self._states) - 1) * _STEP
            state.update(self._data[begin : begin + _STEP])
            self._states.append(state)
        state = self._states[length // _STEP].copy()
        state.update(self._data[length // _STEP * _STEP : length])
        return state.hexdigest()


def seal(unsealed: bytes | memoryview) -> bytes:
    """Compute the seal that closes a file whose other bytes are `unsealed` (which end just before the seal)."""
    return MARK + hashlib.sha256(unsealed).hexdigest().encode()


def is_sealed(data: bytes) -> bool:
    """Tell whether a file ends in a seal, right or wrong."""
    return data[-LENGTH:].startswith(MARK)


def holds(data: bytes) -> bool:
    """Tell whether a file ends in a seal of its own bytes."""
    return data[-LENGTH:] == seal(memoryview(data)[:-LENGTH])


def verify(data: bytes, where: str, hashes: Hashes | None = None) -> None:
    """Check the seal at the end of a file; `hashes` are the file's, where more of them are wanted.

    Raises:
        DamagedError: the file does not end in a seal, or its bytes are not the ones that were sealed.
    """
    if not is_sealed(data):
        raise DamagedError(f"expected an edgeproof seal at the end, received none: {where} was altered; copy it again")
    found = (hashes or Hashes(data)).of_first(len(data) - LENGTH)
    if data[-LENGTH:] != MARK + found.encode():
        raise DamagedError(f"expected the sealed SHA-256, received other bytes: {where} is damaged; copy it again")
