"""Keras files are judged without Keras: each published way around its safe mode is refused, and nothing of it runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from edgeproof.workstation import keras_archive
from edgeproof.workstation.keras_names import CLASSES, CLASSES_ANYWHERE
from keras_configs import DENSE, Config, a_model, an_object, refusal, write

TRUST = "; pass --trust if you know where it comes from"


def a_function(name: str, module: str = "builtins", registered: str | None = "function") -> Config:
    return {"module": module, "class_name": "function", "config": name, "registered_name": registered}


# Marshalled code, as Keras writes a lambda: it is never decoded here.
CODE = {"class_name": "__lambda__", "config": {"code": "4wAAAA==", "defaults": None, "closure": None}}


def test_a_plain_model_passes(path: Path) -> None:
    config = a_model(
        an_object("InputLayer", name="in"),
        DENSE,
        an_object("Activation", activation=a_function("relu")),
        compile_config={
            "optimizer": an_object(
                "RMSprop", "keras.optimizers", learning_rate=an_object("CosineDecay", "keras.optimizers.schedules")
            ),
            "loss": a_function("mean_squared_error"),
            "metrics": ["accuracy"],
        },
    )
    keras_archive.inspect(write(path, config))


@pytest.mark.parametrize("member", ["assets/", "assets/layers/string_lookup/vocabulary.txt"])
def test_assets_pass(path: Path, member: str) -> None:
    keras_archive.inspect(write(path, a_model(DENSE), **{member: b""}))


def test_legacy_configs_name_no_modules() -> None:
    layers = [{"class_name": "Conv2D", "config": {"name": "conv", "activation": "relu"}}]
    text = json.dumps({"class_name": "Functional", "config": {"name": "net", "layers": layers}})
    keras_archive.inspect_config(text, "old.h5")


def test_the_message_names_layer_and_file(path: Path) -> None:
    config = a_model(DENSE, an_object("Lambda", name="scale", function=CODE))
    message = "expected only Keras' own layers, received Lambda in layer 'scale' of model.keras" + TRUST
    assert refusal(write(path, config)) == message


# One entry per trick: an object somewhere in the config, and what the message must name.
TRICKS = {
    # Python code in the file: CVE-2024-3660, and wherever safe mode is off or forgotten.
    "lambda": (an_object("Lambda", name="x", function=CODE), "Lambda"),
    "bare code": (an_object("Activation", name="x", activation=CODE), "__lambda__"),
    # Any importable name by its module: CVE-2025-1550.
    "os.system": (an_object("Activation", name="x", activation=a_function("system", "os", "system")), "os.system"),
    "class of a module": (an_object("Popen", "subprocess", name="x", args="touch /tmp/x"), "subprocess.Popen"),
    "custom code": (an_object("Layer", "my_package.layers", name="x"), "my_package.layers.Layer"),
    "no class": ({"module": "os", "config": {}}, "os"),
    "operation of another library": (an_object("PyFunc", "tensorflow.raw_ops", name="x"), "tensorflow.raw_ops.PyFunc"),
    # Keras' own functions turned against it: CVE-2025-8747, and CVE-2025-9906, which switches safe mode off first.
    "download": (
        an_object("Lambda", name="x", function=a_function("get_file", "keras.utils", "get_file"), arguments={}),
        "Lambda",
    ),
    "download elsewhere": (
        an_object("Activation", name="x", activation=a_function("get_file", "keras.utils")),
        "keras.utils.get_file",
    ),
    "safe mode off": (
        a_function("enable_unsafe_deserialization", "keras.config", None),
        "keras.config.enable_unsafe_deserialization",
    ),
    "load another file": (a_function("load_model", "keras.models", None), "load_model"),
    "function as class": (an_object("load_model", "keras.models", name="x"), "load_model"),
    "path in the class name": (an_object("utils.get_file", "keras", name="x"), "utils.get_file"),
    "path in the function": (a_function("config.enable_unsafe_deserialization", "keras"), "keras"),
    "path of an operation": (an_object("operation.Operation", "keras.src.ops.numpy", name="x"), "operation.Operation"),
    "dunder of an operation": (an_object("__builtins__", "keras.src.ops.numpy", name="x"), "__builtins__"),
    "loader's own module": (an_object("FeatureSpace", "keras.utils", name="x"), "keras.utils.FeatureSpace"),
    "internal module": (an_object("SafeModeScope", "keras.src.saving.serialization_lib"), "SafeModeScope"),
    "operation with a function": (an_object("Map", "keras.src.ops.core", name="x"), "Map"),
    # Legacy layouts, for which safe mode did not count: CVE-2025-9905.
    "legacy lambda": (
        {"class_name": "Lambda", "config": {"name": "x", "function": ["4wAAAA==", None, None], "module": "__main__"}},
        "Lambda",
    ),
    "legacy function": ({"class_name": "deserialize", "config": {"name": "x"}}, "deserialize"),
    "legacy type": ({"class_name": "TypeSpec", "type_spec": "x", "serialized": []}, "TypeSpec"),
    "type": ({"class_name": "__typespec__", "spec_name": "x", "module": "os", "config": []}, "os.__typespec__"),
    # Layers that load other programs: SavedModels, pickles (CVE-2025-49655), functions.
    **{
        kind: (an_object(kind, name="x"), kind) for kind in ("TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer")
    },
    # Files read by path, from the disk or by URL: CVE-2025-12058.
    "vocabulary": (an_object("StringLookup", name="x", vocabulary="/etc/passwd"), "the vocabulary /etc/passwd"),
    "vocabulary by value": (
        an_object("TextVectorization", name="x", vocabulary={"class_name": "__bytes__", "config": {"value": "/etc"}}),
        "the vocabulary a dict",
    ),
    # A name that another library of the process has registered.
    "registered class": ({**an_object("Dense", name="x"), "registered_name": "hub>Downloader"}, "hub>Downloader"),
    "registered function": (a_function("relu", registered="hub>fetch"), "hub>fetch"),
    "registered alone": ({"registered_name": "hub>fetch", "config": {}}, "hub>fetch"),
    # Not what the names are made of.
    "class that is a list": ({"module": "keras.layers", "class_name": ["Dense"], "config": {}}, "a list"),
    "module that is a list": ({"module": ["os"], "class_name": "system", "config": {}}, "a list.system"),
    "function that is an object": (a_function({"class_name": "Dense"}), "a dict"),  # type: ignore[arg-type]
    "control characters": (an_object("\x1b[2J\nDense", name="x"), r"'\x1b[2J\nDense'"),
    "long name": (an_object("D" * 5000, name="x"), "D" * 59 + "…"),
}
# Every place in a config that Keras makes objects from.
PLACES = {
    "layer": lambda trick: a_model(trick),
    "in a layer": lambda trick: a_model(an_object("Dense", name="x", kernel_regularizer=trick)),
    "argument": lambda trick: a_model({**DENSE, "inbound_nodes": [{"args": [{"deep": [trick]}], "kwargs": {}}]}),
    "build": lambda trick: a_model(DENSE, build_config={"input_shape": trick}),
    "compile": lambda trick: a_model(DENSE, compile_config={"metrics": [["accuracy", trick]]}),
    "nested model": lambda trick: a_model(a_model(a_model(trick))),
    "dtype": lambda trick: a_model(an_object("Dense", name="x", dtype=trick)),
    "unknown key": lambda trick: a_model(DENSE, extra={"a": {"b": trick}}),
}


@pytest.mark.parametrize("trick", TRICKS)
def test_tricks_are_refused(path: Path, trick: str) -> None:
    config, named = TRICKS[trick]
    message = refusal(write(path, a_model(DENSE, config)))
    assert message.startswith("expected only Keras' own layers, received ")
    assert named in message
    assert message.endswith(TRUST)


@pytest.mark.parametrize("place", PLACES)
def test_places_are_searched(path: Path, place: str) -> None:
    assert "__lambda__" in refusal(write(path, PLACES[place](CODE)))


def test_no_listed_name_runs_code() -> None:
    dangerous = {"Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer", "Layer", "Operation", "function"}
    assert not dangerous & CLASSES_ANYWHERE
    assert all(module.split(".")[0] == "keras" for module in CLASSES)


def test_nothing_is_executed(path: Path) -> None:
    """The names would have an effect, if anything imported or called them."""
    marker = path.with_name("marker")
    run = an_object("run", "subprocess", name="x", args=["touch", str(marker)])
    opened = an_object("open", "io", name="x", file=str(marker), mode="w")
    refusal(write(path, a_model(run, opened)))
    assert not marker.exists()


@pytest.mark.parametrize(
    "text",
    [
        '{"module": "os", "module": "keras", "class_name": "Sequential", "config": {}}',
        '{"module": "keras", "class_name": "Sequential", "config": {"layers": [], "layers": []}}',
    ],
)
def test_repeated_keys_are_refused(path: Path, text: str) -> None:
    assert "each key once" in refusal(write(path, text))


@pytest.mark.parametrize(
    "text",
    ["", "{", "[" * 100_000, b"\xff\xfe\x00", '{"units": ' + "9" * 5000 + "}", "[]", '"model"', "null"],
    ids=["empty", "open", "deep", "bytes", "digits", "list", "text", "null"],
)
def test_other_json_is_refused(path: Path, text: str | bytes) -> None:
    assert "config" in refusal(write(path, text))


def test_deep_configs_are_searched_to_the_ground(path: Path) -> None:
    config: Any = CODE
    for _ in range(300):
        config = {"a": [config]}
    assert "__lambda__" in refusal(write(path, a_model(DENSE, config)))


def test_config_in_another_encoding_is_read_as_keras_reads_it(path: Path) -> None:
    text = json.dumps(a_model(an_object("Lambda", name="x")))
    assert "Lambda" in refusal(write(path, text.encode("utf-16")))
