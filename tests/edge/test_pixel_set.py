from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
import pytest

from edgeproof.edge.console import Console
from edgeproof.edge.contract import Color, ImageInput
from edgeproof.edge.errors import InputError, UnreadableError
from edgeproof.edge.folders import LabelledFile, labelled_files, sha256_of
from edgeproof.edge.pixel_set import decode, read_labelled, require_classes

SPEC = ImageInput(4, 6, 3)
GRAYS = {"dark/a.png": 10, "dark/b.png": 60, "light/a.png": 200}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Class folders of three pictures, each of one gray."""
    for name, gray in GRAYS.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        cv2.imwrite(str(tmp_path / name), np.full((8, 12, 3), gray, np.uint8))
    return tmp_path


def damage(path: Path) -> LabelledFile:
    """Make a picture unreadable, and give the entry of a data set that was split with it so."""
    path.write_bytes(path.read_bytes()[:20])
    return LabelledFile(f"{path.parent.name}/{path.name}", path.parent.name, sha256_of(path))


def test_pictures_are_decoded_once_in_the_order_of_their_files(folder: Path) -> None:
    files = labelled_files(folder, folder)
    found = decode(folder, files[::-1], ("light", "dark"), SPEC, Console(quiet=True))
    assert len(found) == 3
    assert found.pixels.shape == (3, 4, 6, 3)
    assert found.pixels[:, 0, 0, 0].tolist() == [200, 60, 10]
    assert found.labels.tolist() == [0, 1, 1]
    assert [file.file for file in found.files] == ["light/a.png", "dark/b.png", "dark/a.png"]


def test_colours_are_those_of_the_model(folder: Path) -> None:
    cv2.imwrite(str(folder / "dark/a.png"), np.full((8, 12, 3), (255, 0, 0), np.uint8))  # blue, as OpenCV has it
    files = labelled_files(folder, folder)[:1]
    for color, pixel in ((Color.RGB, [0, 0, 255]), (Color.BGR, [255, 0, 0])):
        spec = ImageInput(4, 6, 3, color=color)
        assert decode(folder, files, ("dark",), spec, Console(quiet=True)).pixels[0, 0, 0].tolist() == pixel


def test_picture_that_cannot_be_read_is_named_and_left_out(folder: Path) -> None:
    files = [damage(folder / "dark/a.png"), *labelled_files(folder, folder)[1:]]
    said = io.StringIO()
    found = decode(folder, files, ("dark", "light"), SPEC, Console(stream=said))
    assert found.pixels[:, 0, 0, 0].tolist() == [60, 200]
    assert found.labels.tolist() == [0, 1]
    assert "expected a picture that OpenCV can decode, received 20 bytes of something" in said.getvalue()
    assert "1 of 3 pictures could not be read and are left out" in said.getvalue()


def test_first_picture_that_cannot_be_read_ends_a_strict_reading(folder: Path) -> None:
    files = [damage(folder / "dark/a.png"), *labelled_files(folder, folder)[1:]]
    with pytest.raises(InputError, match=r"received 20 bytes of something: .*dark/a\.png"):
        decode(folder, files, ("dark", "light"), SPEC, Console(quiet=True), strict=True)


def test_set_of_which_nothing_can_be_read_is_an_error(folder: Path) -> None:
    with pytest.raises(InputError, match="received 20 bytes"):
        decode(folder, [damage(folder / "dark/a.png")], ("dark",), SPEC, Console(quiet=True))


def test_picture_that_has_gone_is_unreadable(folder: Path) -> None:
    with pytest.raises(UnreadableError, match="expected a picture, received No such file or directory"):
        read_labelled(folder, LabelledFile("dark/gone.png", "dark", "0" * 64))


def test_picture_that_is_another_by_now_is_an_error(folder: Path) -> None:
    files = labelled_files(folder, folder)
    cv2.imwrite(str(folder / "dark/a.png"), np.zeros((8, 12, 3), np.uint8))
    with pytest.raises(InputError, match="expected the picture that the run was split with, received another"):
        decode(folder, files, ("dark", "light"), SPEC, Console(quiet=True))


def test_class_without_a_picture_is_named(folder: Path) -> None:
    files = labelled_files(folder, folder)
    require_classes(files, ("dark", "light"), folder)
    with pytest.raises(InputError, match="expected readable pictures of every class, received none of grey, none"):
        require_classes(files, ("dark", "light", "none", "grey"), folder)
