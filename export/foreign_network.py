"""A network made elsewhere with its contract, which options and the network's own answers supply."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..edge.console import Console
from ..edge.contract import LARGEST_SIDE, Activation, Color, ImageInput, Interpolation, ModelOutput, Resize
from ..edge.errors import InputError
from ..edge.folders import class_folders
from ..edge.foreign.labels import read_labels
from ..edge.pixel_set import decode
from .network import Network, open_network
from .network.activations import observed_activation
from .options import Described
from .samples import Chosen

Outputs = NDArray[np.float32]

_SEED = 0
_LOOKED_AT = 64  # pictures, to see what the outputs are
_REPEATED = 1e-4  # by which answers may differ when threads add up in another order
_CHANNELS = {1: Color.GRAY, 3: Color.RGB}
_FIRST = (1, 3)


@dataclass(frozen=True)
class ForeignNetwork:
    """A network that gives scores, bound to its input, and what goes in and comes out."""

    network: Network
    input: ImageInput
    output: ModelOutput


def open_foreign(
    path: Path,
    described: Described,
    labels: Sequence[str],
    judged: Chosen,
    console: Console,
    *,
    trust: bool = False,
    strict: bool = False,
    like: ImageInput | None = None,
) -> ForeignNetwork:
    """Load a model made elsewhere.

    Args:
        path: a `.keras` or `.h5` file, or the folder of a SavedModel.
        described: the rest of its contract.
        labels: in the order of the outputs.
        judged: pictures, some of which show what the outputs are.
        console: where progress and warnings go.
        trust: load what holds more than Keras' own layers, or than operators that compute.
        strict: end at the first unreadable picture.
        like: gives the size of a network that takes any, and the interpolation, where nobody says.

    Raises:
        InputError: the model cannot be used, or is not as it is described.
    """
    network = open_network(path, trust=trust)
    if network.repairs:
        console.say(f"repaired what Keras 3 refuses: {', '.join(network.repairs)}")
    spec = _input(network, described, path, like)
    network = network.bound(spec)
    try:
        _require_several(network)
        outputs = _answers(network, judged, spec, console, strict=strict)
        network = _scoring(network, outputs, labels, described.activation, console)
        output = ModelOutput(network.activation or Activation.SOFTMAX, tuple(labels))
    except (InputError, ValueError) as error:
        raise InputError(f"{error}: {path}") from error
    return ForeignNetwork(network, spec, output)


def described_labels(described: Described, folder: Path | None) -> tuple[str, ...]:
    """Give the labels that options name; `folder` holds class folders, whose names are a hint where none do.

    Raises:
        InputError: there are none, or they do not read.
    """
    if described.labels is not None:
        return read_labels(described.labels) if isinstance(described.labels, str) else tuple(described.labels)
    names = ""
    if folder is not None:
        # Keras sorts by name where nobody says otherwise, but who trained this network may have said so.
        names = f"; if that is the order of the folders: --labels {','.join(class_folders(folder))}"
    raise InputError(f"expected --labels in the order of the network's outputs, received none{names}")


def _input(network: Network, described: Described, path: Path, like: ImageInput | None) -> ImageInput:
    shape = network.input_shape
    if described.range is None:
        raise InputError(
            "expected --range, the values that the network takes for a pixel of 0 and of 255 (0..1, -1..1, 0..255), "
            "received none"
        )
    if len(shape) == 3 and shape[0] in _FIRST and shape[2] not in _CHANNELS:
        raise InputError(f"expected channels last, received an input of {shape}: {path}; build it with channels_last")
    if len(shape) != 3 or shape[2] not in _CHANNELS:
        raise InputError(f"expected an input of (height, width, 1 or 3), received {shape}: {path}")
    size = described.size or ((like.height, like.width) if like else None)
    if size is None and None in shape[:2]:
        raise InputError(f"expected --size for a network that takes pictures of any size, received none: {path}")
    height, width = described.size or tuple(own or given for own, given in zip(shape[:2], size or (0, 0), strict=True))
    if any(own not in (None, given) for own, given in zip(shape[:2], (height, width), strict=True)):
        raise InputError(f"expected --size {shape[0]}x{shape[1]}, as the network takes it, received {height}x{width}")
    if max(height, width) > LARGEST_SIDE:
        raise InputError(
            f"expected an input of at most {LARGEST_SIDE} pixels a side, received {height}×{width}: {path}"
        )
    color = described.color or _CHANNELS[shape[2]]
    if (color is Color.GRAY) != (shape[2] == 1):
        raise InputError(f"expected --color for {shape[2]} channels, received {color.value}: {path}")
    return ImageInput(
        height=height,
        width=width,
        channels=shape[2],
        color=color,
        resize=described.resize or Resize.STRETCH,
        interpolation=like.interpolation if like else Interpolation.LINEAR,
        range=described.range,
    )


def _answers(network: Network, judged: Chosen, spec: ImageInput, console: Console, *, strict: bool) -> Outputs:
    """Let the network answer some of the pictures."""
    chosen = np.random.default_rng(_SEED).permutation(len(judged.files))[:_LOOKED_AT]
    files = [judged.files[index] for index in sorted(chosen)]
    labels = sorted({file.label for file in files})
    pixels = decode(judged.root, files, labels, spec, console, strict=strict).pixels
    outputs, again = network.predict(pixels), network.predict(pixels)
    # Keras 3 exports SavedModels whose augmentation layers go on to augment.
    if not np.allclose(outputs, again, rtol=_REPEATED, atol=_REPEATED, equal_nan=True):
        raise InputError(
            "expected a network that answers a picture alike every time, received one that does not; "
            "export it without its augmentation layers, or give its .keras file"
        )
    return outputs


def _scoring(
    network: Network, outputs: Outputs, labels: Sequence[str], said: Activation | None, console: Console
) -> Network:
    """See to it that the outputs are scores of the labels.

    Raises:
        InputError: they are no row of numbers, or do not go with the labels or with what is said of them.
    """
    if outputs.ndim != 2:
        raise InputError(f"expected outputs of shape (1, units), received {(1, *outputs.shape[1:])}")
    if not np.isfinite(outputs).all():
        raise InputError("expected a network that answers numbers, received NaN or infinity")
    units = outputs.shape[1]
    if len(labels) != units and (units, len(labels)) != (1, 2):
        raise InputError(f"expected {max(units, 2)} labels for {units} output(s), received {len(labels)}; set --labels")
    known = network.activation
    if said is not None and known not in (None, said):
        raise InputError(f"expected --activation {known.value}, as the last layer has it, received {said.value}")
    found = said or known or observed_activation(outputs)
    if found is Activation.LINEAR:
        found = Activation.SIGMOID if units == 1 else Activation.SOFTMAX
        network = network.followed_by(found)
        console.say(f"the outputs are no scores yet: {found.value} is put behind them")
    network = replace(network, activation=found, output_shape=(units,))
    _require_several(network)
    if found is Activation.SIGMOID and units == 2:  # two labels share one sigmoid, as the contract has it
        raise InputError(
            f"expected 1 output of sigmoid or 2 of softmax for {len(labels)} labels, received 2 of sigmoid"
        )
    return network


def _require_several(network: Network) -> None:
    if network.activation is Activation.SOFTMAX and network.output_shape == (1,):
        raise InputError(
            "expected several outputs of a softmax, received 1, which is always 1; train it with a sigmoid"
        )
