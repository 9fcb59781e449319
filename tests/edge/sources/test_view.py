from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from edgeproof.edge.errors import InputError
from edgeproof.edge.newest import NewestFrame
from edgeproof.edge.preprocess import Pixels
from edgeproof.edge.sources import Frame, Roi, SourceOptions, Spare
from edgeproof.edge.sources.view import View, cut

HEIGHT, WIDTH = 6, 8
TURNS = [SourceOptions(rotate=turn, mirror=mirror) for turn in (0, 90, 180, 270) for mirror in (False, True)][1:]


def numbered(index: int, height: int = HEIGHT, width: int = WIDTH) -> Pixels:
    """A picture in which every value is another one, and every picture too."""
    return (np.arange(height * width * 3).reshape(height, width, 3) + 7 * index).astype(np.uint8)


class Numbered:
    """A source that writes into the spare image it is given, as a camera does, and notes it."""

    live = False

    def __init__(self, count: int = 9, height: int = HEIGHT, width: int = WIDTH) -> None:
        self.spares: list[Spare] = []
        self.given: list[Pixels] = []
        self.closed = 0
        self.shape = (height, width, 3)
        self._count = count

    def read(self, spare: Spare = None) -> Frame | None:
        self.spares.append(spare)
        index = len(self.given)
        if index == self._count:
            return None
        image = np.empty(self.shape, np.uint8)
        if spare is not None and spare.shape == self.shape:
            image = spare  # type: ignore[assignment]
        image[:] = numbered(index, *self.shape[:2])
        self.given.append(image)
        return Frame(image, "numbers", index, 5.0 + index)

    def close(self) -> None:
        self.closed += 1


