from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from edgeproof.edge.errors import InputError
from edgeproof.edge.newest import Limit, NewestFrame
from edgeproof.edge.sources import Frame, Spare

SILENCE = 0.05  # seconds


class Hanging:
    """A camera that gives some frames and then never returns, as a driver does whose device hangs."""

    live = True

    def __init__(self, count: int) -> None:
        self.freed = threading.Event()
        self._left = count

    def read(self, spare: Spare = None) -> Frame | None:  # noqa: ARG002 - the interface's
        if self._left == 0:
            self.freed.wait(20)
            return None
        self._left -= 1
        return Frame(np.zeros((2, 2, 3), np.uint8), "/dev/video7", 0, time.monotonic())

    def close(self) -> None:
        pass


@pytest.mark.parametrize(("count", "name"), [(0, "the camera"), (1, "/dev/video7")])
def test_camera_that_hangs_is_named_with_what_to_do(count: int, name: str) -> None:
    camera = Hanging(count)
    limit = Limit(60.0)
    frames = NewestFrame(camera, limit)
    for _ in range(count):
        assert frames.read() is not None
    limit._seconds = SILENCE  # now, and not before: the first frame may be late on a busy machine
    with pytest.raises(InputError) as caught:
        frames.read()
    camera.freed.set()
    frames.close()
    assert str(caught.value) == (
        f"expected a frame within 0.05 s, received none from {name}: it hangs or was taken away; "
        "check its plug or network, and start again"
    )
