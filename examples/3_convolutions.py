"""3. Convolutions: the same clothes through filters that see edges; and what the filters make of one picture.

    python examples/3_convolutions.py --data fashion-mnist

Leaves feature-maps.png in the run directory.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
from matplotlib.figure import Figure

from edgeproof.edge import run_directory
from edgeproof.edge.cli import main as edgeproof
from edgeproof.edge.contract import Color, ImageInput
from edgeproof.edge.preprocess import read_image, to_pixels, to_real

INPUT = ImageInput(height=28, width=28, channels=1, color=Color.GRAY)
MAPS = "feature-maps.png"
SHOWN = 8  # filters of each layer
ROWS = ("by hand", "convolution", "pooling", "convolution", "pooling")
UPRIGHT = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], np.float32)  # dark on the left, bright on the right


def network(classes: int) -> keras.Model:
    """Build the article's network: twice 64 filters of 3×3 and a pooling, before the dense layers."""
    return keras.Sequential(
        [
            keras.Input(INPUT.shape),
            keras.layers.Conv2D(64, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Conv2D(64, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(classes, activation="softmax"),
        ]
    )


def by_hand(picture: Any) -> list[Any]:
    """Convolve a picture (1, height, width, 1) with one filter, and pool: each a map (height, width)."""
    edges = keras.ops.relu(keras.ops.conv(picture, UPRIGHT[:, :, None, None]))
    return [np.asarray(step)[0, :, :, 0] for step in (picture, edges, keras.ops.max_pool(edges, 2))]


def draw(out: Path) -> None:
    """Draw what one filter by hand, then the first filters of each trained layer, make of one picture."""
    record, split = run_directory.read(out)
    model = network(len(record.labels))
    model.summary()
    model.set_weights(keras.saving.load_model(out / run_directory.MODEL).get_weights())
    pixels = to_pixels(read_image(Path(record.data) / split.validation[0].file), INPUT)
    picture = to_real(pixels, INPUT)[None]
    steps = keras.Model(model.inputs[0], [layer.output for layer in model.layers[:4]])(picture)
    rows = [by_hand(picture), *(list(np.asarray(step)[0].transpose(2, 0, 1)) for step in steps)]
    axes = Figure(figsize=(SHOWN + 1, len(rows)), layout="constrained").subplots(len(rows), SHOWN)
    for place in axes.flat:
        place.axis("off")
    for line, maps, name in zip(axes, rows, ROWS, strict=True):
        line[0].text(-0.1, 0.5, name, transform=line[0].transAxes, ha="right", va="center")
        for place, values in zip(line, maps, strict=False):  # of the trained, the first eight
            place.imshow(values, cmap="gray")
    axes[0, 0].figure.savefig(out / MAPS, dpi=80)
    print(f"{split.validation[0].label}, step by step: {out / MAPS}")


def main() -> int:
    """Train and draw; returns the exit code of the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="fashion-mnist", help="class folders, IDX files, … (fashion-mnist)")
    parser.add_argument("--out", default="runs/3-convolutions", help="the run directory to write (runs/3-convolutions)")
    parser.add_argument("--epochs", type=int, default=10, help="how often each picture is seen (10)")
    wishes = parser.parse_args()
    words = ["--data", wishes.data, "--out", wishes.out, "--epochs", str(wishes.epochs), "--overwrite"]
    code = edgeproof(["train", "fashion-cnn", *words])
    if not code:
        draw(Path(wishes.out))
    return code


if __name__ == "__main__":
    sys.exit(main())
