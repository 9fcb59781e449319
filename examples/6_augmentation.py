"""6. Augmentation: each photo is turned, moved, sheared, scaled and mirrored anew whenever it is seen.

    python examples/6_augmentation.py --data cats-dogs

Trains the same network twice, without and with augmentation, from the same first weights. Leaves two run directories;
augmentation.png in the second shows what becomes of some photos.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from edgeproof.edge import run_directory
from edgeproof.edge.cli import main as edgeproof
from edgeproof.edge.console import table

WAYS = {"plain": ["--no-augment"], "augmented": ["--augment", "full", "--show-augmentation"]}


def compare(out: Path) -> list[tuple[str, ...]]:
    """List both trainings: what was learned, what was kept back, and how far the two are apart."""
    rows: list[tuple[str, ...]] = [("training", "learned", "kept back", "points apart")]
    for way in WAYS:
        history = run_directory.read(out / way)[0].history
        learned, kept = history["accuracy"][-1], history["val_accuracy"][-1]
        rows.append((way, f"{learned:.1%}", f"{kept:.1%}", f"{100 * (learned - kept):.1f}"))
    return rows


def main() -> int:
    """Train both ways and compare; returns the exit code of the command that failed, or 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="tfds:cats_vs_dogs", help="two class folders (tfds:cats_vs_dogs)")
    parser.add_argument("--out", type=Path, default="runs/6-augmentation", help="for both runs (runs/6-augmentation)")
    parser.add_argument("--epochs", type=int, default=10, help="how often each picture is seen (10)")
    wishes = parser.parse_args()
    words = ["train", "cats-dogs", "--data", wishes.data, "--epochs", str(wishes.epochs), "--overwrite"]
    for way, options in WAYS.items():
        if code := edgeproof([*words, "--out", str(wishes.out / way), *options]):
            return code
    print(table(compare(wishes.out)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
