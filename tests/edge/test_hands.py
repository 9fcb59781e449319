from __future__ import annotations

from dataclasses import replace
from itertools import islice, pairwise

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from edgeproof.edge.hands import LABELS, Hand, draw_hand, hand_mask, hand_pictures, moved, sample_hand
from edgeproof.edge.hands.placement import Placement
from edgeproof.edge.hands.pose import BACK

HEIGHT, WIDTH = 240, 320
SAMPLES = 24


def hands(label: str, count: int = SAMPLES, seed: int = 7) -> list[Hand]:
    rng = np.random.default_rng(seed)
    return [sample_hand(label, rng) for _ in range(count)]


def upright(hand: Hand) -> Hand:
    """Lay a hand flat and whole in the middle, seen from the back, its fingers to the right."""
    place = Placement(x=0.5, y=0.5, size=0.8, rotation=0.0, mirror=False, squeeze=(1.0, 1.0), shear=0.0)
    return replace(hand, place=place, pose=replace(hand.pose, view=BACK))


def silhouette(hand: Hand) -> NDArray[np.uint8]:
    mask = hand_mask(upright(hand), HEIGHT, WIDTH, arm=False)
    return np.where(mask > 127, 255, 0).astype(np.uint8)


def outline(mask: NDArray[np.uint8]) -> NDArray[np.int32]:
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return np.asarray(max(contours, key=cv2.contourArea), np.int32)


def solidity(mask: NDArray[np.uint8]) -> float:
    contour = outline(mask)
    return cv2.contourArea(contour) / cv2.contourArea(cv2.convexHull(contour))


def elongation(mask: NDArray[np.uint8]) -> float:
    rows, columns = mask.any(axis=1).sum(), mask.any(axis=0).sum()
    return float(columns / rows)


def deep_gaps(mask: NDArray[np.uint8]) -> int:
    """Count the gaps that reach from the convex hull a tenth of the hand's length into it."""
    contour = outline(mask)
    defects = cv2.convexityDefects(contour, cv2.convexHull(contour, returnPoints=False))
    depth = 0.1 * 0.8 * HEIGHT
    return 0 if defects is None else int((defects.reshape(-1, 4)[:, 3] / 256 > depth).sum())


def fingers_crossed(mask: NDArray[np.uint8], share: float) -> int:
    """Count the stretches of hand met across it, at a share of its length from the wrist."""
    columns = np.flatnonzero(mask.any(axis=0))
    line = mask[:, int(columns[0] + share * (columns[-1] - columns[0]))] > 0
    return int((np.diff(line.astype(int), prepend=0) == 1).sum())


def test_seed_decides_the_pictures() -> None:
    first, same, other = ([picture for _, picture in hand_pictures(6, seed)] for seed in (1, 1, 2))
    assert np.array_equal(first, same)
    assert not any(np.array_equal(one, another) for one, another in zip(first, other, strict=True))


@pytest.mark.parametrize(("height", "width"), [(240, 320), (97, 61), (1, 1)])
def test_pictures_have_the_size_asked_for(height: int, width: int) -> None:
    for _, picture in hand_pictures(6, 3, height, width):
        assert picture.shape == (height, width, 3)
        assert picture.dtype == np.uint8
        assert picture.flags.c_contiguous


def test_labels_are_in_rotation() -> None:
    labels = [label for label, _ in hand_pictures(9, 0, 16, 16)]
    assert labels == list(LABELS) * 3


def test_longer_run_begins_with_the_shorter_one() -> None:
    short = hand_pictures(4, 11, 60, 80)
    long = islice(hand_pictures(40, 11, 60, 80), 4)
    for (label, picture), (other_label, other) in zip(short, long, strict=True):
        assert label == other_label
        assert np.array_equal(picture, other)


def test_pictures_are_drawn_one_at_a_time() -> None:
    assert next(hand_pictures(10**9, 0, 16, 16))[0] == LABELS[0]
    assert list(hand_pictures(0, 0)) == []


@pytest.mark.parametrize("label", LABELS)
def test_hand_covers_a_plausible_share_of_the_frame(label: str) -> None:
    shares = [float((hand_mask(hand, HEIGHT, WIDTH, arm=False) > 127).mean()) for hand in hands(label, 60)]
    assert min(shares) > 0.02
    assert max(shares) < 0.7
    assert 0.06 < float(np.median(shares)) < 0.4


@pytest.mark.parametrize("label", LABELS)
def test_forearm_comes_in_from_the_border(label: str) -> None:
    for hand in hands(label):
        mask = hand_mask(hand, HEIGHT, WIDTH) > 127
        assert mask[0].any() or mask[-1].any() or mask[:, 0].any() or mask[:, -1].any()


@pytest.mark.parametrize("label", LABELS)
def test_hand_stands_out_from_the_background(label: str) -> None:
    for hand in hands(label, 12):
        mask = hand_mask(hand, HEIGHT, WIDTH)
        picture = draw_hand(hand, HEIGHT, WIDTH).astype(np.float64)
        inside, beside = picture[mask == 255].mean(axis=0), picture[mask == 0].mean(axis=0)
        assert float(np.abs(inside - beside).max()) > 4


