"""Contracts of every bad kind, as JSON that a forger puts into a file and seals."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from typing import Any

_WRONG: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    2**31,
    10**300,
    1e-320,
    1e308,
    -0.5,
    "",
    "x" * 100_000,
    "../../etc/passwd",
    "a\x1b[2J\x1b]0;owned\x07",
    "a\u202eb",
    "a\nb",
    "\ud800",
    [],
    [[[[]]]],
    [1, 2, 3],
    {},
    {"kind": "image"},
    {"a": {"b": {"c": 1}}},
)


def bad(contract: bytes, rng: random.Random) -> bytes:
    """Spoil a contract in one of many ways."""
    return rng.choice(_WAYS)(json.loads(contract), rng)


def _text(plain: Any) -> bytes:
    return json.dumps(plain).encode()


def _wrong_value(plain: Any, rng: random.Random) -> bytes:
    """Put a value of another kind anywhere."""
    holder, key = rng.choice(list(_slots(plain)))
    holder[key] = copy.deepcopy(rng.choice(_WRONG))
    return _text(plain)


def _slots(plain: Any) -> list[tuple[Any, Any]]:
    """List every place for a value, as its holder and the key in it."""
    keys = list(plain) if isinstance(plain, dict) else range(len(plain)) if isinstance(plain, list) else ()
    here = [(plain, key) for key in keys]
    return here + [slot for key in keys for slot in _slots(plain[key])]


def _left_out(plain: Any, rng: random.Random) -> bytes:
    holder, key = rng.choice([slot for slot in _slots(plain) if isinstance(slot[0], dict)])
    del holder[key]
    return _text(plain)


def _added(plain: Any, rng: random.Random) -> bytes:
    holder, _ = rng.choice([slot for slot in _slots(plain) if isinstance(slot[0], dict)])
    holder[rng.choice(("extra", "__class__", "\x1b[31m", "x" * 10_000))] = 1
    return _text(plain)


def _twice(plain: Any, rng: random.Random) -> bytes:
    key = rng.choice(list(plain))
    return b"{" + _text(key) + b": " + _text(plain[key]) + b", " + _text(plain)[1:]


def _no_number(plain: Any, rng: random.Random) -> bytes:
    holder, key = rng.choice([slot for slot in _slots(plain) if isinstance(slot[0][slot[1]], int | float)])
    holder[key] = "@@"
    return _text(plain).replace(b'"@@"', rng.choice((b"NaN", b"Infinity", b"-Infinity", b"1e999", b"9" * 5000)))


def _deep(_: Any, rng: random.Random) -> bytes:
    depth = rng.choice((500, 5_000, 100_000))
    opening, closing = rng.choice(((b"[", b"]"), (b'{"a":', b"}")))
    return opening * depth + b"1" + closing * depth


def _many_labels(plain: Any, rng: random.Random) -> bytes:
    count = rng.choice((10_000, 200_000, 1_000_000))
    plain["output"]["labels"] = [f"l{index}" for index in range(count)]
    return _text(plain)


def _many_frames(plain: Any, _: random.Random) -> bytes:
    if plain.get("proof"):
        plain["proof"]["golden"] *= 1000
    return _text(plain)


def _no_text(plain: Any, rng: random.Random) -> bytes:
    text = _text(plain)
    place = rng.randrange(len(text))
    return rng.choice((text[:place] + b"\xff\xfe" + text[place:], text.decode().encode("utf-16"), text[:place], b""))


def _other(_: Any, rng: random.Random) -> bytes:
    return rng.choice((b"[]", b"null", b"3", b'"x"', b"{}", b'{"format": "edgeproof-contract/2"}', b"\x00" * 100))


_WAYS: tuple[Callable[[Any, random.Random], bytes], ...] = (
    _wrong_value,
    _wrong_value,
    _wrong_value,
    _wrong_value,
    _left_out,
    _added,
    _twice,
    _no_number,
    _deep,
    _many_labels,
    _many_frames,
    _no_text,
    _other,
)
