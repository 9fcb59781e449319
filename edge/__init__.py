"""The device: a model file and its contract, frames, answers. Needs numpy, OpenCV and one interpreter."""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .answer import Answer
    from .classifier import Classifier, Prediction
    from .errors import InputError
    from .loop import answers

__all__ = ["Answer", "Classifier", "InputError", "Prediction", "answers"]

_MODULES = {"Answer": "answer", "InputError": "errors", "answers": "loop"}  # where they are; the rest in classifier

# Native libraries read these when they are loaded, which is always after this file.
# onnxruntime would write to ~/.cache/Microsoft and report to its makers; a device does neither.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
# What OpenCV logs of a damaged picture or an absent camera is said once, by us.
os.environ.setdefault("OPENCV_LOG_LEVEL", "FATAL")
# 67 million pixels: above what cameras give, and 200 MB when decoded, which a Raspberry Pi can bear. OpenCV's own bound
# of 2³⁰ would let a picture of a few kilobytes take 3 GB.
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(2**26))


def __getattr__(name: str) -> object:
    # Importing the package must not cost numpy and OpenCV: the command line is in it too.
    if name in __all__:
        return getattr(importlib.import_module(f".{_MODULES.get(name, 'classifier')}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
