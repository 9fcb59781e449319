from __future__ import annotations

import base64
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from edgeproof.edge.contract import Activation, NumberInput
from edgeproof.edge.folders import LabelledFile
from edgeproof.edge.run_directory import RunRecord, Split, Validation

Make = Callable[..., RunRecord]
Show = Callable[..., Any]


def test_the_page_says_what_the_record_says(tmp_path: Path, data: Path, classifier: Make, show: Show) -> None:
    (tmp_path / "model.keras").touch()
    os.utime(tmp_path / "model.keras", (0, 86400 * 365))
    split = Split(
        tuple(LabelledFile(f"{i}", "paper", "0" * 64) for i in range(11)), (LabelledFile("a/b.png", "paper", "0" * 64),)
    )
    shown = show(classifier(), split)
    assert shown.html.startswith("<!DOCTYPE html>")
    for words in (
        "87.5 %",
        "0.1234",
        "1971-01-01 00:00 UTC",
        str(data),
        "11 for training, 1 for validation",
        "160 × 150 rgb, stretch, values 0 to 1",
        "9,494,561",
        "2 min 21 s",
        "seed 7",
        "batch size 32",
        "keras 3.15.1",
        "Training ends at 0.5; validation ends at 0.95, its best is 0.9 in epoch 1.",
        "Training ends at 75.0 %; validation ends at 55.0 %, its best is 60.0 % in epoch 1.",
        "From 0.001 to 0.0001.",
        "paper 3 75 % 1 25 %",
        "rock 0 4 100 %",
        "paper 80.0 % 90.0 % 85.0 % 4 11",
        "1 of 1 mistake,",
        "rock >99.9 %, paper <0.1 % a/b.png",
    ):
        assert words in shown.text


def test_pictures_of_mistakes_are_small_and_in_their_own_colours(classifier: Make, show: Show) -> None:
    (image,) = show(classifier()).all("img")
    assert image["alt"] == "paper, answered as rock: a/b.png"
    jpeg = base64.b64decode(str(image["src"]).partition(",")[2])
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert picture.shape == (100, 200, 3)
    assert np.abs(picture[50, 40].astype(int) - (0, 0, 255)).max() < 10
    assert np.abs(picture[50, 160].astype(int) - (255, 0, 0)).max() < 10


def test_small_pictures_are_enlarged(data: Path, classifier: Make, show: Show) -> None:
    cv2.imwrite(str(data / "a/b.png"), np.zeros((28, 28), np.uint8))
    (image,) = show(classifier()).all("img")
    jpeg = base64.b64decode(str(image["src"]).partition(",")[2])
    assert cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR).shape == (196, 196, 3)


@pytest.mark.parametrize("content", [None, b"", b"no picture"])
def test_a_picture_that_has_gone_is_said_in_its_place(
    data: Path, classifier: Make, show: Show, content: bytes | None
) -> None:
    (data / "a/b.png").unlink()
    if content is not None:
        (data / "a/b.png").write_bytes(content)
    parsed = show(classifier())
    assert not parsed.all("img")
    assert "This picture cannot be read any more. paper answered as rock" in parsed.text


def test_pictures_of_a_run_that_was_moved_are_found_beside_it(
    tmp_path: Path, data: Path, classifier: Make, show: Show
) -> None:
    data.rename(tmp_path / "pictures")
    assert len(show(classifier()).all("img")) == 1


def test_a_regression_has_curves_and_numbers_only(show: Show) -> None:
    record = RunRecord(
        model="hello",
        labels=(),
        input=NumberInput(1, (-10.0, 10.0)),
        activation=Activation.LINEAR,
        history={"loss": tuple(10 * 0.5**i for i in range(40))},
        validation=Validation(None, 3.2e-5, 6),
        seed=0,
        data="y = 2x − 1",
        versions={},
    )
    parsed = show(record)
    assert [svg["aria-label"] for svg in parsed.all("svg")] == ["Loss by epoch"]
    assert "validation loss 3.2 × 10⁻⁵ validation samples 6" in parsed.text
    assert "1 number, −10 to 10" in parsed.text
    assert not {"accuracy", "Confusion", "Mistakes", "Settings", "parameters"} & set(parsed.text.split())


def test_ten_classes_have_a_matrix_of_a_hundred_cells(classifier: Make, show: Show) -> None:
    labels = tuple(f"class {i}" for i in range(10))
    parsed = show(classifier(labels))
    cells = [a for a in parsed.all("td") if a.get("class") in ("right", "wrong", "none")]
    assert [a["class"] for a in cells].count("right") == 10
    assert [a["class"] for a in cells].count("wrong") == 1
    assert len(cells) == 100
    assert "matrix many" in [a.get("class") for a in parsed.all("table")]


def test_more_classes_than_a_matrix_can_show_are_listed(classifier: Make, show: Show) -> None:
    labels = tuple(f"class {i}" for i in range(41))
    text = show(classifier(labels)).text
    assert "Confusion matrix" not in text
    assert "class answered as pictures of the class class 0 class 1 1 25 %" in text


def test_a_network_without_mistakes_is_told_so(classifier: Make, show: Show) -> None:
    judged = Validation(1.0, 0.0, 2, (), ((1, 0), (0, 1)))
    text = show(classifier(validation=judged)).text
    assert "every validation picture was answered rightly" in text


def test_one_epoch_and_a_record_without_scores_are_enough(classifier: Make, show: Show) -> None:
    # As edgeproof 0.1 wrote them.
    record = classifier(validation=Validation(0.5, 1.0, 2), settings={}, parameters=0, seconds=0.0)
    record = replace(record, history={"loss": (1.0,), "val_loss": (0.0,)})
    parsed = show(record)
    assert len(parsed.all("svg")) == 1
    assert "Mistakes" not in parsed.text
