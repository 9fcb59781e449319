"""A reader of model files written from docs/contract.md alone: nothing of edgeproof is imported here."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
SEAL = b"edgeproof-seal:"
SIGNATURE = re.compile(rb"edgeproof-signature:([0-9a-f]{64}):([0-9a-f]{128})")


class RefusedError(Exception):
    """The specification says that such a file must be refused."""


@dataclass(frozen=True)
class Parts:
    """What a file is made of; `signature` is the fingerprint, the message that is signed, and Ed25519's 64 bytes."""

    network: bytes
    members: dict[str, bytes]
    contract: dict[str, Any]
    signature: tuple[str, bytes, bytes] | None


def read(data: bytes) -> Parts:
    """Read a file as "What a reader does, in order" has it, up to the network."""
    if data[-79:] != SEAL + hashlib.sha256(data[:-79]).hexdigest().encode():
        raise RefusedError("the seal does not hold")
    network, members = tflite_parts(data) if data[4:8] == b"TFL3" else onnx_parts(data)
    contract = json.loads(members["contract.json"].decode())
    if contract.get("format", "edgeproof-contract/1") != "edgeproof-contract/1":
        raise RefusedError("another version")
    if contract["integrity"] != {"sha256": hashlib.sha256(network).hexdigest(), "size": len(network)}:
        raise RefusedError("another network")
    return Parts(network, members, contract, signature(data))


def signature(data: bytes) -> tuple[str, bytes, bytes] | None:
    """Find the signature, by places that are counted from the end."""
    found = SIGNATURE.fullmatch(data[-79 - 213 : -79])
    if found is None:
        return None
    message = b"edgeproof signed model 1\n" + hashlib.sha512(data[: -79 - 128]).digest()
    return found[1].decode(), message, bytes.fromhex(found[2].decode())


def tflite_parts(data: bytes) -> tuple[bytes, dict[str, bytes]]:
    """Part a flatbuffer from the archive behind it."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        infos = archive.infolist()
        if not data.endswith(archive.comment):
            raise RefusedError("the comment does not end the file")
        return data[: min(info.header_offset for info in infos)], {each.filename: archive.read(each) for each in infos}


def onnx_parts(data: bytes) -> tuple[bytes, dict[str, bytes]]:
    """Part a ModelProto from our entries behind it."""
    end, members = len(data), {}
    for start, number, value in fields(data):
        entry = {key: content for _, key, content in fields(value)} if number == 14 else {}
        name = entry.get(1, b"").decode()
        if not name.startswith("edgeproof/"):
            continue
        end = min(end, start)
        is_text = name.endswith((".json", ".txt", "/seal"))
        members[name.removeprefix("edgeproof/")] = entry[2] if is_text else base64.b64decode(entry[2], validate=True)
    return data[:end], members


def fields(message: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Go through a protobuf message: where each field begins, its number, and what it holds if that is bytes."""
    at = 0
    while at < len(message):
        start = at
        tag, at = varint(message, at)
        length = {1: 8, 5: 4}.get(tag & 7, 0)
        if tag & 7 in (0, 2):
            value, at = varint(message, at)
            length = value if tag & 7 == 2 else 0
        yield start, tag >> 3, message[at : at + length]
        at += length


def varint(message: bytes, at: int) -> tuple[int, int]:
    """Read a number of seven bits a byte; gives it and where it ends."""
    value = shift = 0
    while True:
        (byte,) = struct.unpack_from("B", message, at)
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def sample_of(parts: Parts, frame: dict[str, Any]) -> Array:
    """Decode the raw sample of a golden frame."""
    content = parts.members[frame["file"]]
    if parts.contract["input"]["kind"] == "numbers":
        return np.array(json.loads(content), np.float32)
    picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return picture


def tensor_of(sample: Array, spec: dict[str, Any]) -> Array:
    """Make the input tensor of a BGR frame, or of numbers."""
    if spec["kind"] == "numbers":
        return stored(sample.astype(np.float32), spec)[None]
    pixels = coloured(resized(cropped(sample, spec), spec), spec.get("color", "rgb"))
    if holds_pixels(spec):
        values = pixels
    else:
        limits = spec.get("channel_ranges") or [spec.get("range", [0, 1])] * spec["channels"]
        planes = [stored(real(pixels[..., channel], *ends), spec) for channel, ends in enumerate(limits)]
        values = np.stack(planes, axis=-1)
    if spec.get("layout", "nhwc") == "nchw":
        values = np.moveaxis(values, -1, 0)
    return np.ascontiguousarray(values[None])


