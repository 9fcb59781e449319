"""`tools/bench train`: the input pipeline, the training step and cached features, beside what Keras has.

Runs on Keras' backends TensorFlow and JAX, on whatever device the backend takes.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import cv2
import harness
import keras
import numpy as np

from edgeproof.edge.console import Console
from edgeproof.edge.contract import ImageInput
from edgeproof.edge.folders import labelled_files
from edgeproof.edge.hands import hand_pictures
from edgeproof.train import features as cached_features
from edgeproof.train import optimizers
from edgeproof.train.augmentation import FULL, LIGHT, Augmentation
from edgeproof.train.batches import Batches
from edgeproof.train.feeding import ahead, fed
from edgeproof.train.fitting import compiled
from edgeproof.train.hardware import Machine, accelerator, prepare
from edgeproof.train.hardware_options import HardwareOptions
from edgeproof.train.models import load_recipe
from edgeproof.train.models.choices import Choices, Head
from edgeproof.train.options import Options
from edgeproof.train.pixels import Side, decode_side
from edgeproof.train.scaling import on_features, on_pixels

_BATCH = 32
_PICTURES = 640
_EPOCHS = 25
_MIXED7 = (7, 7, 768)  # what InceptionV3 gives there at 150×150
_HEAD_BATCH, _HEAD_STEPS = 20, 15
_SPEC = ImageInput(height=150, width=150, channels=3)


def main() -> None:
    """Measure, and print a table."""
    parser = harness.parser("train", __doc__ or "")
    parser.add_argument("--data", type=Path, help="class folders of pictures (otherwise generated hands)")
    options = parser.parse_args()
    machine = prepare(HardwareOptions())
    with tempfile.TemporaryDirectory() as name:
        folder = options.data or _draw(Path(name) / "hands")
        files = labelled_files(folder, folder)
        files = files[: len(files) // _BATCH * _BATCH]  # full batches only
        labels = tuple(sorted({file.label for file in files}))
        side = decode_side(folder, files, labels, _SPEC, Path(name), Console(), strict=True)
        rows = [
            _pipeline("input pipeline, full augmentation", folder, side, FULL, options.rounds, 20),
            _pipeline("input pipeline, no augmentation", folder, side, None, options.rounds, 100),
            _step("training step of rps, real against synthetic data", side, labels, None, options.rounds, machine),
            _step(
                "training step of rps, the same with light augmentation", side, labels, LIGHT, options.rounds, machine
            ),
            *_cached_features(side, labels, Path(name), options.rounds, machine),
        ]
        if keras.backend.backend() == "tensorflow":  # JAX compiles every optimizer's update
            rows.append(_update(options.rounds))
    harness.report(rows, options.json, accelerator=accelerator())


def _draw(folder: Path) -> Path:
    for index, (label, picture) in enumerate(hand_pictures(_PICTURES, 0)):
        path = folder / label / f"{index:04}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), picture)
    return folder


def _pipeline(
    name: str, folder: Path, side: Side, augmentation: Augmentation | None, rounds: int, goal: float
) -> harness.Row:
    """Compare images a second: `Batches` on pixels that were decoded once, and Keras' ImageDataGenerator."""
    from keras.src.legacy.preprocessing.image import ImageDataGenerator

    batches = Batches(side.rows, side.labels, _BATCH, seed=0, augmentation=augmentation)
    wanted = (
        {}
        if augmentation is None
        else {
            "rotation_range": 40,
            "width_shift_range": 0.2,
            "height_shift_range": 0.2,
            "shear_range": float(np.rad2deg(0.2)),
            "zoom_range": 0.2,
            "horizontal_flip": True,
            "fill_mode": "nearest",
        }
    )
    flow = ImageDataGenerator(rescale=1 / 255, **wanted).flow_from_directory(
        str(folder), target_size=(_SPEC.height, _SPEC.width), batch_size=_BATCH, class_mode="sparse"
    )
    passes = 2 if augmentation else 20
    ours, theirs = harness.alternate(
        rounds,
        lambda: _images_a_second(lambda: (batch for _ in range(passes) for batch in ahead(batches))),
        lambda: _images_a_second(lambda: (flow[i] for i in range(min(8, len(flow))))),
    )
    return harness.rate(name, ours, theirs, "images/s", goal)


def _images_a_second(batches: Callable[[], Iterator[tuple[Any, Any]]]) -> float:
    counted = 0

    def count() -> None:
        nonlocal counted
        counted = sum(len(labels) for _, labels in batches())

    taken = harness.seconds(count)
    return counted / taken


