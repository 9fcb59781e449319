"""2. Computer vision: ten kinds of clothes, told apart by dense layers.

    python examples/2_fashion.py --data fashion-mnist

Trains the article's first classifier by `edgeproof train`, then writes the same network by hand, gives it the trained
weights, and looks at what it answers for one picture.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import keras
import numpy as np

from edgeproof.edge import run_directory
from edgeproof.edge.cli import main as edgeproof
from edgeproof.edge.contract import Color, ImageInput
from edgeproof.edge.preprocess import read_image, to_pixels, to_real

INPUT = ImageInput(height=28, width=28, channels=1, color=Color.GRAY)


def network(classes: int) -> keras.Model:
    """Build the article's network: 28×28 numbers in a row, 128 neurons, and one for each class."""
    return keras.Sequential(
        [
            keras.Input(INPUT.shape),
            keras.layers.Flatten(),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(classes, activation="softmax"),
        ]
    )


def look(out: Path) -> None:
    """Show what was trained: its layers, its score in each class, and its answer for one picture."""
    record, split = run_directory.read(out)
    model = network(len(record.labels))
    model.summary()
    model.set_weights(keras.saving.load_model(out / run_directory.MODEL).get_weights())
    for one in sorted(record.validation.classes, key=lambda one: one.recall):
        print(f"{one.label:12} {one.recall:4.0%} of {one.n} found")
    picture = split.validation[0]
    pixels = to_pixels(read_image(Path(record.data) / picture.file), INPUT)  # uint8, 28×28×1
    scores = np.asarray(model(to_real(pixels, INPUT)[None]))[0]  # of numbers from 0 to 1
    print(f"a picture of {picture.label}:", *(f"{a} {p:.1%}" for a, p in zip(record.labels, scores, strict=True)))


def main() -> int:
    """Train and look; returns the exit code of the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="fashion-mnist", help="class folders, IDX files, … (fashion-mnist)")
    parser.add_argument("--out", default="runs/2-fashion", help="the run directory to write (runs/2-fashion)")
    parser.add_argument("--epochs", type=int, default=10, help="how often each picture is seen (10)")
    wishes = parser.parse_args()
    words = ["--data", wishes.data, "--out", wishes.out, "--epochs", str(wishes.epochs), "--overwrite"]
    code = edgeproof(["train", "fashion-dense", *words])
    if not code:
        look(Path(wishes.out))
    return code


if __name__ == "__main__":
    sys.exit(main())
