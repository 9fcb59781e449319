"""The graph of a Keras 2 Functional model: which layer is called on which tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

_CONSTANT = "_CONSTANT_VALUE"
_TENSOR = "__keras_tensor__"


@dataclass
class Call:
    """One call of a layer: positional arguments and those by name, with tensors as Keras 3 writes them."""

    arguments: tuple[Any, ...]
    options: dict[str, Any]


class Graph:
    """The calls of one model.

    Args:
        kinds: the classes of the layers, by their names.
        rename: gives the new name of a layer.
    """

    def __init__(self, kinds: dict[str, str], rename: Callable[[str], str]) -> None:
        self._kinds, self._rename = kinds, rename
        self._first: dict[str, int] = {}

    def call(self, node: Any) -> Call:
        """Read one inbound node: a tensor `[layer, node, index, options]`, or a list of them."""
        if isinstance(node, dict):
            return Call(tuple(node["args"]), node["kwargs"])
        tensors = [node] if not isinstance(node[0], list) else node
        given = [self._argument(tensor) for tensor in tensors]
        options = {key: self._value(value) for tensor in tensors for key, value in (tensor[3:] or [{}])[0].items()}
        kept = {key: value for key, value in options.items() if key != "name" and not (key == "mask" and value is None)}
        return Call((given[0] if len(given) == 1 else given,), kept)

    def _argument(self, tensor: list[Any]) -> Any:
        return tensor[2] if tensor[0] == _CONSTANT else self._tensor(tensor[:3])

    def _value(self, value: Any) -> Any:
        if isinstance(value, list) and len(value) == 3 and isinstance(value[0], str):
            return self._argument(value)
        return [self._value(item) for item in value] if isinstance(value, list) else value

    def _tensor(self, place: list[Any]) -> dict[str, Any]:
        name, node, index = self._rename(place[0]), int(place[1]), int(place[2])
        self._first[name] = min(node, self._first.get(name, node))
        # Keras takes the tensor's shape from the layer that the history names.
        return {
            "class_name": _TENSOR,
            "config": {"shape": [], "dtype": "float32", "keras_history": [name, node, index]},
        }

    def renumber(self, node: dict[str, Any]) -> None:
        """Count the calls of nested models from 0: in Keras 2 the first was their own, by which they were made."""
        for tensor in _tensors([node["args"], node["kwargs"]]):
            tensor["config"]["keras_history"][1] -= self._own(tensor["config"]["keras_history"][0])

    def ends(self, places: Any) -> list[Any]:
        """Give the tensors where the model begins or ends; one alone is no list of tensors."""
        listed = [places] if isinstance(places[0], str) else places
        renamed = [[self._rename(name), node - self._own(self._rename(name)), index] for name, node, index in listed]
        for end in renamed:
            end[1] += self._kinds.get(end[0]) == "Functional"  # Keras 3 counts these from 1, here alone
        return renamed[0] if len(renamed) == 1 else renamed

    def _own(self, name: str) -> int:
        return self._first.get(name, 1) if self._kinds.get(name) in ("Functional", "Sequential") else 0


def _tensors(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if value.get("class_name") == _TENSOR:
            yield value
        else:
            yield from (tensor for item in value.values() for tensor in _tensors(item))
    elif isinstance(value, list):
        yield from (tensor for item in value for tensor in _tensors(item))
