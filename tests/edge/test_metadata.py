from __future__ import annotations

import random
import struct
from pathlib import Path

import numpy as np
import pytest

from edgeproof.edge import modelfile
from edgeproof.edge.classifier import Classifier
from edgeproof.edge.contract import Color, ImageInput
from edgeproof.edge.errors import InputError
from edgeproof.edge.modelfile.flatbuffer import MalformedError, Table
from edgeproof.edge.modelfile.metadata import Metadata, read
from edgeproof.edge.preprocess import decode_image
from golden import LABELS, foreign
from tflite_files import flatbuffer, metadata, with_members, with_metadata

TEXT = b"paper\nrock\nscissors\n"


@pytest.fixture
def float_model(models: Path) -> bytes:
    return foreign(models / "rps-fp32.tflite")


def theirs(folder: Path, model: bytes, members: dict[str, bytes]) -> Path:
    path = folder / "theirs.tflite"
    path.write_bytes(with_members(model, members))
    return path


def test_what_the_export_writes_is_read(models: Path) -> None:
    found = read(modelfile.read(models / "rps-fp32.tflite").model, "m")
    assert found == Metadata("rps-fp32", Color.RGB, (0.0,), (255.0,), ("labels.txt",))


def test_model_of_numbers_has_neither_colours_nor_labels(models: Path) -> None:
    assert read(modelfile.read(models / "hello-fp32.tflite").model, "m") == Metadata("hello-fp32")


def test_metadata_of_others_are_read(float_model: bytes) -> None:
    """Of two files of labels, the one without a language comes first."""
    content = metadata((123.5, 116.25, 103.5), (58.5, 57.0, 57.5), 2, "names.txt", "Größe")
    assert read(with_metadata(float_model, content), "m") == Metadata(
        "Größe", Color.GRAY, (123.5, 116.25, 103.5), (58.5, 57.0, 57.5), ("names.txt", "translated.txt")
    )


@pytest.mark.parametrize("model", [b"", b"garbage", bytes(100), b"\x1c\x00\x00\x00TFL3" + bytes(100)])
def test_what_is_no_model_has_none(model: bytes) -> None:
    assert read(model, "m") is None


@pytest.mark.parametrize("root", [{0: "x"}, {0: "x", 3: []}, {0: "x", 3: [{}]}, {0: "x", 3: [{2: [{}], 3: [{}]}]}])
def test_metadata_that_say_little_are_read(float_model: bytes, root: dict[int, object]) -> None:
    assert read(with_metadata(float_model, flatbuffer(root, b"M001")), "m") == Metadata("x")


@pytest.mark.parametrize("content", [b"", b"short", metadata()[:40], flatbuffer({0: "x"}, b"M009")])
def test_damaged_metadata_are_one_line(float_model: bytes, content: bytes) -> None:
    with pytest.raises(InputError, match=r"expected TFLite Metadata, received damaged ones \(.*\): m; copy it again"):
        read(with_metadata(float_model, content), "m")


@pytest.mark.parametrize("seed", range(4))
def test_any_damage_is_metadata_none_or_one_line(float_model: bytes, seed: int) -> None:
    """Bytes of the metadata, and of the tables that lead there, at random; nothing else is ever raised."""
    choose = random.Random(seed)  # noqa: S311 - no secret
    content = metadata((127.5,) * 3, (127.5,) * 3)
    refused = 0
    for _ in range(400):
        data = bytearray(with_metadata(float_model, content))
        begin = choose.choice([0, len(data) - len(content)])
        for _ in range(choose.randint(1, 4)):
            place = begin + choose.randrange(len(content))
            if choose.random() < 0.5:
                data[place] = choose.randrange(256)
            else:
                data[place : place + 4] = struct.pack("<I", choose.choice([0, 1, 2**16, 2**31 - 1, 2**32 - 1]))
        try:
            read(bytes(data), "m")
        except InputError:
            refused += 1
    assert refused > 50


