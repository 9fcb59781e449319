"""5. A larger set: cats and dogs, and curves that show what was learned by heart.

    python examples/5_larger_sets.py --data cats-dogs

Leaves curves.png in the run directory.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from edgeproof.edge import run_directory
from edgeproof.edge.cli import main as edgeproof

CURVES = "curves.png"


def draw(history: dict[str, tuple[float, ...]], path: Path) -> None:
    """Draw accuracy and loss over the epochs, on the photos that are learned and on those that are kept back."""
    figure = Figure(figsize=(9, 3.5), layout="constrained")
    for axes, name in zip(figure.subplots(1, 2), ("accuracy", "loss"), strict=True):
        epochs = np.arange(1, len(history[name]) + 1)
        axes.plot(epochs, history[name], label="learned from")
        axes.plot(epochs, history[f"val_{name}"], "--", label="kept back")
        axes.set(xlabel="epoch", title=name)
        axes.legend()
    figure.savefig(path, dpi=80)


def read(history: dict[str, tuple[float, ...]]) -> None:
    """Say in words what the curves say: how far they are apart, and where more of the same began to harm."""
    apart = history["accuracy"][-1] - history["val_accuracy"][-1]
    best = int(np.argmin(history["val_loss"]))
    print(f"learned {history['accuracy'][-1]:.1%}, kept back {history['val_accuracy'][-1]:.1%}: {apart:+.1%} apart")
    print(f"the loss of what was kept back is lowest after epoch {best + 1} of {len(history['loss'])}")


def main() -> int:
    """Train and draw; returns the exit code of the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="tfds:cats_vs_dogs", help="two class folders (tfds:cats_vs_dogs)")
    parser.add_argument("--out", default="runs/5-larger-sets", help="the run directory to write (runs/5-larger-sets)")
    parser.add_argument("--epochs", type=int, default=10, help="how often each picture is seen (10)")
    wishes = parser.parse_args()
    out = Path(wishes.out)
    words = ["--data", wishes.data, "--out", wishes.out, "--epochs", str(wishes.epochs), "--overwrite"]
    code = edgeproof(["train", "cats-dogs", *words])
    if not code:
        history = run_directory.read(out)[0].history
        read(history)
        draw(history, out / CURVES)
        print(f"curves: {out / CURVES}")
    return code


if __name__ == "__main__":
    sys.exit(main())
