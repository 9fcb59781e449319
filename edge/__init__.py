"""The device: a model file and its contract, frames, answers. Needs numpy, OpenCV and one interpreter."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from .lazily import lazily

if TYPE_CHECKING:
    from .answer import Answer
    from .classifier import Classifier, Latency, Origin, Prediction
    from .contract import Contract
    from .errors import InputError
    from .foreign import Assumption
    from .loop import answers
    from .signing import SignatureError
    from .sources import Frame, Source

__all__ = [
    "Answer",
    "Assumption",
    "Classifier",
    "Contract",
    "Frame",
    "InputError",
    "Latency",
    "Origin",
    "Prediction",
    "SignatureError",
    "Source",
    "answers",
]

# Native libraries read these when they are loaded, which is always after this file.
# onnxruntime would write to ~/.cache/Microsoft and report to its makers; a device does neither.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
# What OpenCV logs of a damaged picture or an absent camera is said once, by us.
os.environ.setdefault("OPENCV_LOG_LEVEL", "FATAL")
# 67 million pixels: above what cameras give, and 200 MB when decoded, which a Raspberry Pi can bear. OpenCV's own bound
# of 2³⁰ would let a picture of a few kilobytes take 3 GB.
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(2**26))

# The command line is in this package too, and must not wait for numpy and OpenCV.
__getattr__ = lazily(
    __name__,
    {
        "Answer": ".answer",
        "Assumption": ".foreign",
        "Classifier": ".classifier",
        "Contract": ".contract",
        "Frame": ".sources",
        "InputError": ".errors",
        "Latency": ".classifier",
        "Origin": ".classifier",
        "Prediction": ".classifier",
        "SignatureError": ".signing",
        "Source": ".sources",
        "answers": ".loop",
    },
)
