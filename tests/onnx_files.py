"""ONNX files as others make them, encoded by hand: a device has no package that writes protobufs."""

from __future__ import annotations

FLOAT, INT64, BOOL = 1, 7, 9  # of TensorProto


def varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(encoded) + bytes([value])


def number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def message(field: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return varint(field << 3 | 2) + varint(len(content)) + content


def tensor(field: int, name: str, kind: int, dims: tuple[int, ...], raw: bytes) -> bytes:
    sizes = b"".join(number(1, size) for size in dims)
    return message(field, sizes, number(2, kind), message(8, name.encode()), message(9, raw))


def value(field: int, name: str, kind: int, dims: tuple[int, ...]) -> bytes:
    shape = message(2, *(message(1, number(1, size)) for size in dims))
    return message(field, message(1, name.encode()), message(2, message(1, number(1, kind), shape)))


def node(operator: str, inputs: tuple[str, ...], outputs: tuple[str, ...], *attributes: bytes) -> bytes:
    names = [message(1, name.encode()) for name in inputs] + [message(2, name.encode()) for name in outputs]
    return message(1, *names, message(4, operator.encode()), *attributes)


def graph_attribute(name: str, *parts: bytes) -> bytes:
    return message(5, message(1, name.encode()), message(6, *parts), number(20, 5))


def model(*parts: bytes) -> bytes:
    """Make a model of a graph's parts."""
    opset = message(8, number(2, 17))
    return number(1, 8) + opset + message(7, *parts, message(2, b"g"))


PICTURE = value(11, "x", FLOAT, (1, 8, 8, 3))
SCORES = value(12, "y", FLOAT, (1, 1, 1, 3))
MEANS = node(
    "ReduceMean", ("x",), ("means",), message(5, message(1, b"axes"), number(8, 1), number(8, 2), number(20, 7))
)


def sound(*more: bytes) -> bytes:
    """Make a model that answers with the mean of each channel."""
    return model(MEANS, node("Identity", ("means",), ("y",)), PICTURE, SCORES, *more)


def endless() -> bytes:
    """Make a model that answers after 2⁶² rounds of a loop."""
    body = (
        node("Identity", ("more",), ("more_out",)),
        node("Add", ("v", "v"), ("v_out",)),
        value(11, "i", INT64, ()),
        value(11, "more", BOOL, ()),
        value(11, "v", FLOAT, (1, 1, 1, 3)),
        value(12, "more_out", BOOL, ()),
        value(12, "v_out", FLOAT, (1, 1, 1, 3)),
        message(2, b"body"),
    )
    return model(
        tensor(5, "rounds", INT64, (), (2**62).to_bytes(8, "little")),
        tensor(5, "yes", BOOL, (), b"\x01"),
        MEANS,
        node("Loop", ("rounds", "yes", "means"), ("y",), graph_attribute("body", *body)),
        PICTURE,
        SCORES,
    )


def enormous() -> bytes:
    """Make a model of 200 bytes that fills 64 GB before it answers."""
    return model(
        tensor(5, "shape", INT64, (1,), (2**34).to_bytes(8, "little")),
        node("ConstantOfShape", ("shape",), ("zeros",)),
        node("ReduceMean", ("zeros",), ("zero",)),
        MEANS,
        node("Add", ("means", "zero"), ("y",)),
        PICTURE,
        SCORES,
    )
