"""HDF5 files of weights that are damaged, or that point out of themselves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest

from edgeproof.edge.errors import InputError
from edgeproof.train import weights

SHAPE = (2, 3)
LEGACY, KERAS3 = "dense/kernel", "layers/dense/vars/0"


@pytest.fixture
def network() -> keras.Model:
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, use_bias=False, name="dense")])


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """Another file, whose contents must not get into the network."""
    path = tmp_path / "secret.h5"
    with h5py.File(path, "w") as file:
        file["kernel"] = np.full(SHAPE, 42, np.float32)
        file["group/kernel"] = np.full(SHAPE, 42, np.float32)
        file["group"].attrs["weight_names"] = ["kernel"]
    (tmp_path / "secret.raw").write_bytes(np.full(SHAPE, 42, np.float32).tobytes())
    return path


def write(path: Path, name: str, add: Callable[[Any, str], Any]) -> Path:
    """Write a file of one layer, whose kernel `add(file, name)` makes."""
    with h5py.File(path, "w") as file:
        add(file, name)
        if name == LEGACY:
            file.attrs["layer_names"] = ["dense"]
            file.require_group("dense").attrs["weight_names"] = ["kernel"]
    return path


def refusal(network: keras.Model, path: Path) -> str:
    before = network.get_weights()[0].copy()
    with pytest.raises(InputError) as caught:
        weights.load(network, path)
    assert np.array_equal(network.get_weights()[0], before)
    message = str(caught.value)
    assert message.startswith("expected ")
    assert ", received " in message
    assert path.name in message
    assert message.isprintable()
    return message


def by_external_link(file: Any, name: str) -> None:
    file[name] = h5py.ExternalLink("secret.h5", "/kernel")


def by_link_of_a_group(file: Any, name: str) -> None:
    # The dataset is reached over the linked group; what the group is called differs.
    parent = name.rpartition("/")[0]
    file[parent] = h5py.ExternalLink("secret.h5", "/group")


def by_soft_link(file: Any, name: str) -> None:
    file["hidden"] = h5py.ExternalLink("secret.h5", "/kernel")
    file[name] = h5py.SoftLink("/hidden")


def by_external_storage(file: Any, name: str) -> None:
    file.create_dataset(name, SHAPE, np.float32, external=[("secret.raw", 0, h5py.h5f.UNLIMITED)])


def by_virtual_dataset(file: Any, name: str) -> None:
    layout = h5py.VirtualLayout(SHAPE, np.float32)
    layout[:] = h5py.VirtualSource("secret.h5", "kernel", SHAPE)
    file.create_virtual_dataset(name, layout)


@pytest.mark.parametrize("name", [LEGACY, KERAS3])
@pytest.mark.parametrize(
    "add", [by_external_link, by_link_of_a_group, by_soft_link, by_external_storage, by_virtual_dataset]
)
@pytest.mark.usefixtures("elsewhere")
def test_what_points_elsewhere_is_refused(
    network: keras.Model, name: str, add: Callable[[Any, str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if add is by_link_of_a_group and name == LEGACY:
        path = tmp_path / "a.h5"
        with h5py.File(path, "w") as file:
            file.attrs["layer_names"] = ["dense"]
            by_link_of_a_group(file, name)
    else:
        path = write(tmp_path / "a.h5", name, add)
    assert "in the file itself" in refusal(network, path)


def references(file: Any, name: str) -> None:
    file.create_dataset(name, SHAPE, h5py.ref_dtype)


def of_type(dtype: Any) -> Callable[[Any, str], None]:
    return lambda file, name: file.create_dataset(name, SHAPE, dtype)


@pytest.mark.parametrize("name", [LEGACY, KERAS3])
@pytest.mark.parametrize(
    "add",
    [references, *map(of_type, (np.int32, np.uint8, bool, np.complex64, h5py.string_dtype(), [("a", np.float32)]))],
    ids=["references", "int32", "uint8", "bool", "complex", "text", "compound"],
)
def test_only_floats_are_weights(
    network: keras.Model, name: str, add: Callable[[Any, str], None], tmp_path: Path
) -> None:
    assert "float16, 32 or 64" in refusal(network, write(tmp_path / "a.h5", name, add))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, ">f4"])
def test_floats_of_any_size_are_read(network: keras.Model, dtype: Any, tmp_path: Path) -> None:
    values = np.arange(6).reshape(SHAPE)
    path = write(tmp_path / "a.h5", LEGACY, lambda file, name: file.create_dataset(name, data=values.astype(dtype)))
    weights.load(network, path)
    assert np.array_equal(network.get_weights()[0], values)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e300])
def test_weights_are_finite(network: keras.Model, value: float, tmp_path: Path) -> None:
    values = np.full(SHAPE, value, np.float64)
    path = write(tmp_path / "a.h5", LEGACY, lambda file, name: file.create_dataset(name, data=values))
    assert "finite weights" in refusal(network, path)


def test_the_declared_shape_is_compared_before_anything_is_read(network: keras.Model, tmp_path: Path) -> None:
    """Empty chunks take no place: this one would be 4 TB."""

    def declare(file: Any, name: str) -> None:
        file.create_dataset(name, (1024**2, 1024**2), np.float32, chunks=(64, 64), compression="gzip")

    path = write(tmp_path / "a.h5", LEGACY, declare)
    assert path.stat().st_size < 100_000
    assert "received (1048576, 1048576)" in refusal(network, path)


def test_chunks_larger_than_what_is_read_are_refused(network: keras.Model, tmp_path: Path) -> None:
    def declare(file: Any, name: str) -> None:
        file.create_dataset(name, SHAPE, np.float32, chunks=(16384, 16384), maxshape=(None, None))

    assert "chunks" in refusal(network, write(tmp_path / "a.h5", LEGACY, declare))


def test_other_filters_are_refused(network: keras.Model, tmp_path: Path) -> None:
    def scale(file: Any, name: str) -> None:
        file.create_dataset(name, SHAPE, np.float32, scaleoffset=4)

    assert "packed by gzip" in refusal(network, write(tmp_path / "a.h5", LEGACY, scale))


def test_datasets_of_nothing_are_refused(network: keras.Model, tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", LEGACY, lambda file, name: file.create_dataset(name, data=h5py.Empty("f4")))
    assert "received None" in refusal(network, path)


@pytest.mark.parametrize("content", [b"", b"weights", b"\x89HDF\r\n\x1a\n", bytes(4096)])
def test_what_is_no_hdf5_is_refused(network: keras.Model, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    path.write_bytes(content)
    assert "does not read" in refusal(network, path)


def test_truncated_files_are_refused(network: keras.Model, tmp_path: Path) -> None:
    path = tmp_path / "a.weights.h5"
    network.save_weights(path)
    path.write_bytes(path.read_bytes()[:-100])
    assert "does not read" in refusal(network, path)


@pytest.mark.parametrize("names", [[], ["dense"]])
def test_files_without_weights_are_refused(network: keras.Model, names: list[str], tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = names
        file.create_group("dense")
    refusal(network, path)


@pytest.mark.parametrize(
    "attribute", [3, [1, 2], ["nothing"], ["/dense"], [".."], ["dense/../dense"], ["dense/"], ["\x1b[2J"]]
)
def test_damaged_lists_of_names_are_refused(network: keras.Model, attribute: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["dense/kernel"] = np.zeros(SHAPE, np.float32)
        file.attrs["layer_names"] = attribute
    assert "does not read" in refusal(network, path)


def test_missing_files_and_folders_are_refused(network: keras.Model, tmp_path: Path) -> None:
    assert "received none" in refusal(network, tmp_path / "a.h5")
    (tmp_path / "a.h5").mkdir()
    assert "received none" in refusal(network, tmp_path / "a.h5")
