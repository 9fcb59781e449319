"""What rides behind the network, spoilt: bombs, path tricks, lying sizes, members without number, strange methods."""

from __future__ import annotations

import io
import random
import struct
import warnings
import zipfile
from collections.abc import Callable, Mapping

from edgeproof.edge.modelfile import onnx, seal
from files_protobuf import message

Members = Mapping[str, bytes]

_NAMES = (
    "../../../../tmp/owned",
    "/etc/cron.d/owned",
    "C:\\owned",
    "a/../../owned",
    "..\\owned",
    "golden/./0.png",
    "x" * 60_000,
    "a\x1b[2Jb",
    "a\nb",
    "con:stream",
    "labels.txt/",
)
_CENTRAL, _END = b"PK\x01\x02", b"PK\x05\x06"
_BOMB = 64 << 20  # bytes


def picture_bomb(side: int) -> bytes:
    """Give the head of a PNG of side × side pixels."""
    return b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0) + bytes(64)


def bad_zip(model: bytes, members: Members, rng: random.Random) -> bytes:
    """Put a spoilt archive behind a flatbuffer, and a seal that holds."""
    return reseal(rng.choice(_ZIPS)(model, dict(members), rng))


def bad_entries(model: bytes, members: Members, rng: random.Random) -> bytes:
    """Put spoilt entries behind a ModelProto, and a seal that holds."""
    data = onnx.join(model, _spoilt(dict(members), rng))
    place = data.rindex(b"edgeproof/seal") - 4
    extra = rng.choice(
        (
            b"",
            message(14, message(1, b"edgeproof/labels.txt") + message(2, b"x")),
            message(14, message(1, b"edgeproof/golden/0.png") + message(2, b"?!")),
            message(14, message(1, b"edgeproof/\xff\xfe") + message(2, b"x")),
            message(14, b"") * 150_000,
            message(14, message(1, b"edgeproof/a") + message(2, b"AAAA") * 50),
            message(14, message(1, b"edgeproof/../../x") + message(2, b"AAAA")),
            b"\x72\xff\xff\xff\xff\x0f",
        )
    )
    return reseal(data[:place] + extra + data[place:])


def reseal(data: bytes) -> bytes:
    """Compute the seal at the end anew, as a forger does."""
    if not seal.is_sealed(data):
        return data
    return data[: -seal.LENGTH] + seal.seal(data[: -seal.LENGTH])


def _spoilt(members: dict[str, bytes], rng: random.Random) -> dict[str, bytes]:
    frames = [name for name in members if name.endswith((".png", "golden/0.json"))]
    chance = rng.random()
    if chance < 0.3 and frames:
        content = rng.choice((picture_bomb(60_000), picture_bomb(2**31 - 1), b"", b"[" * 100_000, bytes(1000)))
        members[rng.choice(frames)] = content
    elif chance < 0.5:
        members[rng.choice(_NAMES)] = b"owned"
    elif chance < 0.65 and frames:
        del members[rng.choice(frames)]
    elif chance < 0.75:
        members |= {f"m{index}": b"" for index in range(5000)}
    elif chance < 0.8:
        members["big"] = bytes(33 << 20)
    elif chance < 0.9:
        members["labels.txt"] = b"\xff\xfe" * 100
    return members


def _zipped(model: bytes, members: Members, method: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    buffer.write(model)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile says that a name is there twice, as it shall be
        with zipfile.ZipFile(buffer, "a", method) as archive:
            for name, content in members.items():
                archive.writestr(
                    zipfile.ZipInfo(name.removeprefix("twice:")), content
                )  # of no time, so that it repeats
            archive.comment = seal.MARK + b"0" * (seal.LENGTH - len(seal.MARK))
    return buffer.getvalue()


def _members(model: bytes, members: dict[str, bytes], rng: random.Random) -> bytes:
    return _zipped(model, _spoilt(members, rng))


def _named_twice(model: bytes, members: dict[str, bytes], rng: random.Random) -> bytes:
    name = rng.choice(list(members))
    return _zipped(model, members | {f"twice:{name}": b"{}"})


def _bomb(model: bytes, members: dict[str, bytes], rng: random.Random) -> bytes:
    count = rng.choice((1, 8))
    return _zipped(
        model, members | {f"b{index}": bytes(_BOMB // count) for index in range(count)}, zipfile.ZIP_DEFLATED
    )


def _method(model: bytes, members: dict[str, bytes], rng: random.Random) -> bytes:
    return _zipped(model, members, rng.choice((zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, zipfile.ZIP_DEFLATED)))


def _lies(model: bytes, members: dict[str, bytes], rng: random.Random) -> bytes:
    """Put a wild number into a field of the directory, or of the record that ends it."""
    data = bytearray(_zipped(model, members))
    if rng.random() < 0.7:
        start = data.rindex(_CENTRAL) if rng.random() < 0.5 else data.index(_CENTRAL)
        at, width = rng.choice(((6, 2), (8, 2), (10, 2), (16, 4), (20, 4), (24, 4), (28, 2), (30, 2), (34, 2), (42, 4)))
    else:
        start = data.rindex(_END)
        at, width = rng.choice(((4, 2), (8, 2), (10, 2), (12, 4), (16, 4)))
    value = rng.choice((0, 1, 2**31, 2**32 - 1, rng.getrandbits(32))) % 2 ** (8 * width)
    data[start + at : start + at + width] = value.to_bytes(width, "little")
    return bytes(data)


def _large_directory(model: bytes, members: dict[str, bytes], rng: random.Random) -> bytes:
    """List tens of thousands of members that take no room, or say that the archive is one of above 4 GB."""
    if rng.random() < 0.5:
        return _zipped(model, members | {f"{index}": b"" for index in range(30_000)})
    data = _zipped(model, members)
    place = data.rindex(_END)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, rng.getrandbits(40), 1)
    return data[:place] + locator + data[place:]


def _torn(model: bytes, members: dict[str, bytes], rng: random.Random) -> bytes:
    """Flip bytes of the archive, behind the network."""
    data = bytearray(_zipped(model, members))
    for _ in range(rng.randrange(1, 20)):
        data[rng.randrange(len(model), len(data) - seal.LENGTH)] = rng.randrange(256)
    return bytes(data)


_ZIPS: tuple[Callable[[bytes, dict[str, bytes], random.Random], bytes], ...] = (
    _members,
    _members,
    _members,
    _named_twice,
    _bomb,
    _method,
    _lies,
    _lies,
    _lies,
    _large_directory,
    _torn,
    _torn,
)
