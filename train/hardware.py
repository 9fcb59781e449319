"""What a training runs on: graphics cards where there are any, several of them, or several machines."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import keras

from ..edge.errors import InputError
from .hardware_options import HardwareOptions, check_backend

_FLOAT32, _MIXED = "float32", "mixed_float16"
_EXHAUSTED = re.compile("ResourceExhausted|RESOURCE_EXHAUSTED")
_DETERMINISTIC = "xla_gpu_deterministic_ops"
_PATIENCE = 60  # seconds for the other machines to come, and to answer


@dataclass(frozen=True)
class Machine:
    """What was found and set up: `devices` share each global batch, of which this process feeds `part`."""

    words: str = "one device"
    devices: int = 1
    part: tuple[int, int] = (0, 1)
    compiles: bool | str = False
    strategy: Any = None  # TensorFlow's tf.distribute.Strategy, or Keras' distribution on JAX

    @property
    def writes(self) -> bool:
        """Whether this process writes the run."""
        return self.part[0] == 0

    @contextmanager
    def together(self) -> Iterator[None]:
        """Give the context in which what is built has a copy on each device."""
        if self.strategy is None:
            yield
        elif keras.backend.backend() == "jax":
            keras.distribution.set_distribution(self.strategy)
            try:
                yield
            finally:
                keras.distribution.set_distribution(None)
        else:
            with self.strategy.scope():
                yield

    def shared(self, size: int) -> int:
        """Give the smallest batch of at least `size` samples that the devices can share."""
        return -(-size // self.devices) * self.devices

    def check_batch(self, size: int) -> None:
        """Look whether a global batch can be shared out.

        Raises:
            InputError: it is no multiple of the devices.
        """
        if size % self.devices:
            raise InputError(
                f"expected a batch size that {self.devices} devices can share, received {size}; "
                f"pass --batch-size {self.shared(size)}"
            )


def prepare(options: HardwareOptions, seed: int = 0) -> Machine:
    """Set Keras up for this machine, before anything is built, with all random generators at `seed`.

    Raises:
        InputError: a wish cannot be met on this backend.
    """
    backend = keras.backend.backend()
    check_backend(backend)
    found = _jax(options) if backend == "jax" else _tensorflow(options)
    keras.config.set_image_data_format("channels_last")  # a person's keras.json may have it otherwise
    mixed = accelerator() is not None if options.mixed_precision is None else options.mixed_precision
    keras.config.set_dtype_policy(_MIXED if mixed else _FLOAT32)
    keras.utils.set_random_seed(seed)
    return found


def alone(model: keras.Model, build: Callable[[], keras.Model], machine: Machine) -> keras.Model:
    """Give a trained network as one of float32 on one device, which is what is kept.

    Args:
        model: the trained network.
        build: builds the same network anew.
        machine: what it was trained on.
    """
    if keras.config.dtype_policy().name == _FLOAT32 and machine.strategy is None:
        return model
    keras.config.set_dtype_policy(_FLOAT32)
    plain = build()
    plain.set_weights(model.get_weights())
    return plain


def accelerator() -> str | None:
    """Name what the backend takes in the place of the processor, such as a graphics card; None where there is none."""
    if keras.backend.backend() == "jax":
        import jax

        return None if jax.default_backend() == "cpu" else str(jax.devices()[0].device_kind)
    import tensorflow as tf

    cards = tf.config.list_physical_devices("GPU")
    return str(tf.config.experimental.get_device_details(cards[0]).get("device_name", "GPU")) if cards else None


@contextmanager
def within_memory() -> Iterator[None]:
    """Turn what the libraries raise where memory ends into one line.

    Raises:
        InputError: the network and its batches need more than there is.
    """
    try:
        yield
    except Exception as error:
        if not (isinstance(error, MemoryError) or _EXHAUSTED.search(f"{type(error).__name__} {error}")):
            raise
        raise InputError(
            "expected a training that fits into memory, received one that does not; pass a smaller --size or "
            "--batch-size, or --head gap"
        ) from error


def _shared_by(wanted: int | None, there: int, kind: str) -> int:
    """Decide how many devices share each batch."""
    if wanted and wanted > there:
        raise InputError(f"expected --devices up to {there}, as many {kind} devices as there are, received {wanted}")
    return wanted or there


def _words(devices: int, kind: str) -> str:
    card = accelerator()
    named = f" ({card})" if card else ""
    return f"{keras.backend.backend()} on {devices} {kind} device{'s' if devices > 1 else ''}{named}"


def _jax(options: HardwareOptions) -> Machine:
    import jax

    if options.xla is not None:
        raise InputError("expected --xla or --no-xla with TensorFlow only, received JAX, which always compiles")
    cluster = options.cluster
    _set_up_xla(options)
    if options.devices and options.devices > 1 and not cluster:
        jax.config.update("jax_num_cpu_devices", options.devices)  # type: ignore[no-untyped-call]
    if cluster:
        jax.config.update("jax_cpu_collectives_implementation", "gloo")  # type: ignore[no-untyped-call]
        # Keras' own initialize knows no timeouts, without which a machine that stays away is waited for in vain.
        jax.distributed.initialize(
            cluster.coordinator,
            cluster.processes,
            cluster.process,
            initialization_timeout=_PATIENCE,
            heartbeat_timeout_seconds=_PATIENCE,
        )
    devices = _shared_by(options.devices, len(jax.devices()), jax.default_backend())
    names = keras.distribution.list_devices()[:devices]
    strategy = keras.distribution.DataParallel(devices=names, auto_shard_dataset=False) if devices > 1 else None
    part = (cluster.process, cluster.processes) if cluster else (0, 1)
    # JAX compiles the step or is many times slower; "auto" is Keras' yes.
    return Machine(_words(devices, jax.default_backend()), devices, part, "auto", strategy)


def _set_up_xla(options: HardwareOptions) -> None:
    """Tell JAX's runtime, which reads its environment when it first looks for devices, how to use a graphics card."""
    flags = os.environ.get("XLA_FLAGS", "")
    if options.deterministic and _DETERMINISTIC not in flags:  # a person's own choice is left alone
        os.environ["XLA_FLAGS"] = f"{flags} --{_DETERMINISTIC}=true".strip()
    if options.memory_growth:
        os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")


def _tensorflow(options: HardwareOptions) -> Machine:
    import tensorflow as tf

    if options.cluster:
        raise InputError(
            "expected KERAS_BACKEND=jax for several machines, received TensorFlow, whose strategy for them does not "
            "work with Keras 3; pip install 'edgeproof[jax]' and set the variable"
        )
    cards = tf.config.list_physical_devices("GPU")
    for card in cards:
        tf.config.experimental.set_memory_growth(card, options.memory_growth)
    if options.deterministic:
        tf.config.experimental.enable_op_determinism()
    # On a CPU a step takes about twice as long under XLA.
    compiles = bool(cards) if options.xla is None else options.xla
    kind = "GPU" if cards else "CPU"
    devices = _shared_by(options.devices, len(cards), kind) if cards else options.devices or 1
    strategy = None
    if devices > 1:
        if not cards:
            parts = [tf.config.LogicalDeviceConfiguration()] * devices
            tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0], parts)
        strategy = tf.distribute.MirroredStrategy([f"{kind}:{index}" for index in range(devices)])
    return Machine(_words(devices, kind), devices, compiles=compiles, strategy=strategy)
