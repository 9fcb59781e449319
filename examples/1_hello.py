"""1. Hello: one neuron that finds y = 2x − 1 from six pairs of numbers.

    python examples/1_hello.py

It learns once in plain Keras, as the article has it, and once by `edgeproof train`, whose network is exported to
integers of 8 bits and asked on this machine as a device would be.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import keras
import numpy as np

from edgeproof.edge import Classifier
from edgeproof.edge.cli import main as edgeproof

X = np.array([[-1], [0], [1], [2], [3], [4]], np.float32)
Y = 2 * X - 1  # the rule, of which the neuron sees these six cases alone
ASKED = np.array([10], np.float32)


def network() -> keras.Model:
    """Build a single neuron: one weight and one bias."""
    return keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])


def by_hand(epochs: int) -> float:
    """Train the neuron in plain Keras, and ask for y at 10."""
    model = network()
    model.compile(keras.optimizers.SGD(0.01), "mean_squared_error")
    model.fit(X, Y, epochs=epochs, verbose=0)
    (weight,), (bias,) = (values.ravel() for values in model.get_weights())
    print(f"Keras: y = {weight:.3f} x {bias:+.3f}")
    return float(model(ASKED[None])[0, 0])


def main() -> int:
    """Train twice, export, and ask; returns the exit code of the command that failed, or 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", default="runs/1-hello", help="the run directory to write (runs/1-hello)")
    parser.add_argument("--epochs", type=int, default=500, help="how often the six pairs are seen (500)")
    wishes = parser.parse_args()
    train = ["train", "hello", "--out", wishes.out, "--epochs", str(wishes.epochs), "--overwrite"]
    if code := edgeproof(train) or edgeproof(["export", wishes.out, "--int8"]):
        return code
    print(f"Keras answers at 10: {by_hand(wishes.epochs):.2f}")
    device = Classifier.open(Path(wishes.out) / "hello-int8.tflite")
    print(f"the int8 file answers at 10: {device.classify(ASKED).scores[0]:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
