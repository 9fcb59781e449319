"""Inception: the article's transfer network, InceptionV3 at 150×150 cut at `mixed7`, under its own name."""

from dataclasses import replace

from ...edge.contract import ImageInput, ModelOutput
from ...edge.errors import InputError
from . import transfer
from .choices import Choices
from .recipe import Network


def build(spec: ImageInput, output: ModelOutput, choices: Choices) -> Network:
    """Build the article's network, as `transfer.build` does.

    Raises:
        InputError: the backbone is another; its weights or the size of the pictures cannot be used.
    """
    if choices.backbone not in (None, transfer.INCEPTION):
        raise InputError(f"expected the model transfer with --backbone {choices.backbone}, received inception")
    return transfer.build(spec, output, choices)


# Its 38 million weights know 2,000 photos by heart after ten epochs, and get worse from there.
RECIPE = replace(transfer.RECIPE, name="inception", build=build, epochs=8)
