from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest

from edgeproof.edge.contract import Color, ImageInput, Interpolation, Layout, NumberInput, Quantization, Resize
from edgeproof.edge.preprocess import InputWriter, Pixels, pixel_quantization
from edgeproof.edge.proof.diagnosis import Diagnosis, diagnose
from edgeproof.edge.proof.digest import sha256

FLOAT = ImageInput(32, 32, 3)
PIXELS = replace(FLOAT, dtype="uint8", quantization=pixel_quantization(FLOAT))
SIGNED = replace(FLOAT, dtype="int8", quantization=Quantization(1 / 255, -128))
SPECS = [FLOAT, PIXELS, SIGNED, replace(FLOAT, layout=Layout.NCHW), replace(FLOAT, range=(-1.0, 1.0))]

Tensor = np.ndarray[Any, np.dtype[Any]]


@pytest.fixture
def frame() -> Pixels:
    """A picture with something everywhere: colours that differ, edges, and no symmetry."""
    picture = np.random.default_rng(5).integers(0, 256, (12, 16, 3), np.uint8)
    picture = cv2.resize(picture, (160, 96), interpolation=cv2.INTER_CUBIC)  # type: ignore[assignment]
    return np.ascontiguousarray(picture)


def made(frame: Pixels, spec: ImageInput) -> Tensor:
    tensor = np.empty((1, *spec.tensor_shape), spec.dtype)
    InputWriter(spec).write(frame, tensor)
    return tensor


def here(frame: Pixels, spec: ImageInput, wrong: Tensor) -> Diagnosis:
    """Diagnose a device that makes `wrong` of a frame, where the workstation did what the contract says."""
    return diagnose(frame, wrong.reshape(1, *spec.tensor_shape), spec, sha256(made(frame, spec)))


@pytest.mark.parametrize("spec", SPECS)
def test_swapped_channels_are_named(frame: Pixels, spec: ImageInput) -> None:
    assert here(frame, spec, made(frame, replace(spec, color=Color.BGR))).words == "here red and blue are swapped"


def test_lost_colours_are_named(frame: Pixels) -> None:
    gray = cv2.cvtColor(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    found = here(frame, PIXELS, made(gray, PIXELS))  # type: ignore[arg-type]  # uint8 stays uint8
    assert found.words == "here colours are lost, all channels hold the gray value"


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"interpolation": Interpolation.NEAREST}, "here the frame is resized by INTER_NEAREST"),
        ({"interpolation": Interpolation.AREA}, "here the frame is resized by INTER_AREA"),
        ({"resize": Resize.CENTER_CROP}, "here the frame's centre is cropped"),
    ],
)
def test_another_resize_is_named(frame: Pixels, spec: ImageInput, change: dict[str, Any], words: str) -> None:
    assert here(frame, spec, made(frame, replace(spec, **change))).words == words


def test_stretching_instead_of_a_crop_is_named(frame: Pixels) -> None:
    spec = replace(PIXELS, resize=Resize.CENTER_CROP)
    assert here(frame, spec, made(frame, PIXELS)).words == "here the whole frame is stretched"


@pytest.mark.parametrize(
    ("limits", "words"),
    [((-1.0, 1.0), "here pixels are scaled to -1..1"), ((0.0, 255.0), "here pixels are scaled to 0..255")],
)
def test_a_wrong_range_is_named(frame: Pixels, limits: tuple[float, float], words: str) -> None:
    assert here(frame, FLOAT, made(frame, replace(FLOAT, range=limits))).words == words


def test_a_range_of_its_own_is_measured(frame: Pixels) -> None:
    found = here(frame, FLOAT, made(frame, FLOAT) * np.float32(3) - np.float32(0.5))
    assert found.words == "values are 3 × the workstation's − 0.5: another range"


