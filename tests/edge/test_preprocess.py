from __future__ import annotations

import random
import struct
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from edgeproof.edge.contract import Color, Interpolation, Quantization, Resize
from edgeproof.edge.errors import InputError
from edgeproof.edge.preprocess import (
    Pixels,
    crop_box,
    decode_image,
    pixel_quantization,
    read_image,
    to_pixels,
    to_real,
)
from edgeproof.edge.quantization import dequantize, quantize
from specs import EVERY_PIXEL, EXACT, spec


def noise(height: int, width: int, seed: int = 0) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def bilinear(picture: NDArray[np.float64], height: int, width: int) -> NDArray[np.float64]:
    """Resize between the four nearest pixels, whose centres lie at halves: the textbook's formula, without OpenCV."""

    def along(size: int, target: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        place = np.clip((np.arange(target) + 0.5) * size / target - 0.5, 0, size - 1)
        before = np.floor(place).astype(np.int64)
        return before, np.minimum(before + 1, size - 1), place - before

    top, bottom, down = along(picture.shape[0], height)
    left, right, across = along(picture.shape[1], width)
    rows = picture[top] * (1 - down)[:, None, None] + picture[bottom] * down[:, None, None]
    return rows[:, left] * (1 - across)[None, :, None] + rows[:, right] * across[None, :, None]


def test_colours_of_a_picture_are_bgr(chart: Pixels, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "chart.png"), chart)
    assert np.array_equal(read_image(tmp_path / "chart.png"), chart)


@pytest.mark.parametrize("depth", [1, 4], ids=["gray", "alpha"])
def test_pictures_of_other_depths_have_three_channels(depth: int, tmp_path: Path) -> None:
    picture = np.full((5, 6) if depth == 1 else (5, 6, depth), 77, np.uint8)
    cv2.imwrite(str(tmp_path / "a.png"), picture)
    assert np.array_equal(read_image(tmp_path / "a.png"), np.full((5, 6, 3), 77))


