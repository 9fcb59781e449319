from __future__ import annotations

from pathlib import Path

import numpy as np
from gate import _Quantizer

from edgeproof.edge import run_directory
from edgeproof.edge.contract import ImageInput, ModelOutput
from edgeproof.export.network import open_network


def test_the_campaign_makes_files_of_a_run(run: Path) -> None:
    record, _ = run_directory.read(run)
    assert isinstance(record.input, ImageInput)
    network = open_network(run / run_directory.MODEL).bound(record.input)
    quantizer = _Quantizer(network, record.input, ModelOutput(record.activation, record.labels))
    pixels = np.random.default_rng(0).integers(0, 256, (20, *record.input.shape)).astype(np.uint8)
    names = {made.name for made in quantizer.good(pixels, 0)}
    assert {"fp32.tflite", "fp32.onnx", "int8-0.tflite", "int8-0.onnx"} <= names
