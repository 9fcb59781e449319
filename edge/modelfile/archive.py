"""The zip behind a flatbuffer, read with distrust.

`zipfile` makes an object of each of a million members that a directory lists, and takes methods whose decompressors ask
for gigabytes.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from typing import BinaryIO

from . import names

ERRORS = (zlib.error, struct.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, LookupError)

_END = b"PK\x05\x06"  # begins the record that ends an archive
_LOCATOR, _LOCATOR_LENGTH = b"PK\x06\x07", 20  # of the end of an archive above 4 GB, just before that record
_END_LENGTH, _LONGEST_COMMENT = 22, 0xFFFF
_DIRECTORY_SIZE_AT = 12  # in the record
_LARGEST_DIRECTORY = 1 << 20  # bytes; a thousand members of long names
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def read(file: BinaryIO) -> tuple[int, dict[str, bytes]]:
    """Read all members: where the first one begins, and their contents by name.

    Raises:
        zipfile.BadZipFile: there is no archive.
        names.UnwantedError: there is one, of members that no honest file has.
        ERRORS: one of these, where it is damaged.
    """
    size = file.seek(0, 2)
    file.seek(max(0, size - _LONGEST_COMMENT - _END_LENGTH - _LOCATOR_LENGTH))
    _check_directory(file.read())
    with zipfile.ZipFile(file) as archive:
        infos = archive.infolist()
        # What a member says is binding: zipfile reads no further.
        names.check([info.filename for info in infos], sum(info.file_size for info in infos))
        for info in infos:
            if info.compress_type not in _METHODS:
                raise names.UnwantedError(
                    f"expected members stored or deflated, received others: method {info.compress_type}"
                )
        members = {info.filename: archive.read(info) for info in infos}
        start = min((info.header_offset for info in infos), default=size)
    if not 0 <= start <= size:
        raise names.UnwantedError(f"expected members behind the network, received one at byte {start}")
    return start, members


def _check_directory(tail: bytes) -> None:
    """Look at every place that could be taken for the end of an archive, before a directory of any size is read."""
    place = tail.find(_END)
    while place >= 0:
        if tail[max(0, place - _LOCATOR_LENGTH) : place].startswith(_LOCATOR):
            raise names.UnwantedError("expected a zip of ordinary size, received a zip64")
        size = tail[place + _DIRECTORY_SIZE_AT : place + _DIRECTORY_SIZE_AT + 4]
        if len(size) == 4 and len(tail) - place >= _END_LENGTH and int.from_bytes(size, "little") > _LARGEST_DIRECTORY:
            raise names.UnwantedError(
                f"expected a directory of at most {_LARGEST_DIRECTORY} bytes, received one of more"
            )
        place = tail.find(_END, place + 1)
