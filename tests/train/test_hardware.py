"""Several devices, several processes, another backend: each in processes of its own, since Keras is set up once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

import tiny
from edgeproof.edge import run_directory
from edgeproof.edge.cli import main
from edgeproof.edge.run_directory import RunRecord
from edgeproof.train import hardware
from loopback import free_port

PATIENCE = 240  # seconds
CLOSE = 1e-4  # of the loss: the order of additions differs, nothing else


@pytest.fixture(scope="module")
def even(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """120 pictures to train on, which batches of 24 share without a rest."""
    return tiny.draw(tmp_path_factory.mktemp("even"), 150)


def start(backend: str, data: Path, out: Path, *more: str) -> subprocess.Popen[str]:
    words = ["train", "rps", "--data", str(data), "--size", "32", "--epochs", "2", "--batch-size", "24", "--quiet"]
    return subprocess.Popen(  # noqa: S603 - ours
        [sys.executable, "-m", "edgeproof.edge", *words, "--out", str(out), *more],
        env={**os.environ, "KERAS_BACKEND": backend},
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(process: subprocess.Popen[str]) -> str:
    try:
        _, complaint = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
    assert process.returncode == 0, complaint
    return complaint


def trained(backend: str, data: Path, out: Path, *more: str) -> RunRecord:
    finished(start(backend, data, out, *more))
    return run_directory.read(out)[0]


def same_losses(one: RunRecord, other: RunRecord) -> None:
    for name, values in one.history.items():
        assert values == pytest.approx(other.history[name], abs=CLOSE), name
    assert one.validation.loss == pytest.approx(other.validation.loss, abs=CLOSE)
    assert one.validation.loss != 0


@pytest.fixture(scope="module")
def jax_run(even: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("jax") / "run"
    trained("jax", even, run)
    return run


def test_two_devices_of_tensorflow_reach_the_loss_of_one(even: Path, tmp_path: Path) -> None:
    one, two = (trained("tensorflow", even, tmp_path / str(n), "--devices", str(n)) for n in (1, 2))
    same_losses(one, two)


def test_two_devices_of_jax_reach_the_loss_of_one(even: Path, jax_run: Path, tmp_path: Path) -> None:
    same_losses(run_directory.read(jax_run)[0], trained("jax", even, tmp_path / "two", "--devices", "2"))


def test_two_processes_reach_the_loss_of_one(even: Path, jax_run: Path, tmp_path: Path) -> None:
    port = free_port()
    runs = [tmp_path / "first", tmp_path / "second"]
    processes = [start("jax", even, run, "--cluster", f"127.0.0.1:{port}/2/{index}") for index, run in enumerate(runs)]
    for process in processes:
        finished(process)
    same_losses(run_directory.read(jax_run)[0], run_directory.read(runs[0])[0])
    assert not (runs[1] / run_directory.MODEL).exists()  # the first process writes


def test_what_jax_trained_tensorflow_exports_with_the_same_scores(jax_run: Path, tmp_path: Path) -> None:
    scores = tmp_path / "scores.npy"
    program = (
        "import sys, keras, numpy as np; x = np.load(sys.argv[2]);"
        "np.save(sys.argv[3], keras.saving.load_model(sys.argv[1]).predict(x, verbose=0))"
    )
    pictures = np.random.default_rng(0).random((20, 32, 32, 3), np.float32)
    np.save(tmp_path / "pictures.npy", pictures)
    model = jax_run / run_directory.MODEL
    subprocess.run(  # noqa: S603 - ours
        [sys.executable, "-c", program, str(model), str(tmp_path / "pictures.npy"), str(scores)],
        env={**os.environ, "KERAS_BACKEND": "jax"},
        check=True,
        timeout=PATIENCE,
    )
    assert keras.saving.load_model(model).predict(pictures, verbose=0) == pytest.approx(np.load(scores), abs=1e-5)
    code = main(["export", str(jax_run), "--fp32", "--format", "tflite", "--margin", "20", "--quiet"])
    assert code in (0, 3)
    (report,) = json.loads((jax_run / run_directory.PARITY).read_text())["candidates"]
    assert report["agreement"] == 1
    record, _ = run_directory.read(jax_run)
    assert report["accuracy"] == pytest.approx(record.validation.accuracy)


def test_float16_on_jax_compiles_a_step_once_for_each_size_of_batch(even: Path, tmp_path: Path) -> None:
    process = subprocess.run(  # noqa: S603 - ours
        [
            *(sys.executable, "-m", "edgeproof.edge", "train", "rps", "--data", str(even), "--size", "32", "--quiet"),
            *("--epochs", "4", "--batch-size", "50", "--mixed-precision", "--out", str(tmp_path / "run")),
        ],
        env={**os.environ, "KERAS_BACKEND": "jax", "JAX_LOG_COMPILES": "1"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    assert process.stderr.count("Finished XLA compilation of jit(train_step)") == 2  # of 50 samples, and of 20


@pytest.mark.parametrize(
    ("given", "wish", "flags", "preallocate"),
    [
        (None, "", "--xla_gpu_deterministic_ops=true", "false"),
        ("--xla_dump_to=x", "", "--xla_dump_to=x --xla_gpu_deterministic_ops=true", "false"),
        ("--xla_gpu_deterministic_ops=false", "", "--xla_gpu_deterministic_ops=false", "false"),
        (None, "deterministic=False, memory_growth=False", None, None),
    ],
)
def test_what_a_graphics_card_should_do_reaches_jax(
    given: str | None, wish: str, flags: str | None, preallocate: str | None
) -> None:
    program = (
        "import json, os; from edgeproof.train.hardware import accelerator, prepare;"
        "from edgeproof.train.hardware_options import HardwareOptions;"
        f"prepare(HardwareOptions({wish}));"
        "names = ('XLA_FLAGS', 'XLA_PYTHON_CLIENT_PREALLOCATE');"
        "print(json.dumps([accelerator(), *map(os.environ.get, names)]))"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("XLA_")}
    environment |= {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"} | ({} if given is None else {"XLA_FLAGS": given})
    done = subprocess.run(  # noqa: S603 - ours
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=PATIENCE, check=True
    )
    assert json.loads(done.stdout) == [None, flags, preallocate]


def test_card_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardware, "accelerator", lambda: "NVIDIA H200")
    assert hardware._words(2, "gpu") == "tensorflow on 2 gpu devices (NVIDIA H200)"


def test_mixed_precision_leaves_a_float32_network(even: Path, tmp_path: Path) -> None:
    record = trained("tensorflow", even, tmp_path / "run", "--mixed-precision", "--xla", "--no-deterministic")
    model = keras.saving.load_model(tmp_path / "run" / run_directory.MODEL)
    assert {layer.dtype_policy.name for layer in model.layers} == {"float32"}
    assert record.validation.loss == pytest.approx(record.history["val_loss"][-1], rel=0.02)


def test_batches_that_devices_cannot_share_are_one_line(even: Path, tmp_path: Path) -> None:
    process = start("tensorflow", even, tmp_path / "run", "--devices", "2", "--batch-size", "25")
    _, complaint = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2
    assert complaint.splitlines()[-1] == (
        "error: expected a batch size that 2 devices can share, received 25; pass --batch-size 26"
    )
    assert not (tmp_path / "run").exists()


def test_several_machines_need_jax(even: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["train", "rps", "--data", str(even), "--out", str(tmp_path / "run"), "--quiet", "--cluster"]
    assert main([*words, "127.0.0.1:5000/2/0"]) == 2
    assert "expected KERAS_BACKEND=jax for several machines" in capsys.readouterr().err
    for wrong in ("127.0.0.1/2/0", "127.0.0.1:5000", "127.0.0.1:5000/2/2", "127.0.0.1:0/2/0", ":5000/2/0"):
        assert main([*words, wrong]) == 2
        assert "expected HOST:PORT/N/I" in capsys.readouterr().err
