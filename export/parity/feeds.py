"""Ways to fill a model's input tensor other than its contract's: the suspects on the side of the input."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from ...edge.contract import Color, ImageInput, Interpolation, Layout, Quantization, Resize
from ...edge.preprocess import Pixels, pixel_quantization, to_pixels, write_input
from .report import Suspect

_RANGES = ((0.0, 1.0), (-1.0, 1.0), (0.0, 255.0))
_SHIFT = 0x80  # between int8 and uint8 that store the same number
_SWAPPED = {Color.RGB: Color.BGR, Color.BGR: Color.RGB}


class Stored(Enum):
    """What an integer tensor is given for a pixel."""

    QUANTIZED = "as the contract's quantization says"
    PIXEL = "the pixel itself"
    SHIFTED = "the pixel, less 128"


class Arrangement(Enum):
    """How the values of a picture are arranged in the tensor."""

    SAID = "as the contract says"
    OTHER = "in the layout that the contract does not say, whatever the tensor's shape"
    FROM_OTHER = "as if they had been in that, and were brought into the contract's"
    COLUMNS = "height and width exchanged"


@dataclass(frozen=True)
class Feed:
    """One way from a frame to the input tensor."""

    spec: ImageInput
    stored: Stored = Stored.QUANTIZED
    arrangement: Arrangement = Arrangement.SAID

    def write(self, frame: Pixels, tensor: NDArray[np.generic]) -> None:
        """Fill the tensor, of shape (1, *spec.tensor_shape), with a frame: BGR, uint8, of any height and width."""
        if self.arrangement is Arrangement.COLUMNS:
            frame = np.ascontiguousarray(frame.transpose(1, 0, 2))
        tensor[0] = self._laid_out(self._rows(frame, tensor.dtype))

    def _rows(self, frame: Pixels, dtype: np.dtype[np.generic]) -> NDArray[np.generic]:
        """Give what is stored of a frame, of shape (height, width, channels)."""
        rows: NDArray[np.generic] = np.empty((1, *self.spec.shape), dtype)
        if self.stored is Stored.QUANTIZED:
            write_input(frame, replace(self.spec, layout=Layout.NHWC), rows)
        else:
            pixels = to_pixels(frame, self.spec)
            rows[0] = (pixels ^ np.uint8(_SHIFT) if self.stored is Stored.SHIFTED else pixels).view(dtype)
        return np.asarray(rows[0])

    def _laid_out(self, rows: NDArray[np.generic]) -> NDArray[np.generic]:
        planes = rows.transpose(2, 0, 1)
        said, other = (rows, planes) if self.spec.layout is Layout.NHWC else (planes, rows)
        if self.arrangement is Arrangement.OTHER:
            return other.reshape(said.shape)
        if self.arrangement is Arrangement.FROM_OTHER:
            taken = said.reshape(other.shape)
            return taken.transpose(1, 2, 0) if self.spec.layout is Layout.NHWC else taken.transpose(2, 0, 1)
        return said


@dataclass(frozen=True)
class Trial:
    """A suspect, what a person would change if it is the one, and the change."""

    suspect: Suspect
    change: str
    apply: Callable[[Feed], Feed]


def trials(spec: ImageInput, own: Quantization | None) -> tuple[Trial, ...]:
    """List what may be wrong with how a model is fed, the likelier first where two changes come to the same.

    Args:
        spec: the input that the contract describes.
        own: the input tensor's quantization, as the runtime found it in the file; None where it does not say.
    """
    ranges, stored = _range_trials(spec), _stored_trials(spec, own)
    # A range and a quantization that do not go together are repaired by changing either.
    scaling = (*stored, *ranges) if _is_odd(spec, own) else (*ranges, *stored)
    return (*_color_trials(spec), *scaling, *_resize_trials(spec), *_layout_trials(spec))


def _is_odd(spec: ImageInput, own: Quantization | None) -> bool:
    """Tell whether the contract's quantization, rather than its range, looks wrong."""
    if np.dtype(spec.dtype).kind == "f":
        return False
    usual = {_stored_as(replace(spec, range=ends)) for ends in (*_RANGES, spec.range)}
    return spec.quantization not in ({own} if own else usual)


