"""What the tests of the page share: a record with one mistake, its picture, and an eye on what was written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest

from edgeproof.edge.contract import Activation, ImageInput
from edgeproof.edge.run_directory import ClassScore, Mistake, RunRecord, Split, Validation
from edgeproof.train.report import page
from html_page import Page

HISTORY = {
    "accuracy": (0.5, 0.75),
    "loss": (1.0, 0.5),
    "val_accuracy": (0.6, 0.55),
    "val_loss": (0.9, 0.95),
    "learning_rate": (0.001, 0.0001),
}


def make(data: Path, labels: tuple[str, ...] = ("paper", "rock"), **changes: object) -> RunRecord:
    """A run of two classes or more in which one picture of the first was taken for one of the second."""
    n = len(labels)
    confusion = np.diag([4] * n)
    confusion[0, :2] = (3, 1)
    judged = Validation(
        accuracy=1 - 1 / (4 * n),
        loss=0.1234,
        n=4 * n,
        classes=tuple(ClassScore(label, 4, 0.8, 0.9, 0.85) for label in labels),
        confusion=tuple(map(tuple, confusion.tolist())),
        mistakes=(Mistake("a/b.png", labels[0], labels[1], 0.9996, 0.0004),),
    )
    record = RunRecord(
        model="rps",
        labels=labels,
        input=ImageInput(150, 160, 3),
        activation=Activation.SOFTMAX,
        history=HISTORY,
        validation=judged,
        seed=7,
        data=str(data),
        versions={"keras": "3.15.1"},
        settings={"batch size": "32"},
        parameters=9494561,
        seconds=141.0,
    )
    return replace(record, **changes)  # type: ignore[arg-type]  # fields by name


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with one picture, red on the left and blue on the right."""
    picture = np.zeros((300, 600, 3), np.uint8)
    picture[:, :300, 2] = picture[:, 300:, 0] = 255
    (tmp_path / "data/a").mkdir(parents=True)
    cv2.imwrite(str(tmp_path / "data/a/b.png"), picture)
    return tmp_path / "data"


@pytest.fixture
def classifier(data: Path) -> Callable[..., RunRecord]:
    """Makes the record of a classifier from its labels and whatever else is to be different."""
    return partial(make, data)


@pytest.fixture
def show(tmp_path: Path) -> Callable[..., Page]:
    """Writes the page of a record, and its split if there is one, and reads it."""

    def written(record: RunRecord, split: Split | None = None) -> Page:
        page.write(tmp_path, record, split or Split())
        return Page((tmp_path / "report.html").read_text("utf-8"))

    return written
