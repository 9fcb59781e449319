"""What is exported where the network was made elsewhere: a model file, and a contract from options."""

from __future__ import annotations

from pathlib import Path

from ..edge.console import Console
from ..edge.contract import Precision
from ..edge.errors import InputError
from ..edge.names import file_name
from ..edge.run_directory import RunRecord, Validation
from . import samples, subject
from .calibration import CALIBRATED
from .foreign_network import ForeignNetwork, described_labels, open_foreign
from .options import Options
from .samples import Chosen
from .subject import Subject

_SEED = 0
_ELSEWHERE = "elsewhere"  # what the network was trained on


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
    labels = described_labels(options.described, options.evaluate or options.calibration)
    calibrating, judged = _pictures(options, labels)
    found = open_foreign(path, options.described, labels, judged, console, trust=options.trust, strict=options.strict)
    record = _record(name or default_name(path), found)
    pictures = subject.Pictures(calibrating, judged)
    return subject.of_pictures(record, found.network, pictures, path.name, options, console)


def output_folder(path: Path) -> Path:
    """Name the folder that a model's exported files go to unless someone says otherwise: the one that it is in."""
    return path.absolute().parent


def default_name(path: Path) -> str:
    """Make a name for exported files from that of the model."""
    return file_name(path.absolute().name if path.is_dir() else path.stem)


def _pictures(options: Options, labels: tuple[str, ...]) -> tuple[Chosen | None, Chosen]:
    needed = [precision for precision in options.precisions or (Precision.INT8,) if precision in CALIBRATED]
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


def _record(name: str, found: ForeignNetwork) -> RunRecord:
    """Describe the network as a run would; how it was trained is not known."""
    unknown = Validation(accuracy=None, loss=0.0, n=0)
    output, parameters = found.output, found.network.parameters
    return RunRecord(
        name, output.labels, found.input, output.activation, {}, unknown, _SEED, _ELSEWHERE, {}, parameters=parameters
    )