def with_orientation(jpeg: bytes, orientation: int) -> bytes:
    """Put an EXIF orientation (TIFF tag 0x0112) into a JPEG, as a phone does."""
    tiff = b"II*\x00" + struct.pack("<IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)
    body = b"Exif\x00\x00" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


@pytest.mark.parametrize(
    ("orientation", "turns"),  # quarter turns to the left that set the picture upright again
    [(1, 0), (3, 2), (6, 3), (8, 1)],
)
def test_picture_is_turned_as_its_exif_orientation_says(chart: Pixels, orientation: int, turns: int) -> None:
    _, encoded = cv2.imencode(".jpg", chart, [cv2.IMWRITE_JPEG_QUALITY, 100])
    image = decode_image(with_orientation(encoded.tobytes(), orientation), "photo.jpg")
    expected = np.rot90(chart, turns)
    assert image.shape == expected.shape
    assert float(np.median(np.abs(image.astype(int) - expected))) <= 2


@pytest.mark.parametrize("data", [b"", b"text", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0" + bytes(100)])
def test_bytes_that_are_no_picture_are_refused(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(data)
    with pytest.raises(InputError, match=rf"OpenCV can decode, received {len(data)} bytes of something: .*a\.jpg"):
        read_image(tmp_path / "a.jpg")


def test_picture_larger_than_opencv_allows_is_refused() -> None:
    size = 2**20
    bitmap = struct.pack("<IiiHHIIiiII", 40, size, size, 1, 24, 0, 0, 0, 0, 0, 0)
    data = b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + bitmap
    with pytest.raises(InputError, match=r"OpenCV can decode, received 54 bytes of something: bomb\.bmp"):
        decode_image(data, "bomb.bmp")


def test_missing_picture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"expected a picture, received No such file or directory: .*none\.jpg"):
        read_image(tmp_path / "none.jpg")
    with pytest.raises(InputError, match="expected a picture, received Is a directory"):
        read_image(tmp_path)


def test_stretch_takes_the_whole_frame() -> None:
    assert crop_box(480, 640, spec(10, 20)) == (0, 0, 480, 640)


@pytest.mark.parametrize(
    ("frame", "model", "box"),
    [
        ((480, 640), (150, 150), (0, 80, 480, 480)),
        ((640, 480), (150, 150), (80, 0, 480, 480)),
        ((480, 640), (100, 200), (80, 0, 320, 640)),
        ((100, 100), (224, 224), (0, 0, 100, 100)),
        ((1, 9), (3, 3), (0, 4, 1, 1)),
        ((9, 1), (1, 100), (4, 0, 1, 1)),
    ],
)
def test_centre_crop_is_the_largest_part_in_the_middle(
    frame: tuple[int, int], model: tuple[int, int], box: tuple[int, int, int, int]
) -> None:
    assert crop_box(*frame, spec(*model, resize=Resize.CENTER_CROP)) == box


def test_centre_crop_of_any_frame_is_inside_centred_and_of_the_models_shape() -> None:
    rng = random.Random(0)  # noqa: S311 - seeded sizes
    for _ in range(2000):
        height, width = rng.randint(1, 2000), rng.randint(1, 2000)
        model = spec(rng.randint(1, 500), rng.randint(1, 500), resize=Resize.CENTER_CROP)
        top, left, tall, wide = crop_box(height, width, model)
        assert 1 <= tall <= height
        assert 1 <= wide <= width
        assert 0 <= height - tall - 2 * top <= 1
        assert 0 <= width - wide - 2 * left <= 1
        assert tall == height or wide == width
        # One pixel more or less would change the shape by more than what rounding left over.
        assert abs(tall * model.width - wide * model.height) <= max(model.width, model.height)


@pytest.mark.parametrize("color", Color)
def test_colours_are_in_the_models_order(chart: Pixels, color: Color) -> None:
    pixels = to_pixels(chart, spec(8, 8, color=color))
    # Luma of pure red and pure blue: ITU-R BT.601.
    red = {Color.RGB: [255, 0, 0], Color.BGR: [0, 0, 255], Color.GRAY: [round(0.299 * 255)]}
    blue = {Color.RGB: [0, 0, 255], Color.BGR: [255, 0, 0], Color.GRAY: [round(0.114 * 255)]}
    assert pixels.dtype == np.uint8
    assert pixels[4, 1].tolist() == red[color]
    assert pixels[4, 6].tolist() == blue[color]


@pytest.mark.parametrize(("height", "width"), [(10, 30), (37, 23), (90, 111)])
def test_stretch_is_bilinear(height: int, width: int) -> None:
    frame = noise(50, 64)
    expected = bilinear(frame[..., ::-1].astype(np.float64), height, width)
    assert float(np.abs(to_pixels(frame, spec(height, width)) - expected).max()) <= 1


def test_centre_crop_is_bilinear_within_its_part() -> None:
    frame = noise(50, 80)
    expected = bilinear(frame[:, 15:65, ::-1].astype(np.float64), 20, 20)
    pixels = to_pixels(frame, spec(20, 20, resize=Resize.CENTER_CROP))
    assert float(np.abs(pixels - expected).max()) <= 1
    assert float(np.abs(pixels - to_pixels(frame, spec(20, 20)).astype(int)).max()) > 20


def test_area_is_the_mean_of_the_pixels_that_fall_together() -> None:
    frame = noise(40, 60)
    expected = frame[..., ::-1].reshape(10, 4, 12, 5, 3).mean(axis=(1, 3))
    pixels = to_pixels(frame, spec(10, 12, interpolation=Interpolation.AREA))
    assert float(np.abs(pixels - expected).max()) <= 0.5 + 1e-6


def test_nearest_repeats_pixels() -> None:
    frame = noise(4, 5)
    pixels = to_pixels(frame, spec(12, 10, interpolation=Interpolation.NEAREST))
    assert np.array_equal(pixels, frame[..., ::-1].repeat(3, axis=0).repeat(2, axis=1))


@pytest.mark.parametrize("color", Color)
@pytest.mark.parametrize("resize", Resize)
def test_frame_of_the_models_size_passes_pixel_for_pixel(color: Color, resize: Resize) -> None:
    frame = noise(6, 7)
    pixels = to_pixels(frame, spec(6, 7, color=color, resize=resize))
    luma = (frame @ np.array([0.114, 0.587, 0.299]))[..., None]
    expected = {Color.RGB: frame[..., ::-1], Color.BGR: frame, Color.GRAY: luma}[color]
    assert pixels.shape == expected.shape
    assert float(np.abs(pixels - expected.astype(np.float64)).max()) <= (1 if color is Color.GRAY else 0)


def test_pixels_are_written_where_asked(chart: Pixels) -> None:
    out = np.zeros((2, 8, 8, 3), np.uint8)
    assert to_pixels(chart, spec(8, 8), out[1]) is not None
    assert not out[0].any()
    assert np.array_equal(out[1], to_pixels(chart, spec(8, 8)))


def test_pixel_is_the_stored_value_where_the_range_is_0_to_1() -> None:
    quantization = pixel_quantization(spec())
    assert quantization == EXACT
    assert np.array_equal(quantize(to_real(EVERY_PIXEL, spec()), quantization, np.uint8), EVERY_PIXEL)
    assert to_real(EVERY_PIXEL, spec()).tobytes() == dequantize(EVERY_PIXEL, quantization).tobytes()
    assert float(np.abs(to_real(EVERY_PIXEL, spec()) - np.arange(256) / 255).max()) < 1e-7


def test_pixel_is_the_stored_value_where_the_range_is_0_to_255() -> None:
    model = spec(range=(0.0, 255.0))
    assert pixel_quantization(model) == Quantization(1.0, 0)
    assert to_real(EVERY_PIXEL, model).tolist() == list(range(256))
    assert dequantize(EVERY_PIXEL, pixel_quantization(model)).tolist() == list(range(256))


def test_pixel_is_the_stored_value_to_half_a_step_where_the_range_is_minus_1_to_1() -> None:
    """Real zero lies between pixels 127 and 128, and a zero point is whole: half a step is the best there is."""
    model = spec(range=(-1.0, 1.0))
    exact = np.arange(256) / 127.5 - 1
    assert float(np.abs(to_real(EVERY_PIXEL, model) - exact).max()) < 1e-6
    off = dequantize(EVERY_PIXEL, pixel_quantization(model)) - exact
    assert float(np.abs(off).max()) <= (1 / 127.5) / 2 + 1e-6
