from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgeproof.edge import modelfile
from edgeproof.edge.benching.profile import Kernel, Op, profile, together, totals
from edgeproof.edge.benching.profile import litert as of_litert
from edgeproof.edge.benching.profile.placement import Node, delegated, place
from edgeproof.edge.classifier import Classifier

RUN = ("LiteRT::Run[buffer registration]", 1, 9)


def tensor(model: Path) -> np.ndarray[Any, Any]:
    classifier = Classifier.open(model)
    classifier.classify(np.zeros((48, 64, 3), np.uint8))
    return classifier.interpreter.input_tensor().copy()


def test_types_are_summed_by_kernel_and_the_longest_comes_first() -> None:
    ops = [
        Op("CONV", "a", Kernel.XNNPACK, 1.0),
        Op("CONV", "b", Kernel.BUILT_IN, 4.0),
        Op("CONV", "c", Kernel.XNNPACK, 2.0),
        Op("POOL", "d", Kernel.XNNPACK, 1.0),
    ]
    found = [(total.type, total.kernel, total.count, total.ms, total.share) for total in totals(ops)]
    assert found == [
        ("CONV", Kernel.BUILT_IN, 1, 4, 0.5),
        ("CONV", Kernel.XNNPACK, 2, 3, 0.375),
        ("POOL", Kernel.XNNPACK, 1, 1, 0.125),
    ]
    assert together(ops) == 8


def test_ops_without_times_have_no_sums() -> None:
    (total,) = totals([Op("CONV", "", Kernel.XNNPACK, None)] * 2)
    assert (total.count, total.ms, total.share) == (2, None, None)
    assert together([]) is None


