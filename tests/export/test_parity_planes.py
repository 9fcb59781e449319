"""Files whose input holds one plane per channel, held against each other."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import onnx
import pytest
from defects.onnx import saturated

from command import Command
from edgeproof.edge import modelfile
from edgeproof.edge.contract import Format, Layout


@pytest.fixture
def edgeproof(capsys: pytest.CaptureFixture[str], models: Path) -> Command:
    return Command(capsys, models)


def in_planes(path: Path, to: Path, changed: Callable[[bytes], bytes] = lambda model: model) -> Path:
    """The same ONNX file, changed, but that its input holds one plane per channel."""
    file = modelfile.read(path)
    assert file.contract is not None
    model = onnx.load_from_string(changed(file.model))
    graph, given = model.graph, model.graph.input[0]
    graph.node.insert(0, onnx.helper.make_node("Transpose", ["planes"], [given.name], "moved", perm=[0, 2, 3, 1]))
    kind = given.type.tensor_type.elem_type
    graph.input.remove(given)
    graph.input.append(onnx.helper.make_tensor_value_info("planes", kind, (1, 3, 32, 32)))
    spec = replace(file.contract.input, layout=Layout.NCHW)  # type: ignore[call-arg]
    contract = replace(file.contract, input=spec, proof=None)
    to.write_bytes(modelfile.assemble(Format.ONNX, model.SerializeToString(), contract, {}))
    return to


def test_files_that_take_planes_are_looked_into_too(
    edgeproof: Command, models: Path, hands: Path, tmp_path: Path
) -> None:
    bad = in_planes(models / "rps-int8.onnx", tmp_path / "bad.onnx", lambda model: saturated(model, 3, 15))
    good = in_planes(models / "rps-fp32.onnx", tmp_path / "good.onnx")
    assert edgeproof("parity", good, bad, "--data", hands, "--json", "--quiet") == 1
    diagnosis = json.loads(edgeproof.out)["candidates"][0]["diagnosis"]
    assert diagnosis["causes"] == []
    assert len(diagnosis["layers"]) == 9
    # Nothing to compare with: the same network on another tensor.
    assert edgeproof("parity", "rps-fp32.onnx", bad, "--data", hands, "--json", "--quiet") == 1
    assert json.loads(edgeproof.out)["candidates"][0]["diagnosis"]["layers"] == []
