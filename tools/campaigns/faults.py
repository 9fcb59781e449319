"""The faults of a camera, and the few bytes in which a campaign tells a camera of its making which one it has."""

from __future__ import annotations

import enum
import mmap
import struct
from pathlib import Path

_STATE = struct.Struct("<BBI")


class Fault(enum.IntEnum):
    """What is wrong with a camera."""

    NONE = 0
    UNPLUGGED = 1  # every call fails, and opening it does
    SILENT = 2  # open, and no frame comes
    LYING = 3  # it is gone, and every read claims success with the last frame
    HANGING = 4  # a call into the driver never returns
    SLOW = 5  # more than a second between frames
    BLACK = 6
    RESIZED = 7  # frames of another size, without a word
    DAMAGED = 8  # frames that cannot be decoded
    CRASHING = 9  # the driver's library takes the process with it
    INTERPRETER = 10  # the interpreter does


# After these a handle stays broken, also when the camera is back; those that open it meanwhile find none.
GONE = (Fault.UNPLUGGED, Fault.LYING, Fault.HANGING, Fault.CRASHING)


class Switch:
    """The state of a camera, in a file that the campaign and the camera's process both map.

    `scene` says which picture is before it, and `epoch` counts how often it came back.
    """

    def __init__(self, path: Path, *, new: bool = False) -> None:
        if new:
            path.write_bytes(bytes(_STATE.size))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), _STATE.size)

    def read(self) -> tuple[Fault, int, int]:
        """Give fault, scene and epoch."""
        fault, scene, epoch = _STATE.unpack_from(self._memory)
        return Fault(fault), scene, epoch

    def begin(self, fault: Fault) -> None:
        """Let something go wrong."""
        _, scene, epoch = self.read()
        _STATE.pack_into(self._memory, 0, fault, scene, epoch)

    def end(self, scene: int) -> None:
        """Let the camera come back, with another picture before it."""
        _STATE.pack_into(self._memory, 0, Fault.NONE, scene, self.read()[2] + 1)
