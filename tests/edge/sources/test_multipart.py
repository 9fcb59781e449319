from __future__ import annotations

import numpy as np
import pytest

from edgeproof.edge.errors import InputError
from edgeproof.edge.sources.multipart import Parts, content_length
from http_camera import framed

RNG = np.random.default_rng(0)
PARTS = [b"\xff\xd8" + RNG.bytes(size) + b"\xff\xd9" for size in (0, 1, 300, 5000, 2)]


def cut(data: bytes, boundary: str, step: int) -> list[bytes]:
    """Feed a stream in pieces of `step` bytes."""
    parts, found = Parts(boundary, "camera"), []
    for start in range(0, len(data), step):
        parts.feed(data[start : start + step])
        while (part := parts.next()) is not None:
            found.append(part)
    return found


@pytest.mark.parametrize("step", [1, 2, 3, 7, 100, 10_000])
@pytest.mark.parametrize("lengths", [True, False], ids=["lengths", "boundaries"])
def test_parts_come_out_however_they_came_in(step: int, lengths: bool) -> None:
    data = b"".join(framed(part, lengths=lengths) for part in PARTS)
    assert cut(data + b"--frame\r\n", "frame", step) == PARTS


@pytest.mark.parametrize(
    ("declared", "sent"),
    [("frame", "frame"), ("--frame", "frame"), ("--frame", "--frame"), ("frame", "--frame"), ("a b:c", "a b:c")],
)
@pytest.mark.parametrize("lengths", [True, False], ids=["lengths", "boundaries"])
def test_dashes_of_the_delimiter_may_be_declared_or_not(declared: str, sent: str, lengths: bool) -> None:
    data = b"".join(framed(part, sent, lengths=lengths) for part in PARTS)
    assert cut(data + f"--{sent}\r\n".encode(), declared, 1000) == PARTS


def test_part_with_a_length_needs_no_delimiter_behind_it() -> None:
    assert cut(framed(PARTS[2])[:-2], "frame", 10_000) == [PARTS[2]]


@pytest.mark.parametrize(
    "header", [b"\r\n", b"\n", b"Content-Type: image/jpeg\n\n", b"X: 1\r\nCONTENT-length : 4\r\n\r\n"]
)
def test_headers_of_all_kinds_are_understood(header: bytes) -> None:
    assert cut(b"--frame\r\n" + header + b"\xff\xd8\xff\xd9\r\n--frame\r\n", "frame", 3) == [b"\xff\xd8\xff\xd9"]


def test_what_lies_before_the_first_delimiter_is_left_out() -> None:
    assert cut(b"a preamble\r\n" * 100 + framed(PARTS[3]), "frame", 50) == [PARTS[3]]


def test_length_that_is_too_short_costs_one_part_alone() -> None:
    broken = framed(PARTS[3]).replace(b"Content-Length: 5004", b"Content-Length: 20")
    assert cut(broken + framed(PARTS[2]), "frame", 64) == [PARTS[3][:20], PARTS[2]]


@pytest.mark.parametrize("length", ["-5", "many", "", "1e3"])
def test_length_that_is_no_number_is_none(length: str) -> None:
    data = f"--frame\r\nContent-Length: {length}\r\n\r\n".encode() + PARTS[2] + b"\r\n--frame\r\n"
    assert cut(data, "frame", 100) == [PARTS[2]]


def test_content_length_is_found_among_other_lines() -> None:
    assert content_length(b"Content-Type: image/jpeg\r\nContent-Length:  12 \r\nX-Content-Length: 99") == 12
    assert content_length(b"Content-Type: image/jpeg") is None


@pytest.mark.parametrize("step", [1, 1000])
def test_closing_delimiter_is_the_end(step: int) -> None:
    parts = Parts("frame", "camera")
    data = framed(PARTS[1]) + b"--frame--\r\n" + framed(PARTS[2])
    for start in range(0, len(data), step):
        parts.feed(data[start : start + step])
        while parts.next() is not None:
            assert not parts.ended
    assert parts.ended
    assert parts.next() is None


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"no delimiter at all " * 60_000, "expected a delimiter as the Content-Type says within 1048576 bytes"),
        (b"--frame" + b"x" * 9000, "expected a delimiter on a line of its own within 8192 bytes"),
        (b"--frame\r\nX: " + b"x" * 9000, "expected the end of a part's header within 8192 bytes"),
        (b"--frame\r\nContent-Length: 99999999\r\n\r\n", "expected a part within 16777216 bytes"),
        (b"--frame\r\n\r\n" + bytes(17_000_000), "expected the end of a part within 16777216 bytes"),
    ],
)
def test_what_is_too_long_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(InputError, match=f"{message}, received more from camera; it is no camera's"):
        cut(data, "frame", 100_000)


@pytest.mark.parametrize("seed", range(20))
def test_noise_gives_no_other_error_and_no_memory_without_end(seed: int) -> None:
    """Pieces of a stream in any order, as a broken server may send them."""
    rng = np.random.default_rng(seed)
    pieces = [framed(PARTS[2]), b"--frame", b"\r\n", b"\r\n\r\n", b"Content-Length: 7\r\n", b"--", rng.bytes(50)]
    parts = Parts("frame", "camera")
    fed = 0
    for choice in rng.integers(0, len(pieces), 400):
        parts.feed(pieces[choice])
        fed += len(pieces[choice])
        while (part := parts.next()) is not None:
            assert len(part) <= fed
