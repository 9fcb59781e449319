"""A .tflite file as flatbuffer plus zip: how our members ride on its end.

TFLite Metadata's own convention is a zip archive appended to the flatbuffer; interpreters ignore it, `zipfile` and
MediaPipe read it. Our seal is the archive's comment, so it is the last thing in the file.
"""

from __future__ import annotations

import io
import zipfile
from typing import BinaryIO

from ..errors import InputError
from . import archive, names, seal

MAGIC = b"TFL3"  # at byte 4: the flatbuffer's file identifier
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same bytes for the same contents, whenever they are written


def is_tflite(data: bytes) -> bool:
    """Tell whether the bytes begin as a TFLite flatbuffer does."""
    return data[4:8] == MAGIC


def split(data: bytes, where: str) -> tuple[bytes, dict[str, bytes]]:
    """Take a file apart into the flatbuffer and the members of the zip on its end.

    Raises:
        InputError: the zip is damaged, or its members are none that a model file has.
    """
    try:
        start, found = archive.read(io.BytesIO(data))
    except zipfile.BadZipFile:
        # zipfile says the same of a file without an archive: most models made elsewhere.
        return data, {}
    except names.UnwantedError as error:
        raise InputError(f"{error}: {where}") from error
    except archive.ERRORS as error:
        raise InputError(f"expected a readable zip at the end, received a damaged one ({error}): {where}") from error
    return data[:start], found


def members(file: BinaryIO) -> dict[str, bytes]:
    """Read the members alone of a file that was verified before; the flatbuffer stays on the disk.

    Raises:
        zipfile.BadZipFile: there are none; or one of `archive.ERRORS`.
    """
    return archive.read(file)[1]


def join(model: bytes, members: dict[str, bytes]) -> bytes:
    """Put members (name → contents) behind a flatbuffer, and the seal behind both."""
    buffer = io.BytesIO()
    buffer.write(model)
    with zipfile.ZipFile(buffer, "a") as file:
        for name, content in members.items():
            # Stored as they are, which is ZipInfo's default: MediaPipe refuses archives with a compressed member.
            file.writestr(zipfile.ZipInfo(name, _EPOCH), content)
        file.comment = b"0" * seal.LENGTH  # its length is part of what is sealed
    unsealed = buffer.getvalue()[: -seal.LENGTH]
    return unsealed + seal.seal(unsealed)
