"""Which ops of a TFLite graph a delegate has taken, where the runtime has no profiler: tflite-runtime."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...native_noise import muted
from .ops import Kernel, Op, Profile

_DELEGATE = "DELEGATE"


@dataclass(frozen=True)
class Node:
    """An op of the graph as the interpreter lists it after delegation, by the indices of its tensors."""

    type: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


def delegated(nodes: Sequence[Node]) -> frozenset[int]:
    """Give the indices of the ops that a delegate has taken.

    The interpreter lists all ops of the file, then one more for each delegate, with the tensors on its borders: what
    lies between is found by going back from a delegate's outputs to its inputs.
    """
    makers = {tensor: index for index, node in enumerate(nodes) if node.type != _DELEGATE for tensor in node.outputs}
    taken: set[int] = set()
    for delegate in (node for node in nodes if node.type == _DELEGATE):
        waiting = list(delegate.outputs)
        while waiting:
            maker = makers.get(waiting.pop())
            if maker is not None and maker not in taken:
                taken.add(maker)
                waiting += [tensor for tensor in nodes[maker].inputs if tensor not in delegate.inputs]
    return frozenset(taken)


def place(nodes: Sequence[Node], source: str, threads: int, missing: str) -> Profile:
    """Make a profile without times."""
    taken = delegated(nodes)
    ops = [
        Op(node.type, "", Kernel.XNNPACK if index in taken else Kernel.BUILT_IN, None)
        for index, node in enumerate(nodes)
        if node.type != _DELEGATE
    ]
    return Profile(source, threads, 0, tuple(ops), missing)


def place_tflite_runtime(model: bytes, threads: int) -> Profile:
    """Tell XNNPACK's ops of a TFLite model from tflite-runtime's own."""
    from tflite_runtime.interpreter import Interpreter

    with muted():  # the delegate announces itself
        interpreter = Interpreter(model_content=model, num_threads=threads)
        interpreter.allocate_tensors()
    nodes = [
        Node(op["op_name"], tuple(map(int, op["inputs"])), tuple(map(int, op["outputs"])))
        for op in interpreter._get_ops_details()
    ]
    return place(nodes, "tflite-runtime", threads, "tflite-runtime has no profiler")
