"""The commands that docs/raspberry-pi.md gives a person, adapted to a board without a camera and without a network."""

from __future__ import annotations

import re
from pathlib import Path

from board import PI, ROOT

PAGE = ROOT / "docs/raspberry-pi.md"
# What is done again on the board: every line of the page's blocks of this kind. Those of kind `bash` need what it has
# not: a camera, a network, systemd.
_BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
_SKIPPED = ("ssh ", "scp ", "sudo ", "git ", "./tools/")  # a second machine, Debian's packages, and this checkout
_FRAMES = "hands:3"


def commands(page: str, model: Path) -> list[str]:
    """Give the lines of shell to run on the board, in order.

    Args:
        page: the text of the page.
        model: the file to use in the place of the page's rps-int8.tflite.
    """
    lines = [line.split("  #")[0].strip() for block in _BLOCK.findall(page) for line in block.splitlines()]
    return [_adapted(line, model) for line in lines if line and not line.startswith(_SKIPPED)]


def _adapted(line: str, model: Path) -> str:
    """Take packages from the wheels that lie ready, the golden model, and a generated clip for a camera."""
    wheels = f"--no-index --find-links {PI / 'wheels/litert'} --find-links {PI / 'wheels/edgeproof'}"
    line = line.replace("pip install ", f"pip install --quiet {wheels} ").replace("rps-int8.tflite", str(model))
    return re.sub(r"( run \S+) 0\b", rf"\1 {_FRAMES}", line)
