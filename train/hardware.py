"""What a training runs on: graphics cards where there are any, and how they are used."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import keras

_FLOAT32, _MIXED = "float32", "mixed_float16"


@dataclass(frozen=True)
class HardwareOptions:
    """How the machine is used; None takes what suits it.

    `mixed_precision` computes in float16 where that is fast; `xla` compiles the step; `deterministic` takes only
    operations that give the same bits each time.
    """

    mixed_precision: bool | None = None
    xla: bool | None = None
    deterministic: bool = True


def prepare(options: HardwareOptions) -> str:
    """Set Keras up for this machine, before anything is built; returns what was found, in words."""
    accelerated = has_accelerator()
    if keras.backend.backend() == "tensorflow":
        _prepare_tensorflow(options)
    mixed = accelerated if options.mixed_precision is None else options.mixed_precision
    keras.config.set_dtype_policy(_MIXED if mixed else _FLOAT32)
    place = "an accelerator" if accelerated else "the CPU"
    return f"{keras.backend.backend()} on {place}, {keras.config.dtype_policy().name}"


def has_accelerator() -> bool:
    """Look for a graphics card or the like."""
    if keras.backend.backend() == "jax":
        import jax

        return bool(jax.default_backend() != "cpu")
    import tensorflow as tf

    return bool(tf.config.list_physical_devices("GPU"))


def compiles(options: HardwareOptions) -> bool | str:
    """Decide whether XLA compiles the training step: always on JAX, elsewhere on an accelerator only.

    On a CPU a step of TensorFlow's takes about twice as long under XLA.
    """
    if keras.backend.backend() == "jax":
        return "auto"
    return has_accelerator() if options.xla is None else options.xla


def scope() -> AbstractContextManager[object]:
    """Give the context in which networks and optimizers are made, so that each device has its copy."""
    return nullcontext()


def in_float32(model: keras.Model, build: Callable[[], keras.Model]) -> keras.Model:
    """Give a network that was trained in mixed precision as a float32 one with the same weights.

    Args:
        model: the trained network.
        build: builds the same network anew.
    """
    if keras.config.dtype_policy().name == _FLOAT32:
        return model
    keras.config.set_dtype_policy(_FLOAT32)
    plain = build()
    plain.set_weights(model.get_weights())
    return plain


def _prepare_tensorflow(options: HardwareOptions) -> None:
    import tensorflow as tf

    for card in tf.config.list_physical_devices("GPU"):
        # TensorFlow otherwise takes the whole card at once.
        tf.config.experimental.set_memory_growth(card, True)
    if options.deterministic:
        tf.config.experimental.enable_op_determinism()
