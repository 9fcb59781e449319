"""A training that is ended in any way and goes on gives the network of one that never was."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import keras
import numpy as np
import pytest

from edgeproof.edge import run_directory
from edgeproof.edge.cli import main
from edgeproof.edge.errors import InputError
from edgeproof.edge.run_directory import CHECKPOINT
from edgeproof.train import checkpoint
from edgeproof.train.models import rps
from edgeproof.train.models.choices import Head
from edgeproof.train.models.layers import answers, blocks, pooled, sequence
from edgeproof.train.models.recipe import Network

PATIENCE = 240.0  # seconds


def words(data: Path, out: Path, *more: str) -> list[str]:
    return ["train", "rps", "--data", str(data), "--out", str(out), "--size", "32", "--augment", "light", *more]


def weights(run: Path) -> list[np.ndarray]:
    return keras.saving.load_model(run / run_directory.MODEL).get_weights()  # type: ignore[no-any-return]


def same(one: Path, other: Path) -> None:
    records = [json.loads((run / run_directory.RECORD).read_text()) for run in (one, other)]
    assert records[0]["history"] == records[1]["history"]
    assert records[0]["validation"] == records[1]["validation"]
    for mine, theirs in zip(weights(one), weights(other), strict=True):
        assert np.array_equal(mine, theirs)


# Whoever killed it from outside could come too late, where the machine is busy with something else meanwhile.
KILLED = """
import os, signal, sys
from edgeproof.edge.cli import main
from edgeproof.train import callbacks
save = callbacks.checkpoint.save
def save_and_die(path, trainer, state, best):
    save(path, trainer, state, best)
    if state.epochs == 2:
        os.kill(os.getpid(), signal.SIGKILL)
