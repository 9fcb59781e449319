"""The config of a Keras 2 model, brought to what Keras 3 builds the same network from.

Keras 2 wrote its configs differently from version to version, and Keras 3 refuses much of it: DepthwiseConv2D with
`groups`, `batch_input_shape`, initializers with a `dtype`, names with a slash, operations such as `x / 127.5`, networks
within networks. Nothing is executed here, and nothing is trusted: what comes out is inspected like any other config.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ...edge.errors import InputError
from . import keras2_nodes, keras2_operations

MODELS = frozenset({"Sequential", "Functional", "Model"})
_INPUT = "InputLayer"
# How weights begin and how they are trained: every weight comes from the file, and nothing is trained.
_TRAINING = ("_initializer", "_regularizer", "_constraint")
# Of the machinery of some version, without a word about what the layer computes.
_MACHINERY = frozenset(
    {"adjustment", "batch_shape", "fused", "implementation", "input_dtype", "input_length", "rng_type"}
    | {"time_major", "unroll", "virtual_batch_size"}
)
# What newer layers lack may go where it has the value that changes nothing.
_IDLE: dict[str, tuple[Any, ...]] = {
    "groups": (1, None),
    "ragged": (False, None),
    "sparse": (False, None),
    "optional": (False, None),
}
_GROUPED = frozenset({"Conv1D", "Conv2D", "Conv3D", "Convolution1D", "Convolution2D", "Convolution3D"})
_RENAMED = {
    "BatchNormalizationV1": "BatchNormalization",
    "BatchNormalizationV2": "BatchNormalization",
    "LayerNormalizationV1": "LayerNormalization",
    # At inference they hand on what they are given.
    "RandomHeight": "Identity",
    "RandomWidth": "Identity",
}
_FLOAT = "float32"


@dataclass(frozen=True)
class Repaired:
    """A config for Keras 3.

    `changes` says in words what was changed and in how many layers; `names` are the new names of layers, by the old.
    """

    config: dict[str, Any]
    changes: tuple[str, ...]
    names: dict[str, str]
    keras2: bool = True


@dataclass
class _Log:
    """What was changed so far, and how often; `names` of renamed layers."""

    changes: Counter[str] = field(default_factory=Counter)
    names: dict[str, str] = field(default_factory=dict)

    def note(self, change: str) -> None:
        self.changes[change] += 1

    def rename(self, name: str) -> str:
        """Give the name that Keras 3 takes: it keeps "/" for paths."""
        new = name.replace("/", "_")
        if new != name and name not in self.names:
            while new in self.names.values():
                new += "_"
            self.names[name] = new
            self.note("a name with /")
        return self.names.get(name, name)


def repair(config: dict[str, Any]) -> Repaired:
    """Bring the config of a whole model to Keras 3.

    Args:
        config: what `model_config` of an .h5 file holds; it stays as it is.

    Raises:
        InputError: the config is none of a model made of layers, or has an operation without a counterpart.
    """
    log = _Log()
    repaired = copy.deepcopy(config)
    if repaired.get("class_name") not in MODELS:
        raise InputError(
            f"expected a Sequential or Functional model, received {str(repaired.get('class_name'))[:60]!r}; "
            "save it as a SavedModel with model.export(FOLDER)"
        )
    try:
        _model(repaired, log)
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise InputError(f"expected a Keras model's config, received one without sense ({error!r:.120})") from error
    return Repaired(repaired, tuple(f"{what} ×{count}" for what, count in sorted(log.changes.items())), log.names)


def _model(node: dict[str, Any], log: _Log) -> None:
    for key in ("module", "registered_name", "build_config"):
        node.pop(key, None)
    if isinstance(node["config"], list):
        log.note("Sequential as a bare list")
        node["config"] = {"name": f"sequential_{log.changes.total()}", "layers": node["config"]}
    config = node["config"]
    if node["class_name"] == "Model":
        log.note("the class Model")
        node["class_name"] = "Functional"
    if node["class_name"] == "Sequential":
        _begin_with_input(config, log)
    for layer in config["layers"]:
        _layer(layer, log)
    config["name"] = log.rename(config["name"])
    # Layers have it too, and it decides in which order their weights are stored.
    for key in ("trainable", "dtype", "build_input_shape"):
        config.pop(key, None)
    if node["class_name"] == "Functional":
        _connect(config, log)


def _begin_with_input(config: dict[str, Any], log: _Log) -> None:
    first = config["layers"][0]
    if first["class_name"] == _INPUT:
        return
    shape = next(_declared_shapes(first), None) or config.get("build_input_shape")
    if shape is not None:
        log.note("Sequential without an input")
        name = f"{config['name']}_input"
        config["layers"].insert(0, {"class_name": _INPUT, "config": {"name": name, "batch_input_shape": shape}})


def _declared_shapes(node: dict[str, Any]) -> Iterator[list[int | None]]:
    """Give the shape with a batch that a layer, or the first layer within it, declares for its input."""
    config = node["config"]
    layers = config if isinstance(config, list) else config.get("layers", [])
    if layers:
        yield from _declared_shapes(layers[0])
    elif isinstance(config, dict):
        for key in ("batch_input_shape", "batch_shape"):
            if config.get(key) is not None:
                yield config[key]


def _layer(node: dict[str, Any], log: _Log) -> None:
    if node["class_name"] in MODELS:
        _model(node, log)
        node["name"] = log.rename(node.get("name", node["config"]["name"]))
        return
    for key in ("module", "build_config"):
        node.pop(key, None)
    if node.get("registered_name") in (None, node["class_name"]):
        node.pop("registered_name", None)
    config = node["config"]
    if "name" in config:
        node["name"] = config["name"] = log.rename(config["name"])
    if isinstance(config.get("layer"), dict):  # of Bidirectional and TimeDistributed
        _layer(config["layer"], log)
    _rename(node, log)
    _drop(node["class_name"], config, log)
    _plain_values(node["class_name"], config, log)


def _rename(node: dict[str, Any], log: _Log) -> None:
    kind, config = node["class_name"], node["config"]
    if kind in _RENAMED:
        log.note(f"the class {kind}")
        node["class_name"] = _RENAMED[kind]
    if node["class_name"] == "Identity":
        node["config"] = {key: config[key] for key in ("name", "trainable", "dtype") if key in config}
    if kind == "LeakyReLU" and "alpha" in config:
        log.note("alpha of LeakyReLU")
        config["negative_slope"] = config.pop("alpha")
    if kind == "ThresholdedReLU":
        log.note("the class ThresholdedReLU")
        node["class_name"] = "ReLU"
        config["threshold"] = config.pop("theta")


def _drop(kind: str, config: dict[str, Any], log: _Log) -> None:
    shape = config.pop("batch_input_shape", None)
    if shape is not None:
        log.note(f"batch_input_shape of {kind}")
    if kind == _INPUT:
        config["batch_shape"] = shape if shape is not None else config["batch_shape"]
    for key in [key for key in config if _is_superfluous(kind, key, config[key])]:
        del config[key]
        if not key.endswith(_TRAINING):
            log.note(f"{key} of {kind}")


def _is_superfluous(kind: str, key: str, value: Any) -> bool:
    if key.endswith(_TRAINING):
        return True
    if key in _MACHINERY:
        return not (kind == _INPUT and key == "batch_shape")
    if key == "groups" and kind in _GROUPED:
        return False
    return key in _IDLE and value in _IDLE[key]


def _plain_values(kind: str, config: dict[str, Any], log: _Log) -> None:
    axis = config.get("axis")
    if kind.startswith("BatchNormalization") and isinstance(axis, list) and len(axis) == 1:
        log.note("axis of BatchNormalization as a list")
        config["axis"] = axis[0]
    if config.get("dtype", _FLOAT) != _FLOAT:
        log.note("arithmetic other than of float32")
        config["dtype"] = _FLOAT
    for key, value in config.items():
        if isinstance(value, dict) and value.get("type") == "ndarray" and "value" in value:
            log.note("a number as an array")
            config[key] = value["value"]
        if value == "hard_sigmoid":
            log.note("hard_sigmoid, which Keras 3 computes otherwise")


def _connect(config: dict[str, Any], log: _Log) -> None:
    """Bring the graph of a Functional model to today's form."""
    kinds = {layer["name"]: layer["class_name"] for layer in config["layers"]}
    graph = keras2_nodes.Graph(kinds, log.rename)
    for layer in config["layers"]:
        nodes = [graph.call(node) for node in layer.get("inbound_nodes", [])]
        if layer["class_name"] in keras2_operations.CLASSES:
            log.note(f"the operation {str(layer['config'].get('function'))[:40]}")
            keras2_operations.translate(layer, nodes)
        layer["inbound_nodes"] = [{"args": list(node.arguments), "kwargs": node.options} for node in nodes]
    for layer in config["layers"]:
        for node in layer["inbound_nodes"]:
            graph.renumber(node)
    for key in ("input_layers", "output_layers"):
        config[key] = graph.ends(config[key])
