from __future__ import annotations

import numpy as np
import pytest

from edgeproof.edge.contract import Color, ImageInput, Layout, Quantization
from edgeproof.edge.errors import InputError
from edgeproof.edge.foreign.description import Assumption, Description
from edgeproof.edge.foreign.tensors import fixed_shape, image_input
from edgeproof.edge.interpreters import TensorInfo
from edgeproof.edge.modelfile.metadata import Metadata
from edgeproof.edge.preprocess import InputWriter, Pixels

NOTHING = Description()
EVERY: Pixels = np.repeat(np.arange(256, dtype=np.uint8).reshape(16, 16, 1), 3, axis=2)


def tensor(
    shape: tuple[int | None, ...] = (1, 16, 16, 3), dtype: str = "float32", quantization: Quantization | None = None
) -> TensorInfo:
    return TensorInfo("input", shape, dtype, quantization)


def written(spec: ImageInput) -> np.ndarray[tuple[int, ...], np.dtype[np.generic]]:
    """What the tensor holds of a picture with every value of a pixel, in one channel: (256,)."""
    filled = np.zeros((1, *spec.tensor_shape), spec.dtype)
    InputWriter(spec).write(EVERY, filled)
    return (filled[0, 0] if spec.layout is Layout.NCHW else filled[0, ..., 0]).reshape(-1)


@pytest.mark.parametrize(
    ("shape", "layout", "size", "fixed"),
    [
        ((1, 24, 20, 3), None, None, (1, 24, 20, 3)),
        ((None, 24, 20, 1), None, None, (1, 24, 20, 1)),
        ((1, 3, 24, 20), None, None, (1, 3, 24, 20)),
        ((None, 3, None, None), None, (24, 20), (1, 3, 24, 20)),
        ((None, None, 20, 3), None, (24, 20), (1, 24, 20, 3)),
        ((1, 3, 20, 3), "nhwc", None, (1, 3, 20, 3)),
        ((1, 3, 20, 3), "nchw", None, (1, 3, 20, 3)),
        ((1, 24, 20, 3), None, (24, 20), (1, 24, 20, 3)),
    ],
)
def test_shape_of_one_picture_is_found(
    shape: tuple[int | None, ...], layout: str | None, size: tuple[int, int] | None, fixed: tuple[int, ...]
) -> None:
    assert fixed_shape(tensor(shape), Description(layout=layout, size=size)) == fixed


@pytest.mark.parametrize(
    ("shape", "said", "message"),
    [
        ((1, 24, 20, 3), Description(size=(20, 24)), "expected --size 24x20, as the file takes it, received 20x24"),
        ((1, None, 20, 3), Description(size=(8, 8)), "expected --size …x20, as the file takes it, received 8x8"),
        ((1, None, None, 3), Description(size=(9000, 8)), "expected a size of up to 8192 pixels each way"),
        ((1, 24, 20, 3), Description(layout="nchw"), r"shape \(1, 1 or 3, height, width\), received \(1, 24, 20, 3\)"),
        ((1, 24, 20, 3), Description(layout="hwc"), "expected a layout of nhwc, nchw, received 'hwc'"),
        ((4, 24, 20, 3), NOTHING, "expected an input of shape"),
    ],
)
def test_shape_that_is_not_as_it_is_said_is_refused(
    shape: tuple[int | None, ...], said: Description, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        fixed_shape(tensor(shape), said)


@pytest.mark.parametrize(
    "quantization", [None, *(Quantization(s, z) for s, z in [(1 / 255, 0), (0.0187, 114), (1, 3)])]
)
def test_pixel_is_the_byte_that_is_stored(quantization: Quantization | None) -> None:
    spec, _ = image_input(tensor(dtype="uint8", quantization=quantization), NOTHING, None)
    assert written(spec).tolist() == list(range(256))


@pytest.mark.parametrize(
    "quantization", [None, *(Quantization(s, z) for s, z in [(1 / 255, -128), (0.0187, -14), (1 / 127.5, -1)])]
)
@pytest.mark.parametrize("shape", [(1, 16, 16, 3), (1, 3, 16, 16)])
def test_signed_byte_is_the_pixel_less_128(quantization: Quantization | None, shape: tuple[int, ...]) -> None:
    spec, _ = image_input(tensor(shape, "int8", quantization), NOTHING, Metadata(mean=(1.0,), std=(2.0,)))
    assert written(spec).tolist() == list(range(-128, 128))


@pytest.mark.parametrize(
    ("quantization", "assumed"),
    [
        (Quantization(1 / 255, 0), []),
        (Quantization(1 / 127.5, 127), []),
        (Quantization(1.0, 0), []),
        (Quantization(0.0187, 114), [Assumption("range", "-2.132..2.637", "pixels as they are, uint8")]),
    ],
)
def test_unusual_range_of_bytes_is_told(quantization: Quantization, assumed: list[Assumption]) -> None:
    _, found = image_input(tensor(dtype="uint8", quantization=quantization), Description(color="rgb"), None)
    assert found == assumed


def test_said_range_of_a_quantized_input_is_quantized() -> None:
    quantization = Quantization(0.02, 100)
    spec, assumed = image_input(tensor(dtype="uint8", quantization=quantization), Description(range="-1..1"), None)
    assert [each.argument for each in assumed] == ["color"]
    assert written(spec)[[0, 255]].tolist() == [50, 150]  # −1 / 0.02 + 100, 1 / 0.02 + 100


@pytest.mark.parametrize(
    "numbers", [("0.485,0.456,0.406", "0.229,0.224,0.225"), ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])]
)
def test_mean_and_std_are_of_the_channels_in_their_order(numbers: tuple[str, str]) -> None:
    said = Description(mean=numbers[0], std=numbers[1], color="bgr")
    spec, assumed = image_input(tensor((1, 3, 16, 16)), said, Metadata(mean=(1.0,), std=(2.0,)))
    assert assumed == []
    filled = np.zeros((1, 3, 16, 16), np.float32)
    InputWriter(spec).write(np.full((16, 16, 3), (255, 0, 51), np.uint8), filled)
    assert filled[0, :, 0, 0].tolist() == pytest.approx(
        [(1 - 0.485) / 0.229, -0.456 / 0.224, (0.2 - 0.406) / 0.225], abs=1e-5
    )
    assert spec.range == pytest.approx((-0.485 / 0.229, (1 - 0.406) / 0.225))


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (Description(mean="0.5"), "expected --range, or --mean and --std, received --mean"),
        (Description(std="0.5", labels="a,b"), "expected --range, or --mean and --std, received --std"),
        (Description(mean="0.5", std="0.5", range="0..1"), "received --range, --mean, --std"),
        (Description(color="hsv"), "expected a color of rgb, bgr, gray, received 'hsv'"),
        (Description(resize="squash"), "expected a resize of stretch, center-crop, received 'squash'"),
    ],
)
def test_what_contradicts_itself_is_refused(said: Description, message: str) -> None:
    with pytest.raises(InputError, match=message):
        image_input(tensor(), said, None)


def test_bytes_without_quantization_take_no_mean_of_channels() -> None:
    said = Description(mean="0.4,0.5,0.6", std="0.2")
    with pytest.raises(InputError, match="expected no --mean and --std, as an input of uint8 takes pixels as they are"):
        image_input(tensor(dtype="uint8"), said, None)


def test_gray_is_told_by_one_channel() -> None:
    spec, assumed = image_input(tensor((1, 16, 16, 1)), Description(range=(0, 1)), Metadata(color=Color.RGB))
    assert (spec.color, spec.channels, assumed) == (Color.GRAY, 1, [])
