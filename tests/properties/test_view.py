"""Regions of interest, turned and mirrored, against numpy's own slices and turns."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgeproof.edge import arguments
from edgeproof.edge.errors import InputError
from edgeproof.edge.preprocess import Pixels
from edgeproof.edge.sources import Frame, Roi, SourceOptions, Spare
from edgeproof.edge.sources.memory import copied
from edgeproof.edge.sources.view import View, cut
from generated import frames

turns = st.sampled_from((0, 90, 180, 270))


class Shown:
    """A source of given frames, which writes into the memory that it gets back."""

    live = False

    def __init__(self, images: Sequence[Pixels]) -> None:
        self._left = list(images)

    def read(self, spare: Spare = None) -> Frame | None:
        return Frame(copied(self._left.pop(0), spare), "shown", 0, 0.0) if self._left else None

    def close(self) -> None:
        self._left = []


def viewed(images: Sequence[Pixels], options: SourceOptions) -> list[Pixels]:
    """Read frames as the loop does: one is answered while the next is read, and its image is given back after that."""
    view, seen = View(Shown(images), options), []
    spare: Spare = None
    held: Spare = None
    while (frame := view.read(spare)) is not None:
        if held is not None:
            seen.append(held.copy())
        spare, held = held, frame.image
    return seen if held is None else [*seen, held]  # type: ignore[list-item]  # uint8, as what was shown


def by_numpy(image: Pixels, roi: Roi | None, rotate: int, mirror: bool) -> Pixels:
    """Cut, then turn clockwise, then swap left and right."""
    if roi is not None:
        image = image[roi.y : roi.y + roi.height, roi.x : roi.x + roi.width]
    image = np.rot90(image, -rotate // 90)
    return image[:, ::-1] if mirror else image


@st.composite
def regions(draw: st.DrawFn, height: int, width: int) -> Roi:
    x, y = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
    return Roi(x, y, draw(st.integers(1, width - x)), draw(st.integers(1, height - y)))


@given(st.data(), st.lists(frames(), min_size=1, max_size=4), turns, st.booleans())
def test_frames_of_any_size_are_cut_turned_and_mirrored(
    data: st.DataObject, shown: list[Pixels], rotate: int, mirror: bool
) -> None:
    smallest = min(image.shape[0] for image in shown), min(image.shape[1] for image in shown)
    roi = data.draw(st.none() | regions(*smallest))
    seen = viewed(shown, SourceOptions(roi=roi, rotate=rotate, mirror=mirror))
    assert len(seen) == len(shown)
    for image, before in zip(seen, shown, strict=True):
        assert np.array_equal(image, by_numpy(before, roi, rotate, mirror))


@given(frames(), turns, turns)
def test_turns_add_up(image: Pixels, first: int, second: int) -> None:
    (once,) = viewed([image], SourceOptions(rotate=first))
    (twice,) = viewed([once], SourceOptions(rotate=second))
    (together,) = viewed([image], SourceOptions(rotate=(first + second) % 360))
    assert np.array_equal(twice, together)


@given(frames(), turns)
def test_view_that_is_mirrored_is_its_own_inverse(image: Pixels, rotate: int) -> None:
    """A turn and a mirror together are a reflection, which undoes itself; for 0 and 180 degrees and for the others."""
    how = SourceOptions(rotate=rotate, mirror=True)
    (once,) = viewed([image], how)
    (twice,) = viewed([np.ascontiguousarray(once)], how)
    assert np.array_equal(twice, image)


@given(frames(5), st.integers(0, 5), st.integers(0, 5), st.integers(1, 6), st.integers(1, 6))
def test_region_is_refused_exactly_where_it_is_not_inside(
    image: Pixels, x: int, y: int, width: int, height: int
) -> None:
    inside = set(range(x, x + width)) <= set(range(image.shape[1])) and y + height <= image.shape[0]
    if inside:
        assert np.array_equal(cut(image, Roi(x, y, width, height)), image[y : y + height, x : x + width])
    else:
        with pytest.raises(InputError, match="expected a region inside of the frame"):
            cut(image, Roi(x, y, width, height))


@given(st.data())
def test_region_is_read_as_it_is_written(data: st.DataObject) -> None:
    roi = data.draw(regions(4000, 8000))
    assert Roi(*arguments.roi(str(roi))) == roi


few = st.lists(st.sampled_from((-1, 0, 1, 8192, 8193)), min_size=4, max_size=4)


@settings(max_examples=150)
@given(few.map(lambda numbers: ",".join(map(str, numbers))) | st.text(alphabet="01,- .ex_٣", max_size=12))
def test_any_other_text_is_refused_as_one_that_is_no_region(text: str) -> None:
    try:
        x, y, width, height = arguments.roi(text)
    except argparse.ArgumentTypeError as error:
        assert "expected X,Y,WIDTH,HEIGHT" in str(error)  # noqa: PT017 - it need not be raised
    else:
        assert x >= 0
        assert y >= 0
        assert 0 < width <= 8192
        assert 0 < height <= 8192