def test_vector_of_millions_is_not_gone_through() -> None:
    data = bytearray(flatbuffer({0: (1.0,) * 5000}, b"test"))
    with pytest.raises(MalformedError, match="5000 numbers"):
        Table.root(bytes(data)).floats(0)


def test_file_with_metadata_needs_nothing_but_its_path(models: Path, float_model: bytes, tmp_path: Path) -> None:
    own = Classifier.open(models / "rps-fp32.tflite")
    classifier = Classifier.open(theirs(tmp_path, float_model, {"labels.txt": TEXT}))
    members = modelfile.read(models / "rps-fp32.tflite").members
    for index in range(3):
        sample = decode_image(members[f"golden/{index}.png"], "golden")
        expected, answer = own.classify(sample), classifier.classify(sample)
        assert (answer.label, answer.scores.tolist()) == (expected.label, expected.scores.tolist())
    assert [str(each) for each in classifier.assumptions] == ["activation softmax (by its answers to test pictures)"]


def test_arguments_override_the_metadata(float_model: bytes, tmp_path: Path) -> None:
    path = theirs(tmp_path, with_metadata(float_model, metadata((127.5,), (127.5,))), {"labels.txt": TEXT})
    spec = Classifier.open(path).contract.input
    assert isinstance(spec, ImageInput)
    assert (spec.range, spec.color, spec.channel_ranges) == ((-1, 1), Color.RGB, ())
    classifier = Classifier.open(path, labels="a,b,c", range=(0, 255), color="bgr", activation="logits")
    assert isinstance(classifier.contract.input, ImageInput)
    assert (classifier.contract.input.range, classifier.contract.input.color) == ((0, 255), Color.BGR)
    assert classifier.contract.output.labels == ("a", "b", "c")
    assert classifier.assumptions == ()


def test_channels_of_the_metadata_are_normalized_each(float_model: bytes, tmp_path: Path) -> None:
    content = metadata((0.0, 127.5, 255.0), (255.0, 127.5, 51.0))
    classifier = Classifier.open(theirs(tmp_path, with_metadata(float_model, content), {"labels.txt": TEXT}))
    classifier.classify(np.full((32, 32, 3), (51, 255, 102), np.uint8))  # blue, green, red
    pixel = classifier.interpreter.input_tensor()[0, 0, 0].tolist()
    assert pixel == pytest.approx([102 / 255, 1, (51 - 255) / 51], abs=1e-6)


@pytest.mark.parametrize("mean", [(127.5,), (0.0, 10.0, 20.0)])
def test_bytes_are_pixels_whatever_the_metadata_say(models: Path, tmp_path: Path, mean: tuple[float, ...]) -> None:
    model = with_metadata(foreign(models / "rps-int8.tflite"), metadata(mean, mean[-1:]))
    classifier = Classifier.open(theirs(tmp_path, model, {"labels.txt": TEXT}))
    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    classifier.classify(pixels)
    assert np.array_equal(classifier.interpreter.input_tensor()[0], pixels[..., ::-1])
    assert classifier.contract.output.labels == LABELS
    assert [each.argument for each in classifier.assumptions] == ["activation"]


def test_unknown_colours_are_assumed(float_model: bytes, tmp_path: Path) -> None:
    path = theirs(tmp_path, with_metadata(float_model, metadata(color=0)), {"labels.txt": TEXT})
    assert [str(each) for each in Classifier.open(path, activation="softmax").assumptions] == [
        "range 0..1",
        "color rgb",
    ]


def test_labels_that_metadata_name_but_do_not_bring_are_asked_for(float_model: bytes, tmp_path: Path) -> None:
    path = theirs(tmp_path, float_model, {"other.txt": TEXT})
    with pytest.raises(InputError, match=r"expected a contract inside the file, received none: .* or pass --labels"):
        Classifier.open(path)
