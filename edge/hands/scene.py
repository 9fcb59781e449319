"""The scene around a hand: what it lies on and how the light falls."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .colour import Colour, colour_of
from .plane import Point

GREEN, PLAIN, GRADIENT, NOISE, STRIPES, WOOD, CLUTTER = range(7)

_SHARES = (0.26, 0.12, 0.12, 0.14, 0.08, 0.12, 0.16)
_LEAST_CONTRAST = 45.0  # a background nearer to the skin than this is drawn anew
_ATTEMPTS = 20


@dataclass(frozen=True)
class Scene:
    """Background and light.

    Attributes:
        backdrop: kind of background, `GREEN` to `CLUTTER`.
        colours: two background colours, BGR 0..255.
        contrast: strength of the background's pattern, 0..1.
        scale: size of the background's pattern, fraction of the shorter side.
        angle: direction of the background's pattern, degrees.
        light: direction of the light, x and y against a height of 1.
        ambient: share of light that comes from everywhere, 0..1.
        shadow: strength of the shadow, 0..1.
        shadow_shift: offset of the shadow, fractions of the hand's length.
        shadow_blur: softness of the shadow, fraction of the hand's length.
    """

    backdrop: int
    colours: tuple[Colour, Colour]
    contrast: float
    scale: float
    angle: float
    light: Point
    ambient: float
    shadow: float
    shadow_shift: Point
    shadow_blur: float


def cleared(scene: Scene) -> Scene:
    """Take pattern and clutter off a scene; colours and light stay."""
    return scene if scene.backdrop in (GREEN, PLAIN, GRADIENT) else replace(scene, backdrop=PLAIN)


def sample_scene(skin: Colour, rng: np.random.Generator) -> Scene:
    """Draw a random scene.

    Args:
        skin: colour that the background should stand out from.
        rng: source of randomness.

    Returns:
        The scene.
    """
    backdrop = int(rng.choice(len(_SHARES), p=_SHARES))
    lean = rng.uniform(-0.8, 0.8, 2)
    for _ in range(_ATTEMPTS):
        colours = sample_colours(backdrop, rng)
        if min(float(np.linalg.norm(np.subtract(colour, skin))) for colour in colours) > _LEAST_CONTRAST:
            break
    return Scene(
        backdrop=backdrop,
        colours=colours,
        contrast=float(rng.uniform(0.1, 1)),
        scale=float(np.exp(rng.uniform(np.log(0.02), np.log(0.4)))),
        angle=float(rng.uniform(0, 180)),
        light=(float(lean[0]), float(lean[1])),
        ambient=float(rng.uniform(0.3, 0.7)),
        shadow=float(rng.uniform(0.1, 0.75)),
        shadow_shift=(float(-0.12 * lean[0]), float(-0.12 * lean[1])),
        shadow_blur=float(rng.uniform(0.015, 0.09)),
    )


def sample_colours(backdrop: int, rng: np.random.Generator) -> tuple[Colour, Colour]:
    """Draw two random colours for a kind of background."""
    if backdrop == GREEN:
        green = np.array([rng.uniform(10, 110), rng.uniform(110, 190), rng.uniform(10, 80)])
        return colour_of(green), colour_of(green * rng.uniform(0.8, 1.2))
    if backdrop == WOOD:
        wood = np.array([60, 105, 160]) * rng.uniform(0.4, 1.4) + rng.normal(0, 15, 3)
        return colour_of(wood), colour_of(wood * rng.uniform(0.5, 0.9))
    # Greyish surfaces are far more usual than vivid ones.
    vivid = rng.uniform(0, 1) ** 2
    first, second = (rng.uniform(5, 250) * (1 - vivid) + vivid * rng.uniform(0, 255, 3) for _ in range(2))
    near = rng.uniform(0, 1)
    return colour_of(first), colour_of(first * near + second * (1 - near))
