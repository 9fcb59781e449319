"""What happens between epochs: progress is shown, the state is kept, and a training that gets no better ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np

from ..edge.console import Progress
from ..edge.errors import InputError
from . import checkpoint
from .batches import Batches
from .checkpoint import Arrays, State

_WATCHED = "val_loss"


def require_finite(*values: float) -> None:
    """Look whether losses and metrics are numbers.

    Raises:
        InputError: one is not finite: the training diverges.
    """
    if not np.isfinite(values).all():
        raise InputError(
            "expected a training that converges, received a loss of NaN or infinity; look at the data, or pass a lower "
            "--learning-rate"
        )


class ShowProgress(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Moves a progress bar along with Keras' batches."""

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self._progress = progress

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:  # noqa: ARG002 - Keras' names
        """Count a batch."""
        self._progress.advance()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Show what the epoch came to."""
        words = [f"{name.replace('_', ' ')} {value:.3f}" for name, value in (logs or {}).items()]
        self._progress.advance(0, f"epoch {epoch + 1}: {', '.join(words)}")


class StartEpoch(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Tells the batches which epoch it is."""

    def __init__(self, batches: Batches) -> None:
        super().__init__()
        self._batches = batches

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:  # noqa: ARG002 - Keras' names
        """Draw the order of the epoch."""
        self._batches.start(epoch)


class KeepState(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Writes the state after each epoch, and ends a training that diverges or gets no better.

    With `patience`, so many epochs without a lower validation loss end the training, and the weights of the best epoch
    are put back. (Keras' EarlyStopping forgets what it waits for when a training is resumed.)
    """

    def __init__(self, state: State, path: Path | None, patience: int | None, best: Arrays | None = None) -> None:
        super().__init__()
        self.state = state
        self._path, self._patience, self._best = path, patience, best

    @property
    def ended(self) -> bool:
        """Whether patience is at its end."""
        losses = self.state.history.get(_WATCHED, ())
        return (
            self._patience is not None and bool(losses) and len(losses) - 1 - int(np.argmin(losses)) >= self._patience
        )

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:  # noqa: ARG002 - Keras' names
        """Keep the epoch."""
        values = {name: float(value) for name, value in (logs or {}).items()}
        require_finite(*values.values())
        history = {name: (*self.state.history.get(name, ()), value) for name, value in values.items()}
        self.state = replace(self.state, history=history)
        losses = history.get(_WATCHED, ())
        if self._patience is not None and losses and int(np.argmin(losses)) == len(losses) - 1:
            self._best = [np.asarray(value) for value in self.model.weights]
        if self._path is not None:
            checkpoint.save(self._path, self.model, self.state, self._best)
        self.model.stop_training = self.ended

    def on_train_end(self, logs: Mapping[str, float] | None = None) -> None:  # noqa: ARG002 - Keras' names
        """Go back to the best epoch."""
        self.put_best_back(self.model)

    def put_best_back(self, model: keras.Model) -> None:
        """Give a network the weights of the best epoch, where they were kept."""
        if self._best is not None:
            for variable, value in zip(model.weights, self._best, strict=True):
                variable.assign(value)
