from __future__ import annotations

import cv2
import numpy as np
import pytest

from edgeproof.edge.preprocess import Pixels
from edgeproof.edge.sources.encoded import decoded
from frames import is_chart, jpeg


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".bmp"])
def test_picture_is_decoded_to_bgr(chart: Pixels, suffix: str) -> None:
    image = decoded(cv2.imencode(suffix, chart)[1].tobytes(), "camera")
    assert image is not None
    assert is_chart(image)


@pytest.mark.parametrize("padding", [0, 1, 4000])
def test_padding_behind_the_end_is_no_damage(chart: Pixels, padding: int) -> None:
    image = decoded(jpeg(chart) + bytes(padding), "camera")
    assert image is not None
    assert is_chart(image)


def test_jpeg_that_is_cut_off_is_damaged_wherever(capfd: pytest.CaptureFixture[str]) -> None:
    data = jpeg(np.random.default_rng(0).integers(0, 255, (48, 64, 3), np.uint8))
    assert all(decoded(data[:length], "camera") is None for length in range(len(data) - 1))
    assert capfd.readouterr() == ("", "")  # the decoders were not even asked


@pytest.mark.parametrize("data", [b"", b"\xff\xd8\xff\xd9", b"\xff\xd8" + bytes(300) + b"\xff\xd9", b"no picture"])
def test_what_is_no_picture_is_damaged(data: bytes) -> None:
    assert decoded(data, "camera") is None
