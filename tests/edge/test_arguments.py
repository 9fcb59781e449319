from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import pytest

from edgeproof.edge.arguments import byte_size, frame_rate, host_port, interval


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1", 1),
        ("500MB", 500_000_000),
        ("10mb", 10_000_000),
        ("1GB", 1_000_000_000),
        ("1.5 GB", 1_500_000_000),
        ("64KiB", 65_536),
        ("2MiB", 2_097_152),
        ("100K", 100_000),
        ("100B", 100),
        ("1T", 1_000_000_000_000),
    ],
)
def test_size_is_in_bytes(text: str, size: int) -> None:
    assert byte_size(text) == size


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:9464", ("127.0.0.1", 9464)),
        ("pi4.local:80", ("pi4.local", 80)),
        ("[::1]:9464", ("::1", 9464)),
        ("localhost:0", ("localhost", 0)),
    ],
)
def test_address_is_host_and_port(text: str, address: tuple[str, int]) -> None:
    assert host_port(text) == address


@pytest.mark.parametrize(
    ("read", "text", "expected"),
    [
        *((byte_size, text, "a size such as 10MB") for text in ("", "0", "MB", "-1MB", "1e3", "10XB", "0.1B", "nan")),
        (byte_size, "9" * 40, "a size such as 10MB"),
        *((host_port, text, "HOST:PORT") for text in ("", "9464", ":9464", "pi4:", "pi4:x", "pi4:65536", "::1:9464")),
        *((host_port, text, "HOST:PORT") for text in ("hands:", "rtsp://camera", "pi4:-1", "pi4: 80", "[]:80")),
        *((host_port, text, "HOST:PORT") for text in ("a..b:1", f"{'x' * 64}:1", "\udcff:1")),
        *((frame_rate, text, "frames a second from 1 to 240") for text in ("0", "241", "nan", "fast")),
        *((interval, text, "seconds from 0.1 to 3600") for text in ("0", "-1", "3601", "nan", "often")),
    ],
)
def test_what_is_neither_is_refused(read: Callable[[str], Any], text: str, expected: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError) as error:
        read(text)
    assert str(error.value).startswith(f"expected {expected}")
    assert str(error.value).endswith(f", received {text}")
