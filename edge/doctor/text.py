"""Small files of /proc and /sys, which may be missing, or refuse to be read."""

from __future__ import annotations

from pathlib import Path


def read_text(path: Path) -> str | None:
    """Read a file's text without what pads it; None where it cannot be read."""
    try:
        return path.read_text(errors="replace").strip(" \t\n\0")
    except OSError:
        return None


def megabytes(count: int) -> str:
    """Word a number of bytes."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
