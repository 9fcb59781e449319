from __future__ import annotations

import io
import subprocess
import sys
import zlib
from pathlib import Path

import cv2
import pytest

from edgeproof.edge.console import Console
from edgeproof.edge.errors import InputError
from edgeproof.edge.preprocess import Pixels
from edgeproof.edge.sources.images import ImageSource


class Folder:
    """A folder of four pictures, of which the first and the third cannot be read, as a source."""

    def __init__(self, path: Path, chart: Pixels) -> None:
        self.path, self.stream = path, io.StringIO()
        path.mkdir()
        for name in ("1.png", "3.png"):
            cv2.imwrite(str(path / name), chart)
        (path / "0.png").write_bytes(b"")
        (path / "2.jpg").write_bytes(b"no picture")

    def open(self, *, strict: bool = False) -> ImageSource:
        return ImageSource(self.path, Console(stream=self.stream), strict=strict)

    @property
    def warnings(self) -> list[str]:
        return self.stream.getvalue().splitlines()


@pytest.fixture
def damaged(chart: Pixels, tmp_path: Path) -> Folder:
    return Folder(tmp_path / "damaged", chart)


def read(source: ImageSource) -> str | None:
    frame = source.read()
    return None if frame is None else Path(frame.source).name


def warning(folder: Folder, name: str, size: int) -> str:
    what = f"expected a picture that OpenCV can decode, received {size} bytes of something"
    return f"warning: {what}: {folder.path / name}"


def test_unreadable_pictures_are_named_at_once_and_counted_at_the_end(damaged: Folder) -> None:
    source = damaged.open()
    first, second = warning(damaged, "0.png", 0), warning(damaged, "2.jpg", 10)
    count = "warning: 2 of 4 pictures could not be read and are left out"
    for name, warnings in (("1.png", [first]), ("3.png", [first, second]), (None, [first, second, count])):
        assert read(source) == name
        assert damaged.warnings == warnings
    assert read(source) is None
    source.close()
    assert damaged.warnings == [first, second, count]


def test_unreadable_pictures_of_a_run_that_ends_early_are_counted(damaged: Folder) -> None:
    source = damaged.open()
    assert read(source) == "1.png"
    source.close()
    source.close()
    assert damaged.warnings[1:] == ["warning: 1 of 2 pictures could not be read and are left out"]


def test_unreadable_picture_is_an_error_when_strict(damaged: Folder) -> None:
    with pytest.raises(InputError, match=r"received 0 bytes of something: .*0\.png"):
        damaged.open(strict=True).read()
    assert damaged.warnings == []


def test_folder_of_unreadable_pictures_is_an_error(damaged: Folder) -> None:
    for name in ("1.png", "3.png"):
        (damaged.path / name).unlink()
    source = damaged.open()
    with pytest.raises(InputError, match=r"expected a folder with readable pictures, received one without: .*damaged"):
        source.read()
    source.close()
    assert damaged.warnings == [warning(damaged, "0.png", 0), warning(damaged, "2.jpg", 10)]


def test_single_unreadable_picture_is_an_error(tmp_path: Path) -> None:
    stream = io.StringIO()
    (tmp_path / "a.jpg").write_bytes(b"no picture")
    with pytest.raises(InputError, match=r"received 10 bytes of something: .*a\.jpg"):
        ImageSource(tmp_path / "a.jpg", Console(stream=stream), strict=False).read()
    assert stream.getvalue() == ""


def gray_png(side: int) -> bytes:
    """Make a PNG file of gray pixels, all black: a large picture of few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    head = side.to_bytes(4, "big") * 2 + bytes([8, 0, 0, 0, 0])
    rows = zlib.compress(bytes((side + 1) * side), 1)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


# Prints what was read; a process of its own has OpenCV loaded by edgeproof, and a standard error of its own.
READ = """
import sys
from pathlib import Path
from edgeproof.edge.console import Console
from edgeproof.edge.sources.images import ImageSource

source = ImageSource(Path(sys.argv[1]), Console(), strict=False)
while (frame := source.read()) is not None:
    print(Path(frame.source).name)
"""


def test_damaged_and_giant_pictures_are_one_line_each(chart: Pixels, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for suffix in ("png", "jpg", "bmp", "webp"):
        data = cv2.imencode(f".{suffix}", chart)[1].tobytes()
        (folder / f"cut.{suffix}").write_bytes(data[: len(data) // 2])
    (folder / "giant.png").write_bytes(gray_png(8500))
    cv2.imwrite(str(folder / "whole.png"), chart)
    command = [sys.executable, "-c", READ, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - ourselves
    assert done.stdout.splitlines()[-1] == "whole.png"
    assert "giant.png" not in done.stdout
    assert all(line.startswith("warning: ") for line in done.stderr.splitlines()), done.stderr
    assert "giant.png" in done.stderr
