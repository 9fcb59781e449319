"""The child that holds a proven candidate ready, and runs its network for the loop from the swap on.

The loop's process makes the input tensor and reads the output tensor, in memory that both share; each inference is one
byte there and a short reply back.
"""

from __future__ import annotations

import sys

import numpy as np

from ..classifier import Classifier
from ..errors import InputError
from .channel import Channel
from .limits import confine
from .messages import CAPACITY, LONGEST, REPLY, Begun, Hosted
from .proving import proven, reason
from .shared import Shared

_ALIGNMENT = 64  # bytes


def main() -> int:
    """Hold what standard input names."""
    channel = Channel()
    task = channel.task()
    confine(task.memory, 0)
    try:
        classifier = proven(task)
        hosted = _described(classifier)
    except (InputError, MemoryError) as error:
        channel.say(Begun(refused=reason(error)))
        return 0
    channel.say(Begun())
    channel.say(hosted)
    _serve(channel, classifier, hosted, Shared(task.shared))
    return 0


def _described(classifier: Classifier) -> Hosted:
    interpreter = classifier.interpreter
    tensor, result = interpreter.input_tensor(), interpreter.output_tensor()
    output_at = -(-tensor.nbytes // _ALIGNMENT) * _ALIGNMENT
    if output_at + result.nbytes > CAPACITY:
        raise InputError(f"expected tensors of at most {CAPACITY} bytes, received {output_at + result.nbytes}")
    return Hosted(
        classifier.contract,
        interpreter.name,
        interpreter.input,
        interpreter.output,
        tensor.shape,
        result.shape,
        output_at,
    )


def _serve(channel: Channel, classifier: Classifier, hosted: Hosted, shared: Shared) -> None:
    interpreter = classifier.interpreter
    tensor = shared.array(hosted.input_shape, hosted.input.dtype)
    result = shared.array(hosted.output_shape, hosted.output.dtype, hosted.output_at)
    while (number := channel.number()) is not None:
        failure = b""
        try:
            np.copyto(interpreter.input_tensor(), tensor)
            interpreter.invoke()
            np.copyto(result, interpreter.output_tensor())
        except (InputError, ValueError) as error:  # numpy's, where an output has changed its shape
            failure = str(error).encode(errors="replace")[:LONGEST] or b"no reason given"
        channel.write(REPLY.pack(number, bool(failure), len(failure)) + failure)


if __name__ == "__main__":
    sys.exit(main())