def test_fists_are_compact_and_hands_and_scissors_are_long() -> None:
    shapes = {label: [silhouette(hand) for hand in hands(label)] for label in LABELS}
    assert min(solidity(mask) for mask in shapes["rock"]) > 0.9
    assert max(solidity(mask) for mask in shapes["scissors"]) < 0.9
    rocks = max(elongation(mask) for mask in shapes["rock"])
    assert rocks < float(np.median([elongation(mask) for mask in shapes["paper"]]))
    assert rocks < float(np.median([elongation(mask) for mask in shapes["scissors"]]))


def test_scissors_show_two_fingers_and_a_spread_hand_shows_four() -> None:
    for hand in hands("scissors"):
        mask = silhouette(hand)
        assert fingers_crossed(mask, 0.88) == 2
        assert 1 <= deep_gaps(mask) <= 3
    for hand in hands("paper"):
        splay, none, full = (60.0, 19.0, 6.0, -9.0, -26.0), (0.0,) * 5, (1.0,) * 5
        splayed = replace(hand, pose=replace(hand.pose, splay=splay, bend=none, reach=full, girth=1.0))
        assert fingers_crossed(silhouette(splayed), 0.76) == 4
        assert deep_gaps(silhouette(splayed)) >= 3
    assert all(deep_gaps(silhouette(hand)) == 0 for hand in hands("rock"))


def test_mirror_flips_the_silhouette() -> None:
    for hand in hands("paper", 4):
        right = upright(hand)
        left = replace(right, place=replace(right.place, mirror=True))
        flipped = hand_mask(left, HEIGHT, WIDTH)[::-1]
        differs = (hand_mask(right, HEIGHT, WIDTH) > 127) ^ (flipped > 127)
        # One row lies on the axis, so flipping the even picture moves the outline by a pixel.
        assert float(differs.mean()) < 0.02


def test_half_a_turn_turns_the_silhouette() -> None:
    hand = upright(hands("scissors", 1)[0])
    turned = replace(hand, place=replace(hand.place, rotation=180.0))
    back = hand_mask(turned, HEIGHT, WIDTH)[::-1, ::-1]
    assert float(((hand_mask(hand, HEIGHT, WIDTH) > 127) ^ (back > 127)).mean()) < 0.02


def test_sleeve_hides_the_skin_of_the_arm() -> None:
    hand = upright(hands("rock", 1)[0])
    bare, dressed = (replace(hand, pose=replace(hand.pose, sleeve=sleeve)) for sleeve in (-1.0, 0.1))
    blue = replace(dressed, cloth=(250.0, 0.0, 0.0), camera=replace(dressed.camera, gain=1.0, gamma=1.0, noise=0.0))
    arm = (hand_mask(bare, HEIGHT, WIDTH) > 250) & (np.arange(WIDTH) < 30)
    colour = draw_hand(blue, HEIGHT, WIDTH)[arm].mean(axis=0)
    assert colour[0] > 3 * colour[2]


def test_sensor_noise_varies_with_its_seed_only_where_asked() -> None:
    hand = hands("paper", 1)[0]
    noisy = replace(hand, camera=replace(hand.camera, noise=5.0))
    quiet = replace(hand, camera=replace(hand.camera, noise=0.0))
    for changed, same in ((noisy, False), (quiet, True)):
        other = replace(changed, noise_seed=changed.noise_seed + 1)
        assert np.array_equal(draw_hand(changed), draw_hand(other)) == same


def test_moved_hand_drifts_smoothly_and_comes_back() -> None:
    hand = hands("scissors", 1)[0]
    assert moved(hand, 0.0) == hand
    assert moved(hand, 2.0) == hand
    assert moved(hand, 1.25) == moved(hand, 0.25)
    clip = [moved(hand, frame / 50).place for frame in range(51)]
    steps = [(abs(b.x - a.x), abs(b.y - a.y), abs(b.rotation - a.rotation)) for a, b in pairwise(clip)]
    assert max(dx for dx, _, _ in steps) < 0.01
    assert max(dy for _, dy, _ in steps) < 0.01
    assert max(turn for _, _, turn in steps) < 3
    assert max(place.x for place in clip) - min(place.x for place in clip) > 0.05


def test_moved_hand_keeps_the_background() -> None:
    hand = hands("rock", 1)[0]
    still = replace(hand, camera=replace(hand.camera, noise=0.0), scene=replace(hand.scene, shadow=0.0))
    after = moved(still, 0.2)
    far = cv2.dilate(hand_mask(still) | hand_mask(after), np.ones((41, 41), np.uint8)) == 0
    assert far.any()
    assert np.array_equal(draw_hand(still)[far], draw_hand(after)[far])


def test_unknown_label_is_refused() -> None:
    with pytest.raises(ValueError, match=r"expected a label of .*, received 'Rock'"):
        sample_hand("Rock", np.random.default_rng(0))
    with pytest.raises(ValueError, match=r"expected a label of .*, received 'Rock'"):
        draw_hand(replace(hands("rock", 1)[0], label="Rock"))


@pytest.mark.parametrize(("height", "width"), [(0, 320), (240, -3)])
def test_empty_size_is_refused(height: int, width: int) -> None:
    hand = hands("rock", 1)[0]
    message = f"expected a positive height and width, received {height} and {width}"
    with pytest.raises(ValueError, match=message):
        draw_hand(hand, height, width)
    with pytest.raises(ValueError, match=message):
        hand_mask(hand, height, width)
    with pytest.raises(ValueError, match=message):
        hand_pictures(3, 0, height, width)


def test_negative_count_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a count of at least 0, received -1"):
        hand_pictures(-1, 0)
