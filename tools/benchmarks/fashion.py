"""`tools/bench fashion`: the article's two Fashion-MNIST networks, beside a plain Keras script with the same seeds."""

from __future__ import annotations

import gzip
import os
import statistics
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import harness
import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from edgeproof.edge.console import Console
from edgeproof.train.data import find
from edgeproof.train.models import load_recipe
from edgeproof.train.models.recipe import PictureRecipe
from edgeproof.train.options import Options
from edgeproof.train.training import train_pictures

_CONVOLUTIONS = {"fashion-dense": 0, "fashion-cnn": 2}
_POINTS = 0.02  # how far apart they may be


def main() -> None:
    """Measure, and print a table."""
    parser = harness.parser("fashion", __doc__ or "")
    parser.add_argument("--data", type=Path, required=True, help="a folder of Fashion-MNIST's IDX files")
    options = parser.parse_args()
    rows = [_compare(name, options.data, options.rounds) for name in _CONVOLUTIONS]
    harness.report(rows, options.json)


def _compare(name: str, data: Path, rounds: int) -> harness.Row:
    """Compare the median of the validation accuracy over as many seeds as rounds, in percent."""
    pairs = [(_ours(name, data, seed), _theirs(name, data, seed)) for seed in range(rounds)]
    ours, theirs = (100 * statistics.median(side) for side in zip(*pairs, strict=True))
    goal = 1 - 100 * _POINTS / theirs
    title = f"accuracy of {name}, median of {rounds} seeds"
    return harness.Row(
        title, round(ours, 2), round(theirs, 2), "%", round(ours / theirs, 3), goal, ours / theirs >= goal
    )


def _ours(name: str, data: Path, seed: int) -> float:
    recipe = load_recipe(name)
    assert isinstance(recipe, PictureRecipe)  # noqa: S101 - for the type checker
    console = Console(quiet=True)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        pictures = find(str(data), None, out, seed, console)
        record = train_pictures(recipe, pictures, out, Options(seed=seed), console)
    return record.validation.accuracy or 0.0


def _theirs(name: str, data: Path, seed: int) -> float:
    """Train as the article does, on arrays."""
    (x, y), (x_test, y_test) = (
        (
            _idx(data / f"{side}-images-idx3-ubyte.gz", 16).reshape(-1, 28, 28, 1) / 255.0,
            _idx(data / f"{side}-labels-idx1-ubyte.gz", 8),
        )
        for side in ("train", "t10k")
    )
    keras.utils.set_random_seed(seed)
    convolutions = [
        layer
        for _ in range(_CONVOLUTIONS[name])
        for layer in (layers.Conv2D(64, 3, activation="relu"), layers.MaxPooling2D(2, 2))
    ]
    dense = [layers.Flatten(), layers.Dense(128, activation="relu"), layers.Dense(10, activation="softmax")]
    model = keras.Sequential([keras.Input((28, 28, 1)), *convolutions, *dense])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, y, epochs=load_recipe(name).epochs, verbose=0)
    return float(model.evaluate(x_test, y_test, verbose=0)[1])


def _idx(path: Path, head: int) -> NDArray[np.uint8]:
    return np.frombuffer(gzip.decompress(path.read_bytes()), np.uint8)[head:]


if __name__ == "__main__":
    main()
