"""Generated hands, as many as wanted."""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from ...edge.errors import InputError
from ...edge.hands import Hand, draw_hand, sample_hands
from ...edge.versions import versions
from .arrays import encoded
from .source import TRAIN, Picture, Side, Source, fingerprint

PREFIX = "hands:"


def open_hands(name: str, seed: int, threads: int | None = None) -> Source:
    """Draw hands at full variety: "hands:3000".

    The pictures are those of `hand_pictures(count, seed)`, whatever the number of threads (all cores where None).

    Raises:
        InputError: what follows the colon is no number above 0.
    """
    count = name.removeprefix(PREFIX)
    if not re.fullmatch("[1-9][0-9]{0,8}", count):
        raise InputError(f"expected hands: with a number of pictures, such as hands:3000, received {name!r}")
    workers = threads or os.cpu_count() or 1
    side = Side(int(count), lambda: _pictures(int(count), seed, workers))
    return Source(name, fingerprint(name, str(seed), versions()["edgeproof"]), {TRAIN: side})


def _pictures(count: int, seed: int, workers: int) -> Iterator[Picture]:
    # Only the parameters come from one generator in order; a picture is a pure function of them. Drawing is numpy's and
    # OpenCV's work, which releases the GIL: on two free cores, two threads draw about 1.5 times as many as one.
    waiting: deque[Future[Picture]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        for hand in sample_hands(count, seed):
            waiting.append(pool.submit(_draw, hand))
            if len(waiting) > 2 * workers:  # no more in memory than keeps everyone busy
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _draw(hand: Hand) -> Picture:
    return Picture(hand.label, encoded(draw_hand(hand)))
