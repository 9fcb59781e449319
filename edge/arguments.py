"""Command lines: argparse, with errors in our one line and the number types that the commands share."""

from __future__ import annotations

import argparse
import math
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

from .atomic import check_place
from .contract import LARGEST_SIDE
from .errors import InputError
from .source_names import HANDS, is_address, is_camera, is_there

_BELOW_ZERO = re.compile(r"-[0-9.]+\.\.")  # the beginning of -1..1
_BYTE_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?((?:[KMGT]i?)?B?)", re.IGNORECASE)
_UNITS = {
    f"{prefix}{end}B"[: None if byte else -1]: float(base**power)
    for power, prefix in enumerate(("", "K", "M", "G", "T"))
    for end, base in (("", 1000), ("I", 1024))
    for byte in (True, False)
}
_PORT = re.compile(r"[0-9]{1,5}")
_LAST_PORT = 65535
_MOST_THREADS = 256  # a runtime asked for many thousands crashes
_MOST_DEVICES = 256
_MOST_VOTES = 1000
_MOST_EPOCHS = 1_000_000  # the steps of a training must be a number that TensorFlow can count to


class Parser(argparse.ArgumentParser):
    """An argparse parser whose mistakes are an `InputError`, without the usage text around it."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Read words; a range from below zero, `--range -1..1`, is a value, where argparse would see an option."""
        return super().parse_known_args(_joined(sys.argv[1:] if args is None else args), namespace)

    def error(self, message: str) -> NoReturn:
        """Refuse a command line."""
        raise InputError(f"{message}; see {self.prog} --help")

    def _print_message(self, message: str, file: Any = None) -> None:
        """Print help; argparse passes over what the system says to a write, a full disk for example."""
        (file or sys.stdout).write(message)


def _joined(words: Iterable[str]) -> list[str]:
    joined: list[str] = []
    for word in words:
        if joined and _BELOW_ZERO.match(word) and joined[-1].startswith("--") and "=" not in joined[-1]:
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined


def positive(text: str) -> int:
    """Read a whole number above 0."""
    return _whole(text, "a whole number above 0", 1, None)


def epochs(text: str) -> int:
    """Read a number of epochs."""
    return _whole(text, f"a whole number from 1 to {_MOST_EPOCHS}", 1, _MOST_EPOCHS)


def devices(text: str) -> int:
    """Read a number of devices that share the work."""
    return _whole(text, f"a whole number from 1 to {_MOST_DEVICES}", 1, _MOST_DEVICES)


def seed(text: str) -> int:
    """Read a whole number from 0 to 2³² − 1, which is what every random generator here takes."""
    return _whole(text, "a whole number from 0 to 4294967295", 0, 2**32 - 1)


def threads(text: str) -> int:
    """Read a number of threads."""
    return _whole(text, f"a whole number from 1 to {_MOST_THREADS}", 1, _MOST_THREADS)


def points(text: str) -> float:
    """Read percentage points, from 0 to 100."""
    return _real(text, "points from 0 to 100", 0, 100)


def fraction_above_0(text: str) -> float:
    """Read a number above 0 and up to 1, such as a learning rate."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value <= 1:
        raise argparse.ArgumentTypeError(f"expected a number above 0 and up to 1, received {text}")
    return value


def probability(text: str) -> float:
    """Read a number from 0 to 1."""
    return _real(text, "a number from 0 to 1", 0, 1)


def seconds(text: str) -> float:
    """Read a time of up to an hour."""
    return _real(text, "seconds from 0 to 3600", 0, 3600)


def interval(text: str) -> float:
    """Read the time between two of something, up to an hour."""
    return _real(text, "seconds from 0.1 to 3600", 0.1, 3600)


def ratio(text: str) -> float:
    """Read how many times as much of something there may be."""
    return _real(text, "a number from 0.1 to 100", 0.1, 100)


def frame_rate(text: str) -> float:
    """Read frames a second."""
    return _real(text, "frames a second from 1 to 240", 1, 240)


def byte_size(text: str) -> int:
    """Read a size in bytes: 500MB, 1.5GB, 64KiB or plain bytes; MB are millions and MiB are 1024 × 1024."""
    match = _BYTE_SIZE.fullmatch(text.strip())
    value = float(match[1]) * _UNITS[match[2].upper()] if match else 0.0
    if not 1 <= value < 2**63:
        raise argparse.ArgumentTypeError(f"expected a size such as 10MB, 500MB or 1GB, received {text}")
    return int(value)


def refuse_source(text: str) -> None:
    """Refuse a source where an address may stand: an option that takes one or none took the word behind it."""
    if text and (is_camera(text) or is_address(text) or text.startswith(HANDS) or is_there(text)):
        raise argparse.ArgumentTypeError(
            f"expected HOST:PORT or nothing behind the option, and a source before it, received {text}"
        )


def host_port(text: str) -> tuple[str, int]:
    """Read HOST:PORT, [::1]:PORT too; port 0 is any free one."""
    refuse_source(text)
    host, _, port = text.rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    # Digits alone: int would take signs, spaces and the digits of other scripts too.
    if not is_host(bare) or (":" in bare and bare == host) or not _PORT.fullmatch(port) or int(port) > _LAST_PORT:
        raise argparse.ArgumentTypeError(f"expected HOST:PORT, 127.0.0.1:9464 for example, received {text}")
    return bare, int(port)


def is_host(name: str) -> bool:
    """Tell whether a name can be looked up at all."""
    try:
        return bool(name.encode("idna"))
    except UnicodeError:  # a label of it is empty, or longer than 63 letters
        return False


def votes(text: str) -> tuple[int, int]:
    """Read K/N: a majority of K of the last N frames."""
    parts = text.split("/")
    try:
        k, n = map(int, parts)
    except ValueError:
        k, n = 0, 0
    if not (0 < k <= n <= _MOST_VOTES and 2 * k > n):
        raise argparse.ArgumentTypeError(
            f"expected K/N with more than half of up to {_MOST_VOTES} frames, 3/5 for example, received {text}"
        )
    return k, n


def size(text: str) -> tuple[int, int]:
    """Read a picture's size: 96, or 96x128 for height and width, in pixels."""
    height, _, width = text.partition("x")
    try:
        pixels = int(height), int(width or height)
    except ValueError:
        pixels = 0, 0
    if not all(0 < length <= LARGEST_SIDE for length in pixels):
        raise argparse.ArgumentTypeError(f"expected 96 or HEIGHTxWIDTH, up to {LARGEST_SIDE} pixels, received {text}")
    return pixels


