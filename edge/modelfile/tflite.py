"""A .tflite file as flatbuffer plus zip: how our members ride on its end.

TFLite Metadata's own convention is a zip archive appended to the flatbuffer; interpreters ignore it, `zipfile` and
MediaPipe read it. Our seal is the archive's comment, so it is the last thing in the file.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import BinaryIO

from ..errors import InputError
from . import seal

MAGIC = b"TFL3"  # at byte 4: the flatbuffer's file identifier
_MEMBERS_LIMIT = 32 * 2**20  # bytes; all golden frames together are far below, a zip bomb far above
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same bytes for the same contents, whenever they are written


def is_tflite(data: bytes) -> bool:
    """Tell whether the bytes begin as a TFLite flatbuffer does."""
    return data[4:8] == MAGIC


def split(data: bytes, where: str) -> tuple[bytes, dict[str, bytes]]:
    """Take a file apart into the flatbuffer and the members of the zip on its end.

    Raises:
        InputError: the zip is damaged, or its members say that they are larger than ours could be.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            _check_sizes(infos, where)
            members = {info.filename: archive.read(info) for info in infos}
            start = min((info.header_offset for info in infos), default=len(data))
    except zipfile.BadZipFile:
        # zipfile says the same of a file without an archive: most models made elsewhere.
        return data, {}
    except (zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise InputError(f"expected a readable zip at the end, received a damaged one ({error}): {where}") from error
    return data[:start], members


def members(file: BinaryIO, where: str) -> dict[str, bytes]:
    """Read the members alone of a file that was verified before; the flatbuffer stays on the disk."""
    with zipfile.ZipFile(file) as archive:
        infos = archive.infolist()
        _check_sizes(infos, where)
        return {info.filename: archive.read(info) for info in infos}


def _check_sizes(infos: list[zipfile.ZipInfo], where: str) -> None:
    # What a member says is binding: zipfile reads no further.
    size = sum(info.file_size for info in infos)
    if size > _MEMBERS_LIMIT:
        raise InputError(
            f"expected members of at most {_MEMBERS_LIMIT} bytes together, received {len(infos)} of {size}: {where}"
        )


def join(model: bytes, members: dict[str, bytes]) -> bytes:
    """Put members (name → contents) behind a flatbuffer, and the seal behind both."""
    buffer = io.BytesIO()
    buffer.write(model)
    with zipfile.ZipFile(buffer, "a") as archive:
        for name, content in members.items():
            # Stored as they are, which is ZipInfo's default: MediaPipe refuses archives with a compressed member.
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), content)
        archive.comment = b"0" * seal.LENGTH  # its length is part of what is sealed
    unsealed = buffer.getvalue()[: -seal.LENGTH]
    return unsealed + seal.seal(unsealed)
