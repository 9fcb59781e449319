"""The training as a function, for a program of one's own."""

from __future__ import annotations

from pathlib import Path

from ..edge.choices import one_of, one_or_none
from ..edge.console import Console
from ..edge.contract import Color
from ..edge.run_directory import RunRecord
from . import trainer
from .models.choices import Choices, Head
from .options import Augment, Options
from .trainer import Place


# Long because each of its arguments is described.
def train(
    model: str,
    out: str | Path,
    data: str | Path | None = None,
    *,
    validation: str | Path | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    learning_rate: float | None = None,
    size: tuple[int, int] | None = None,
    color: str | None = None,
    augment: str = "recipe",
    head: str | None = None,
    backbone: str | None = None,
    weights: str | Path | None = None,
    patience: int | None = None,
    seed: int = 0,
    resume: bool = False,
    overwrite: bool = False,
    quiet: bool = True,
) -> RunRecord:
    """Train a network, as `edgeproof train` does; None takes the network's own value.

    Args:
        model: its name: "hello", "fashion-dense", "fashion-cnn", "horses-humans", "cats-dogs", "inception", "transfer"
            or "rps".
        out: the run directory to make.
        data: a folder of class folders (or of train/ and validation/ with class folders each), a folder of IDX files,
            an .npz file, "fashion-mnist", "tfds:NAME" or "hands:COUNT"; "hello" and the two of Fashion-MNIST have their
            own.
        validation: the same, to judge by; a fifth of `data`, or its own validation side, where None.
        epochs: how often every picture is seen.
        batch_size: pictures a step.
        learning_rate: of the optimizer, at the beginning.
        size: height and width of the network's input, in pixels.
        color: "rgb", "bgr" or "gray", the network's colours.
        augment: "recipe", "none", "light" or "full", how far pictures are turned, moved, sheared, scaled and mirrored.
        head: "flatten" or "gap", what stands between the last feature map and the dense layers.
        backbone: for transfer, "inception-v3", "mobilenet-v2" or "mobilenet-v3-small".
        weights: of the backbone, "imagenet" (downloaded) or a .h5 or .keras file.
        patience: end after so many epochs without a lower validation loss, and go back to the best.
        seed: of all that is drawn by chance.
        resume: go on after the last epoch of a training that was ended.
        overwrite: replace a run that is in `out`.
        quiet: no progress on standard error; warnings are left.

    Returns:
        The content of run.json, which has the history, one float an epoch, the validation accuracy, from 0 to 1, and
        how it was made.

    Raises:
        InputError: the name, the pictures, the place or a choice cannot be used, or the training diverges.
    """
    options = Options(
        seed=seed,
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        size=size,
        color=one_or_none(Color, "color=", color),
        augment=one_of(Augment, "augment=", augment),
        network=Choices(one_or_none(Head, "head=", head), backbone, weights),
        patience=patience,
        resume=resume,
    )
    place = Place(Path(out), _name(data), _name(validation), overwrite)
    return trainer.train(model, place, options, Console(quiet=quiet))


def _name(data: str | Path | None) -> str | None:
    return None if data is None else str(data)