callbacks.checkpoint.save = save_and_die
sys.exit(main(sys.argv[1:]))
"""


def test_killed_in_the_middle_it_goes_on_to_the_same_network(hands: Path, tmp_path: Path) -> None:
    straight, killed = tmp_path / "straight", tmp_path / "killed"
    more = ["--epochs", "5", "--quiet"]
    assert main(words(hands, straight, *more)) == 0
    command = [sys.executable, "-c", KILLED, *words(hands, killed, *more)]
    assert subprocess.run(command, check=False, timeout=PATIENCE).returncode == -signal.SIGKILL  # noqa: S603 - ours
    assert (killed / CHECKPOINT).exists()
    assert not (killed / run_directory.RECORD).exists()
    assert main(words(hands, killed, *more, "--resume")) == 0
    same(straight, killed)
    assert not (killed / CHECKPOINT).exists()


@pytest.mark.parametrize("precision", ["--no-mixed-precision", "--mixed-precision"])
def test_what_random_layers_have_drawn_is_kept(
    hands: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, precision: str
) -> None:
    def with_dropout(spec, output, _):  # type: ignore[no-untyped-def]  # as the recipe's
        parts = [*blocks([8]), pooled(Head.GAP), keras.layers.Dropout(0.5), answers(output)]
        return Network(sequence(spec, parts))

    from dataclasses import replace

    monkeypatch.setattr(rps, "RECIPE", replace(rps.RECIPE, build=with_dropout))
    straight, ended = tmp_path / "straight", tmp_path / "ended"
    assert main(words(hands, straight, "--epochs", "4", "--quiet", precision)) == 0

    from edgeproof.train import callbacks

    keep = callbacks.checkpoint.save

    def keep_two(path, trainer, state, best):  # type: ignore[no-untyped-def]
        keep(path, trainer, state, best)
        if state.epochs == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(callbacks.checkpoint, "save", keep_two)
        assert main(words(hands, ended, "--epochs", "4", "--quiet", precision)) == 2
    assert main(words(hands, ended, "--epochs", "4", "--quiet", precision, "--resume")) == 0
    same(straight, ended)


def test_scale_of_the_float16_loss_is_kept(tmp_path: Path) -> None:
    def network() -> keras.Model:
        made = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
        made.compile(
            keras.optimizers.LossScaleOptimizer(keras.optimizers.RMSprop(), initial_scale=8.0, dynamic_growth_steps=2),
            "mse",
        )
        return made

    def fit(some: keras.Model) -> None:
        some.fit(np.ones((5, 4)), np.ones((5, 3)), batch_size=1, verbose=0)

    path = tmp_path / CHECKPOINT
    one, other = network(), network()
    fit(one)
    count = len(one.optimizer.variables)
    for _ in range(2):
        checkpoint.save(path, one, checkpoint.State({}), None)
    assert len(one.optimizer.variables) == count
    assert float(one.optimizer.dynamic_scale) == 32  # doubled after the second step and after the fourth
    checkpoint.restore(path, other, {})
    assert float(other.optimizer.dynamic_scale) == 32
    fit(one)
    fit(other)
    assert float(other.optimizer.dynamic_scale) == float(one.optimizer.dynamic_scale)
    for mine, theirs in zip(one.get_weights(), other.get_weights(), strict=True):
        assert np.array_equal(mine, theirs)


def test_another_training_is_not_gone_on_with(hands: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from edgeproof.train import record

    out = tmp_path / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(record, "write", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        assert main(words(hands, out, "--epochs", "1", "--quiet")) == 2
    capsys.readouterr()
    assert main(words(hands, out, "--epochs", "1", "--quiet")) == 2
    assert "pass --overwrite, or --resume" in capsys.readouterr().err
    assert main(words(hands, out, "--epochs", "2", "--quiet", "--resume")) == 2
    assert "expected the training that was begun, with epochs 1, received 2" in capsys.readouterr().err
    (out / CHECKPOINT).write_bytes((out / CHECKPOINT).read_bytes()[:1000])
    assert main(words(hands, out, "--epochs", "1", "--quiet", "--resume")) == 2
    assert "expected a checkpoint, received" in capsys.readouterr().err
    assert main(words(hands, out, "--epochs", "1", "--quiet", "--overwrite")) == 0
    assert main(words(hands, out, "--epochs", "1", "--resume")) == 0
    assert "nothing to go on with" in capsys.readouterr().err


def test_patience_ends_at_the_best_and_survives_a_resume(hands: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    # A rate at which the loss soon goes up again.
    more = ["--epochs", "30", "--patience", "2", "--learning-rate", "0.02", "--head", "gap", "--quiet"]
    assert main(words(hands, out, *more)) == 0
    record, _ = run_directory.read(out)
    losses = record.history["val_loss"]
    assert len(losses) < 30
    best = int(np.argmin(losses))
    assert len(losses) == best + 3
    assert record.validation.loss == pytest.approx(losses[best], rel=1e-3)


def test_what_a_killed_process_had_half_written_goes_with_the_next_run(hands: Path, tmp_path: Path) -> None:
    from edgeproof.edge.atomic import temporary_beside

    halves = [temporary_beside(tmp_path / name) for name in (CHECKPOINT, run_directory.MODEL, run_directory.RECORD)]
    (tmp_path / ".mine").write_text("mine")
    assert main(words(hands, tmp_path, "--epochs", "1", "--quiet")) == 0
    assert not any(half.exists() for half in halves)
    assert (tmp_path / ".mine").exists()


@pytest.mark.parametrize("damage", ["empty", "array", "cut", "bits"])
def test_a_damaged_checkpoint_is_one_line(tmp_path: Path, damage: str) -> None:
    network = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    network.compile("rmsprop", "mse")
    path = tmp_path / CHECKPOINT
    checkpoint.save(path, network, checkpoint.State({}, {"loss": (1.0,)}), None)
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    damaged = {"empty": [b""], "array": [], "cut": [whole[: int(cut)] for cut in rng.integers(len(whole), size=50)]}
    if damage == "array":
        np.save(tmp_path / "array.npy", np.zeros(3))
        damaged["array"] = [(tmp_path / "array.npy").read_bytes()]
    if damage == "bits":
        places = rng.integers(len(whole), size=300)
        damaged["bits"] = [whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :] for at in places]
    for data in damaged[damage]:
        path.write_bytes(data)
        # Some bytes of a zip mean nothing, and a name or two may be changed into another.
        with suppress(InputError) if damage == "bits" else pytest.raises(InputError, match="expected a checkpoint"):
            checkpoint.restore(path, network, {})
