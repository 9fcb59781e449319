"""Words of a command line: whatever they are, a value within its bounds comes out, or one line that refuses them."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgeproof.edge import arguments

# What each reads, and what must hold of it.
READERS: dict[Callable[[str], Any], Callable[[Any], bool]] = {
    arguments.positive: lambda value: value >= 1,
    arguments.epochs: lambda value: 1 <= value <= 1_000_000,
    arguments.devices: lambda value: 1 <= value <= 256,
    arguments.seed: lambda value: 0 <= value < 2**32,
    arguments.threads: lambda value: 1 <= value <= 256,
    arguments.points: lambda value: 0 <= value <= 100,
    arguments.fraction_above_0: lambda value: 0 < value <= 1,
    arguments.probability: lambda value: 0 <= value <= 1,
    arguments.seconds: lambda value: 0 <= value <= 3600,
    arguments.interval: lambda value: 0.1 <= value <= 3600,
    arguments.frame_rate: lambda value: 1 <= value <= 240,
    arguments.rate: lambda value: 0.5 <= value <= 1000,
    arguments.byte_size: lambda value: 1 <= value < 2**63,
    arguments.host_port: lambda value: 0 <= value[1] <= 65535 and value[0] != "",
    arguments.votes: lambda value: 0 < value[0] <= value[1] < 2 * value[0],
    arguments.size: lambda value: all(0 < side <= 8192 for side in value),
    arguments.camera_size: lambda value: all(0 < side <= 8192 for side in value),
    arguments.pixel_range: lambda value: float("-inf") < value[0] < value[1] < float("inf"),
    arguments.cluster: lambda value: 0 <= value[2] < value[1],
}
edges = st.sampled_from(["-1", "0", "1", "2", "3", "6", "8193", "65536", "0.05", "1e400", "inf", "-inf"])
small = st.sampled_from(["1", "2", "3"])
pairs = st.tuples(small | edges, small | edges)
# What a reader takes, but for its numbers.
SHAPES: dict[Callable[[str], Any], st.SearchStrategy[str]] = {
    arguments.votes: pairs.map("/".join),
    arguments.size: pairs.map("x".join),
    arguments.camera_size: pairs.map("x".join),
    arguments.pixel_range: pairs.map("..".join),
    arguments.host_port: edges.map("host:{}".format),
    arguments.cluster: pairs.map(lambda pair: f"host:5000/{pair[0]}/{pair[1]}"),
}
numbers = st.one_of(st.integers(), st.floats(), st.sampled_from(["1e400", "-0", "nan", "٣", "1_0", "9" * 5000])).map(
    str
)
separators = st.sampled_from(["", "x", "/", ":", ",", "..", " ", "-", "MB", "KiB", "[::1]:", "host:"])
texts = st.text(max_size=12) | st.lists(st.one_of(numbers, separators), max_size=5).map("".join)


@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)
@settings(max_examples=100)
@given(data=st.data())
def test_value_is_within_its_bounds_or_refused(read: Callable[[str], Any], data: st.DataObject) -> None:
    text = data.draw(SHAPES.get(read, edges) | texts)
    try:
        value = read(text)
    except argparse.ArgumentTypeError as error:
        assert str(error).startswith("expected ")  # noqa: PT017 - it need not be raised
    else:
        assert READERS[read](value)


@given(st.integers(1, 2**20), st.sampled_from(["", "B", "K", "KB", "KiB", "MB", "mib", "GB"]))
def test_size_in_bytes_is_counted_in_its_unit(count: int, unit: str) -> None:
    letter, base = unit[:1].upper().replace("B", ""), 1024 if "i" in unit else 1000
    assert arguments.byte_size(f"{count}{unit}") == count * base ** "KMG".find(letter) * base ** bool(letter)


@given(st.integers(0, 65535), st.sampled_from(["localhost", "127.0.0.1", "::1", "camera.local"]))
def test_host_and_port_are_read_as_they_are_written(port: int, host: str) -> None:
    written = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    assert arguments.host_port(written) == (host, port)
