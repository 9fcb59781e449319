"""What is exported where the network was made elsewhere: a model file, and a contract from options."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..edge.console import Console
from ..edge.contract import LARGEST_SIDE, Activation, Color, ImageInput, Resize
from ..edge.errors import InputError
from ..edge.folders import class_folders
from ..edge.foreign import read_labels
from ..edge.names import file_name
from ..edge.pixel_set import decode
from ..edge.run_directory import RunRecord, Validation
from . import samples, subject
from .calibration import CALIBRATED
from .network import Network, open_network
from .network.activations import observed_activation
from .options import Options
from .samples import Chosen
from .subject import Subject

Outputs = NDArray[np.float32]

_SEED = 0
_ELSEWHERE = "elsewhere"  # what the network was trained on
_LOOKED_AT = 64  # pictures, to see what the outputs are
_REPEATED = 1e-4  # by which answers may differ when threads add up in another order
_CHANNELS = {1: Color.GRAY, 3: Color.RGB}
_FIRST = (1, 3)


def load(path: Path, options: Options, console: Console) -> Subject:
    """Read a model made elsewhere, and the pictures that go with it.

    Args:
        path: a `.keras` or `.h5` file, or the folder of a SavedModel.
        options: `described` supplies the contract; `calibration` and `evaluate` the pictures.
        console: where progress and warnings go.

    Raises:
        InputError: the model, an option or the pictures cannot be used.
    """
    if options.data is not None:
        raise InputError("expected --calibration or --evaluate for a model made elsewhere, received --data")
    name = options.described.name
    if name is not None and file_name(name) != name:
        raise InputError(f"expected a name fit for a file, received {name!r}; try --name {file_name(name)}")
    labels = _labels(options)
    network = open_network(path, trust=options.trust)
    if network.repairs:
        console.say(f"repaired what Keras 3 refuses: {', '.join(network.repairs)}")
    spec = _input(network, options, path)
    network = network.bound(spec)
    calibrating, judged = _pictures(options, labels)
    try:
        _require_several(network)
        outputs = _answers(network, judged, spec, options, console)
        network = _scoring(network, outputs, labels, options.described.activation, console)
        record = _record(name or default_name(path), labels, spec, network)
    except (InputError, ValueError) as error:
        raise InputError(f"{error}: {path}") from error
    pictures = subject.Pictures(calibrating, judged)
    return subject.of_pictures(record, network, pictures, path.name, options, console)


def output_folder(path: Path) -> Path:
    """Name the folder that a model's exported files go to unless someone says otherwise: the one that it is in."""
    return path.absolute().parent


def default_name(path: Path) -> str:
    """Make a name for exported files from that of the model."""
    return file_name(path.absolute().name if path.is_dir() else path.stem)


def _labels(options: Options) -> tuple[str, ...]:
    if options.described.labels is not None:
        return read_labels(options.described.labels)
    folder = options.evaluate or options.calibration
    names = ""
    if folder is not None:
        # Keras sorts by name where nobody says otherwise, but who trained this network may have said so.
        names = f"; if that is the order of the folders: --labels {','.join(class_folders(folder))}"
    raise InputError(f"expected --labels in the order of the network's outputs, received none{names}")


def _input(network: Network, options: Options, path: Path) -> ImageInput:
    described, shape = options.described, network.input_shape
    if described.range is None:
        raise InputError(
            "expected --range, the values that the network takes for a pixel of 0 and of 255 (0..1, -1..1, 0..255), "
            "received none"
        )
    if len(shape) == 3 and shape[0] in _FIRST and shape[2] not in _CHANNELS:
        raise InputError(f"expected channels last, received an input of {shape}: {path}; build it with channels_last")
    if len(shape) != 3 or shape[2] not in _CHANNELS:
        raise InputError(f"expected an input of (height, width, 1 or 3), received {shape}: {path}")
    if described.size is None and None in shape[:2]:
        raise InputError(f"expected --size for a network that takes pictures of any size, received none: {path}")
    height, width = described.size or (int(shape[0] or 0), int(shape[1] or 0))
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
        range=described.range,
    )


def _pictures(options: Options, labels: tuple[str, ...]) -> tuple[Chosen | None, Chosen]:
    needed = [precision for precision in options.precisions or CALIBRATED if precision in CALIBRATED]
    if options.evaluate is None and options.calibration is None:
        raise InputError(
            "expected pictures to calibrate with and to judge by, received none; "
            "pass --calibration FOLDER with one folder per class"
        )
    if options.evaluate is None:
        return samples.parted(options.calibration or Path(), labels, _SEED)
    judged = samples.evaluation(options.evaluate, labels)
    if options.calibration is None:
        if needed:
            raise InputError(f"expected --calibration FOLDER for --{needed[0].value}, received no such pictures")
        return None, judged
    calibrating = samples.calibration(options.calibration, labels, _SEED)
    samples.require_apart(calibrating, judged)
    return calibrating, judged


def _answers(network: Network, judged: Chosen, spec: ImageInput, options: Options, console: Console) -> Outputs:
    """Let the network answer some of the pictures."""
    chosen = np.random.default_rng(_SEED).permutation(len(judged.files))[:_LOOKED_AT]
    files = [judged.files[index] for index in sorted(chosen)]
    labels = sorted({file.label for file in files})
    pixels = decode(judged.root, files, labels, spec, console, strict=options.strict).pixels
    outputs, again = network.predict(pixels), network.predict(pixels)
    # Keras 3 exports SavedModels whose augmentation layers go on to augment.
    if not np.allclose(outputs, again, rtol=_REPEATED, atol=_REPEATED, equal_nan=True):
        raise InputError(
            "expected a network that answers a picture alike every time, received one that does not; "
            "export it without its augmentation layers, or give its .keras file"
        )
    return outputs


def _scoring(
    network: Network, outputs: Outputs, labels: tuple[str, ...], said: Activation | None, console: Console
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


def _record(name: str, labels: tuple[str, ...], spec: ImageInput, network: Network) -> RunRecord:
    """Describe the network as a run would; how it was trained is not known."""
    unknown = Validation(accuracy=None, loss=0.0, n=0)
    activation = network.activation or Activation.SOFTMAX
    parameters = network.parameters
    return RunRecord(name, labels, spec, activation, {}, unknown, _SEED, _ELSEWHERE, {}, parameters=parameters)
