"""A training that is ended in any way and goes on gives the network of one that never was."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest

from edgeproof.edge import run_directory
from edgeproof.edge.cli import main
from edgeproof.train.checkpoint import FILE
from edgeproof.train.models import rps
from edgeproof.train.models.layers import answers, blocks, pooled, sequence
from edgeproof.train.models.recipe import Head, Network

PATIENCE = 120.0  # seconds


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


def test_killed_in_the_middle_it_goes_on_to_the_same_network(hands: Path, tmp_path: Path) -> None:
    straight, killed = tmp_path / "straight", tmp_path / "killed"
    more = ["--epochs", "5", "--quiet"]
    assert main(words(hands, straight, *more)) == 0
    process = subprocess.Popen([sys.executable, "-m", "edgeproof.edge", *words(hands, killed, *more)])  # noqa: S603 - ours
    end = time.monotonic() + PATIENCE
    while not (killed / FILE).exists() and time.monotonic() < end and process.poll() is None:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not (killed / run_directory.RECORD).exists()
    assert main(words(hands, killed, *more, "--resume")) == 0
    same(straight, killed)
    assert not (killed / FILE).exists()


def test_what_random_layers_have_drawn_is_kept(hands: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def with_dropout(spec, output, _):  # type: ignore[no-untyped-def]  # as the recipe's
        parts = [*blocks([8]), pooled(Head.GAP), keras.layers.Dropout(0.5), answers(output)]
        return Network(sequence(spec, parts))

    from dataclasses import replace

    monkeypatch.setattr(rps, "RECIPE", replace(rps.RECIPE, build=with_dropout))
    straight, ended = tmp_path / "straight", tmp_path / "ended"
    assert main(words(hands, straight, "--epochs", "4", "--quiet")) == 0

    from edgeproof.train import callbacks

    keep = callbacks.checkpoint.save

    def keep_two(path, trainer, state, best):  # type: ignore[no-untyped-def]
        keep(path, trainer, state, best)
        if state.epochs == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(callbacks.checkpoint, "save", keep_two)
        assert main(words(hands, ended, "--epochs", "4", "--quiet")) == 2
    assert main(words(hands, ended, "--epochs", "4", "--quiet", "--resume")) == 0
    same(straight, ended)


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
    (out / FILE).write_bytes((out / FILE).read_bytes()[:1000])
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
