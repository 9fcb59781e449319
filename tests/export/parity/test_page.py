from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from edgeproof.edge.contract import Verdict
from edgeproof.export.parity.page.bound import loss_bar
from edgeproof.export.parity.report import Disagreement, ParityReport
from html_page import Page
from parity_reports import make_candidate, make_failing, make_ladder, make_regression, make_report, make_undecided

Show = Callable[[ParityReport], Page]


def test_the_page_says_what_the_report_says(show: Show) -> None:
    shown = show(make_report())
    assert shown.html.startswith("<!DOCTYPE html>")
    for words in (
        "Of 3 files, 1 fails, 1 is undecided and 1 passes",
        "against model.keras, on photos",
        "images 400 of them for validation 80 classes 2 loss allowed 1.00 points in one class 5.00 points",
        "rps-int8.tflite ✓ pass 98.8 % 99.75 % 0.25, at most 0.87 9.75 MB 0.257 0.44 ms fastest that passes",
        "0.25 points seen, at most 0.87, where 1.00 points are allowed one-sided confidence of 97.5 %",
        "accuracy 98.8 % (93.0 % to 99.8 %) accuracy of the reference 100.0 %",
        "agreement 99.75 % (98.60 % to 99.96 %)",
        "calibration error 3.0 % calibration error of the reference 2.0 % calibration drift −0.50 to 2.12 points",
        "largest change of a probability 0.62 “unknown” below 61.3 %",
        "interpreter ai-edge-litert 2.3.0",
        "400 images: 80 for validation, 320 from training; they show 380 photos",
        "rock 40 100.0 % 40 97.5 % 39 87.0 % to 100.0 % −2.50",
        "rock reference: rock >99.9 % ✓ this file: paper 62.0 % b/c.png",
        "The fastest that passes is rps-int8.tflite: 0.44 ms, 98.8 %.",
    ):
        assert words in shown.text, words


def test_a_failure_is_explained_with_what_to_do(show: Show) -> None:
    text = show(make_report()).text
    assert "Lost 25.00 points, at least 18.20 points (97.5% sure), where 1.00 points are allowed." in text
    assert "Color order : feed BGR (--color bgr) brings the agreement from 75.0% to 99.8% (200 images)" in text
    assert "rock 40 100.0 % 40 50.0 % 20 87.0 % to 100.0 % ✗ −50.00" in text


def test_noise_is_a_share_of_the_signal(show: Show) -> None:
    parsed = show(make_report())
    # 20 decibels of power are a tenth of the amplitude, and 3 are 10^(−3/20) = 71 %.
    assert "dense/MatMul 3.0 dB 71 % conv2d 20.0 dB 10 %" in parsed.text
    bars = [str(span["style"]) for span in parsed.all("span") if span.get("class") == "length"]
    assert bars == ["width: 70.8%", "width: 10.0%"]
    assert "would decide about 1,240 photos kept in float conv2d, dense" in parsed.text


def test_what_did_not_pass_is_open_and_every_file_can_be_reached(show: Show) -> None:
    fine = make_candidate("rps-fp32.onnx", latency_ms=2.0)
    parsed = show(make_report(candidates=(make_candidate(), fine, make_failing(), make_undecided())))
    assert ["open" in details for details in parsed.all("details")] == [True, False, True, True]
    ids = {attributes["id"] for _, attributes in parsed.elements if "id" in attributes}
    links = [str(link["href"]) for link in parsed.all("a")]
    assert len(links) == 4
    assert {link.removeprefix("#") for link in links} <= ids


def test_the_ladder_is_shown_and_what_it_gave_up_is_closed(show: Show) -> None:
    parsed = show(make_ladder())
    assert "Both files pass" in parsed.text
    assert "rps-int8.onnx ✗ fail given up" in parsed.text
    assert (
        "int8 with 1 layer in floats rps-mixed.onnx ✗ fail 99.75 % 31.00 dynamic rps-dynamic.onnx ✓ pass" in parsed.text
    )
    assert ["open" in details for details in parsed.all("details")] == [True, False, False, False]


def test_cells_that_changed_are_marked_in_both_matrices(show: Show) -> None:
    parsed = show(make_report(candidates=(make_candidate(),)))
    assert "Reference paper rock paper 40 0 rock 0 40 This file paper rock paper 40 0 rock 1 +1 39 −1" in parsed.text
    assert [str(cell["class"]) for cell in parsed.all("td") if "changed" in str(cell.get("class"))] == [
        *("none changed", "right changed"),
        *("wrong changed", "right changed"),
    ]


def test_equal_matrices_are_shown_once(show: Show) -> None:
    report = make_report()
    same = make_candidate(confusion=report.confusion_reference, disagreements=())
    parsed = show(replace(report, candidates=(same,)))
    assert "the same as the reference's in every cell. Reference and this file paper rock" in parsed.text
    assert len([table for table in parsed.all("table") if "matrix" in str(table.get("class"))]) == 1
    assert "None: both give every validation image the same label." in parsed.text


