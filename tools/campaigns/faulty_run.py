"""`edgeproof run` with a faulty camera: faulty_run.py SWITCH PICTURES, and the words of the command.

The supervisor is the real one; what is faulty is put in place in the worker, where OpenCV is loaded.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from pathlib import Path

from edgeproof.edge import cli
from edgeproof.edge.supervision import supervisor
from edgeproof.edge.supervision.pulse import Pulse


def install(path: Path, pictures: Path) -> None:
    """Put the faulty camera and an interpreter that can crash into this process."""
    import cv2
    import numpy as np

    from edgeproof.edge.interpreters.tflite_api import TFLiteInterpreter
    from faults import Fault, Switch
    from faulty_capture import FaultyCapture

    switch = Switch(path)
    shown = list(np.load(pictures))
    cv2.VideoCapture = lambda *_: FaultyCapture(switch, shown)  # type: ignore[assignment,misc]
    invoke = TFLiteInterpreter.invoke

    def crashing(self: TFLiteInterpreter) -> None:
        if switch.read()[0] == Fault.INTERPRETER:
            ctypes.string_at(0)
        invoke(self)

    TFLiteInterpreter.invoke = crashing  # type: ignore[method-assign]


def main() -> int:
    """Run the command."""
    switch, pictures = Path(sys.argv.pop(1)), Path(sys.argv.pop(1))
    real = supervisor.supervised

    def supervised(work: Callable[[Pulse], int]) -> int:
        def faulty(pulse: Pulse) -> int:
            install(switch, pictures)
            return work(pulse)

        return real(faulty)

    supervisor.supervised = supervised
    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
