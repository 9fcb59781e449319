"""A .tflite file as flatbuffer plus zip: how our members ride on its end.

TFLite Metadata's own convention is a zip archive appended to the flatbuffer; interpreters ignore it, `zipfile` and
MediaPipe read it. Our seal is the archive's comment, so it is the last thing in the file.
"""

from __future__ import annotations

import io
import zipfile
import zlib

from ..errors import InputError
from . import seal

MAGIC = b"TFL3"  # at byte 4: the flatbuffer's file identifier
_MEMBER_LIMIT = 32 * 2**20  # bytes; the largest golden frame is far below, a zip bomb far above
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same bytes for the same contents, whenever they are written


def is_tflite(data: bytes) -> bool:
    """Tell whether the bytes begin as a TFLite flatbuffer does."""
    return data[4:8] == MAGIC


def split(data: bytes, where: str) -> tuple[bytes, dict[str, bytes]]:
    """Take a file apart into the flatbuffer and the members of the zip on its end.

    Raises:
        InputError: the zip is damaged, or a member says that it is larger than any of ours could be.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            members = {info.filename: _read(archive, info, where) for info in infos}
            start = min((info.header_offset for info in infos), default=len(data))
    except zipfile.BadZipFile:
        # zipfile says the same of a file without an archive: most models made elsewhere.
        return data, {}
    except (zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise InputError(f"expected a readable zip at the end, received a damaged one ({error}): {where}") from error
    return data[:start], members


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, where: str) -> bytes:
    if info.file_size > _MEMBER_LIMIT:
        received = f"{info.filename!r} of {info.file_size}"
        raise InputError(f"expected members of at most {_MEMBER_LIMIT} bytes, received {received}: {where}")
    return archive.read(info)


def join(model: bytes, members: dict[str, bytes]) -> bytes:
    """Put members (name → contents) behind a flatbuffer, and the seal behind both."""
    buffer = io.BytesIO()
    buffer.write(model)
    with zipfile.ZipFile(buffer, "a") as archive:
        for name, content in members.items():
            # MediaPipe maps labels.txt in place, so text that others read is stored as it is.
            method = zipfile.ZIP_DEFLATED if name.endswith(".json") else zipfile.ZIP_STORED
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = method
            archive.writestr(info, content)
        archive.comment = b"0" * seal.LENGTH  # its length is part of what is sealed
    unsealed = buffer.getvalue()[: -seal.LENGTH]
    return unsealed + seal.seal(unsealed)
