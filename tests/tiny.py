"""A network small enough to train in a test, on generated hands: the real pipeline, only smaller.

Run as a program it makes the golden models of tests/models anew.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import cv2

from edgeproof.edge.console import Console
from edgeproof.edge.contract import Format
from edgeproof.edge.hands import hand_pictures

SIZE = 32  # pixels
PICTURES = 360


def draw(folder: Path, count: int = PICTURES, seed: int = 0) -> Path:
    """Write generated hands into class folders under `folder`."""
    for index, (label, picture) in enumerate(hand_pictures(count, seed, 96, 128, tidy=True)):
        path = folder / label / f"{index:03}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), picture)
    return folder


def train(data: Path, run: Path, epochs: int = 16) -> Path:
    """Train the rps network on `data` at 32×32 pixels."""
    from edgeproof.train.data import find
    from edgeproof.train.models.rps import RECIPE
    from edgeproof.train.options import Augment, Options
    from edgeproof.train.training import train_pictures

    options = Options(epochs=epochs, size=(SIZE, SIZE), augment=Augment.NONE)
    console = Console(quiet=True)
    train_pictures(RECIPE, find(str(data), None, run, options.seed, console), run, options, console)
    return run


def export(run: Path, folder: Path) -> Path:
    """Export a copy of a run directory in every format and precision."""
    from edgeproof.export.exporter import Options
    from edgeproof.export.exporter import export as export_run
    from edgeproof.export.parity.verdict import Margins

    shutil.copytree(run, folder)
    export_run(folder, Options(None, tuple(Format), Margins()), Console(quiet=True))
    return folder


def train_hello(run: Path) -> Path:
    """Train the neuron that finds a line, as its command does by itself."""
    from edgeproof.edge.cli import main as edgeproof

    assert edgeproof(["train", "hello", "--out", str(run), "--quiet"]) == 0
    return run


def main(target: Path) -> None:
    """Make the golden models."""
    from edgeproof.edge.cli import main as edgeproof
    from edgeproof.export.exporter import Options
    from edgeproof.export.exporter import export as export_run
    from edgeproof.export.parity.verdict import Margins

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run = train(draw(folder / "hands", 2400), folder / "run", epochs=20)
        report = export_run(run, Options(None, tuple(Format), Margins()), Console())
        edgeproof(["train", "hello", "--out", str(folder / "hello")])
        edgeproof(["export", str(folder / "hello"), "--int8", "--fp32"])
        for candidate in report.candidates:
            print(candidate.file, candidate.verdict.value, candidate.accuracy, candidate.size)  # noqa: T201 - a program
        for kind in Format:
            for model in ("run/rps-int8", "run/rps-fp32", "hello/hello-int8", "hello/hello-fp32"):
                shutil.copy(folder / f"{model}.{kind.value}", target)


if __name__ == "__main__":
    sys.exit(main(Path(__file__).parent / "models"))
