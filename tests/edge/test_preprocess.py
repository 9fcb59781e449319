from __future__ import annotations

import random
import struct
import tracemalloc
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from edgeproof.edge.contract import Color, ImageInput, Interpolation, Layout, NumberInput, Quantization, Resize
from edgeproof.edge.errors import InputError
from edgeproof.edge.preprocess import (
    InputWriter,
    Pixels,
    crop_box,
    decode_image,
    is_of_pixels,
    pixel_quantization,
    read_image,
    to_pixels,
    to_real,
    write_input,
)
from edgeproof.edge.quantization import dequantize, quantize

EXACT = Quantization(float(np.float32(1 / 255)), 0)
EVERY_PIXEL = np.arange(256).astype(np.uint8)


def spec(height: int = 4, width: int = 4, **facts: object) -> ImageInput:
    channels = 1 if facts.get("color") is Color.GRAY else 3
    return ImageInput(height=height, width=width, channels=channels, **facts)  # type: ignore[arg-type]


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


# Decoding


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


# Cropping and resizing


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


# Values


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


# The input tensor


def test_uint8_tensor_takes_the_pixels_themselves(chart: Pixels) -> None:
    model = spec(8, 8, dtype="uint8", quantization=EXACT)
    tensor = np.empty((1, 8, 8, 3), np.uint8)
    write_input(chart, model, tensor)
    assert tensor[0, 4, 1].tolist() == [255, 0, 0]
    assert tensor[0, 4, 6].tolist() == [0, 0, 255]


@pytest.mark.parametrize(("limits", "red"), [((0.0, 1.0), [1, 0, 0]), ((-1.0, 1.0), [1, -1, -1])])
def test_float_tensor_takes_values_of_the_range(chart: Pixels, limits: tuple[float, float], red: list[float]) -> None:
    tensor = np.empty((1, 8, 8, 3), np.float32)
    write_input(chart, spec(8, 8, range=limits), tensor)
    assert tensor[0, 4, 1].tolist() == pytest.approx(red, abs=1e-6)


def test_int8_tensor_takes_pixels_less_128() -> None:
    frame = np.ascontiguousarray(EVERY_PIXEL.reshape(16, 16, 1).repeat(3, axis=2))
    model = spec(16, 16, dtype="int8", quantization=Quantization(EXACT.scale, -128))
    tensor = np.empty((1, 16, 16, 3), np.int8)
    write_input(frame, model, tensor)
    assert np.array_equal(tensor[0].astype(int), frame.astype(int) - 128)


def test_other_quantization_of_uint8_is_computed() -> None:
    frame = np.full((4, 4, 3), 255, np.uint8)
    tensor = np.empty((1, 4, 4, 3), np.uint8)
    write_input(frame, spec(dtype="uint8", quantization=Quantization(0.02, 50)), tensor)
    assert set(tensor.ravel().tolist()) == {100}  # 1.0 / 0.02 + 50


@pytest.mark.parametrize(
    "sample",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((0, 4, 3), np.uint8),
        np.zeros((4, 4, 3), np.float32),
        np.zeros(3, np.float32),
    ],
    ids=["gray", "alpha", "empty", "float", "numbers"],
)
def test_sample_that_is_no_frame_is_refused(sample: NDArray[np.generic]) -> None:
    with pytest.raises(InputError, match="expected a BGR frame of uint8, received"):
        write_input(sample, spec(), np.empty((1, 4, 4, 3), np.float32))


@pytest.mark.parametrize(
    ("dtype", "quantization", "stored"),
    [
        ("float32", None, [1.5, -2.0]),
        ("int8", Quantization(0.5, 10), [13, 6]),
        ("int8", Quantization(0.01, 0), [127, -128]),
    ],
)
def test_numbers_are_written(dtype: str, quantization: Quantization | None, stored: list[float]) -> None:
    model = NumberInput(2, (-10.0, 10.0), dtype, quantization)
    tensor = np.empty((1, 2), dtype)
    write_input(np.array([1.5, -2.0], np.float32), model, tensor)
    assert tensor[0].tolist() == stored


def test_wrong_count_of_numbers_is_refused() -> None:
    with pytest.raises(InputError, match=r"expected 2 number\(s\), received 3"):
        write_input(np.zeros(3, np.float32), NumberInput(2, (0.0, 1.0)), np.empty((1, 2), np.float32))


