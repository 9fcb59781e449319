from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import flatbuffers
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

import networks
from edgeproof.edge import modelfile
from edgeproof.edge.contract import Format, Precision
from edgeproof.export.conversion import flatbuffer
from edgeproof.export.conversion.flatbuffer import dense_kernels, float_operators, operations, operators, with_entry
from edgeproof.export.conversion.float_tflite import float_tflite
from edgeproof.export.conversion.origin import Origin
from edgeproof.export.network import Network

Build = Callable[[str], Network]
_PLACEHOLDER = 0x1122334455667788  # for an offset, until the length of what is before it is known


@pytest.fixture(scope="module")
def dense(build: Build) -> bytes:
    return float_tflite(build("dense, relu"), networks.spec_of(build("dense, relu")))


def test_operators_are_named_once_in_the_order_of_their_first_use(build: Build) -> None:
    network = build("residual")
    model = float_tflite(network, networks.spec_of(network))
    expected = [op["op_name"] for op in networks.open_tflite(model)._get_ops_details()]
    expected = [name for name in dict.fromkeys(expected) if name != "DELEGATE"]
    assert list(operators(model)) == expected
    assert {"CONV_2D", "ADD", "CONCATENATION", "AVERAGE_POOL_2D", "MEAN", "LOGISTIC"} <= set(expected)


def test_a_custom_operator_is_named_as_one(dense: bytes) -> None:
    unpacked = schema.ModelT.InitFromPackedBuf(dense, 0)
    code = unpacked.operatorCodes[-1]
    code.builtinCode, code.deprecatedBuiltinCode, code.customCode = schema.BuiltinOperator.CUSTOM, 32, "FlexErf"
    builder = flatbuffers.Builder(1024)
    builder.Finish(unpacked.Pack(builder), b"TFL3")
    assert operators(bytes(builder.Output()))[-1] == "CUSTOM:FlexErf"


def test_operators_of_floats_are_told_from_those_of_integers(models: Path, dense: bytes) -> None:
    assert float_operators(dense) == operators(dense)
    assert float_operators(modelfile.read(models / "rps-int8.tflite").model) == ()
    # It takes and gives floats, and computes in integers.
    assert set(float_operators(modelfile.read(models / "hello-int8.tflite").model)) == {"DEQUANTIZE"}


def test_operations_read_what_others_fill(build: Build) -> None:
    network = build("residual")
    model = float_tflite(network, networks.spec_of(network))
    found = list(operations(model))
    interpreter = networks.open_tflite(model)
    assert found[0].inputs == (interpreter.get_input_details()[0]["name"],)
    assert found[-1].outputs == (interpreter.get_output_details()[0]["name"],)
    (joined,) = [one for one in found if one.operator == "CONCATENATION"]
    (added,) = [one for one in found if one.operator == "ADD"]
    (pooled,) = [one for one in found if one.operator == "AVERAGE_POOL_2D"]
    assert joined.inputs == (*added.outputs, *pooled.outputs)
    assert len(added.inputs) == 2
    assert all(len(one.inputs) == 1 for one in found if one.operator == "CONV_2D")  # kernel and bias are constants


def test_kernels_are_those_of_the_dense_layers(build: Build, dense: bytes) -> None:
    first, last = [weight for weight in build("dense, relu").source.get_weights() if weight.ndim == 2]
    kernels = list(dense_kernels(bytearray(dense)))
    assert [kernel.shape for kernel in kernels] == [(1400, 192), (5, 1400)]
    assert np.array_equal(kernels[0], first.T)
    assert np.array_equal(kernels[1], last.T)


def test_what_is_written_to_a_kernel_is_in_the_model(build: Build, dense: bytes) -> None:
    model = bytearray(dense)
    for kernel in dense_kernels(model):
        kernel[:] = 0
    samples = networks.floats(build("dense, relu"))
    assert np.allclose(networks.by_tflite(bytes(model), samples), 0.2)  # the softmax of nothing, over five
    assert not np.allclose(networks.by_tflite(dense, samples), 0.2, atol=1e-3)
    assert sum(ours != theirs for ours, theirs in zip(model, dense, strict=True)) > 1_000_000 * 0.9


def test_kernels_of_integers_are_left_out(build: Build) -> None:
    network = build("dense, relu")
    model = Origin(network, networks.calibration(network)).convert(Format.TFLITE, Precision.INT8)
    assert list(dense_kernels(bytearray(model))) == []


def test_weights_behind_the_flatbuffer_are_gathered_into_it(build: Build, dense: bytes) -> None:
    root = schema.Model.GetRootAs(dense, 0)
    sizes = [root.Buffers(place).DataLength() for place in range(root.BuffersLength())]
    outside = put_outside(dense, sizes.index(max(sizes)))
    samples = networks.floats(build("dense, relu"))
    assert np.array_equal(networks.by_tflite(outside, samples), networks.by_tflite(dense, samples))
    inside = with_entry(outside, "mine", b"x")
    unpacked = schema.ModelT.InitFromPackedBuf(inside, 0)
    assert {buffer.offset for buffer in unpacked.buffers} == {0}
    assert len(unpacked.buffers[sizes.index(max(sizes))].data) == max(sizes) == 4 * 192 * 1400
    assert np.array_equal(networks.by_tflite(inside, samples), networks.by_tflite(dense, samples))


def test_a_model_too_large_for_one_flatbuffer_is_refused(dense: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flatbuffer, "_LARGEST", 1_000_000)
    with pytest.raises(ValueError, match="expected a model of at most 1000000 bytes in one flatbuffer"):
        with_entry(dense, "mine", b"x")


def put_outside(model: bytes, place: int) -> bytes:
    """Move a buffer behind the flatbuffer, as TensorFlow does with models beyond 2 GiB."""
    unpacked = schema.ModelT.InitFromPackedBuf(model, 0)
    data = bytes(unpacked.buffers[place].data)
    unpacked.buffers[place].data = None
    unpacked.buffers[place].size = len(data)
    unpacked.buffers[place].offset = _PLACEHOLDER
    builder = flatbuffers.Builder(1024)
    builder.Finish(unpacked.Pack(builder), b"TFL3")
    packed = bytes(builder.Output())
    start = -(-len(packed) // 16) * 16
    written = _PLACEHOLDER.to_bytes(8, "little")
    assert packed.count(written) == 1
    return packed.replace(written, start.to_bytes(8, "little")).ljust(start, b"\0") + data
