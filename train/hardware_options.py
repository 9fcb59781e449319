"""What a person may choose about the machine that trains."""

from __future__ import annotations

from dataclasses import dataclass

from ..edge.errors import InputError

BACKENDS = ("tensorflow", "jax")  # of Keras' that are supported; without a choice Keras takes the first


def check_backend(name: str) -> None:
    """Look whether Keras' backend is a supported one.

    Raises:
        InputError: it is not.
    """
    if name not in BACKENDS:
        raise wrong_backend(repr(name))


def wrong_backend(received: str) -> InputError:
    """Say which backends there are."""
    return InputError(f"expected KERAS_BACKEND={' or '.join(BACKENDS)}, received {received}; set the variable")


@dataclass(frozen=True)
class Cluster:
    """Several processes, on one machine or many, that train one network: this is number `process` of `processes`.

    `coordinator` is the address of number 0, as host:port.
    """

    coordinator: str
    processes: int
    process: int


@dataclass(frozen=True)
class HardwareOptions:
    """How the machine is used; None takes what suits it.

    `mixed_precision` computes in float16 where that is fast; `xla` compiles the step; `deterministic` takes only
    operations that give the same bits each time; `memory_growth` takes a card's memory as it is needed, instead of
    most of it at once; `devices` is how many share each batch: all accelerators that there are, or the CPU, which
    may also be parted, to try it out.
    """

    mixed_precision: bool | None = None
    xla: bool | None = None
    deterministic: bool = True
    memory_growth: bool = True
    devices: int | None = None
    cluster: Cluster | None = None