def _stored_as(spec: ImageInput) -> Quantization:
    """Give the quantization under which the tensor's integers are pixels, shifted where they are signed."""
    pixel = pixel_quantization(spec)
    return pixel if spec.dtype == "uint8" else Quantization(pixel.scale, pixel.zero_point - _SHIFT)


def _color_trials(spec: ImageInput) -> tuple[Trial, ...]:
    if spec.color not in _SWAPPED:
        return ()
    swapped = _SWAPPED[spec.color]
    text = f"feed {swapped.value.upper()} instead of {spec.color.value.upper()} (--color={swapped.value})"
    return (Trial(Suspect.COLOR, text, lambda feed: replace(feed, spec=replace(feed.spec, color=swapped))),)


def _range_trials(spec: ImageInput) -> tuple[Trial, ...]:
    return tuple(_range_trial(spec, ends) for ends in _RANGES if ends != spec.range)


def _range_trial(spec: ImageInput, ends: tuple[float, float]) -> Trial:
    low, high = (f"{end:g}".replace("-", "−") for end in spec.range)
    name = "..".join(f"{end:g}" for end in ends)
    text = f"scale pixels to {name} instead of {low}..{high} (--range={name})"
    return Trial(Suspect.RANGE, text, lambda feed: replace(feed, spec=replace(feed.spec, range=ends)))


def _stored_trials(spec: ImageInput, own: Quantization | None) -> tuple[Trial, ...]:
    if np.dtype(spec.dtype).kind == "f":
        return ()
    found = []
    if own is not None and own != spec.quantization:
        text = f"quantize pixels with the tensor's {_named(own)} instead of {_named(spec.quantization)}"
        found.append(
            Trial(
                Suspect.INPUT,
                f"{text} (contract: input.quantization)",
                lambda feed: replace(feed, spec=replace(feed.spec, quantization=own)),
            )
        )
    if np.dtype(spec.dtype).itemsize == 1:
        found += [
            Trial(Suspect.INPUT, f"store {kind.value} (contract: input.quantization)", _storing(kind))
            for kind in (Stored.PIXEL, Stored.SHIFTED)
        ]
    return tuple(found)


def _storing(kind: Stored) -> Callable[[Feed], Feed]:
    return lambda feed: replace(feed, stored=kind)


def _named(quantization: Quantization | None) -> str:
    return f"scale {quantization.scale:.6g} and zero point {quantization.zero_point}" if quantization else "none"


def _resize_trials(spec: ImageInput) -> tuple[Trial, ...]:
    rules = [(resize, pixels) for resize in Resize for pixels in Interpolation]
    return tuple(_resize_trial(spec, *rule) for rule in rules if rule != (spec.resize, spec.interpolation))


def _resize_trial(spec: ImageInput, resize: Resize, interpolation: Interpolation) -> Trial:
    changes = []
    if resize is not spec.resize:
        changes.append(f"{resize.value} instead of {spec.resize.value} (--resize {resize.value})")
    if interpolation is not spec.interpolation:
        changes.append(
            f"{interpolation.value} instead of {spec.interpolation.value} interpolation (contract: input.interpolation)"
        )
    return Trial(
        Suspect.RESIZE,
        f"resize with {' and '.join(changes)}",
        lambda feed: replace(feed, spec=replace(feed.spec, resize=resize, interpolation=interpolation)),
    )


def _layout_trials(spec: ImageInput) -> tuple[Trial, ...]:
    arrangements = {Arrangement.COLUMNS: "exchange height and width of the picture"}
    if spec.channels > 1:
        first, last = "channel by channel (channels first)", "pixel by pixel (channels last)"
        other, said = (first, last) if spec.layout is Layout.NHWC else (last, first)
        arrangements[Arrangement.OTHER] = f"lay the picture out {other}, as the network reads it"
        arrangements[Arrangement.FROM_OTHER] = f"lay the picture out {said}, as the network reads it"
    return tuple(Trial(Suspect.LAYOUT, text, _arranging(arrangement)) for arrangement, text in arrangements.items())


def _arranging(arrangement: Arrangement) -> Callable[[Feed], Feed]:
    return lambda feed: replace(feed, arrangement=arrangement)