def camera_size(text: str) -> tuple[int, int]:
    """Read the size of a camera's frames as cameras say it: 640x480 for width and height, in pixels."""
    width, _, height = text.partition("x")
    try:
        pixels = int(width), int(height)
    except ValueError:
        pixels = 0, 0
    if not all(0 < length <= LARGEST_SIDE for length in pixels):
        raise argparse.ArgumentTypeError(
            f"expected WIDTHxHEIGHT, 640x480 for example, up to {LARGEST_SIDE} pixels, received {text}"
        )
    return pixels


def rate(text: str) -> float:
    """Read frames a second."""
    return _real(text, "frames a second from 0.5 to 1000", 0.5, 1000)


def roi(text: str) -> tuple[int, int, int, int]:
    """Read X,Y,WIDTH,HEIGHT: a region of a picture, in pixels from its upper left corner."""
    try:
        x, y, width, height = map(int, text.split(","))
    except ValueError:
        x = y = width = height = 0
    if not (0 <= x <= LARGEST_SIDE and 0 <= y <= LARGEST_SIDE and 0 < width <= LARGEST_SIDE >= height > 0):
        raise argparse.ArgumentTypeError(
            f"expected X,Y,WIDTH,HEIGHT, 80,0,480,480 for example, up to {LARGEST_SIDE} pixels, received {text}"
        )
    return x, y, width, height


def output_file(text: str) -> Path:
    """Read the path of a file that is going to be written, and see to it that it can be, before long work."""
    path = Path(text)
    check_place(path.parent)
    if path.is_dir():
        raise argparse.ArgumentTypeError(f"expected a file to write, received a folder: {text}")
    return path


def output_folder(text: str) -> Path:
    """Read the path of a folder for files that are going to be written, and see to it that they can be."""
    path = Path(text)
    check_place(path)
    return path


def pixel_range(text: str) -> tuple[float, float]:
    """Read the real values of a pixel of 0 and of 255: 0..1 or -1..1, say."""
    low, _, high = text.partition("..")
    try:
        values = float(low), float(high)
    except ValueError:
        values = math.nan, math.nan
    if not -math.inf < values[0] < values[1] < math.inf:
        raise argparse.ArgumentTypeError(f"expected LOW..HIGH, 0..1 or -1..1 for example, received {text}")
    return values


def cluster(text: str) -> tuple[str, int, int]:
    """Read HOST:PORT/N/I: where process 0 of N listens, and that this is process I."""
    address, *numbers = text.split("/")
    host, _, port = address.rpartition(":")
    try:
        count, index, listens = int(numbers[0]), int(numbers[1]), int(port)
    except (ValueError, IndexError):
        count, index, listens = 0, 0, 0
    if not (host and len(numbers) == 2 and 0 < listens < 65536 and 0 <= index < count):
        raise argparse.ArgumentTypeError(f"expected HOST:PORT/N/I, 10.0.0.1:5000/2/0 for example, received {text}")
    return address, count, index


def _whole(text: str, expected: str, least: int, most: int | None) -> int:
    try:
        value = int(text)
    except ValueError:
        value = least - 1
    if value < least or (most is not None and value > most):
        raise argparse.ArgumentTypeError(f"expected {expected}, received {text}")
    return value


def _real(text: str, expected: str, least: float, most: float) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not least <= value <= most:
        raise argparse.ArgumentTypeError(f"expected {expected}, received {text}")
    return value