def _step(
    name: str,
    side: Side,
    labels: tuple[str, ...],
    augmentation: Augmentation | None,
    rounds: int,
    machine: Machine,
) -> harness.Row:
    """Compare training on real batches with training on one that is there already: images a second."""
    rps = load_recipe("rps")
    output = rps.output(labels)
    trainer = on_pixels(rps.build(_SPEC, output, Choices()).model, _SPEC)
    batches = Batches(side.rows, side.labels, _BATCH, seed=0, augmentation=augmentation)
    compiled(trainer, rps, output, Options(), 1000, machine)
    real, one = fed(batches), _repeated(batches)
    ours, theirs = harness.alternate(
        rounds,
        lambda: len(side) / harness.seconds(lambda: trainer.fit(real, verbose=0, shuffle=False)),
        lambda: len(side) / harness.seconds(lambda: trainer.fit(one, verbose=0, shuffle=False)),
    )
    return harness.rate(name, ours, theirs, "images/s", 0.97)


def _repeated(batches: Batches) -> Any:
    """Give the first batch as often as there are batches, where the training step finds it without waiting."""
    if keras.backend.backend() == "jax":
        return _OnDevice(batches)
    import tensorflow as tf

    options = tf.data.Options()
    options.autotune.enabled = False  # as in `fed`, which says why
    return tf.data.Dataset.from_tensors(batches[0]).cache().repeat(len(batches)).with_options(options)


class _OnDevice(keras.utils.PyDataset):  # type: ignore[misc]  # Keras has no types
    """One batch that lies in the device's memory."""

    def __init__(self, batches: Batches) -> None:
        super().__init__()
        import jax

        self._batch, self._count = jax.device_put(batches[0]), len(batches)

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> Any:
        return self._batch


def _cached_features(
    side: Side, labels: tuple[str, ...], room: Path, rounds: int, machine: Machine
) -> list[harness.Row]:
    """Compare epochs of the article's transfer network, `--head gap`, on cached features and on pixels: seconds."""
    inception = load_recipe("inception")
    output = inception.output(labels)
    weights = room / "random.weights.h5"  # what the numbers are changes no time
    keras.applications.InceptionV3(include_top=False, weights=None).save_weights(weights)
    choices = Choices(head=Head.GAP, weights=weights)

    def trained(cached: bool) -> tuple[keras.Model, Batches, float]:
        network = inception.build(_SPEC, output, choices)
        start = time.perf_counter()
        taught = cached_features.of_side(network.backbone, side, _SPEC, room, Console(quiet=True)) if cached else side
        spent = time.perf_counter() - start
        batches = Batches(taught.rows, taught.labels, inception.batch_size, seed=0)
        trainer = on_features(network.head) if cached else on_pixels(network.model, _SPEC)
        return compiled(trainer, inception, output, Options(), 1000, machine), batches, spent

    quick, cached, once = trained(cached=True)
    slow, pixels, _ = trained(cached=False)
    ours, theirs = harness.alternate(
        rounds,
        lambda: harness.seconds(lambda: quick.fit(fed(cached), verbose=0, shuffle=False)),
        lambda: harness.seconds(lambda: slow.fit(fed(pixels), verbose=0, shuffle=False)),
    )
    many = [once + _EPOCHS * epoch for epoch in ours]
    return [
        harness.cost("epoch of inception, head gap, cached features", ours, theirs, "s", 15),
        harness.cost(f"{_EPOCHS} epochs, computing them included", many, [_EPOCHS * epoch for epoch in theirs], "s", 8),
    ]


def _update(rounds: int) -> harness.Row:
    """Compare a step of the article's transfer head, 38 million weights, with our RMSprop and with Keras' own."""
    rng = np.random.default_rng(0)
    features = rng.random((_HEAD_STEPS * _HEAD_BATCH, *_MIXED7), np.float32)
    labels = rng.integers(0, 2, len(features))

    def head(optimizer: keras.optimizers.Optimizer) -> keras.Model:
        dense = [keras.layers.Dense(1024, activation="relu"), keras.layers.Dense(1, activation="sigmoid")]
        model = keras.Sequential([keras.Input(_MIXED7), keras.layers.Flatten(), *dense])
        model.compile(optimizer, "binary_crossentropy", jit_compile=False)
        return model

    sides = [head(kind(1e-4)) for kind in (optimizers.RMSprop, keras.optimizers.RMSprop)]

    def step(model: keras.Model) -> float:
        fitted = harness.seconds(lambda: model.fit(features, labels, batch_size=_HEAD_BATCH, verbose=0))
        return 1000 * fitted / _HEAD_STEPS

    ours, theirs = harness.alternate(rounds, lambda: step(sides[0]), lambda: step(sides[1]))
    return harness.cost("step of the article's head, beside Keras' RMSprop", ours, theirs, "ms", 1.5)


if __name__ == "__main__":
    main()
