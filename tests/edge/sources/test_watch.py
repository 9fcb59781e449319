from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from edgeproof.edge.preprocess import Pixels
from edgeproof.edge.sources import Frame, Spare
from edgeproof.edge.sources.stillness import StillError, Stillness
from edgeproof.edge.sources.watch import Rhythm, Spell, Watch
from frames import Words

RATE = 20  # frames a second
SHAPE = (480, 640, 3)

BLACK = "warning: camera: its frames are black; its lens is covered, or it is dark there"
FROZEN = "warning: camera: its frames have been the same for 1.5 s; it may be frozen, and starting it anew may help"


def noise(seed: int, level: int = 255) -> Pixels:
    return np.random.default_rng(seed).integers(0, level, SHAPE, np.uint8)


STILL = noise(0)
NIGHT = np.zeros(SHAPE, np.uint8)


class Camera:
    """Gives frames that a function draws, RATE a second of its own clock."""

    live = True

    def __init__(self, draw: Callable[[int], Pixels], rate: float = RATE) -> None:
        self.spares: list[Spare] = []
        self.closed = 0
        self._draw, self._rate = draw, rate
        self._index = 0

    def read(self, spare: Spare = None) -> Frame | None:
        self.spares.append(spare)
        self._index += 1
        return Frame(self._draw(self._index - 1), "camera", self._index - 1, 1000 + (self._index - 1) / self._rate)

    def close(self) -> None:
        self.closed += 1


def watched(words: Words, draw: Callable[[int], Pixels], seconds: float, rate: float = RATE) -> list[str]:
    watch = Watch(Camera(draw, rate), words.console)
    for index in range(int(seconds * rate)):
        frame = watch.read()
        assert frame is not None  # the loop goes on
        assert frame.index == index
    return words.lines


def moments(spell: Spell, happening: Callable[[float], bool], seconds: float) -> Iterator[float]:
    for tick in range(int(seconds * 10)):
        if spell.begins(happening(tick / 10), tick / 10):
            yield tick / 10


def test_spell_begins_once_after_it_has_lasted() -> None:
    assert list(moments(Spell(2.0), lambda now: now >= 1, 30)) == [3.0]


def test_short_spell_is_none() -> None:
    assert list(moments(Spell(2.0), lambda now: now % 3 < 1.5, 30)) == []


def test_spell_begins_again_after_it_was_away_for_as_long() -> None:
    assert list(moments(Spell(2.0), lambda now: not 10 <= now < 13, 30)) == [2.0, 15.0]
    assert list(moments(Spell(2.0), lambda now: not 10 <= now < 11, 30)) == [2.0]


def test_camera_that_works_is_not_spoken_of(words: Words) -> None:
    assert watched(words, noise, 3.0) == []


def test_black_frames_are_told_of_once(words: Words) -> None:
    assert watched(words, lambda index: noise(index, 10), 6.0) == [BLACK]  # a covered lens still gives noise


def test_black_frames_of_a_dead_sensor_are_told_of_as_black(words: Words) -> None:
    assert watched(words, lambda _: NIGHT, 6.0) == [BLACK]


def test_black_for_a_moment_is_not_told_of(words: Words) -> None:
    assert watched(words, lambda index: NIGHT if index < 1.3 * RATE else noise(index), 4.0) == []


def test_dark_room_with_something_in_it_is_not_black(words: Words) -> None:
    assert watched(words, lambda index: noise(index, 40), 3.0) == []


def test_frozen_frames_are_told_of_once(words: Words) -> None:
    assert watched(words, lambda _: STILL, 8.0) == [FROZEN]


def test_frozen_snapshots_are_told_of(words: Words) -> None:
    assert watched(words, lambda _: STILL, 8.0, rate=2) == [FROZEN]


def test_each_spell_is_told_of(words: Words) -> None:
    assert watched(words, lambda index: noise(index) if 5 <= index / RATE < 9 else STILL, 13.0) == [FROZEN, FROZEN]