@pytest.mark.parametrize(
    ("value_range", "zero_points"),
    [((0.0, 1.0), {0}), ((-1.0, 1.0), {127, 128}), ((0.0, 255.0), {0}), ((-0.5, 1.5), {64})],
)
def test_a_pixel_is_its_stored_value_whichever_zero_point_is_nearest(
    value_range: tuple[float, float], zero_points: set[int]
) -> None:
    spec = ImageInput(height=1, width=256, channels=1, color=Color.GRAY, range=value_range, dtype="uint8")
    scale = float(np.float32((value_range[1] - value_range[0]) / 255))
    found = {zero for zero in range(256) if is_of_pixels(Quantization(scale, zero), spec)}
    assert found == zero_points
    assert not is_of_pixels(Quantization(scale * 1.01, min(zero_points)), spec)
    # Every pixel keeps a value of its own on its way into the tensor.
    frame = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    for zero in zero_points:
        tensor = np.empty((1, *spec.shape), np.uint8)
        write_input(frame, replace(spec, quantization=Quantization(scale, zero)), tensor)
        assert tensor.ravel().tolist() == list(range(256))


# Other tensors


TENSORS = [
    ("float32", None),
    ("uint8", EXACT),
    ("uint8", Quantization(0.02, 50)),
    ("int8", Quantization(EXACT.scale, -128)),
]


@pytest.mark.parametrize(("dtype", "quantization"), TENSORS)
@pytest.mark.parametrize("color", list(Color))
@pytest.mark.parametrize("ranges", [(), ((-2.0, 2.5), (0.0, 1.0), (-1.0, 1.0))], ids=["one", "each"])
def test_tensor_of_planes_holds_what_the_tensor_of_rows_does(
    dtype: str, quantization: Quantization | None, color: Color, ranges: tuple[tuple[float, float], ...]
) -> None:
    frame = np.random.default_rng(3).integers(0, 256, (37, 53, 3), np.uint8)
    channels = 1 if color is Color.GRAY else 3
    model = spec(10, 12, color=color, dtype=dtype, quantization=quantization, channel_ranges=ranges[:channels])
    rows, planes = np.zeros((1, 10, 12, channels), dtype), np.zeros((1, channels, 10, 12), dtype)
    write_input(frame, model, rows)
    write_input(frame, replace(model, layout=Layout.NCHW), planes)
    assert np.array_equal(planes[0], rows[0].transpose(2, 0, 1))
    # And both hold the real values of the pixels, channel by channel.
    pixels = to_pixels(frame, model)
    for channel in range(channels):
        low, high = (ranges or (model.range,) * 3)[channel]
        real = pixels[..., channel] / 255 * (high - low) + low
        found = dequantize(rows[0, ..., channel], quantization)
        if quantization is None:
            assert float(np.abs(found - real).max()) < 1e-6
        else:
            limits = np.iinfo(dtype)
            ends = (np.array([limits.min, limits.max]) - quantization.zero_point) * quantization.scale
            assert float(np.abs(found - np.clip(real, *ends)).max()) <= quantization.scale * 0.501


@pytest.mark.parametrize("layout", list(Layout))
@pytest.mark.parametrize(("dtype", "quantization"), TENSORS)
@pytest.mark.parametrize("color", list(Color))
def test_writer_allocates_nothing_once_it_is_made(
    layout: Layout, dtype: str, quantization: Quantization | None, color: Color
) -> None:
    model = spec(64, 64, color=color, dtype=dtype, quantization=quantization, layout=layout)
    writer, tensor = InputWriter(model), np.zeros((1, *model.tensor_shape), dtype)
    frame = np.zeros((480, 640, 3), np.uint8)
    writer.write(frame, tensor)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        for _ in range(10):
            writer.write(frame, tensor)
        assert tracemalloc.get_traced_memory()[1] - before < 64 * 64  # bytes: the least plane of pixels
    finally:
        tracemalloc.stop()


def test_ranges_of_channels_are_as_many_as_channels() -> None:
    with pytest.raises(ValueError, match="expected 3 ranges of channels, received 1"):
        spec(channel_ranges=((0.0, 1.0),))
    with pytest.raises(ValueError, match="expected a range from low to high"):
        spec(color=Color.GRAY, channel_ranges=((1.0, 0.0),))
