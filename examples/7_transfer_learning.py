"""7. Transfer learning: a network that others trained on a million photos sees; only what judges is learned here.

    python examples/7_transfer_learning.py --data cats-dogs --weights inception_v3_notop.h5

InceptionV3 up to its layer mixed7, frozen, and on it a head of 1024 neurons, dropout, and the answer.
"""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path

import keras

from edgeproof.edge import run_directory
from edgeproof.edge.cli import main as edgeproof


def network(size: int) -> keras.Model:
    """Build the article's network, without the weights that come from elsewhere."""
    whole = keras.applications.InceptionV3(include_top=False, weights=None, input_shape=(size, size, 3))
    seeing = keras.Model(whole.input, whole.get_layer("mixed7").output)
    seeing.trainable = False
    return keras.Sequential(
        [
            seeing,
            keras.layers.Flatten(),
            keras.layers.Dense(1024, activation="relu"),
            keras.layers.Dropout(0.2),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )


def compare(out: Path, size: int) -> None:
    """Show the network by hand, and that the one that was trained is as large and is right as often as it says."""
    record, _ = run_directory.read(out)
    model = network(size)
    model.summary()
    learned = sum(math.prod(weights.shape) for weights in model.trainable_weights)
    print(
        f"weights: {model.count_params():,} by hand, {record.parameters:,} in the run; {learned:,} of them learn here"
    )
    print(f"{record.validation.accuracy:.1%} of {record.validation.n} photos right after {record.seconds:.0f} s")


def main() -> int:
    """Train and compare; returns the exit code of the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="tfds:cats_vs_dogs", help="two class folders (tfds:cats_vs_dogs)")
    parser.add_argument("--out", default="runs/7-transfer", help="the run directory to write (runs/7-transfer)")
    parser.add_argument("--epochs", type=int, default=8, help="how often each picture is seen (8)")
    parser.add_argument("--weights", default="imagenet", help="a file, or imagenet, which is downloaded (imagenet)")
    parser.add_argument("--size", type=int, default=150, help="of the pictures in pixels, at least 75 (150)")
    wishes = parser.parse_args()
    words = ["--data", wishes.data, "--out", wishes.out, "--epochs", str(wishes.epochs), "--overwrite"]
    code = edgeproof(["train", "inception", *words, "--weights", wishes.weights, "--size", str(wishes.size)])
    if not code:
        compare(Path(wishes.out), wishes.size)
    return code


if __name__ == "__main__":
    sys.exit(main())
