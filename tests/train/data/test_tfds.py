from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import tensorflow_datasets as tfds

from edgeproof.edge.console import Console
from edgeproof.edge.errors import InputError
from edgeproof.train.data import find
from edgeproof.train.data.tfds import open_tfds

Example = tuple[str, dict[str, Any]]


def jpeg(seed: int) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (12, 10, 3), np.uint8)
    return cv2.imencode(".jpg", pixels)[1].tobytes()


class EdgeproofTiny(tfds.core.GeneratorBasedBuilder):  # type: ignore[misc]  # no types
    """Twenty JPEG files of two classes to train on, and six to test with; `SPLITS` and `NAMES` are for others."""

    VERSION = tfds.core.Version("1.2.0")
    SPLITS = (("train", 20), ("test", 6))
    NAMES = ("cat", "big/dog")

    def _info(self) -> Any:
        return tfds.core.DatasetInfo(builder=self, features=self.features())

    def features(self) -> Any:
        image, label = tfds.features.Image(shape=(None, None, 3)), tfds.features.ClassLabel(names=self.NAMES)
        return tfds.features.FeaturesDict({"image": image, "label": label, "comment": tfds.features.Text()})

    def _split_generators(self, dl_manager: Any) -> dict[str, Iterator[Example]]:
        del dl_manager
        return {name: self._generate_examples(name, count) for name, count in self.SPLITS}

    def _generate_examples(self, name: str, count: int) -> Iterator[Example]:
        folder = Path(self.data_dir).parent / "originals"
        folder.mkdir(exist_ok=True)
        for index in range(count):
            path = folder / f"{name}-{index}.jpg"
            path.write_bytes(jpeg(index + 100 * (name != "train")))
            yield str(index), {"image": str(path), "label": index % len(self.NAMES), "comment": "a"}


class EdgeproofOneSide(EdgeproofTiny):
    SPLITS = (("train", 20),)


class EdgeproofNoTrain(EdgeproofTiny):
    SPLITS = (("test", 6),)


class EdgeproofHostile(EdgeproofTiny):
    NAMES = ("cat", "..")


class EdgeproofText(EdgeproofTiny):
    def features(self) -> Any:
        return tfds.features.FeaturesDict({"comment": tfds.features.Text(), "label": np.int64})

    def _generate_examples(self, name: str, count: int) -> Iterator[Example]:
        yield from ((f"{name}{index}", {"comment": "a", "label": index}) for index in range(count))


class EdgeproofOffline(EdgeproofTiny):
    def _split_generators(self, dl_manager: Any) -> dict[str, Iterator[Example]]:
        del dl_manager
        raise OSError("Max retries exceeded\nwith url: /pictures.zip")


class EdgeproofNeedy(EdgeproofTiny):
    def _split_generators(self, dl_manager: Any) -> dict[str, Iterator[Example]]:
        import package_that_is_not_there

        del dl_manager
        return package_that_is_not_there.splits()  # type: ignore[no-any-return]


class EdgeproofGray(EdgeproofTiny):
    """Arrays, which TFDS keeps as PNG; classes without names; two configurations."""

    BUILDER_CONFIGS = (tfds.core.BuilderConfig(name="small"), tfds.core.BuilderConfig(name="large"))
    SPLITS = (("train", 24), ("validation", 12), ("test", 12))

    def features(self) -> Any:
        image, label = tfds.features.Image(shape=(5, 4, 1)), tfds.features.ClassLabel(num_classes=12)
        return tfds.features.FeaturesDict({"image": image, "label": label})

    def _generate_examples(self, name: str, count: int) -> Iterator[Example]:
        for index in range(count):
            value = len(name) + 2 * index + 100 * (self.builder_config.name == "large")
            yield str(index), {"image": np.full((5, 4, 1), value, np.uint8), "label": index % 12}


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "tfds"))
    return tmp_path / "tfds"


