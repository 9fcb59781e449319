"""Keras' optimizers, with their update compiled on its own where TensorFlow would not.

An update reads and writes each weight a dozen times in as many small operations; for the 38 million weights of the
article's transfer head that takes longer than everything else in a step. XLA makes one pass of it, and leaves the
convolutions, at which it is slow on a CPU, to TensorFlow.
"""

from __future__ import annotations

from typing import Any

import keras


class _CompiledUpdate:
    """Puts a compiled function around the `update_step` of the optimizer class that comes after it."""

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Update one variable."""
        update = super().update_step  # type: ignore[misc]  # the optimizer's
        if keras.backend.backend() != "tensorflow":  # JAX compiles the whole step
            update(gradient, variable, learning_rate)
            return
        import tensorflow as tf

        if tf.distribute.has_strategy():  # whose variables are several, which XLA does not take
            update(gradient, variable, learning_rate)
            return
        compiled = tf.function(lambda: update(gradient, variable, learning_rate), jit_compile=True, autograph=False)
        compiled()


class RMSprop(_CompiledUpdate, keras.optimizers.RMSprop):  # type: ignore[misc]  # Keras has no types
    """Keras' RMSprop."""


class Adam(_CompiledUpdate, keras.optimizers.Adam):  # type: ignore[misc]  # Keras has no types
    """Keras' Adam."""
