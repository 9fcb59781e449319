from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

import tiny
from edgeproof.edge.classifier import Classifier
from edgeproof.edge.console import Console
from edgeproof.edge.contract import Color, ImageInput
from edgeproof.edge.folders import labelled_files
from edgeproof.edge.preprocess import read_image, to_real, write_input
from edgeproof.edge.quantization import dequantize
from edgeproof.train.augmentation import Augmentation
from edgeproof.train.batches import Batches
from edgeproof.train.pixels import Side, decode_side
from edgeproof.train.scaling import on_pixels

SPEC = ImageInput(height=tiny.SIZE, width=tiny.SIZE, channels=3)
LABELS = ("paper", "rock", "scissors")


@pytest.fixture(scope="module")
def side(hands: Path, tmp_path_factory: pytest.TempPathFactory) -> Side:
    room = tmp_path_factory.mktemp("room")
    return decode_side(hands, labelled_files(hands, hands), LABELS, SPEC, room, Console(quiet=True), strict=True)


def batches(side: Side, size: int, seed: int | None = None, augmentation: Augmentation | None = None) -> Batches:
    return Batches(side.rows, side.labels, size, seed=seed, augmentation=augmentation)


@pytest.mark.parametrize("suffix", ["tflite", "onnx"])
def test_the_network_is_trained_on_exactly_what_the_int8_interpreter_receives(
    side: Side, hands: Path, models: Path, suffix: str
) -> None:
    trained_on, _ = batches(side, 16)[0]
    nothing = keras.Sequential([keras.Input(SPEC.shape), keras.layers.Activation("linear")])
    scaled = np.asarray(on_pixels(nothing, SPEC)(trained_on))
    classifier = Classifier.open(models / f"rps-int8.{suffix}")
    for index in range(16):
        tensor = classifier.interpreter.input_tensor()
        write_input(read_image(hands / side.files[index].file), classifier.contract.input, tensor)
        received = np.array(tensor[0])
        del tensor
        assert received.dtype == np.uint8
        assert np.array_equal(received, trained_on[index])
        # Bit for bit as floats too: what the stored integers mean is what the network's first layer was given.
        assert np.array_equal(dequantize(received, classifier.contract.input.quantization), scaled[index])


@pytest.mark.parametrize("low", [0.0, -1.0])
def test_pixels_are_scaled_on_the_accelerator_as_on_the_device(low: float) -> None:
    spec = ImageInput(height=16, width=16, channels=1, color=Color.GRAY, range=(low, 1.0))
    every = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)
    nothing = keras.Sequential([keras.Input(spec.shape), keras.layers.Activation("linear")])
    assert np.array_equal(on_pixels(nothing, spec).predict(every, verbose=0), to_real(every, spec))


def test_an_epoch_holds_every_picture_once_in_an_order_of_its_own(side: Side) -> None:
    shuffled = batches(side, 50, seed=1)
    orders = []
    for epoch in range(2):
        shuffled.start(epoch)
        labels = np.concatenate([shuffled[index][1] for index in range(len(shuffled))])
        assert np.bincount(labels).tolist() == np.bincount(side.labels).tolist()
        orders.append(labels.tolist())
    assert orders[0] != orders[1]
    assert len(shuffled) == -(-len(side) // 50)


def test_without_a_seed_the_order_is_that_of_the_files(side: Side) -> None:
    assert np.array_equal(batches(side, 20)[1][1], side.labels[20:40])


def test_equal_seeds_give_equal_batches(side: Side) -> None:
    augmentation = Augmentation(rotation=20, mirror=True)
    first, second, other = (batches(side, 8, seed, augmentation)[3][0] for seed in (5, 5, 6))
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)


def test_a_batch_hangs_on_seed_epoch_and_index_only(side: Side) -> None:
    augmentation = Augmentation(rotation=20, mirror=True)
    went_there, began_there = (batches(side, 8, 5, augmentation) for _ in range(2))
    for epoch in range(4):
        went_there.start(epoch)
        [went_there[index] for index in range(4)]
    began_there.start(3)
    for mine, other in zip(went_there[2], began_there[2], strict=True):
        assert np.array_equal(mine, other)


def test_the_parts_of_all_workers_make_the_whole_batch(side: Side) -> None:
    whole = batches(side, 10, 1)[2]
    parts = [Batches(side.rows, side.labels, 10, seed=1, part=(worker, 3))[2] for worker in range(3)]
    assert [len(labels) for _, labels in parts] == [4, 3, 3]
    for worker, (samples, labels) in enumerate(parts):
        assert np.array_equal(samples, whole[0][worker::3])
        assert np.array_equal(labels, whole[1][worker::3])
