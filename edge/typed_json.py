"""Frozen dataclasses to JSON and back, with every value checked on the way in.

The contract comes from files that anyone may have made, so reading it trusts nothing: a missing field, an unknown
field, a wrong type, a number that is not finite or an enum value that does not exist is one clear line.
"""

from __future__ import annotations

import dataclasses
import json
import math
import reprlib
import types
from enum import Enum
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from .errors import InputError
from .wording import one_line, shown

T = TypeVar("T")
_LONGEST = 200  # characters of what is wrong
_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = 60
_SHORT.maxlevel = 6


def dumps(value: Any) -> str:
    """Write a dataclass as indented JSON text that ends with a newline; NaN and infinity are refused by ValueError."""
    return json.dumps(to_plain(value), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def to_plain(value: Any) -> Any:
    """Turn dataclasses, enums and tuples, at any depth, into what `json.dumps` takes."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_plain(item) for item in value]
    return value


def loads(kind: type[T], text: str | bytes, where: str) -> T:
    """Read JSON text as a `kind`.

    Args:
        kind: the dataclass to build.
        text: JSON, as text or UTF-8 bytes.
        where: what the text is, for messages: "contract.json in rps-int8.tflite".

    Raises:
        InputError: the text is not JSON or does not fit `kind`; the message names the field.
    """
    try:
        text = text.decode() if isinstance(text, bytes) else text  # or json would take UTF-16 and UTF-32 too
        plain = json.loads(text, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        reason = one_line(str(error), _LONGEST)
        raise InputError(f"expected JSON, received text that does not parse ({reason}): {where}") from error
    return cast("T", _build(kind, plain, where))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of its fields, each of which may be there once: readers differ in which of two they take."""
    made: dict[str, Any] = {}
    for name, value in pairs:
        if name in made:
            raise ValueError(f"the field {shown(name)} twice")
        made[name] = value
    return made


def _build(kind: Any, plain: Any, where: str) -> Any:
    origin = get_origin(kind)
    if kind is Any:
        return plain
    if origin in (Union, types.UnionType):
        return _build_union(get_args(kind), plain, where)
    if origin is tuple:
        return _build_tuple(get_args(kind), plain, where)
    if origin is dict:
        if not isinstance(plain, dict):
            raise _mismatch("an object", plain, where)
        value_kind = get_args(kind)[1]
        return {key: _build(value_kind, item, f"{where}: {one_line(key, _LONGEST)}") for key, item in plain.items()}
    if dataclasses.is_dataclass(kind):
        return _build_dataclass(kind, plain, where)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _build_enum(kind, plain, where)
    return _build_scalar(kind, plain, where)


def _build_union(kinds: tuple[Any, ...], plain: Any, where: str) -> Any:
    if plain is None and type(None) in kinds:
        return None
    candidates = [kind for kind in kinds if kind is not type(None)]
    if len(candidates) > 1:
        # Several dataclasses share one field of the contract; `kind` in the JSON says which one it is.
        name = plain.get("kind") if isinstance(plain, dict) else None
        candidates = [kind for kind in candidates if kind.kind == name]
        if not candidates:
            raise _mismatch("an object with a known `kind`", plain, where)
    return _build(candidates[0], plain, where)


def _build_tuple(kinds: tuple[Any, ...], plain: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(plain, list):
        raise _mismatch("a list", plain, where)
    if kinds[-1] is Ellipsis:
        kinds = kinds[:1] * len(plain)
    if len(kinds) != len(plain):
        raise _mismatch(f"{len(kinds)} values", plain, where)
    return tuple(_build(kind, item, f"{where}[{i}]") for i, (kind, item) in enumerate(zip(kinds, plain, strict=True)))


def _build_dataclass(kind: Any, plain: Any, where: str) -> Any:
    if not isinstance(plain, dict):
        raise _mismatch("an object", plain, where)
    fields = {field.name: field for field in dataclasses.fields(kind)}
    unknown = sorted(set(plain) - set(fields))
    if unknown:
        raise InputError(f"expected the fields {', '.join(fields)}, received also {shown(unknown[0])}: {where}")
    hints = get_type_hints(kind)
    values = {}
    for name, field in fields.items():
        if name in plain:
            values[name] = _build(hints[name], plain[name], f"{where}: {name}")
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise InputError(f"expected the field {name!r}, received none: {where}")
    try:
        return kind(**values)
    except ValueError as error:
        raise InputError(f"{one_line(str(error), _LONGEST)}: {where}") from error


def _build_enum(kind: type[Enum], plain: Any, where: str) -> Enum:
    try:
        return kind(plain)
    except ValueError:
        names = ", ".join(str(member.value) for member in kind)
        raise _mismatch(f"one of {names}", plain, where) from None


def _build_scalar(kind: Any, plain: Any, where: str) -> Any:
    if kind is float and isinstance(plain, int) and not isinstance(plain, bool):
        plain = _to_float(plain, where)
    # bool is a subclass of int in Python, but `true` is no height.
    if not isinstance(plain, kind) or (isinstance(plain, bool) and kind is not bool):
        raise _mismatch(kind.__name__, plain, where)
    if isinstance(plain, float) and not math.isfinite(plain):
        raise _mismatch("a finite number", plain, where)
    return plain


def _to_float(value: int, where: str) -> float:
    try:
        return float(value)
    except OverflowError:
        raise InputError(f"expected a finite number, received one of {value.bit_length()} bits: {where}") from None


def _mismatch(expected: str, plain: Any, where: str) -> InputError:
    # Not `repr`, which goes down to any depth and along any list before its result could be shortened.
    return InputError(f"expected {expected}, received {_SHORT.repr(plain)}: {where}")
