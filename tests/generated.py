"""What hypothesis draws for the properties: quantizations, inputs and outputs of models, whole contracts, frames."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from edgeproof.edge.contract import (
    Activation,
    Calibration,
    CalibrationMethod,
    Color,
    Contract,
    GoldenFrame,
    ImageInput,
    Interpolation,
    Layout,
    ModelOutput,
    NumberInput,
    Precision,
    Proof,
    Provenance,
    Quantization,
    Resize,
    Verdict,
)
from edgeproof.edge.preprocess import Pixels, pixel_quantization
from edgeproof.edge.wording import printable

BYTES = ("uint8", "int8")
numbers = st.floats(allow_nan=False, allow_infinity=False)
scores = st.floats(allow_nan=False, allow_infinity=False, width=32)
words = st.text(st.characters().filter(printable), max_size=12)  # what a model file may say


@st.composite
def quantizations(draw: st.DrawFn, dtype: str) -> Quantization:
    """A scale that converters give, exact in float32, and a zero point that the dtype holds."""
    limits = np.iinfo(dtype)
    scale = draw(st.floats(2.0**-20, 2.0**10, width=32))
    return Quantization(scale, draw(st.integers(int(limits.min), int(limits.max))))


@st.composite
def ranges(draw: st.DrawFn) -> tuple[float, float]:
    """What a pixel of 0 and of 255 stands for."""
    low = draw(st.floats(-300, 300, width=32))
    return low, low + draw(st.floats(0.125, 600, width=32))


@st.composite
def image_inputs(draw: st.DrawFn, longest: int = 12) -> ImageInput:
    """Any input of pictures, of up to so many pixels a side."""
    color = draw(st.sampled_from(Color))
    channels = 1 if color is Color.GRAY else 3
    dtype = draw(st.sampled_from(("float32", *BYTES)))
    each = draw(st.one_of(st.just(()), st.tuples(*[ranges()] * channels)))
    whole = (min(low for low, _ in each), max(high for _, high in each)) if each else draw(ranges())
    spec = ImageInput(
        height=draw(st.integers(1, longest)),
        width=draw(st.integers(1, longest)),
        channels=channels,
        color=color,
        resize=draw(st.sampled_from(Resize)),
        interpolation=draw(st.sampled_from(Interpolation)),
        range=whole,
        layout=draw(st.sampled_from(Layout)),
        channel_ranges=each,
    )
    if dtype == "float32":
        return spec
    return replace(spec, dtype=dtype, quantization=draw(quantizations_of_inputs(spec, dtype)))


@st.composite
def quantizations_of_inputs(draw: st.DrawFn, spec: ImageInput, dtype: str) -> Quantization:
    """Any quantization, or the one under which a pixel is its own value."""
    own = pixel_quantization(spec)
    limits = np.iinfo(dtype)
    if limits.min <= own.zero_point <= limits.max and draw(st.booleans()):
        return own
    return draw(quantizations(dtype))


@st.composite
def number_inputs(draw: st.DrawFn) -> NumberInput:
    """Any input of numbers."""
    dtype = draw(st.sampled_from(("float32", *BYTES)))
    quantization = None if dtype == "float32" else draw(quantizations(dtype))
    return NumberInput(draw(st.integers(1, 9)), draw(ranges()), dtype, quantization)


@st.composite
def outputs(draw: st.DrawFn) -> ModelOutput:
    """Any output."""
    activation = draw(st.sampled_from(Activation))
    names = words.filter(lambda name: name != "unknown")
    labels = (
        () if activation is Activation.LINEAR else tuple(draw(st.lists(names, min_size=2, max_size=6, unique=True)))
    )
    dtype = draw(st.sampled_from(("float32", *BYTES)))
    quantization = None if dtype == "float32" else draw(quantizations(dtype))
    return ModelOutput(activation, labels, dtype, quantization, draw(st.floats(0, 1)))


def provenances() -> st.SearchStrategy[Provenance]:
    """Any origin."""
    calibration = st.builds(Calibration, st.integers(0), words, st.sampled_from(CalibrationMethod))
    return st.builds(
        Provenance,
        model=words,
        precision=st.sampled_from(Precision),
        created=words,
        trained_on=words,
        train_images=st.integers(0),
        seed=st.integers(),
        tools=st.dictionaries(words, words, max_size=3),
        minimum_runtime=words,
        calibration=st.none() | calibration,
        float_layers=st.lists(words, max_size=3).map(tuple),
    )


def proofs() -> st.SearchStrategy[Proof]:
    """Any parity result."""
    golden = st.builds(GoldenFrame, words, st.none() | words, words, st.lists(scores, max_size=3).map(tuple))
    maybe = st.none() | numbers
    return st.builds(
        Proof,
        verdict=st.sampled_from(Verdict),
        reference=words,
        n=st.integers(0),
        n_validation=st.integers(0),
        margin=numbers,
        loss_bound=maybe,
        confidence=maybe,
        agreement=maybe,
        accuracy=maybe,
        accuracy_reference=maybe,
        tolerance=numbers,
        golden=st.lists(golden, max_size=2).map(tuple),
    )


def contracts() -> st.SearchStrategy[Contract]:
    """Any contract; which model it is for is filled in where a file is made."""
    return st.builds(
        Contract,
        name=words,
        input=st.one_of(image_inputs(), number_inputs()),
        output=outputs(),
        provenance=st.none() | provenances(),
        proof=st.none() | proofs(),
    )


@st.composite
def frames(draw: st.DrawFn, longest: int = 40) -> Pixels:
    """A BGR frame of any size down to a single pixel: noise, which hypothesis shrinks by its seed and size."""
    height, width = draw(st.integers(1, longest)), draw(st.integers(1, longest))
    return noise(height, width, draw(st.integers(0, 2**16)))


def noise(height: int, width: int, seed: int) -> Pixels:
    """A BGR frame of noise."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
