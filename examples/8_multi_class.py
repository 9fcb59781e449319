"""8. Several classes: rock, paper, scissors, all the way to the device.

    python examples/8_multi_class.py --data photos

Trains, exports to integers of 8 bits with the parity proof, repeats the proof as a device does, and answers pictures.
Without --data it draws hands, and needs no network. Ends with the export's exit code: 0 where the files passed, 1 where
one lost too much, 3 where there were too few pictures to tell.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import keras

from edgeproof.edge import Classifier, run_directory
from edgeproof.edge.cli import main as edgeproof


def network(classes: int) -> keras.Model:
    """Build the article's network for pictures of 150×150, with one neuron for each class at its end."""
    layers = [keras.Input((150, 150, 3))]
    for filters in (16, 32, 64):
        layers += [keras.layers.Conv2D(filters, 3, activation="relu"), keras.layers.MaxPooling2D()]
    layers += [keras.layers.Flatten(), keras.layers.Dense(512, activation="relu")]
    return keras.Sequential([*layers, keras.layers.Dense(classes, activation="softmax")])


def answer(out: Path) -> None:
    """Ask the exported file, as one's own program on a device would, for one picture of each class."""
    record, split = run_directory.read(out)
    network(len(record.labels)).summary()
    device = Classifier.open(out / "rps-int8.tflite")
    for picture in {one.label: one for one in split.validation}.values():
        said = device.classify_file(Path(record.data) / picture.file)
        print(f"{picture.label}: {said.label}, {said.score:.1%} sure, in {said.latency.total:.2f} ms")


def main() -> int:
    """Train, export, check, answer; returns the exit code of the first command that failed, or the verdict's."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="hands:2000", help="a folder per class (hands:2000, which are drawn)")
    parser.add_argument("--out", default="runs/8-multi-class", help="the run directory to write (runs/8-multi-class)")
    parser.add_argument("--epochs", type=int, default=14, help="how often each picture is seen (14)")
    wishes = parser.parse_args()
    words = ["--data", wishes.data, "--out", wishes.out, "--epochs", str(wishes.epochs), "--overwrite"]
    if code := edgeproof(["train", "rps", *words]):
        return code
    verdict = edgeproof(["export", wishes.out, "--int8"])
    if verdict == 2:  # nothing was written
        return verdict
    if code := edgeproof(["check", f"{wishes.out}/rps-int8.tflite"]):
        return code
    answer(Path(wishes.out))
    return verdict


if __name__ == "__main__":
    sys.exit(main())
