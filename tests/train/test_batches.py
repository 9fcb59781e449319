from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tiny
from edgeproof.edge.classifier import Classifier
from edgeproof.edge.console import Console
from edgeproof.edge.contract import ImageInput
from edgeproof.edge.folders import labelled_files
from edgeproof.edge.pixel_set import PixelSet, decode
from edgeproof.edge.preprocess import read_image, write_input
from edgeproof.edge.quantization import dequantize
from edgeproof.train.augmentation import Augmentation
from edgeproof.train.batches import Batches

SPEC = ImageInput(height=tiny.SIZE, width=tiny.SIZE, channels=3)
LABELS = ("paper", "rock", "scissors")


@pytest.fixture(scope="module")
def pixels(hands: Path) -> PixelSet:
    return decode(hands, labelled_files(hands, hands), LABELS, SPEC, Console(quiet=True))


@pytest.mark.parametrize("suffix", ["tflite", "onnx"])
def test_the_network_is_trained_on_exactly_what_the_int8_interpreter_receives(
    pixels: PixelSet, hands: Path, models: Path, suffix: str
) -> None:
    trained_on, _ = Batches(pixels, SPEC, batch_size=16)[0]
    classifier = Classifier.open(models / f"rps-int8.{suffix}")
    for index in range(16):
        tensor = classifier.interpreter.input_tensor()
        write_input(read_image(hands / pixels.files[index].file), classifier.contract.input, tensor)
        received = np.array(tensor[0])
        del tensor
        assert received.dtype == np.uint8
        assert np.array_equal(received, pixels.pixels[index])
        # Bit for bit as floats too: what the stored integers mean is what Keras was given.
        assert np.array_equal(dequantize(received, classifier.contract.input.quantization), trained_on[index])


def test_an_epoch_holds_every_picture_once_in_an_order_of_its_own(pixels: PixelSet) -> None:
    batches = Batches(pixels, SPEC, batch_size=50, seed=1)
    orders = []
    for _ in range(2):
        labels = np.concatenate([batches[index][1] for index in range(len(batches))])
        assert np.bincount(labels).tolist() == np.bincount(pixels.labels).tolist()
        orders.append(labels.tolist())
        batches.on_epoch_end()
    assert orders[0] != orders[1]
    assert len(batches) == -(-len(pixels) // 50)


def test_without_a_seed_the_order_is_that_of_the_files(pixels: PixelSet) -> None:
    assert np.array_equal(Batches(pixels, SPEC, batch_size=20)[1][1], pixels.labels[20:40])


def test_equal_seeds_give_equal_batches(pixels: PixelSet) -> None:
    augmentation = Augmentation(rotation=20, mirror=True)
    first, second, other = (Batches(pixels, SPEC, 8, seed, augmentation)[3][0] for seed in (5, 5, 6))
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)