def test_int8_that_holds_plain_pixels_is_another_range(frame: Pixels) -> None:
    halved = (made(frame, PIXELS) // 2).astype(np.int8)
    found = re.fullmatch(
        r"values are (\S+) × the workstation's \+ (\S+): another range", here(frame, SIGNED, halved).words
    )
    assert found is not None
    assert float(found[1]) == pytest.approx(0.5, abs=0.01)
    assert float(found[2]) == pytest.approx(63.75, abs=0.1)


@pytest.mark.parametrize("spec", [FLOAT, PIXELS])
def test_a_wrong_layout_is_named(frame: Pixels, spec: ImageInput) -> None:
    planes = made(frame, replace(spec, layout=Layout.NCHW))
    assert here(frame, spec, planes).words == "here the tensor is filled in planes, channels first"
    other = replace(spec, layout=Layout.NCHW)
    assert here(frame, other, made(frame, spec)).words == "here the tensor is filled pixel by pixel, channels last"


@pytest.mark.parametrize(
    ("turn", "words"),
    [
        (lambda pixels: pixels[:, :, ::-1], "here left and right are swapped"),
        (lambda pixels: pixels[:, ::-1], "here the picture is upside down"),
        (lambda pixels: pixels[:, ::-1, ::-1], "here the picture is turned by 180°"),
        (lambda pixels: np.roll(pixels, (0, 1), (1, 2)), "the picture is shifted by 1 pixel(s) to the right"),
        (lambda pixels: np.roll(pixels, (-2, 0), (1, 2)), "the picture is shifted by 2 pixel(s) up"),
        (
            lambda pixels: np.roll(pixels, (1, -1), (1, 2)),
            "the picture is shifted by 1 pixel(s) to the left and by 1 pixel(s) down",
        ),
    ],
)
def test_a_moved_picture_is_named(frame: Pixels, turn: Callable[[Tensor], Tensor], words: str) -> None:
    assert here(frame, PIXELS, turn(made(frame, PIXELS))).words == words


@pytest.mark.parametrize("spec", [FLOAT, PIXELS, SIGNED])
def test_another_opencv_is_measured(frame: Pixels, spec: ImageInput) -> None:
    """One value of 3,072 is off by 3 levels and one by 1, which no mistake of ours gives."""
    level = spec.range[1] / 255 if spec is FLOAT else 1
    wrong = made(frame, spec)
    middle = (wrong.max().astype(float) + wrong.min()) / 2
    for place, levels in [((0, 4, 4, 0), 3), ((0, 9, 1, 2), 1)]:
        away = -levels if wrong[place] > middle else levels  # so that none leaves the type
        wrong[place] = float(wrong[place]) + away * level
    found = here(frame, spec, wrong)
    assert found.words.startswith(f"resize of OpenCV {cv2.__version__} differs, by up to 3 level(s)")
    assert found.difference is not None
    assert found.difference.largest == pytest.approx(3, abs=1e-4)
    assert found.difference.mean == pytest.approx(4 / 3072, rel=1e-4)
    assert found.difference.share == pytest.approx(2 / 3072)


def test_another_bilinear_resize_is_measured(frame: Pixels) -> None:
    """OpenCV has one that rounds otherwise."""
    spec = replace(PIXELS, height=29, width=31)
    exact = cv2.resize(frame, (31, 29), interpolation=cv2.INTER_LINEAR_EXACT)[None, ..., ::-1]
    found = here(frame, spec, exact)
    assert found.words.startswith(f"resize of OpenCV {cv2.__version__} differs, by up to 1 level(s)")
    assert found.difference is not None
    assert 0 < found.difference.share < 0.5


def test_values_that_are_no_numbers_are_named(frame: Pixels) -> None:
    assert here(frame, FLOAT, made(frame, FLOAT) * np.float32(np.nan)).words == "values are no finite numbers"


def test_what_nothing_explains_is_measured(frame: Pixels) -> None:
    wrong = np.random.default_rng(1).integers(0, 256, (1, 32, 32, 3), np.uint8)
    found = here(frame, PIXELS, wrong)
    assert found.words.startswith("the tensor differs by up to 2")
    assert found.difference is not None
    assert found.difference.share > 0.9


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"color": Color.BGR}, "red and blue are swapped"),
        ({"interpolation": Interpolation.NEAREST}, "the frame is resized by INTER_NEAREST"),
        ({"resize": Resize.CENTER_CROP}, "the frame's centre is cropped"),
        ({"range": (-1.0, 1.0)}, "pixels are scaled to -1..1"),
    ],
)
def test_a_contract_that_says_otherwise_than_the_workstation_did_is_named(
    frame: Pixels, change: dict[str, Any], words: str
) -> None:
    theirs = sha256(made(frame, replace(FLOAT, **change)))
    found = diagnose(frame, made(frame, FLOAT), FLOAT, theirs)
    assert found == Diagnosis(f"on the workstation {words}, which the contract does not say", None)


def test_what_cannot_be_told_is_said(frame: Pixels) -> None:
    found = diagnose(frame, made(frame, PIXELS), PIXELS, "0" * 64)
    assert found.words.startswith("this device does what the contract says; the workstation did something else")
    found = diagnose(frame, made(frame, PIXELS) + np.uint8(9), PIXELS, "0" * 64)
    assert found.words.startswith("the tensor is neither the workstation's nor what the contract says")
    area = replace(PIXELS, interpolation=Interpolation.AREA)
    found = diagnose(frame, made(frame, area), area, "0" * 64)
    assert found.words == f"INTER_AREA of OpenCV {cv2.__version__} gives other pixels than the workstation's"


def test_numbers_stored_otherwise_are_named() -> None:
    sample = np.array([1.5], np.float32)
    found = diagnose(sample, sample[None], NumberInput(1, (0.0, 2.0)), "0" * 64)
    assert found == Diagnosis("numbers are stored otherwise than on the workstation", None)
