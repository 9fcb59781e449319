"""Streams of JPEG: however the network cuts the bytes, the same parts come out."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from edgeproof.edge.errors import InputError
from edgeproof.edge.sources.multipart import Parts, content_length

BOUNDARY = "frame"
DELIMITER = b"--frame"
contents = st.binary(max_size=60).filter(lambda data: DELIMITER not in data)
# What a part without a length ends with cannot be told from what comes before its delimiter.
bare = contents.map(lambda data: data.strip(b"\r\n-") + b"\xd9")
pieces = st.sampled_from(
    [DELIMITER, b"--", b"-", b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"Content-Length: 3\r\n", b"Content-Length: x", b"abc"]
)
starts = st.sampled_from([DELIMITER + b"\r\n\r\n", DELIMITER + b"\nX: 1\n\n", b"\r\n" + DELIMITER + b"\r\n"])
noises = st.lists(starts | pieces | st.binary(max_size=6), max_size=24).map(b"".join)


@st.composite
def chunks(draw: st.DrawFn, data: bytes) -> list[bytes]:
    """Cut bytes in any places."""
    cuts = [0, *sorted(draw(st.lists(st.integers(0, len(data)), max_size=12))), len(data)]
    return [data[start:end] for start, end in pairwise(cuts)]


def cut(fed: list[bytes], boundary: str = BOUNDARY) -> tuple[list[bytes], bool]:
    """Feed chunks; gives the parts and whether the stream has said that it is over."""
    parts, found = Parts(boundary, "camera"), []
    for chunk in fed:
        parts.feed(chunk)
        while (part := parts.next()) is not None:
            found.append(part)
    return found, parts.ended


def framed(part: bytes, *, length: bool, end: bytes) -> bytes:
    header = b"Content-Type: image/jpeg" + end + (b"Content-Length: %d" % len(part) + end if length else b"")
    return DELIMITER + end + header + end + part + end


@given(st.lists(contents, max_size=6), contents, st.sampled_from([b"\r\n", b"\n"]), st.booleans(), st.data())
def test_parts_with_a_length_come_out_as_they_went_in(
    parts: list[bytes], preamble: bytes, end: bytes, over: bool, data: st.DataObject
) -> None:
    stream = preamble.rstrip(b"-") + end + b"".join(framed(part, length=True, end=end) for part in parts)
    stream += DELIMITER + (b"--" if over else b"") + end
    assert cut(data.draw(chunks(stream))) == (parts, over)


@given(st.lists(bare, max_size=6), st.sampled_from([b"\r\n", b"\n"]), st.booleans(), st.data())
def test_parts_without_a_length_end_at_the_next_delimiter(
    parts: list[bytes], end: bytes, over: bool, data: st.DataObject
) -> None:
    stream = b"".join(framed(part, length=False, end=end) for part in parts)
    stream += DELIMITER + (b"--" if over else b"") + end
    assert cut(data.draw(chunks(stream))) == (parts, over)


@given(noises, st.data())
def test_any_bytes_are_cut_in_the_same_way_however_they_came(noise: bytes, data: st.DataObject) -> None:
    whole = cut([noise])
    assert cut(data.draw(chunks(noise))) == whole
    assert cut([bytes([byte]) for byte in noise]) == whole
    assert sum(map(len, whole[0])) <= len(noise)


@example(DELIMITER, b"x")  # a line without an end
@example(DELIMITER + b"\r\n", b"x")
@settings(max_examples=15)
@given(
    st.sampled_from([b"", DELIMITER, DELIMITER + b"\r\n", DELIMITER + b"\r\n\r\n"]), st.binary(min_size=1, max_size=40)
)
def test_stream_without_an_end_is_refused_before_it_fills_the_memory(beginning: bytes, noise: bytes) -> None:
    """Whatever it should have ended: the time before a part, a delimiter's line, a header or a part."""
    assume(DELIMITER not in beginning[len(DELIMITER) :] + noise * 2)
    assume(not (noise * 2).startswith(b"--"))  # the stream's own end
    with pytest.raises(InputError, match="received more from camera; it is no camera's"):
        flood(beginning, noise * (2**18 // len(noise)))


def flood(beginning: bytes, chunk: bytes) -> None:
    """Feed more than a part may have, and look at what is kept of it."""
    parts = Parts(BOUNDARY, "camera")
    parts.feed(beginning)
    for _ in range(2**24 // len(chunk) + 3):
        parts.feed(chunk)
        while parts.next() is not None:
            pass
        assert len(parts._buffer) <= 2**24 + len(chunk)


@given(st.integers(0, 10**9), st.sampled_from(["Content-Length", "content-length", "CONTENT-LENGTH"]), st.text(" \t"))
def test_length_is_read_however_it_is_written(length: int, name: str, blank: str) -> None:
    header = f"X-Length: 1\r\n{name}{blank}:{blank}{length}{blank}\r\nX: 2"
    assert content_length(header.encode()) == length


@given(st.binary(max_size=60))
def test_header_of_any_bytes_has_a_length_or_none(header: bytes) -> None:
    found = content_length(header)
    assert found is None or found >= 0
