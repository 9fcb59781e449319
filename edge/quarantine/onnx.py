"""Whether an ONNX model holds together: each message within the one around it, and tensors as large as they say.

Source: onnx.proto3, whose messages are described here as far as they hold other messages, and the protobuf encoding.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..modelfile.protobuf import BYTES, Field, fields
from .onnx_tensors import TENSOR, check_tensor, check_type

_MOST_FIELDS = 300_000  # of a whole model; InceptionV3 has 15,000
_DEEPEST = 24  # messages within one another; a graph in a branch of a graph is at eight
_ORT = b"ORTM"  # at byte 4: onnxruntime's own format, which it takes for a model too
_GRAPH = 7  # field of a model


@dataclass(frozen=True)
class Message:
    """A message: its fields that are messages too, by number, and which of its fields may be there once.

    Readers put two of one kind together; who looks at each alone would see neither whole.
    """

    name: str
    holds: Mapping[int, str] = field(default_factory=dict)
    once: frozenset[int] = frozenset()


_MESSAGES = {
    message.name: message
    for message in (
        Message("model", {7: "graph", 8: "opset", 14: "entry", 20: "training", 25: "function"}, frozenset({7})),
        Message(
            "graph",
            {1: "node", 5: TENSOR, 11: "value", 12: "value", 13: "value", 14: "annotation", 15: "sparse", 16: "entry"},
        ),
        Message("node", {5: "attribute", 9: "entry"}),
        Message(
            "attribute",
            {5: TENSOR, 6: "graph", 10: TENSOR, 11: "graph", 14: "type", 15: "type", 22: "sparse", 23: "sparse"},
            frozenset({5, 6, 14, 22}),
        ),
        Message(TENSOR, {13: "external"}, frozenset({3, 9})),
        Message("sparse", {1: TENSOR, 2: TENSOR}, frozenset({1, 2})),
        Message("value", {2: "type", 4: "entry"}, frozenset({2})),
        Message(
            "type",
            {1: "tensor type", 4: "sequence", 5: "map", 8: "tensor type", 9: "sequence"},
            frozenset({1, 4, 5, 8, 9}),
        ),
        Message("tensor type", {2: "shape"}, frozenset({2})),
        Message("sequence", {1: "type"}, frozenset({1})),
        Message("map", {2: "type"}, frozenset({2})),
        Message("shape", {1: "dimension"}),
        Message("dimension"),
        Message("function", {7: "node", 9: "opset", 11: "attribute", 12: "value", 14: "entry"}),
        Message("training", {1: "graph", 2: "graph", 3: "entry", 4: "entry"}, frozenset({1, 2})),
        Message("annotation", {2: "entry"}),
        Message("opset"),
        Message("entry"),
    )
}


def verify(model: bytes) -> None:
    """Look at every message of a ModelProto.

    Raises:
        ValueError: the model does not hold together, or has a part of itself in another file; the message is a noun.
    """
    if model[4:8] == _ORT:
        raise ValueError("onnxruntime's own format")
    walk = _Walk(model)
    found = walk.message(_MESSAGES["model"], 0, len(model), 0)
    if not any(each.number == _GRAPH for each in found):
        raise ValueError("no graph")


class _Walk:
    """One walk through a model, which ends where there is too much of it."""

    def __init__(self, model: bytes) -> None:
        self._model = model
        self._left = _MOST_FIELDS

    def message(self, kind: Message, begin: int, end: int, depth: int) -> list[Field]:
        if depth > _DEEPEST:
            raise ValueError(f"messages {depth} deep")
        found = list(fields(self._model, begin, end, self._left))
        self._left -= len(found)
        numbers = [each.number for each in found]
        for number in kind.once:
            if numbers.count(number) > 1:
                raise ValueError(f"field {number} of a {kind.name} twice at byte {begin}")
        for each in found:
            name = kind.holds.get(each.number)
            if name == "external":
                raise ValueError("weights in another file")
            if name is None:
                continue
            if each.wire != BYTES:
                raise ValueError(f"field {each.number} of a {kind.name} that is no message at byte {each.start}")
            self.message(_MESSAGES[name], each.begin, each.end, depth + 1)
        if kind.name == TENSOR:
            check_tensor(self._model, found)
        elif kind.name == "tensor type":
            check_type(self._model, found)
        return found
