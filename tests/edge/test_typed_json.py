from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from typing import Any

import pytest

from edgeproof.edge import typed_json
from edgeproof.edge.errors import InputError


class Color(str, Enum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Circle:
    radius: float
    kind: str = "circle"

    def __post_init__(self) -> None:
        if self.radius <= 0:
            raise ValueError(f"expected a radius above 0, received {self.radius}")


@dataclass(frozen=True)
class Square:
    side: int
    kind: str = "square"


@dataclass(frozen=True)
class Drawing:
    name: str
    shape: Circle | Square
    color: Color
    size: tuple[int, int]
    points: tuple[float, ...] = ()
    notes: dict[str, str] | None = None
    visible: bool = True


PLAIN: dict[str, Any] = {
    "name": "Zeichnung ✏",
    "shape": {"radius": 1.5, "kind": "circle"},
    "color": "blue",
    "size": [3, 4],
    "points": [0.1, -2.0],
    "notes": {"by": "me"},
    "visible": False,
}
DRAWING = Drawing("Zeichnung ✏", Circle(1.5), Color.BLUE, (3, 4), (0.1, -2.0), {"by": "me"}, visible=False)


def read(plain: object) -> Drawing:
    return typed_json.loads(Drawing, json.dumps(plain), "drawing.json")


def refusal(text: str | bytes) -> str:
    with pytest.raises(InputError) as caught:
        typed_json.loads(Drawing, text, "drawing.json")
    message = str(caught.value)
    assert "\n" not in message
    assert "drawing.json" in message
    return message


def test_json_is_read_as_the_dataclass() -> None:
    assert read(PLAIN) == DRAWING


def test_dataclass_is_written_as_json() -> None:
    text = typed_json.dumps(DRAWING)
    assert json.loads(text) == PLAIN
    assert text.endswith("}\n")
    assert "✏" in text


@pytest.mark.parametrize("value", [0.1, 1 / 3, 5e-324, 1.7976931348623157e308, -0.0])
def test_numbers_survive_bit_for_bit(value: float) -> None:
    back = typed_json.loads(Drawing, typed_json.dumps(Drawing("n", Square(1), Color.RED, (1, 2), (value,))), "here")
    assert back.points[0].hex() == value.hex()


def test_defaults_may_be_left_out() -> None:
    short = {key: PLAIN[key] for key in ("name", "shape", "color", "size")}
    assert read(short) == Drawing("Zeichnung ✏", Circle(1.5), Color.BLUE, (3, 4))


def test_null_is_read_where_it_is_allowed() -> None:
    assert read(PLAIN | {"notes": None}).notes is None


def test_whole_number_is_read_as_a_float() -> None:
    radius = read(PLAIN | {"shape": {"radius": 2, "kind": "circle"}}).shape.radius  # type: ignore[union-attr]
    assert radius == 2.0
    assert isinstance(radius, float)


def test_kind_chooses_between_dataclasses() -> None:
    assert read(PLAIN | {"shape": {"side": 2, "kind": "square"}}).shape == Square(2)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_numbers_that_are_not_finite_are_not_written(value: float) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        typed_json.dumps(Drawing("n", Square(1), Color.RED, (1, 2), (value,)))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": 7}, "expected str, received 7: drawing.json: name"),
        ({"name": None}, "expected str, received None: drawing.json: name"),
        ({"visible": 1}, "expected bool, received 1: drawing.json: visible"),
        ({"size": [True, 4]}, "expected int, received True: drawing.json: size[0]"),
        ({"size": [3.0, 4]}, "expected int, received 3.0: drawing.json: size[0]"),
        ({"size": [3]}, "expected 2 values, received [3]: drawing.json: size"),
        ({"size": {"0": 3, "1": 4}}, "expected a list, received {'0': 3, '1': 4}: drawing.json: size"),
        ({"size": "34"}, "expected a list, received '34': drawing.json: size"),
        ({"points": [1, "2"]}, "expected float, received '2': drawing.json: points[1]"),
        ({"points": [False]}, "expected float, received False: drawing.json: points[0]"),
        ({"points": [float("nan")]}, "expected a finite number, received nan: drawing.json: points[0]"),
        ({"points": [0, float("-inf")]}, "expected a finite number, received -inf: drawing.json: points[1]"),
        ({"points": [10**400]}, "expected a finite number, received one of 1329 bits: drawing.json: points[0]"),
        ({"color": "green"}, "expected one of red, blue, received 'green': drawing.json: color"),
        ({"color": ["red"]}, "expected one of red, blue, received ['red']: drawing.json: color"),
        ({"notes": ["by"]}, "expected an object, received ['by']: drawing.json: notes"),
        ({"notes": {"by": 3}}, "expected str, received 3: drawing.json: notes: by"),
        ({"shape": []}, "expected an object with a known `kind`, received []: drawing.json: shape"),
        ({"shape": {"side": 3}}, "expected an object with a known `kind`, received {'side': 3}: drawing.json: shape"),
        ({"shape": {"kind": "circle"}}, "expected the field 'radius', received none: drawing.json: shape"),
        ({"shape": {"radius": 0, "kind": "circle"}}, "expected a radius above 0, received 0.0: drawing.json: shape"),
        ({"extra": 1}, "received also 'extra': drawing.json"),
    ],
)
def test_what_does_not_fit_is_named(change: dict[str, object], message: str) -> None:
    assert message in refusal(json.dumps(PLAIN | change))


