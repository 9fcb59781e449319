"""The workstation: the article's networks, from a folder of pictures to a run directory."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..edge.lazily import lazily

if TYPE_CHECKING:
    from ..edge.run_directory import ClassScore, Mistake, RunRecord, Validation
    from .library import train

__all__ = ["ClassScore", "Mistake", "RunRecord", "Validation", "train"]

# Before TensorFlow is loaded, or its banner is what a person reads first.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

# The names are asked for by programs that want Keras; the command line's --help must not load it.
__getattr__ = lazily(
    __name__,
    {
        "ClassScore": "..edge.run_directory",
        "Mistake": "..edge.run_directory",
        "RunRecord": "..edge.run_directory",
        "Validation": "..edge.run_directory",
        "train": ".library",
    },
)