def expected(image: Pixels, options: SourceOptions) -> Pixels:
    """The same by numpy: np.rot90 turns counter-clockwise."""
    if options.roi:
        image = image[options.roi.y :, options.roi.x :][: options.roi.height, : options.roi.width]
    image = np.rot90(image, -options.rotate // 90)
    return image[:, ::-1] if options.mirror else image


# Geometry


def test_region_is_cut_by_columns_and_rows() -> None:
    image = numbered(0)
    part = cut(image, Roi(x=1, y=2, width=5, height=3))
    assert part.shape == (3, 5, 3)
    assert part[0, 0].tolist() == image[2, 1].tolist()
    assert part[2, 4].tolist() == image[4, 5].tolist()
    assert np.shares_memory(part, image)


@pytest.mark.parametrize("roi", [Roi(0, 0, WIDTH, HEIGHT), Roi(WIDTH - 1, HEIGHT - 1, 1, 1)])
def test_region_may_reach_the_edges(roi: Roi) -> None:
    assert cut(numbered(0), roi).shape == (roi.height, roi.width, 3)


@pytest.mark.parametrize(
    "roi", [Roi(0, 0, WIDTH + 1, 1), Roi(0, 0, 1, HEIGHT + 1), Roi(WIDTH, 0, 1, 1), Roi(5, 4, 4, 2)]
)
def test_region_outside_of_the_frame_is_one_clear_line(roi: Roi) -> None:
    with pytest.raises(InputError, match=rf"a region inside of the frame of 8x6 pixels, received --roi {roi}; X \+ "):
        cut(numbered(0), roi)


def test_turning_is_clockwise_and_mirroring_swaps_left_and_right() -> None:
    """By hand: the pixel in the upper left corner goes to the upper right one, and back to the left when mirrored."""
    corner = numbered(0)[0, 0].tolist()
    turned = View(Numbered(), SourceOptions(rotate=90)).read()
    mirrored = View(Numbered(), SourceOptions(rotate=90, mirror=True)).read()
    assert turned is not None
    assert mirrored is not None
    assert turned.image.shape == (WIDTH, HEIGHT, 3)
    assert turned.image[0, -1].tolist() == corner
    assert mirrored.image[0, 0].tolist() == corner


@pytest.mark.parametrize("roi", [None, Roi(1, 2, 5, 3)])
@pytest.mark.parametrize("options", TURNS, ids=str)
def test_region_comes_first_then_turning_then_mirroring(options: SourceOptions, roi: Roi | None) -> None:
    options = SourceOptions(roi=roi, rotate=options.rotate, mirror=options.mirror)
    source = Numbered()
    view = View(source, options)
    spare = None
    for index in range(5):
        frame = view.read(spare)
        assert frame is not None
        assert np.array_equal(frame.image, expected(numbered(index), options))
        assert (frame.source, frame.index, frame.captured) == ("numbers", index, 5.0 + index)
        spare = frame.image


def test_region_outside_is_told_also_when_the_camera_changes_its_size() -> None:
    source = Numbered()
    view = View(source, SourceOptions(roi=Roi(2, 2, 6, 4)))
    assert view.read() is not None
    source.shape = (3, 4, 3)
    with pytest.raises(InputError, match="inside of the frame of 4x3 pixels, received --roi 2,2,6,4"):
        view.read()


@pytest.mark.parametrize("options", [SourceOptions(rotate=90, mirror=True), SourceOptions(mirror=True)], ids=str)
def test_turning_goes_on_when_the_camera_changes_its_size(options: SourceOptions) -> None:
    source = Numbered()
    view = View(source, options)
    first = view.read()
    assert first is not None
    source.shape = (3, 5, 3)
    second = view.read(first.image)
    assert second is not None
    assert np.array_equal(second.image, expected(numbered(1, 3, 5), options))


def test_end_and_close_reach_through() -> None:
    source = Numbered(1)
    view = View(source, SourceOptions(mirror=True))
    view.read()
    assert view.read() is None
    view.close()
    assert source.closed == 1


# Memory


def addresses(images: list[Pixels]) -> set[int]:
    return {image.__array_interface__["data"][0] for image in images}


def test_region_gives_the_whole_image_back_to_the_source() -> None:
    source = Numbered()
    view = View(source, SourceOptions(roi=Roi(1, 2, 5, 3)))
    spare = None
    for _ in range(6):
        frame = view.read(spare)
        assert frame is not None
        spare = frame.image
    assert source.spares[0] is None
    assert all(spare is source.given[0] for spare in source.spares[1:])
    assert len(addresses(source.given)) == 1


@pytest.mark.parametrize("options", TURNS, ids=str)
def test_turned_image_and_the_sources_own_are_both_used_again(options: SourceOptions) -> None:
    source = Numbered()
    view = View(source, options)
    spare, images = None, []
    for _ in range(6):
        frame = view.read(spare)
        assert frame is not None
        spare = frame.image
        images.append(frame.image)
    assert len(addresses(source.given)) == 1
    assert len(addresses(images)) == 1
    assert not np.shares_memory(images[0], source.given[0])


@pytest.mark.parametrize("options", [*TURNS, SourceOptions(roi=Roi(1, 2, 5, 3)), SourceOptions()], ids=str)
def test_frame_in_use_is_never_written_over(options: SourceOptions) -> None:
    """Only what is given back may be used: here each image comes back two frames late."""
    view = View(Numbered(), options)
    held: list[Frame] = []
    for index in range(9):
        back = held.pop(0).image if len(held) == 3 else None
        frame = view.read(back)
        assert frame is not None
        held.append(frame)
        for late, kept in enumerate(reversed(held)):
            assert np.array_equal(kept.image, expected(numbered(index - late), options))
        for one, other in pairwise(held):
            assert not np.shares_memory(one.image, other.image)


class Endless(Numbered):
    """A camera that goes on by itself."""

    live = True


@pytest.mark.parametrize("options", [*TURNS, SourceOptions(roi=Roi(1, 2, 5, 3))], ids=str)
def test_frames_stay_whole_behind_a_thread_that_reads_on(options: SourceOptions) -> None:
    source = Endless(3000)
    frames = NewestFrame(View(source, options))
    last = -1
    while (frame := frames.read()) is not None:
        assert frame.index > last
        last = frame.index
        assert np.array_equal(frame.image, expected(numbered(last), options))
    frames.close()
    assert last == 2999
    assert len(addresses(source.given)) <= 4  # what goes round, and the one in hand