@pytest.mark.parametrize("name", ["name", "shape", "color", "size"])
def test_missing_field_is_named(name: str) -> None:
    plain = {key: value for key, value in PLAIN.items() if key != name}
    assert refusal(json.dumps(plain)) == f"expected the field {name!r}, received none: drawing.json"


def test_long_values_are_cut_short() -> None:
    assert len(refusal(json.dumps(PLAIN | {"points": "x" * 10_000}))) < 120


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "not JSON",
        b"\xff\xfe\xfd",
        b"\x00" * 8,
        '{"name": 1' + "0" * 5000 + "}",  # more digits than Python parses
        "[" * 100_000,
        "{" * 3 + "]",
    ],
    ids=["empty", "cut", "words", "no-utf8", "zeros", "digits", "deep", "crossed"],
)
def test_text_that_is_no_json_is_refused(text: str | bytes) -> None:
    assert refusal(text).startswith("expected JSON, received text that does not parse")


@pytest.mark.parametrize("plain", [None, 3, "text", [], [[[[]]]]])
def test_json_of_another_shape_is_refused(plain: object) -> None:
    assert refusal(json.dumps(plain)).startswith("expected an object, received")


def test_deeply_nested_value_is_refused_where_it_stands() -> None:
    nested = "[" * 500 + "]" * 500
    assert refusal(json.dumps(PLAIN).replace("[3, 4]", nested)).endswith("drawing.json: size")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b'{"name": "a", "name": "b"}', "expected JSON, received text that does not parse (the field 'name' twice)"),
        (b'{"name": "\xff"}', "expected JSON, received text that does not parse ("),
        ('{"name": "a"}'.encode("utf-16"), "expected JSON, received text that does not parse ("),
        (b"[" * 200_000, "expected JSON, received text that does not parse ("),
        (b'{"a":' * 200_000, "expected JSON, received text that does not parse ("),
        (b"9" * 5000, "expected JSON, received text that does not parse ("),
        (b'{"\\u001b[2J": 1}', r"received also '\x1b[2J'"),
        (b'{"' + b"x" * 100_000 + b'": 1}', "received also 'xxxx"),
        (b'{"name": "a", "shape": {"kind": "square", "side": 1}, "color": "\\u001b[2J"}', "received '\\x1b[2J'"),
        (b'"' + b"x" * 100_000 + b'"', "expected an object, received 'xxx"),
        (b"[" + b"1," * 100_000 + b"1]", "expected an object, received [1, 1, 1, 1, 1, 1, ...]"),
    ],
)
def test_hostile_text_is_one_short_line(text: bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        typed_json.loads(Drawing, text, "drawing.json")
    assert message in str(caught.value)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 400