def test_pictures_are_small_and_in_their_own_colors(show: Show) -> None:
    image = show(make_report()).all("img")[0]
    assert image["alt"] == "rock, answered as rock by the reference and as paper by this file: b/c.png"
    jpeg = base64.b64decode(str(image["src"]).partition(",")[2])
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert picture.shape == (100, 200, 3)
    assert np.abs(picture[50, 40].astype(int) - (0, 0, 255)).max() < 10


def test_a_picture_that_has_gone_is_said_in_its_place(show: Show, data: Path) -> None:
    (data / "b/c.png").unlink()
    parsed = show(make_report())
    assert not parsed.all("img")
    assert "This picture cannot be read any more. rock reference" in parsed.text


def test_no_more_than_a_dozen_pictures_of_a_file_are_shown(show: Show) -> None:
    many = tuple(Disagreement("b/c.png", "rock", "paper", "rock", 0.6, 0.9) for _ in range(24))
    parsed = show(make_report(candidates=(make_candidate(disagreements=many, n_disagreements=57),)))
    assert len(parsed.all("img")) == 12
    assert "The 12 images whose answer moved most, of 57 that the two answer differently." in parsed.text
    few = show(make_report(candidates=(make_candidate(),)))
    assert "The image that the two answer differently." in few.text


def test_a_regression_has_deviations_only(show: Show) -> None:
    parsed = show(make_regression())
    assert "hello-int8.tflite ✗ fail 0.5 2.1 kB" in parsed.text
    assert "Deviates by 0.5 of 0.4 allowed." in parsed.text
    assert "largest deviation 2 × 10⁻⁶ of 0.4 allowed" in parsed.text
    assert "deviation allowed 1.0 % of the range" in parsed.text
    assert "The smallest that passes is hello-fp32.onnx: 3.2 kB, 2 × 10⁻⁶." in parsed.text
    assert not {"accuracy", "Confusion", "Disagreements", "Classes", "images"} & set(parsed.text.split())


def test_many_classes_are_listed_by_what_changed(show: Show) -> None:
    labels = tuple(f"class {i}" for i in range(60))
    text = show(make_report(labels)).text
    assert "Answers whose number changed most class answered as reference this file class 1 class 0 0 1" in text
    assert "The 40 of 60 classes that lost most" in text
    assert "Confusion" not in text


def test_more_classes_than_a_report_counts_have_no_confusion(show: Show) -> None:
    report = make_report(confusion_reference=())
    report = replace(report, candidates=tuple(replace(c, confusion=()) for c in report.candidates))
    text = show(report).text
    assert not {"Confusion", "answered"} & set(text.split())
    assert "rock 40 100.0 % 40 97.5 % 39" in text


def test_a_class_without_pictures_has_no_recall(show: Show) -> None:
    candidate = make_candidate()
    empty = replace(candidate.classes["rock"], n=0)
    text = show(make_report(candidates=(replace(candidate, classes={**candidate.classes, "rock": empty}),))).text
    assert "rock 0 – – – –" in text


def test_one_file_has_nothing_to_choose_from(show: Show) -> None:
    parsed = show(make_report(candidates=(make_candidate(),)))
    assert "The file passes" in parsed.text
    assert "Which one to take" not in parsed.text


def test_a_file_of_unknown_size_has_no_plot_of_sizes(show: Show) -> None:
    parsed = show(make_report(candidates=(make_candidate(size=0), make_failing())))
    labels = [str(svg["aria-label"]) for svg in parsed.all("svg")]
    assert "Latency and accuracy" in labels
    assert "Size and accuracy" not in labels


def test_answers_that_are_no_numbers_have_no_calibration(show: Show) -> None:
    broken = replace(make_failing(), ece=None, ece_drift=None, accuracy=0.0, reasons=("answers NaN",))
    text = show(make_report(candidates=(broken,))).text
    assert "Answers NaN." in text
    assert "calibration" not in text


@pytest.mark.parametrize(
    ("loss", "bound", "margin", "places", "beyond"),
    [
        # From minus half a margin, at 0, to two and a half, at 100.
        (0.0, 0.005, 0.01, (16.67, 50.0, 16.67, 33.33), False),
        (0.01, 0.025, 0.01, (16.67, 50.0, 50.0, 100.0), False),
        (0.25, 0.31, 0.01, (16.67, 50.0, 100.0, 100.0), True),
        (-0.02, 0.0, 0.01, (16.67, 50.0, 0.0, 16.67), False),
    ],
)
def test_the_bar_of_a_loss_is_drawn_to_the_margin(
    loss: float, bound: float, margin: float, places: tuple[float, ...], beyond: bool
) -> None:
    bar = loss_bar(make_candidate(loss=loss, loss_bound=bound), margin)
    assert bar is not None
    assert (bar.zero, bar.margin, bar.loss, bar.bound) == pytest.approx(places, abs=0.01)
    assert bar.beyond is beyond
    assert bar.verdict is Verdict.PASS


def test_a_margin_of_nothing_has_a_bar_too() -> None:
    bar = loss_bar(make_candidate(loss=0.0, loss_bound=0.01), 0.0)
    assert bar is not None
    assert bar.margin == bar.zero < bar.bound
    assert bar.words == "lost 0.00 points, at most 1.00, where 0.00 points are allowed"


def test_a_regression_has_no_loss() -> None:
    assert loss_bar(make_regression().candidates[0], 0.01) is None