def test_scene_without_motion_is_not_frozen(words: Words) -> None:
    """A sensor's noise is enough to tell: one of the pixels that are looked at differs by one."""

    def trembling(index: int) -> Pixels:
        image = STILL.copy()
        image[160, 320] ^= 1 + index % 2
        return image

    lines = watched(words, trembling, 4.0, rate=5)
    assert lines == []


def test_change_of_size_is_told_of_each_time(words: Words) -> None:
    def changing(index: int) -> Pixels:
        return noise(index)[:240, :320] if 10 <= index < 20 else noise(index)

    assert watched(words, changing, 2.0) == [
        "warning: camera: frames are 320x240 now, no more 640x480",
        "warning: camera: frames are 640x480 now, no more 320x240",
    ]


def test_smallest_picture_can_be_watched(words: Words) -> None:
    assert watched(words, lambda _: np.full((1, 1, 3), 99, np.uint8), 3.0) == [FROZEN]


def test_spare_and_close_reach_through(words: Words) -> None:
    camera = Camera(lambda _: STILL)
    watch = Watch(camera, words.console)
    assert watch.live
    watch.read(NIGHT)
    assert camera.spares[0] is NIGHT
    watch.close()
    assert camera.closed == 1


@pytest.mark.parametrize("image", [STILL, NIGHT], ids=["still", "night"])
def test_looking_takes_no_memory_of_a_frames_size(words: Words, image: Pixels) -> None:
    watch = Watch(Camera(lambda _: image), words.console)
    watch.read()
    tracemalloc.start()
    try:
        for _ in range(5 * RATE):
            watch.read()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < image.nbytes / 10


def test_late_frames_are_told_of_once_per_spell() -> None:
    rhythm = Rhythm()
    late = []
    now = 100.0
    for index in range(400):
        now += 3.2 if 50 <= index < 60 or index in (70, 250) else 1 / 20
        if rhythm.begins_to_lag(now):
            late.append(index)
    # 70 comes half a second after the spell before it.
    assert late == [50, 250]


def test_usual_pace_is_known_soon_after_a_slow_beginning() -> None:
    rhythm = Rhythm()
    rhythm.begins_to_lag(100.0)
    assert not any(rhythm.begins_to_lag(102 + index / 15) for index in range(10))
    assert rhythm.begins_to_lag(102 + 9 / 15 + 1.3)


def test_camera_that_is_slow_by_nature_is_not_late() -> None:
    rhythm = Rhythm()
    assert not any(rhythm.begins_to_lag(100 + 1.5 * index) for index in range(50))


def still(words: Words, draw: Callable[[int], Pixels], stillness: Stillness) -> float:
    """Read until the picture stood still for too long; gives the seconds of the source's own clock."""
    watch = Watch(Camera(draw), words.console, stillness)
    frames: list[Frame | None] = []
    with pytest.raises(StillError):
        frames.extend(iter(watch.read, None))
    return len(frames) / RATE


def test_picture_that_stands_still_is_a_failure_to_somebody_who_can_open_it_again(words: Words) -> None:
    stillness = Stillness(1.5)
    assert still(words, lambda index: noise(min(index, 40)), stillness) == pytest.approx(2 + 1.5, abs=0.25)
    assert words.lines == []


def test_scene_that_stands_still_is_looked_at_less_and_less_often(words: Words) -> None:
    stillness = Stillness(1.5)
    lasted = [still(words, lambda _: STILL, stillness) for _ in range(4)]
    assert lasted == pytest.approx([1.5, 3, 6, 12], abs=0.25)
    assert stillness.is_usual


def test_picture_that_is_another_one_afterwards_was_frozen(words: Words) -> None:
    stillness = Stillness(1.5)
    for seed in range(4):
        assert still(words, lambda _, seed=seed: noise(seed), stillness) == pytest.approx(1.5, abs=0.25)  # type: ignore[misc]
    assert not stillness.is_usual


def test_camera_that_works_is_never_still(words: Words) -> None:
    watch = Watch(Camera(noise), words.console, Stillness(0.5))
    assert all(watch.read() is not None for _ in range(60))
