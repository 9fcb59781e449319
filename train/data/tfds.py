"""TensorFlow Datasets by name: "tfds:beans", "tfds:name/config:version".

What is prepared on the disk already (`TFDS_DATA_DIR`) needs no network. The encoded pictures are taken as they were
prepared: nothing is decoded and encoded again.
"""

from __future__ import annotations

import io
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from ...edge.console import Console
from ...edge.errors import InputError, missing_package
from ...edge.native_noise import muted
from .labels import class_names
from .source import TRAIN, VALIDATION, Picture, Side, Source, fingerprint

PREFIX = "tfds:"

_SPLITS = {TRAIN: ("train",), VALIDATION: ("validation", "test")}
_IMAGE, _LABEL = "image", "label"
_SUFFIXES = {b"\xff\xd8\xff": ".jpg", b"\x89PNG": ".png", b"BM": ".bmp"}  # by the first bytes
_REASON = 300  # characters of a package's own words; an unknown name is answered with pages


def open_tfds(name: str, console: Console) -> Source:
    """Open a data set, after its preparation where it is not prepared yet.

    The sides are its splits train and validation, or train and test, or train alone.

    Raises:
        InputError: tensorflow-datasets is missing; the name is unknown; the data cannot be downloaded; or they are no
            pictures of named classes.
    """
    tfds = _package()
    builder = _prepared(tfds, name, console)
    names = _class_names(tfds, builder.info.features, name)
    splits = {side: next((s for s in wanted if s in builder.info.splits), None) for side, wanted in _SPLITS.items()}
    if splits[TRAIN] is None:
        there = ", ".join(builder.info.splits) or "none"
        raise InputError(f"expected the split train, received {there}: {name}; use another data set")
    sides = {side: _side(tfds, builder, split, names, name) for side, split in splits.items() if split is not None}
    return Source(name, _digest(builder, names), sides)


def _package() -> ModuleType:
    try:
        with muted():
            import tensorflow_datasets as tfds
    except ImportError as error:
        raise missing_package("tensorflow-datasets", "tfds") from error
    module: ModuleType = tfds
    return module


def _prepared(tfds: ModuleType, name: str, console: Console) -> Any:
    with _one_line(name):
        # Given here, because the package looks at its environment only once, when it is imported.
        builder = tfds.builder(name.removeprefix(PREFIX), data_dir=os.environ.get("TFDS_DATA_DIR"))
        if not Path(builder.data_path).is_dir():
            console.say(f"preparing {name} in {builder.data_path}, which may download a lot …")
            if console.quiet:
                tfds.disable_progress_bar()
            with redirect_stdout(io.StringIO() if console.quiet else console.stream), _without_retries_logged():
                builder.download_and_prepare()
    return builder


def _class_names(tfds: ModuleType, features: Any, name: str) -> tuple[str, ...]:
    given = dict(features.items()) if hasattr(features, "items") else {}
    image, label = given.get(_IMAGE), given.get(_LABEL)
    if not isinstance(image, tfds.features.Image) or not isinstance(label, tfds.features.ClassLabel):
        there = ", ".join(f"{key} ({type(value).__name__})" for key, value in given.items())
        raise InputError(
            f"expected the features image (Image) and label (ClassLabel), received {there or 'others'}: {name}; "
            "use a data set of classified pictures"
        )
    dtype = np.dtype(image.np_dtype)
    if dtype != np.uint8 or not label.num_classes:
        raise InputError(
            f"expected pixels of uint8 and named classes, received {dtype} and {label.num_classes or 0} classes: "
            f"{name}; use another data set"
        )
    return class_names(label.names, name)


def _side(tfds: ModuleType, builder: Any, split: str, names: tuple[str, ...], name: str) -> Side:
    def pictures() -> Iterator[Picture]:
        decoders = tfds.decode.PartialDecoding(
            {_IMAGE: True, _LABEL: True}, decoders={_IMAGE: tfds.decode.SkipDecoding()}
        )
        # Small sets would be cached in memory, and nobody reads twice.
        config = tfds.ReadConfig(try_autocache=False)
        with _one_line(name):
            examples = builder.as_dataset(split=split, shuffle_files=False, decoders=decoders, read_config=config)
            for example in examples.as_numpy_iterator():
                number, data = int(example[_LABEL]), example[_IMAGE]
                if not 0 <= number < len(names):
                    raise InputError(
                        f"expected a class for each picture, received the number {number} in the split {split}: "
                        f"{name}; use a data set with labels"
                    )
                yield Picture(names[number], data, _suffix(data, name))

    return Side(int(builder.info.splits[split].num_examples), pictures)


def _suffix(data: bytes, name: str) -> str:
    for magic, suffix in _SUFFIXES.items():
        if data.startswith(magic):
            return suffix
    raise InputError(f"expected pictures as JPEG, PNG or BMP, received {data[:4]!r}…: {name}; use another data set")


def _digest(builder: Any, names: tuple[str, ...]) -> str:
    """Hash what identifies the prepared files, which are too large to be read for that."""
    files = sorted(path for path in Path(builder.data_path).iterdir() if path.is_file())
    states = [f"{path.name} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in files]
    return fingerprint(builder.info.full_name, repr(names), *states)


@contextmanager
def _one_line(name: str) -> Iterator[None]:
    """Turn whatever the package raises into one line; a data set is a program of someone else's."""
    try:
        yield
    except InputError:
        raise
    except ImportError as error:
        package = error.name or "named here"
        raise InputError(
            f"expected the package {package}, which {name} needs, received none; pip install {package}"
        ) from error
    except Exception as error:
        first = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
        raise InputError(
            f"expected the data set {name}, received {first[:_REASON]}; look at the name and the network, or prepare "
            "it elsewhere and set TFDS_DATA_DIR"
        ) from error


@contextmanager
def _without_retries_logged() -> Iterator[None]:
    """Keep quiet about each of the many attempts at a download; the last one's failure is told."""
    logger = logging.getLogger("urllib3.connectionpool")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)
