from __future__ import annotations

from pathlib import Path

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from flatbuffers import encode, number_types
from flatbuffers.table import Table

from edgeproof.edge import modelfile
from edgeproof.export.conversion.flatbuffer import minimum_runtime, operators, with_entry
from edgeproof.export.conversion.tflite_metadata import ENTRY, ClassifierMetadata, build

META = ClassifierMetadata(
    name="hands",
    description="d",
    version="1",
    input_name="image",
    output_name="probabilities",
    mean=127.5,
    std=127.5,
    low=-1.0,
    high=1.0,
    channels=3,
    labels_file="labels.txt",
)


class Walk:
    """Reads a flatbuffer table by field number, written from the format's description and not from our writer."""

    def __init__(self, data: bytes, position: int | None = None) -> None:
        self.data = data
        start = encode.Get(number_types.UOffsetTFlags.packer_type, data, 0) if position is None else position
        self.table = Table(data, start)

    def _at(self, slot: int) -> int:
        offset = self.table.Offset(4 + 2 * slot)
        assert offset, f"field {slot} is missing"
        return offset + self.table.Pos

    def text(self, slot: int) -> str:
        return self.table.String(self._at(slot)).decode()

    def byte(self, slot: int) -> int:
        return self.table.Get(number_types.Int8Flags, self._at(slot))

    def child(self, slot: int) -> Walk:
        return Walk(self.data, self.table.Indirect(self._at(slot)))

    def only(self, slot: int) -> Walk:
        offset = self.table.Offset(4 + 2 * slot)
        assert self.table.VectorLen(offset) == 1
        return Walk(self.data, self.table.Indirect(self.table.Vector(offset)))

    def floats(self, slot: int) -> list[float]:
        offset = self.table.Offset(4 + 2 * slot)
        return self.table.GetVectorAsNumpy(number_types.Float32Flags, offset).tolist()


def test_the_tables_stand_where_the_public_schema_has_them() -> None:
    data = build(META)
    assert data[4:8] == b"M001"
    model = Walk(data)
    assert (model.text(0), model.text(1), model.text(2), model.text(7)) == ("hands", "d", "1", "1.0.0")
    subgraph = model.only(3)
    tensor = subgraph.only(2)
    assert tensor.text(0) == "image"
    assert (tensor.child(3).byte(0), tensor.child(3).child(1).byte(0)) == (2, 1)  # ImageProperties, RGB
    unit = tensor.only(4)
    assert unit.byte(0) == 1  # NormalizationOptions
    assert (unit.child(1).floats(0), unit.child(1).floats(1)) == ([127.5], [127.5])
    assert (tensor.child(5).floats(0), tensor.child(5).floats(1)) == ([1.0], [-1.0])
    output = subgraph.only(3)
    assert output.text(0) == "probabilities"
    assert output.child(3).byte(0) == 1  # FeatureProperties
    file = output.only(6)
    assert (file.text(0), file.byte(2)) == ("labels.txt", 2)  # TENSOR_AXIS_LABELS


def test_an_entry_leaves_the_model_as_it_was(models: Path) -> None:
    model = modelfile.read(models / "rps-int8.tflite").model
    once = with_entry(model, "mine", b"one")
    twice = with_entry(once, "mine", b"two")
    before, after = (schema.ModelT.InitFromPackedBuf(data, 0) for data in (model, twice))
    assert len(after.metadata) == len(before.metadata) + 1
    assert bytes(after.buffers[after.metadata[-1].buffer].data) == b"two"
    for old, new in zip(before.buffers, after.buffers, strict=False):
        assert np.array_equal(np.asarray(old.data), np.asarray(new.data))
    assert operators(twice) == operators(model)


def test_weights_stay_aligned_as_the_schema_demands(models: Path) -> None:
    model = with_entry(modelfile.read(models / "rps-int8.tflite").model, "mine", b"x")
    root = schema.Model.GetRootAs(model, 0)
    data = np.frombuffer(model, np.uint8)
    starts = [
        vector.__array_interface__["data"][0] - data.__array_interface__["data"][0]
        for index in range(root.BuffersLength())
        if not isinstance(vector := root.Buffers(index).DataAsNumpy(), int) and len(vector) > 16
    ]
    assert starts
    assert [start % 16 for start in starts] == [0] * len(starts)


def test_our_files_carry_it(models: Path) -> None:
    unpacked = schema.ModelT.InitFromPackedBuf(modelfile.read(models / "rps-int8.tflite").model, 0)
    entries = {entry.name.decode(): bytes(unpacked.buffers[entry.buffer].data) for entry in unpacked.metadata}
    assert Walk(entries[ENTRY]).text(0) == "rps-int8"


def test_facts_of_a_model(models: Path) -> None:
    model = modelfile.read(models / "rps-int8.tflite").model
    assert {"CONV_2D", "MAX_POOL_2D", "FULLY_CONNECTED", "SOFTMAX"} <= set(operators(model))
    assert minimum_runtime(model).count(".") == 2
