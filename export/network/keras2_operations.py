"""Operations between the layers of a Keras 2 model, such as `x / 127.5 - 1`, as the operations of Keras 3."""

from __future__ import annotations

from typing import Any

from ...edge.errors import InputError
from .keras2_nodes import Call

_SLICING = "SlicingOpLambda"
CLASSES = frozenset({"TFOpLambda", _SLICING})
_NUMPY, _NN, _CORE = (f"keras.src.ops.{name}" for name in ("numpy", "nn", "core"))
_ONE = {  # of one tensor
    "math.negative": (_NUMPY, "Negative"),
    "math.abs": (_NUMPY, "Absolute"),
    "math.square": (_NUMPY, "Square"),
    "math.sqrt": (_NUMPY, "Sqrt"),
    "math.exp": (_NUMPY, "Exp"),
    "math.tanh": (_NUMPY, "Tanh"),
    "nn.tanh": (_NUMPY, "Tanh"),
    "math.sigmoid": (_NN, "Sigmoid"),
    "sigmoid": (_NN, "Sigmoid"),
    "nn.sigmoid": (_NN, "Sigmoid"),
    "nn.relu": (_NN, "Relu"),
    "nn.relu6": (_NN, "Relu6"),
    "nn.elu": (_NN, "Elu"),
    "nn.silu": (_NN, "Silu"),
    "nn.swish": (_NN, "Silu"),
    "math.softplus": (_NN, "Softplus"),
    "identity": (_NUMPY, "Positive"),
}
_TWO = {  # of two tensors, or of one and numbers
    "__operators__.add": "Add",
    "math.add": "Add",
    "math.subtract": "Subtract",
    "math.multiply": "Multiply",
    "math.truediv": "TrueDivide",
    "math.divide": "TrueDivide",
    "math.maximum": "Maximum",
    "math.minimum": "Minimum",
    "nn.bias_add": "Add",
}
_SECOND = ("y", "bias")
_AXES = {"math.reduce_mean": "Mean", "math.reduce_max": "Max", "math.reduce_sum": "Sum"}


def translate(layer: dict[str, Any], calls: list[Call]) -> None:
    """Turn a layer of `CLASSES` and its calls into an operation of Keras 3, in place.

    Raises:
        InputError: the operation has no counterpart here.
    """
    function = str(layer["config"].get("function"))
    name = layer["name"]
    layer.pop("registered_name", None)
    config: dict[str, Any] = {"name": name}
    for call in calls:
        module, kind, options = _operation(layer["class_name"], function, call)
        config.update(options)
        layer["module"], layer["class_name"] = module, kind
    layer["config"] = config
    layer["registered_name"] = layer["class_name"]


def _operation(kind: str, function: str, call: Call) -> tuple[str, str, dict[str, Any]]:
    """Give module, class and configuration of the operation; what it is called with becomes its arguments."""
    options = dict(call.options)
    call.options = {}
    if kind == _SLICING:
        call.arguments = (*call.arguments, [_index(item) for item in options["slice_spec"]])
        return _NUMPY, "GetItem", {}
    if function in _ONE:
        return *_ONE[function], {}
    if function in _TWO:
        second = next(options[key] for key in _SECOND if key in options)
        call.arguments = tuple(_numbers(item) for item in (*call.arguments, second))
        return _NUMPY, _TWO[function], {}
    if function in _AXES:
        axis = options.get("axis")
        return _NUMPY, _AXES[function], {"axis": axis, "keepdims": bool(options.get("keepdims", False))}
    if function == "nn.softmax":
        axis = options.get("axis")
        return _NN, "Softmax", {"axis": -1 if axis is None else axis}
    if function == "clip_by_value":
        return _NUMPY, "Clip", {"x_min": options["clip_value_min"], "x_max": options["clip_value_max"]}
    if function == "concat":
        return _NUMPY, "Concatenate", {"axis": options["axis"]}
    if function == "reshape":
        return _NUMPY, "Reshape", {"newshape": options["shape"]}
    if function == "cast":
        return _CORE, "Cast", {"dtype": "float32"}
    raise InputError(
        f"expected operations that Keras 3 has, received tf.{function[:60]} between the layers; "
        "save the model as a SavedModel with model.export(FOLDER)"
    )


def _index(item: Any) -> Any:
    if isinstance(item, dict) and "class_name" not in item:
        return {"class_name": "__slice__", "config": {key: item[key] for key in ("start", "stop", "step")}}
    if isinstance(item, dict):
        return {"class_name": "__ellipsis__", "config": {}}
    return item


def _numbers(value: Any) -> Any:
    return {"class_name": "__numpy__", "config": {"value": value, "dtype": "float32"}} if _is_list(value) else value


def _is_list(value: Any) -> bool:
    return isinstance(value, list)
