"""Models made elsewhere, and what is asked of them."""

from __future__ import annotations

import shutil
from pathlib import Path

LABELS = ("paper", "rock", "scissors")
WIDE = ("--margin", "100", "--class-margin", "100", "--quiet")


def two(hands: Path, tmp_path: Path) -> Path:
    for label in ("paper", "rock"):
        shutil.copytree(hands / label, tmp_path / "two" / label)
    return tmp_path / "two"
