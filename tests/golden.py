"""The golden models of tests/models: their names, and what they would be had others made them."""

from __future__ import annotations

from pathlib import Path

from edgeproof.edge import modelfile

RPS = [f"rps-{precision}.{kind}" for precision in ("int8", "fp32") for kind in ("tflite", "onnx")]
HELLO = [name.replace("rps", "hello") for name in RPS]
LABELS = ("paper", "rock", "scissors")


def foreign(path: Path) -> bytes:
    """Give a golden model without its contract, and without the words in its metadata that it had one."""
    return modelfile.read(path).model.replace(b"exported by edgeproof", b"exported by somebody!")
