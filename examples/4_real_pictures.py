"""4. Real pictures: horses and humans, in folders, in colour, of any size.

    python examples/4_real_pictures.py --data tfds:horses_or_humans

A folder for each class is all that is asked for; its name is the label. Two classes end in a single neuron, which says
how sure it is of the second one. Then a picture of one's own, or one that was kept back, is asked.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import keras
import numpy as np

from edgeproof.edge import run_directory
from edgeproof.edge.cli import main as edgeproof
from edgeproof.edge.contract import ImageInput
from edgeproof.edge.preprocess import read_image, to_pixels, to_real

INPUT = ImageInput(height=300, width=300, channels=3)


def network(units: int = 1, activation: str = "sigmoid") -> keras.Model:
    """Build the article's network for pictures of 300×300: three convolutions, 512 neurons, one answer."""
    layers = [keras.Input(INPUT.shape)]
    for filters in (16, 32, 64):
        layers += [keras.layers.Conv2D(filters, 3, activation="relu"), keras.layers.MaxPooling2D()]
    layers += [keras.layers.Flatten(), keras.layers.Dense(512, activation="relu")]
    return keras.Sequential([*layers, keras.layers.Dense(units, activation=activation)])


def ask(out: Path, photo: Path | None) -> None:
    """Show the network, and what it says to a photo; to the first that was kept back where None."""
    record, split = run_directory.read(out)
    model = network(1 if len(record.labels) == 2 else len(record.labels), record.activation.value)
    model.summary()
    model.set_weights(keras.saving.load_model(out / run_directory.MODEL).get_weights())
    print(f"learned from {len(split.train)}, judged by {record.validation.n}: {record.validation.accuracy:.1%} right")
    photo = photo or Path(record.data) / split.validation[0].file
    picture = to_real(to_pixels(read_image(photo), INPUT), INPUT)  # 300×300×3, from 0 to 1
    scores = np.asarray(model(picture[None]))[0]
    if len(scores) == 1:
        scores = np.append(1 - scores, scores)
    print(f"{photo}:", *(f"{label} {score:.1%}" for label, score in zip(record.labels, scores, strict=True)))


def main() -> int:
    """Train and ask; returns the exit code of the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="tfds:horses_or_humans", help="two class folders (tfds:horses_or_humans)")
    parser.add_argument("--out", default="runs/4-real-pictures", help="the run directory (runs/4-real-pictures)")
    parser.add_argument("--epochs", type=int, default=15, help="how often each picture is seen (15)")
    parser.add_argument("--photo", type=Path, help="a picture of your own to ask")
    wishes = parser.parse_args()
    words = ["--data", wishes.data, "--out", wishes.out, "--epochs", str(wishes.epochs), "--overwrite"]
    code = edgeproof(["train", "horses-humans", *words])
    if not code:
        ask(Path(wishes.out), wishes.photo)
    return code


if __name__ == "__main__":
    sys.exit(main())
