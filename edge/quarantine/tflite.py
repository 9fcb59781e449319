"""Whether a TFLite model holds together: within its bytes, and in what its tables say of one another.

A flatbuffer that is sound as such may still point to the 400th of five tensors, or say of four bytes of weights that
they are a matrix of a million. What is left after this, wrong options of a kernel say, is found by running it.
"""

from __future__ import annotations

from ..modelfile.flatbuffer import MalformedError, Table
from .flatbuffer import Bounds
from .graph import Calls, check_subgraph
from .schema import MODEL
from .tensors import Tensor

_CODES, _SUBGRAPHS, _BUFFERS, _METADATA_BUFFERS, _METADATA, _SIGNATURES = 1, 2, 4, 5, 6, 7
_EXTERNAL_GROUPS, _EXTERNAL_BUFFERS = 8, 9
_BUFFER_DATA, _BUFFER_OFFSET, _BUFFER_SIZE = 0, 1, 2
_SUBGRAPH_TENSORS = 0
_METADATA_BUFFER = 1
_SIGNATURE_INPUTS, _SIGNATURE_OUTPUTS, _SIGNATURE_SUBGRAPH, _MAPPED_TENSOR = 0, 1, 4, 1
_EMPTY = 1  # an offset up to this one stands for none
_MOST_SUBGRAPHS = 256
_MOST_NUMBERS = 100_000


def verify(model: bytes) -> None:
    """Look at all that a runtime would follow.

    Raises:
        MalformedError: the model does not hold together; the message is a noun.
    """
    Bounds(model).check(MODEL)
    root = Table.root(model)
    if root.length(_EXTERNAL_GROUPS) or root.length(_EXTERNAL_BUFFERS):
        raise MalformedError("weights in another file")
    buffers = [_buffer_size(buffer, len(model)) for buffer in root.tables(_BUFFERS)]
    codes = list(root.tables(_CODES))
    subgraphs = list(root.tables(_SUBGRAPHS))
    if not 0 < len(subgraphs) <= _MOST_SUBGRAPHS:
        raise MalformedError(f"{len(subgraphs)} subgraphs")
    calls = Calls(len(subgraphs))
    counts = []
    for number, subgraph in enumerate(subgraphs):
        tensors = [Tensor(table, buffers) for table in subgraph.tables(_SUBGRAPH_TENSORS)]
        counts.append(len(tensors))
        check_subgraph(subgraph, tensors, codes, calls, number)
    calls.check()
    _check_references(root, len(buffers), counts)


def _buffer_size(buffer: Table, end: int) -> int:
    offset, size = buffer.long(_BUFFER_OFFSET), buffer.long(_BUFFER_SIZE)
    if offset <= _EMPTY:
        return buffer.length(_BUFFER_DATA)
    if offset + size > end:
        raise MalformedError(f"a buffer from byte {offset} to {offset + size} of {end}")
    return size


def _check_references(root: Table, buffers: int, tensors: list[int]) -> None:
    """Look at what points into the model from outside its graph: metadata, and signatures."""
    entries = [entry.number(_METADATA_BUFFER) for entry in root.tables(_METADATA)]
    for buffer in (*entries, *root.numbers(_METADATA_BUFFERS, "i", _MOST_NUMBERS)):
        if not 0 <= buffer < buffers:
            raise MalformedError(f"metadata in buffer {buffer} of {buffers}")
    for signature in root.tables(_SIGNATURES):
        subgraph = signature.number(_SIGNATURE_SUBGRAPH)
        if subgraph >= len(tensors):
            raise MalformedError(f"a signature of subgraph {subgraph} of {len(tensors)}")
        for side in (_SIGNATURE_INPUTS, _SIGNATURE_OUTPUTS):
            for mapped in signature.tables(side):
                if mapped.number(_MAPPED_TENSOR) >= tensors[subgraph]:
                    raise MalformedError(f"a signature with tensor {mapped.number(_MAPPED_TENSOR)}")