def cropped(frame: Array, spec: dict[str, Any]) -> Array:
    """1. Crop."""
    if spec.get("resize", "stretch") == "stretch":
        return frame
    tall, wide = frame.shape[:2]
    height = min(tall, max(1, wide * spec["height"] // spec["width"]))
    width = min(wide, max(1, tall * spec["width"] // spec["height"]))
    top, left = (tall - height) // 2, (wide - width) // 2
    return frame[top : top + height, left : left + width]


def resized(part: Array, spec: dict[str, Any]) -> Array:
    """2. Resize."""
    height, width = spec["height"], spec["width"]
    how = spec.get("interpolation", "linear")
    if how == "area":
        return cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA)
    if how == "nearest":
        rows = [min(int(i * (1 / (height / part.shape[0]))), part.shape[0] - 1) for i in range(height)]
        columns = [min(int(i * (1 / (width / part.shape[1]))), part.shape[1] - 1) for i in range(width)]
        return part[rows][:, columns]
    values = part.astype(np.int64)
    a, b, u, v = places(part.shape[1], width)
    u, v = np.where(a == b, 2048, u), np.where(a == b, 0, v)
    lines = values[:, a] * u[:, None] + values[:, b] * v[:, None]
    a, b, u, v = places(part.shape[0], height)
    above = (u[:, None, None] * (lines[a] >> 4)) >> 16
    below = (v[:, None, None] * (lines[b] >> 4)) >> 16
    return ((above + below + 2) >> 2).astype(np.uint8)


def places(size: int, wanted: int) -> tuple[Array, Array, Array, Array]:
    """Give, for each pixel of a line, the two that it lies between and their weights."""
    place = ((np.arange(wanted) + 0.5) * (size / wanted) - 0.5).astype(np.float32)
    below = np.floor(place).astype(np.int64)
    share = place - below.astype(np.float32)
    v = np.rint(share * np.float32(2048)).astype(np.int64)
    u = np.rint((np.float32(1) - share) * np.float32(2048)).astype(np.int64)
    return np.clip(below, 0, size - 1), np.clip(below + 1, 0, size - 1), u, v


def coloured(pixels: Array, color: str) -> Array:
    """3. Colours."""
    if color == "gray":
        blue, green, red = (pixels[..., channel].astype(np.int64) for channel in range(3))
        return ((3735 * blue + 19235 * green + 9798 * red + 16384) >> 15).astype(np.uint8)[..., None]
    return pixels if color == "bgr" else pixels[..., ::-1]


def holds_pixels(spec: dict[str, Any]) -> bool:
    """4. Values: tell whether they are the pixels as they are."""
    quantization = spec.get("quantization")
    if spec.get("dtype", "float32") != "uint8" or quantization is None or spec.get("channel_ranges"):
        return False
    low, high = spec.get("range", [0, 1])
    step = (high - low) / 255
    is_near = abs(quantization["zero_point"] + low / step) <= 0.500001
    return bool(quantization["scale"] == float(np.float32(step)) and is_near)


def real(plane: Array, low: float, high: float) -> Array:
    """4. Values: what pixels stand for."""
    return plane.astype(np.float32) * np.float32((high - low) / 255) + np.float32(low)


def stored(values: Array, spec: dict[str, Any]) -> Array:
    """4. Values: how the tensor stores them."""
    quantization, dtype = spec.get("quantization"), np.dtype(spec.get("dtype", "float32"))
    if quantization is None:
        return values.astype(dtype)
    steps = np.rint(values / np.float32(quantization["scale"])) + np.float32(quantization["zero_point"])
    return np.clip(steps, np.iinfo(dtype).min, np.iinfo(dtype).max).astype(dtype)


def answer(row: Array, output: dict[str, Any]) -> tuple[str | None, float]:
    """From the output tensor to an answer: the label, or "unknown", or None for a regression, and its score."""
    outputs = row.astype(np.float32)
    if output.get("quantization") is not None:
        scale, zero_point = (np.float32(output["quantization"][name]) for name in ("scale", "zero_point"))
        outputs = (outputs - zero_point) * scale
    labels, activation = output.get("labels", []), output["activation"]
    if activation == "linear":
        return None, float(outputs[0])
    if activation == "logits":
        outputs = np.exp(outputs - outputs.max())
        outputs = outputs / outputs.sum()
    elif activation == "sigmoid-logits":
        outputs = (1 + np.tanh(outputs / 2)) / 2  # the same as 1 / (1 + e⁻ˣ), without an overflow
    scores = [1 - outputs[0], outputs[0]] if len(outputs) == 1 else list(outputs)
    best = int(np.argmax(scores))
    is_sure = not np.isnan(scores).any() and float(scores[best]) >= output.get("unknown_below", 0)
    return labels[best] if is_sure else "unknown", float(scores[best])
