from __future__ import annotations

import cv2
import numpy as np
import pytest

from edgeproof.edge.errors import InputError
from edgeproof.edge.hands import hand_pictures
from edgeproof.train.data.hands import open_hands


@pytest.mark.parametrize("threads", [1, 3])
def test_they_are_the_generators_own_whatever_the_threads(threads: int) -> None:
    pictures = list(open_hands("hands:10", 5, threads).sides["train"].pictures())
    for picture, (label, pixels) in zip(pictures, hand_pictures(10, 5), strict=True):
        decoded = cv2.imdecode(np.frombuffer(picture.data, np.uint8), cv2.IMREAD_COLOR)
        assert decoded is not None
        assert picture.label == label
        assert (decoded == pixels).all()


def test_another_seed_is_another_source() -> None:
    assert open_hands("hands:10", 5).digest != open_hands("hands:10", 6).digest


@pytest.mark.parametrize("name", ["hands:", "hands:0", "hands:-3", "hands:1e3", "hands:٣", "hands:9999999999"])
def test_what_is_no_number_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="expected hands: with a number of pictures"):
        open_hands(name, 0)
