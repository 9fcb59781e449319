"""Signal and noise of layers, added up sample by sample."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..parity.report import LayerNoise

_LEAST, _MOST = -200.0, 200.0  # decibels: infinity is not in JSON
_RUN = re.compile(r"__\d+")  # what tf2onnx counts on through a process

Activations = Mapping[str, NDArray[np.generic]]


@dataclass(frozen=True)
class Layer:
    """One operation of the float network.

    `name` is what a quantizer's list of exceptions calls it; `output` is the tensor that it fills and `inputs` are the
    tensors that it reads, weights left out.
    """

    name: str
    output: str
    inputs: tuple[str, ...]


@dataclass(frozen=True)
class LayerComparison:
    """How a layer of the candidate compares with the float network's.

    Noise runs on from layer to layer: `snr`, signal over noise in decibels, says how much has gathered by here, and
    `added` how much of it came in here: noise over signal of the output, less that of the noisiest input.
    """

    name: str
    snr: float
    added: float

    @property
    def noise(self) -> LayerNoise:
        """What a report says of it."""
        return LayerNoise(self.name, self.snr)


class Meter:
    """Adds up signal and noise of tensors over samples."""

    def __init__(self) -> None:
        self._signal: defaultdict[str, float] = defaultdict(float)
        self._noise: defaultdict[str, float] = defaultdict(float)

    def add(self, tensor: str, expected: NDArray[np.generic], received: NDArray[np.generic]) -> None:
        """Add one sample's tensor, dequantized, of the float network and of the candidate."""
        real = expected.astype(np.float64)
        self._signal[tensor] += float((real**2).sum())
        self._noise[tensor] += float(((real - received.astype(np.float64)) ** 2).sum())

    def compare(self, layers: Iterable[Layer]) -> tuple[LayerComparison, ...]:
        """Compare the layers whose outputs were added, in the network's order."""
        return tuple(
            LayerComparison(layer.name, _decibels(self._share(layer.output)), self._added(layer))
            for layer in layers
            if layer.output in self._signal
        )

    def _added(self, layer: Layer) -> float:
        before = max((self._share(name) for name in layer.inputs), default=0.0)
        return max(0.0, self._share(layer.output) - before)

    def _share(self, tensor: str) -> float:
        signal, noise = self._signal.get(tensor, 0.0), self._noise.get(tensor, 0.0)
        if not noise:
            return 0.0
        return noise / signal if signal else math.inf


def worst(comparisons: Iterable[LayerComparison], count: int) -> tuple[LayerNoise, ...]:
    """Give the layers with the least signal over noise, the worst first."""
    return tuple(layer.noise for layer in sorted(comparisons, key=lambda layer: layer.snr)[:count])


def noisiest(comparisons: Iterable[LayerComparison], count: int) -> tuple[str, ...]:
    """Name the layers that bring in the most noise, the worst first: those to keep in float."""
    adding = [layer for layer in comparisons if layer.added > 0]
    return tuple(layer.name for layer in sorted(adding, key=lambda layer: -layer.added)[:count])


def match(wanted: Sequence[str], found: Sequence[str]) -> dict[str, str]:
    """Find tensors of the float network among the candidate's, by name.

    A converter names a fused operation after all that went into it, "relu;bias;conv", and may order or leave out parts;
    tf2onnx counts on in names through a process. A name that fits more than one is left out.

    Returns:
        From the name in `wanted` to the one in `found`.
    """
    matched = {name: name for name in set(wanted) & set(found)}
    rest_wanted = [name for name in wanted if name not in matched]
    rest_found = [name for name in found if name not in matched]
    owners: dict[str, set[str]] = {}
    for name in rest_found:
        for part in _parts(name):
            owners.setdefault(part, set()).add(name)
    fits = {name: set().union(*(owners.get(part, set()) for part in _parts(name))) for name in rest_wanted}
    claims = Counter(next(iter(names)) for names in fits.values() if len(names) == 1)
    for name, names in fits.items():
        if len(names) == 1 and claims[next(iter(names))] == 1:
            matched[name] = next(iter(names))
    return matched


def _parts(name: str) -> set[str]:
    return {_RUN.sub("", part) for part in name.split(";") if part}


def _decibels(noise_share: float) -> float:
    if noise_share <= 0:
        return _MOST
    return _LEAST if math.isinf(noise_share) else float(np.clip(-10 * math.log10(noise_share), _LEAST, _MOST))