def test_originals_are_kept_byte_by_byte(data_dir: Path, tmp_path: Path, console: Console) -> None:
    found = find("tfds:edgeproof_tiny", None, tmp_path / "run", 0, console)
    assert data_dir.is_dir()
    assert found.labels == ("big-dog", "cat")
    assert found.root == tmp_path / "run" / "pictures"
    for side, count, first in ((found.split.train, 20, 0), (found.split.validation, 6, 100)):
        expected = {jpeg(first + index): ("cat", "big-dog")[index % 2] for index in range(count)}
        assert {(found.root / file.file).read_bytes(): file.label for file in side} == expected
        assert all(file.file.endswith(".jpg") for file in side)


def test_what_is_prepared_needs_no_builder(data_dir: Path, console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    EdgeproofTiny(data_dir=str(data_dir)).download_and_prepare()
    monkeypatch.delitem(tfds.core.registered._DATASET_REGISTRY, "edgeproof_tiny")
    first, second = (open_tfds("tfds:edgeproof_tiny:1.2.0", console) for _ in range(2))
    assert {name: side.count for name, side in first.sides.items()} == {"train": 20, "validation": 6}
    assert first.digest == second.digest
    orders = [[picture.data for picture in source.sides["train"].pictures()] for source in (first, second)]
    assert orders[0] == orders[1]


@pytest.mark.usefixtures("data_dir")
def test_training_pictures_alone_are_split(tmp_path: Path, console: Console) -> None:
    found = find("tfds:edgeproof_one_side", None, tmp_path / "run", 0, console)
    assert (len(found.split.train), len(found.split.validation)) == (16, 4)


@pytest.mark.usefixtures("data_dir")
def test_configuration_version_and_classes_without_names(console: Console) -> None:
    source = open_tfds("tfds:edgeproof_gray/large:1.2.0", console)
    pictures = list(source.sides["validation"].pictures())
    assert sorted(picture.label for picture in pictures) == [f"{number:02}" for number in range(12)]
    decoded = {p.label: cv2.imdecode(np.frombuffer(p.data, np.uint8), cv2.IMREAD_UNCHANGED) for p in pictures}
    assert all((decoded[f"{n:02}"] == 110 + 2 * n).all() for n in range(12))  # of the split "validation"
    assert {picture.suffix for picture in pictures} == {".png"}


@pytest.mark.usefixtures("data_dir")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "expected the data set tfds:, received Parsing builder name"),
        ("../up", "received Parsing builder name"),
        ("edgeproof_nothing", "received Dataset edgeproof_nothing not found"),
        ("edgeproof_tiny:9.9.9", "expected the data set tfds:edgeproof_tiny:9.9.9, received"),
        ("edgeproof_gray/huge", "expected the data set tfds:edgeproof_gray/huge, received"),
        ("edgeproof_no_train", "expected the split train, received test"),
        ("edgeproof_hostile", r"expected class names that can name a folder, received '\.\.'"),
        ("edgeproof_text", r"received comment \(Text\), label \((Scalar|Tensor)\)"),
        ("edgeproof_offline", "received Max retries exceeded; look at the name and the network, or prepare it"),
        ("edgeproof_needy", "expected the package package_that_is_not_there, which tfds:edgeproof_needy needs"),
    ],
)
def test_what_cannot_be_used_is_one_line(console: Console, name: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        open_tfds(f"tfds:{name}", console)
    assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("data_dir")
def test_standard_output_is_left_to_results(capfd: pytest.CaptureFixture[str]) -> None:
    open_tfds("tfds:edgeproof_tiny", Console())
    captured = capfd.readouterr()
    assert captured.out == ""
    assert "preparing tfds:edgeproof_tiny in" in captured.err


def test_a_missing_package_names_the_extra(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorflow_datasets", None)
    with pytest.raises(InputError, match=r"tensorflow-datasets, received none .*pip install 'edgeproof\[tfds\]'"):
        open_tfds("tfds:mnist", console)
