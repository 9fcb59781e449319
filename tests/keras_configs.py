"""Configurations of Keras, and archives with them."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from edgeproof.edge.errors import InputError
from edgeproof.workstation import keras_archive

Config = dict[str, Any]


def an_object(kind: str, module: str | None = "keras.layers", **config: Any) -> Config:
    return {"module": module, "class_name": kind, "config": config, "registered_name": None}


def a_model(*layers: Config, **more: Any) -> Config:
    return {**an_object("Sequential", "keras", name="net", layers=list(layers)), **more}


DENSE = an_object("Dense", name="dense", units=1, kernel_initializer=an_object("Zeros", "keras.initializers"))


def write(path: Path, config: Config | str | bytes, **members: bytes) -> Path:
    text = json.dumps(config) if isinstance(config, dict) else config
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", "{}")
        archive.writestr("config.json", text)
        archive.writestr("model.weights.h5", b"")
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        keras_archive.inspect(path)
    message = str(caught.value)
    assert message.startswith("expected ")
    assert ", received " in message
    assert message.isprintable()
    return message
