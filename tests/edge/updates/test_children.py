"""The two children as processes of their own: what they say on their pipes, and that they end with their parent."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from edgeproof.edge import typed_json
from edgeproof.edge.classifier import Classifier
from edgeproof.edge.updates.messages import CAPACITY, REPLY, Begun, Compared, Hosted, Offered, Task, line
from edgeproof.edge.updates.shared import Shared, create
from edgeproof.edge.updates.terms import Opening, Programs
from golden import LABELS

PATIENCE = 240.0  # seconds; only a test that fails waits so long
FRAME = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)


@dataclass
class Parent:
    """This side: the memory that is shared, and the program of the child."""

    shared: Shared
    program: tuple[str, ...]

    def says(self, task: Task, *told: bytes) -> list[bytes]:
        """Tell a child its task and more, close the pipe, and give the lines it said before it ended by itself."""
        done = subprocess.run(  # noqa: S603 - ours
            [sys.executable, *self.program],
            input=line(task) + b"".join(told),
            capture_output=True,
            pass_fds=(self.shared.descriptor,),
            timeout=PATIENCE,
            check=True,
        )
        return done.stdout.splitlines(keepends=True)


@pytest.fixture
def shared() -> Shared:
    return Shared(create(CAPACITY))


def task(shared: Shared, model: Path, reference: Path | None = None) -> Task:
    return Task(
        str(model),
        LABELS,
        "image",
        Opening(threads=1),
        3 << 30,
        shared.descriptor,
        None if reference is None else str(reference),
    )


def test_judge_answers_each_frame_with_both_models_and_ends_with_its_parent(shared: Shared, models: Path) -> None:
    shared.array(FRAME.shape, "uint8")[...] = FRAME
    frames = [line(Offered(FRAME.shape, "uint8"))] * 3
    job = task(shared, models / "rps-int8.tflite", models / "rps-int8.tflite")
    begun, *compared = Parent(shared, Programs().judge).says(job, *frames)
    assert typed_json.loads(Begun, begun, "") == Begun()
    found = [typed_json.loads(Compared, each, "") for each in compared]
    assert [each.agrees for each in found] == [True] * 3  # with itself
    assert all(each.candidate > 0 and each.reference > 0 and each.refused is None for each in found)


def test_judge_without_a_model_to_compare_with_says_so(shared: Shared, models: Path) -> None:
    (begun,) = Parent(shared, Programs().judge).says(task(shared, models / "rps-int8.tflite"))
    assert typed_json.loads(Begun, begun, "").refused == "expected a model to compare with, received none"


def test_judge_that_is_shown_no_frame_of_the_model_says_so(shared: Shared, models: Path) -> None:
    job = task(shared, models / "rps-int8.tflite", models / "rps-int8.tflite")
    _, compared = Parent(shared, Programs().judge).says(job, line(Offered((4, 4), "uint8")))
    assert "expected a BGR frame" in (typed_json.loads(Compared, compared, "").refused or "")


@pytest.mark.parametrize("program", [Programs().judge, Programs().host])
def test_file_of_another_task_is_refused(shared: Shared, models: Path, program: tuple[str, ...]) -> None:
    (begun,) = Parent(shared, program).says(task(shared, models / "hello-int8.tflite", models / "rps-int8.tflite"))
    assert "labels differ: expected paper, rock, scissors" in (typed_json.loads(Begun, begun, "").refused or "")


def test_host_runs_the_network_on_the_shared_tensor_and_ends_with_its_parent(shared: Shared, models: Path) -> None:
    own = Classifier.open(models / "rps-int8.tflite", threads=1)
    own.classify(FRAME)
    tensor = own.interpreter.input_tensor().copy()
    shared.array(tensor.shape, str(tensor.dtype))[...] = tensor
    with subprocess.Popen(  # noqa: S603 - ours
        [sys.executable, *Programs().host],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pass_fds=(shared.descriptor,),
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(line(task(shared, models / "rps-int8.tflite")))
        child.stdin.flush()
        assert typed_json.loads(Begun, child.stdout.readline(), "") == Begun()
        hosted = typed_json.loads(Hosted, child.stdout.readline(), "")
        assert hosted.contract == own.contract
        child.stdin.write(bytes([7]))
        child.stdin.flush()
        assert REPLY.unpack(child.stdout.read(REPLY.size)) == (7, 0, 0)
        child.stdin.close()
        assert child.wait(PATIENCE) == 0
    result = shared.array(hosted.output_shape, hosted.output.dtype, hosted.output_at)
    assert result.tobytes() == own.interpreter.output_tensor().tobytes()


def test_memory_is_shared_where_the_system_has_no_memory_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "memfd_create")
    descriptor = create(4096)
    one, other = Shared(descriptor), Shared(os.dup(descriptor))
    one.array((4,), "uint8", 8)[...] = [1, 2, 3, 4]
    assert other.array((4,), "uint8", 8).tolist() == [1, 2, 3, 4]
    assert other.array((4,), "uint8").tolist() == [0] * 4
    one.close()
    other.close()
