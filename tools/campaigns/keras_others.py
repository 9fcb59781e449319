"""Hostile .h5 files of Keras' older kind, and .onnx files whose weights are said to be in other files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import onnx
from onnx import TensorProto, helper

from keras_archives import Good, an_object

_DEEP = 100_000
_LONG = 5000  # letters of a path
_SIDE = 8  # pixels
_UNITS = 2


def write_h5(folder: Path, good: Good) -> Iterator[Path]:
    """Write whole models in HDF5 into a folder."""
    evil = {"class_name": "Lambda", "config": {"name": "evil", "function": [good.code()["config"]["code"], None, None]}}
    yield _h5(folder / "h5-lambda.h5", _legacy(evil))
    inner = {"class_name": "Sequential", "config": {"name": "inner", "layers": [evil]}}
    yield _h5(folder / "h5-lambda-in-a-model.h5", _legacy(inner))
    written = {"name": "evil", "function": "io.write_file"}
    yield _h5(folder / "h5-operation.h5", _legacy({"class_name": "TFOpLambda", "config": written}))
    named = an_object("system", "os", {"command": f"touch {good.canary}/executed"})
    yield _h5(folder / "h5-os-system.h5", _legacy(named))
    yield _h5(folder / "h5-deep.h5", "[" * _DEEP + "]" * _DEEP)
    yield _h5(folder / "h5-new-version.h5", _legacy(evil), version="3.15.1")
    outside = str(good.canary / "secret.h5")
    links = {
        "external-link": h5py.ExternalLink(outside, "secret"),
        "soft-link": h5py.SoftLink("/model_weights"),
    }
    for name, link in links.items():
        path = _h5(folder / f"h5-{name}.h5", _legacy())
        with h5py.File(path, "r+") as file:
            file["model_weights"] = link
        yield path
    path = _h5(folder / "h5-external-storage.h5", _legacy())
    with h5py.File(path, "r+") as file:
        _weights(file, external=[(str(good.canary / "secret.txt"), 0, h5py.h5f.UNLIMITED)])
    yield path
    disguised = folder / "h5-as-keras.keras"
    disguised.write_bytes((folder / "h5-lambda.h5").read_bytes())
    yield disguised


def _legacy(*more: Any) -> str:
    shape = [None, _SIDE, _SIDE, 3]
    layers = [
        {"class_name": "InputLayer", "config": {"batch_input_shape": shape, "dtype": "float32", "name": "in"}},
        {"class_name": "Flatten", "config": {"name": "flat"}},
        *more,
        {"class_name": "Dense", "config": {"name": "dense", "units": _UNITS, "activation": "softmax"}},
    ]
    return json.dumps({"class_name": "Sequential", "config": {"name": "net", "layers": layers}})


def _h5(path: Path, config: str, version: str = "2.9.0") -> Path:
    with h5py.File(path, "w") as file:
        # A text too long for the head of a file is kept apart, as Keras does.
        file.attrs.create("model_config", np.bytes_(config) if len(config) < 60_000 else config, None, None)
        file.attrs["keras_version"] = version
        file.attrs["backend"] = "tensorflow"
    return path


def _weights(file: Any, **where: Any) -> None:
    group = file.create_group("model_weights")
    group.attrs["layer_names"] = [b"dense"]
    layer = group.create_group("dense")
    layer.attrs["weight_names"] = [b"dense/kernel:0", b"dense/bias:0"]
    layer.create_dataset("dense/kernel:0", (_SIDE * _SIDE * 3, _UNITS), "f4", **where)
    layer.create_dataset("dense/bias:0", data=np.zeros(_UNITS, np.float32))


def write_onnx(folder: Path, canary: Path) -> Iterator[Path]:
    """Write models whose only weights are in a file outside, named in five ways."""
    (folder / "link.bin").symlink_to(canary / "secret.bin")
    locations = {
        "absolute": str(canary / "secret.bin"),
        "parent": f"../{canary.name}/secret.bin",
        "symlink": "link.bin",
        "long": "./" * (_LONG // 2) + f"../{canary.name}/secret.bin",
    }
    for name, location in locations.items():
        yield _save(folder / f"onnx-{name}.onnx", _outside(location, "w"), inside=False)
    yield _save(folder / "onnx-subgraph.onnx", _outside(locations["absolute"], "w"), inside=True)


def _outside(location: str, name: str) -> TensorProto:
    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=[_SIDE * _SIDE * 3, _UNITS])
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", location), ("offset", "0"), ("length", str(_SIDE * _SIDE * 3 * _UNITS * 4))):
        tensor.external_data.add(key=key, value=value)
    return tensor


def _save(path: Path, weights: TensorProto, *, inside: bool) -> Path:
    answer = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, _UNITS])
    picture = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, _SIDE, _SIDE, 3])
    flat = helper.make_node("Flatten", ["x"], ["flat"])
    initializers = [] if inside else [weights]
    if inside:
        product = helper.make_tensor_value_info("p", TensorProto.FLOAT, [1, _UNITS])
        branch = helper.make_graph([helper.make_node("MatMul", ["flat", "w"], ["p"])], "b", [], [product], [weights])
        condition = helper.make_tensor("yes", TensorProto.BOOL, [], [True])
        initializers = [condition]
        nodes = [flat, helper.make_node("If", ["yes"], ["logits"], then_branch=branch, else_branch=branch)]
    else:
        nodes = [flat, helper.make_node("MatMul", ["flat", "w"], ["logits"])]
    nodes.append(helper.make_node("Softmax", ["logits"], ["y"]))
    graph = helper.make_graph(nodes, "g", [picture], [answer], initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    path.write_bytes(model.SerializeToString())
    onnx.load_model(path, load_external_data=False)  # it is one
    return path
