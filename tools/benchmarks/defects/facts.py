"""Defects of the facts around a network: what goes in and what is made of what comes out, all with names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from edgeproof.edge.classifier import Classifier
from edgeproof.edge.contract import Activation, Color, ImageInput, Interpolation, Quantization, Resize
from edgeproof.export.parity.report import Suspect

from .vocabulary import Broken, Good, Kind, Workshop
from .wrapped import Change, Tensor, floats, wrapped

Draw = np.random.Generator
_RANGES = ((0.0, 1.0), (-1.0, 1.0), (0.0, 255.0))
_LEAST = 1e-3  # of a probability that a logarithm is taken of


def swapped_channels(file: Good, _: Workshop, __: Draw) -> Broken:
    """Feed BGR to a network of RGB."""
    return _with_input(file, "BGR for RGB", {Suspect.COLOR}, color=Color.BGR)


def wrong_range(file: Good, _: Workshop, rng: Draw) -> Broken:
    """Scale pixels to another usual range."""
    spec = _spec(file)
    ranges = [ends for ends in _RANGES if ends != spec.range]
    chosen = ranges[rng.integers(len(ranges))]
    return _with_input(file, f"range {chosen}", {Suspect.RANGE}, range=chosen)


def flipped_resize(file: Good, _: Workshop, __: Draw) -> Broken:
    """Crop in the place of stretching."""
    return _with_input(file, "center crop", {Suspect.RESIZE}, resize=Resize.CENTER_CROP)


def other_interpolation(file: Good, _: Workshop, rng: Draw) -> Broken:
    """Resize with another interpolation."""
    kind = (Interpolation.AREA, Interpolation.NEAREST)[rng.integers(2)]
    return _with_input(file, f"interpolation {kind.value}", {Suspect.RESIZE}, interpolation=kind)


def wrong_input_quantization(file: Good, _: Workshop, rng: Draw) -> Broken:
    """Write a wrong scale or zero point of the input tensor into the contract."""
    right = _spec(file).quantization or Quantization(1 / 255, 0)
    scale = right.scale * float(rng.choice([0.5, 0.7, 0.9, 1.2, 1.5, 2.0, 4.0]))
    zero_point = right.zero_point + int(rng.choice([-128, -40, -15, 15, 40, 128]))
    wrong = (Quantization(scale, right.zero_point), Quantization(right.scale, zero_point))[rng.integers(2)]
    return _with_input(file, f"input {wrong}", {Suspect.INPUT}, quantization=wrong)


def other_layout(file: Good, _: Workshop, rng: Draw) -> Broken:
    """Lay the picture out in another order than the network reads it."""
    height, width, channels = _spec(file).shape
    layouts: dict[str, Change] = {
        "planes": lambda tensor: tensor.reshape(channels, height, width).transpose(1, 2, 0),
        "pixels": lambda tensor: tensor.transpose(2, 0, 1).reshape(tensor.shape),
        "columns": lambda tensor: tensor.transpose(1, 0, 2),
    }
    name = list(layouts)[rng.integers(len(layouts))]
    return Broken(f"layout {name}", wrapped(file.open(), reads=layouts[name]), frozenset({Suspect.LAYOUT}))


def permuted_labels(file: Good, _: Workshop, rng: Draw) -> Broken:
    """Mix up the labels, all or two of them."""
    labels = list(file.contract.output.labels)
    order = np.arange(len(labels))
    while np.array_equal(order, np.arange(len(labels))):
        order = rng.permutation(len(labels))
    output = replace(file.contract.output, labels=tuple(labels[index] for index in order))
    classifier = file.open(contract=replace(file.contract, output=output))
    return Broken(f"labels {output.labels}", classifier, frozenset({Suspect.LABELS}))


def misread_outputs(file: Good, _: Workshop, rng: Draw) -> Broken:
    """Read the outputs wrongly: not dequantized, by another scale or zero point, without an activation or with two."""
    activation = file.contract.output.activation
    again, before = _ACTIVATIONS[activation]
    factor, steps = float(rng.choice([0.25, 0.5, 2.0, 4.0])), int(rng.choice([-128, -60, 60, 128]))
    changes: dict[str, Change] = {
        "as they are stored": lambda real: real * 256,
        f"scale × {factor}": lambda real: real * np.float32(factor),
        f"zero point {steps}": lambda real: real - np.float32(steps / 256),
        f"{activation.value} twice": again,
        f"no {activation.value}": before,
    }
    name = list(changes)[rng.integers(len(changes))]
    return Broken(f"outputs: {name}", floats(file.open(), changes[name]), frozenset({Suspect.OUTPUT}))


def two_facts(file: Good, workshop: Workshop, rng: Draw) -> Broken:
    """Have two facts wrong at once."""
    makers: list[Callable[[Good, Workshop, Draw], Broken]] = [swapped_channels, wrong_range, flipped_resize]
    first, second = rng.choice(len(makers) + 1, 2, replace=False)
    parts = [
        (permuted_labels if index == len(makers) else makers[index])(file, workshop, rng) for index in (first, second)
    ]
    spec, output = _spec(file), file.contract.output
    for part in parts:
        spec = _merged(spec, part.classifier, _spec(file))
        output = part.classifier.contract.output if part.causes == {Suspect.LABELS} else output
    classifier = file.open(contract=replace(file.contract, input=spec, output=output))
    return Broken(
        " and ".join(part.change for part in parts), classifier, frozenset().union(*(p.causes for p in parts))
    )


KINDS = (
    Kind("swapped channels", lambda file: _spec(file).color is Color.RGB, swapped_channels),
    Kind("wrong range", lambda _: True, wrong_range),
    Kind("flipped resize rule", lambda file: _spec(file).resize is Resize.STRETCH, flipped_resize),
    Kind("other interpolation", lambda file: _spec(file).interpolation is Interpolation.LINEAR, other_interpolation),
    Kind("wrong input quantization", lambda file: file.quantized, wrong_input_quantization),
    Kind("other layout", lambda _: True, other_layout),
    Kind("permuted labels", lambda _: True, permuted_labels),
    Kind("misread outputs", lambda _: True, misread_outputs),
    Kind("two wrong facts", lambda file: _spec(file).color is Color.RGB, two_facts),
)


def _spec(file: Good) -> ImageInput:
    spec = file.contract.input
    if not isinstance(spec, ImageInput):
        raise TypeError(f"expected a classifier of pictures, received {spec.kind}")
    return spec


def _with_input(file: Good, change: str, causes: set[Suspect], **facts: object) -> Broken:
    spec = replace(_spec(file), **facts)  # type: ignore[arg-type]
    return Broken(change, file.open(contract=replace(file.contract, input=spec)), frozenset(causes))


def _merged(spec: ImageInput, broken: Classifier, right: ImageInput) -> ImageInput:
    """Take over the facts in which a broken file's input differs from the right one."""
    wrong = broken.contract.input
    names = ("color", "range", "resize")
    changed = {name: getattr(wrong, name) for name in names if getattr(wrong, name) != getattr(right, name)}
    return replace(spec, **changed)


def _softmax(values: Tensor) -> Tensor:
    powers: Tensor = np.exp(values)
    return powers / powers.sum()


def _sigmoid(values: Tensor) -> Tensor:
    result: Tensor = 1 / (1 + np.exp(-values))
    return result


def _before_softmax(values: Tensor) -> Tensor:
    result: Tensor = np.log(np.maximum(values, np.float32(_LEAST)))
    return result


def _before_sigmoid(values: Tensor) -> Tensor:
    kept = np.clip(values, np.float32(_LEAST), np.float32(1 - _LEAST))
    result: Tensor = np.log(kept / (1 - kept))
    return result


_ACTIVATIONS: dict[Activation, tuple[Change, Change]] = {
    Activation.SOFTMAX: (_softmax, _before_softmax),
    Activation.SIGMOID: (_sigmoid, _before_sigmoid),
}
