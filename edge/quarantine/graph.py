"""One graph of a TFLite model: its operators in order, what they read and fill, and whom they call."""

from __future__ import annotations

from collections.abc import Sequence

from ..modelfile.flatbuffer import MalformedError, Table
from .tensors import Tensor

_INPUTS, _OUTPUTS, _OPERATORS = 1, 2, 3
_CODE, _READ, _FILLED, _OPTIONS_TYPE, _OPTIONS, _INTERMEDIATES = 0, 1, 2, 3, 4, 8
_CUSTOM_OFFSET, _CUSTOM_SIZE, _OPTIONS_2_TYPE, _OPTIONS_2 = 9, 10, 11, 12
_OLD_CODE, _CUSTOM_NAME, _NEW_CODE = 0, 1, 3
_LAST_OLD_CODE, _CUSTOM = 127, 32
_NONE = -1  # an input that is left out
_MOST = 10_000  # inputs of one operator; a concatenation has a hundred
_ALL = 2**31  # bytes of all tensors of a graph that are not constant

# What kernels divide by: of an operator, the type of its options, and their fields with the schema's defaults.
_STRIDES = {1: 0, 2: 0}
_DIVISORS = {
    1: (5, _STRIDES),  # AVERAGE_POOL_2D
    12: (5, _STRIDES),  # L2_POOL_2D
    17: (5, _STRIDES),  # MAX_POOL_2D
    3: (1, _STRIDES | {4: 1, 5: 1}),  # CONV_2D
    4: (2, _STRIDES | {5: 1, 6: 1}),  # DEPTHWISE_CONV_2D
    67: (49, _STRIDES),  # TRANSPOSE_CONV
    26: (19, {0: 0}),  # SPACE_TO_DEPTH
    5: (94, {0: 0}),  # DEPTH_TO_SPACE
}
# Fields that number a subgraph, in the options and in the newer ones.
_CALLED = {16: (0,), 92: (0, 1), 93: (0, 1), 103: (0,)}
_CALLED_2 = {6: (1,), 7: (6,), 13: (5,), 14: (2,), 15: (0, 1), 21: (1,)}
_CALLED_LISTS = {5: 4, 23: 0}


class Calls:
    """Which subgraph calls which; a ring of calls would never end."""

    def __init__(self, count: int) -> None:
        self._called: list[set[int]] = [set() for _ in range(count)]

    def add(self, caller: int, called: int) -> None:
        """Note a call."""
        if not 0 <= called < len(self._called):
            raise MalformedError(f"a call of subgraph {called} of {len(self._called)}")
        self._called[caller].add(called)

    def check(self) -> None:
        """Take away, again and again, those that call none of the rest; whoever is left calls in a ring."""
        left = set(range(len(self._called)))
        while done := {one for one in left if not self._called[one] & left}:
            left -= done
        if left:
            raise MalformedError("subgraphs that call one another without end")


def check_subgraph(subgraph: Table, tensors: Sequence[Tensor], codes: Sequence[Table], calls: Calls, own: int) -> None:
    """Look at a graph; `own` is its number, and `codes` are the operators that the model uses."""
    inputs = _indices(subgraph, _INPUTS, len(tensors))
    outputs = _indices(subgraph, _OUTPUTS, len(tensors))
    total = sum(tensor.size for tensor in tensors if not tensor.is_given)
    if total > _ALL:
        raise MalformedError(f"tensors of {total} bytes together")
    filled = {index for index, tensor in enumerate(tensors) if tensor.is_given} | set(inputs)
    for operator in subgraph.tables(_OPERATORS):
        _check_operator(operator, codes, calls, own)
        _follow(operator, filled, len(tensors))
    for index in outputs:
        if index not in filled:
            raise MalformedError(f"the output {index}, which nothing fills")


def _follow(operator: Table, filled: set[int], count: int) -> None:
    """See to it that an operator reads what was filled before, and fills what was not."""
    for index in _indices(operator, _READ, count, optional=True):
        if index not in filled and index != _NONE:
            raise MalformedError(f"an operator that reads tensor {index} before it is filled")
    fills = _indices(operator, _FILLED, count)
    if filled & set(fills) or len(set(fills)) != len(fills):
        raise MalformedError(f"an operator that fills tensors {fills} twice")
    _indices(operator, _INTERMEDIATES, count, optional=True)
    filled.update(fills)


def _indices(table: Table, field: int, count: int, optional: bool = False) -> tuple[int, ...]:
    found = table.numbers(field, "i", _MOST)
    for index in found:
        if not (_NONE if optional else 0) <= index < count:
            raise MalformedError(f"tensor {index} of {count}")
    return found


def _check_operator(operator: Table, codes: Sequence[Table], calls: Calls, own: int) -> None:
    number = operator.number(_CODE)
    if number >= len(codes):
        raise MalformedError(f"operator {number} of {len(codes)}")
    code = _builtin(codes[number])
    if code == _CUSTOM and not codes[number].text(_CUSTOM_NAME):
        raise MalformedError("an operator without a name")
    if operator.long(_CUSTOM_OFFSET) + operator.long(_CUSTOM_SIZE) > len(operator.data):
        raise MalformedError("options of an operator beyond the data")
    kind, options = operator.byte(_OPTIONS_TYPE), operator.table(_OPTIONS)
    if code in _DIVISORS:
        _check_divisors(kind, options, *_DIVISORS[code])
    for field in _CALLED.get(kind, ()):
        if options is not None:
            calls.add(own, options.signed(field))
    _add_newer_calls(operator, calls, own)


def _add_newer_calls(operator: Table, calls: Calls, own: int) -> None:
    kind, options = operator.byte(_OPTIONS_2_TYPE), operator.table(_OPTIONS_2)
    if options is None:
        return
    for field in _CALLED_2.get(kind, ()):
        calls.add(own, options.signed(field))
    if kind in _CALLED_LISTS:
        for called in options.numbers(_CALLED_LISTS[kind], "i", _MOST):
            calls.add(own, called)


def _builtin(code: Table) -> int:
    """Give an operator's number: newer files have a field of four bytes for it, older ones of one."""
    old, new = code.byte(_OLD_CODE), code.signed(_NEW_CODE)
    if old > _LAST_OLD_CODE or new < 0:
        raise MalformedError(f"the operator {old} or {new}, of which there is none")
    return max(old, new)


def _check_divisors(kind: int, options: Table | None, wanted: int, fields: dict[int, int]) -> None:
    if options is None or kind != wanted:
        raise MalformedError(f"an operator with options of kind {kind}, which has those of kind {wanted}")
    for field, default in fields.items():
        if options.signed(field, default) < 1:
            raise MalformedError(f"a stride, dilation or block of {options.signed(field, default)}")