def test_events_of_litert_become_ops_by_the_kernel_that_ran_them() -> None:
    def run(convolution: int) -> list[tuple[str, int, int]]:
        return [
            RUN,
            ("invoke", 16, 99),
            ("QUANTIZE", 2, 40),
            ("Convolution (NHWC, QC8) IGEMM", 8, convolution),
            ("Invoke", 32, 4294967296),
            ("LiteRT::Run[Buffer sync]", 1, 5),
        ]

    found = of_litert.summarize([*run(100), *run(110), *run(120), *run(9000)], 2)
    assert (found.runs, found.threads, found.missing) == (4, 2, None)
    assert found.ops == (
        Op("QUANTIZE", "", Kernel.BUILT_IN, pytest.approx(0.040)),  # type: ignore[arg-type]
        Op("Convolution (NHWC, QC8) IGEMM", "", Kernel.XNNPACK, pytest.approx(0.115)),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("events", "runs"), [([], 0), ([RUN, ("ADD", 2, 1), RUN, ("MUL", 2, 1)], 2), ([("ADD", 2, 1)], 0)]
)
def test_runs_that_are_not_alike_make_no_profile(events: list[tuple[str, int, int]], runs: int) -> None:
    found = of_litert.summarize(events, 1)
    assert (found.ops, found.runs) == ((), runs)
    assert found.missing is not None


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("kill -SEGV $$", "its process was ended by signal 11"),
        ("echo of another version >&2; exit 1", "of another version"),
        ("exit 3", "its process ended with 3"),
    ],
)
def test_profiler_that_fails_is_a_reason_and_no_crash(
    script: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\ncat > {tmp_path}/input\n{script}\n")
    python.chmod(0o755)
    monkeypatch.setattr(of_litert.sys, "executable", str(python))
    found = of_litert.profile_litert(Path("a.tflite"), 1, np.arange(5, dtype=np.uint8), 0.1)
    assert (found.ops, found.missing) == ((), reason)
    assert (tmp_path / "input").read_bytes() == bytes(range(5))


def test_profiler_that_hangs_is_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexec sleep 60\n")
    python.chmod(0o755)
    monkeypatch.setattr(of_litert.sys, "executable", str(python))
    monkeypatch.setattr(of_litert, "_PATIENCE", 0.1)
    assert of_litert.profile_litert(Path("a"), 1, np.zeros(1), 0.1).missing == "the profiler took too long"


def test_litert_tells_the_ops_of_xnnpack_from_its_own(models: Path) -> None:
    pytest.importorskip("ai_edge_litert")
    path = models / "rps-int8.tflite"
    found = profile(path, "litert", 1, tensor(path), 0.1)
    assert found.missing is None
    kinds = Counter((op.type.split(" (")[0], op.kernel) for op in found.ops)
    # The network: three convolutions, each with a pooling, and two dense layers.
    assert kinds[("Convolution", Kernel.XNNPACK)] == 3
    assert kinds[("Max Pooling", Kernel.XNNPACK)] == 3
    assert kinds[("Fully Connected", Kernel.XNNPACK)] == 2
    assert found.runs >= 5
    assert 0 < (together(found.ops) or 0) < 1000


def test_litert_refuses_a_tensor_of_another_size(models: Path) -> None:
    pytest.importorskip("ai_edge_litert")
    found = profile(models / "rps-int8.tflite", "litert", 1, np.zeros(7, np.uint8), 0.1)
    assert found.ops == ()
    assert found.missing == "RuntimeError: expected an input of 3072 bytes, received 7"


def test_listing_and_profiler_of_litert_agree_on_what_xnnpack_has_taken(models: Path) -> None:
    interpreter = pytest.importorskip("ai_edge_litert.interpreter")
    path = models / "rps-int8.tflite"
    loaded = interpreter.Interpreter(model_content=modelfile.read(path).model, num_threads=1)
    loaded.allocate_tensors()
    nodes = [
        Node(op["op_name"], tuple(map(int, op["inputs"])), tuple(map(int, op["outputs"])))
        for op in loaded._get_ops_details()
    ]
    placed = Counter(op.type for op in place(nodes, "", 1, "").ops if op.kernel is Kernel.BUILT_IN)
    timed = profile(path, "litert", 1, tensor(path), 0.1)
    assert placed == Counter(op.type for op in timed.ops if op.kernel is Kernel.BUILT_IN)
    assert placed


def test_onnxruntime_gives_each_node(models: Path) -> None:
    pytest.importorskip("onnxruntime")
    path = models / "rps-int8.onnx"
    found = profile(path, None, 1, tensor(path), 0.1)
    kinds = Counter(op.type for op in found.ops)
    assert kinds["QLinearConv"] == 3
    assert kinds["QGemm"] == 2
    assert {op.kernel for op in found.ops} == {Kernel.ONNXRUNTIME}
    assert all(op.name for op in found.ops)
    assert found.runs >= 5


def test_first_runs_of_a_trace_do_not_count() -> None:
    pytest.importorskip("onnxruntime")
    from edgeproof.edge.benching.profile.onnxruntime import summarize

    trace: list[dict[str, Any]] = [{"cat": "Session", "name": "model_run", "dur": 9}]
    trace += [
        {"cat": "Node", "name": "a_kernel_time", "dur": elapsed, "args": {"op_name": "Conv"}}
        for elapsed in (9000, 100, 120)
    ]
    found = summarize(trace, 2, warm_up=1)
    assert (found.ops, found.runs) == ((Op("Conv", "a", Kernel.ONNXRUNTIME, pytest.approx(0.110)),), 2)  # type: ignore[arg-type]
    assert summarize(trace[:1], 2, warm_up=1).missing == "its trace holds no nodes"


def test_delegate_has_taken_what_lies_between_its_borders() -> None:
    # 0 → QUANTIZE → 1 → CONV (weights 9) → 2 → POOL → 3 → CUSTOM → 4, CONV and POOL in a delegate.
    nodes = [
        Node("QUANTIZE", (0,), (1,)),
        Node("CONV_2D", (1, 9), (2,)),
        Node("MAX_POOL_2D", (2,), (3,)),
        Node("CUSTOM", (3,), (4,)),
        Node("DELEGATE", (1, 9), (3,)),
    ]
    assert delegated(nodes) == {1, 2}
    placed = place(nodes, "it", 2, "no profiler")
    assert [op.kernel for op in placed.ops] == [Kernel.BUILT_IN, Kernel.XNNPACK, Kernel.XNNPACK, Kernel.BUILT_IN]
    assert [op.ms for op in placed.ops] == [None] * 4
    assert placed.missing == "no profiler"
    assert delegated(nodes[:-1]) == frozenset()


def test_tflite_runtime_tells_where_ops_run(models: Path) -> None:
    pytest.importorskip("tflite_runtime")
    found = profile(models / "rps-fp32.tflite", "tflite-runtime", 1, np.zeros(1), 0.1)
    assert found.missing == "tflite-runtime has no profiler"
    assert Counter((op.type, op.kernel) for op in found.ops)[("CONV_2D", Kernel.XNNPACK)] == 3
