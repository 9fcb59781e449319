"""What a person may choose about a training."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from ..edge.contract import Color
from .augmentation import FULL, LIGHT, Augmentation
from .hardware_options import HardwareOptions
from .models.choices import Choices

if TYPE_CHECKING:  # which loads Keras
    from .models.recipe import PictureRecipe


class Augment(str, Enum):
    """How far pictures are turned, moved, sheared, scaled and mirrored."""

    RECIPE = "recipe"  # as the model's own recipe has it
    NONE = "none"
    LIGHT = "light"
    FULL = "full"  # as in the article

    def of(self, recipe: PictureRecipe) -> Augmentation | None:
        """Give the augmentation that is meant."""
        own = recipe.augmentation
        return {Augment.RECIPE: own, Augment.NONE: None, Augment.LIGHT: LIGHT, Augment.FULL: FULL}[self]


@dataclass(frozen=True)
class Options:
    """What a person may choose about a training; None takes the recipe's own value.

    `size` is (height, width) in pixels; `show_augmentation` leaves a picture of what it does; `cache_features` computes
    a frozen backbone's features once; `patience` ends a training after so many epochs without a lower validation loss,
    and goes back to the best; `resume` goes on where a training was ended; `tensorboard` writes its logs; `strict` ends
    at the first unreadable picture.
    """

    seed: int = 0
    epochs: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    size: tuple[int, int] | None = None
    color: Color | None = None
    augment: Augment = Augment.RECIPE
    network: Choices = field(default_factory=Choices)
    show_augmentation: bool = False
    cache_features: bool | None = None
    patience: int | None = None
    resume: bool = False
    tensorboard: bool = False
    strict: bool = False
    hardware: HardwareOptions = field(default_factory=HardwareOptions)
