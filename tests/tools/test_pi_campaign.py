"""How `tools/pi check` judges what the two machines gave."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import compared
import documented
import material
import scores_here
from edgeproof.edge import modelfile

SAME = np.zeros(3, bool)


def test_an_int8_file_must_answer_to_the_bit() -> None:
    here = np.float32([[0.25, 0.75]] * 3)
    there = here.copy()
    assert [row.holds for row in compared.scores("m", here, there, 0.0, SAME)] == [True, True]
    there[1, 0] += np.float32(1 / 256)
    _, scores = compared.scores("m", here, there, 0.0, SAME)
    assert (scores.n, scores.unequal, scores.largest, scores.holds) == (3, 1, 1 / 256, False)
    assert scores.worst == "sample 1"


@pytest.mark.parametrize(("difference", "holds"), [(9e-6, True), (2e-5, False), (np.nan, False), (np.inf, False)])
def test_floats_may_differ_in_their_last_bits(difference: float, holds: bool) -> None:
    here = np.zeros((3, 2), np.float32)
    there = here + np.float32([[0, 0], [0, 0], [0, difference]])
    _, scores = compared.scores("m", here, there, compared.FLOAT_LIMIT, SAME)
    assert scores.holds is holds


def test_scores_of_other_tensors_are_kept_apart_and_other_tensors_do_not_hold() -> None:
    here = np.float32([[0.0], [0.0], [0.0]])
    there = np.float32([[0.0], [0.0], [0.5]])
    rows = compared.scores("m", here, there, 0.0, np.array([False, False, True]))
    assert [(row.name, row.n, row.holds) for row in rows] == [
        ("m: input tensors", 3, False),
        ("m: scores", 2, True),
        ("m: scores where the tensors differ", 1, False),
    ]


def test_pixels_must_be_the_same_but_for_the_rules_that_opencv_has_no_exact_form_of() -> None:
    here = {f"{step}: {frame}": np.full((2, 2), 255, np.uint8) for step in ("linear", "area") for frame in "ab"}
    there = {name: array.copy() for name, array in here.items()}
    assert [row.unequal for row in compared.pixels(here, there)] == [0, 0]
    for name in ("linear: b", "area: b"):
        there[name][1, 1] = 254
    rows = compared.pixels(here, there)
    assert [(row.name, row.n, row.unequal, row.largest, row.worst, row.holds) for row in rows] == [
        ("linear", 2, 1, 1.0, "b", False),
        ("area", 2, 1, 1.0, "b", True),
    ]
    there["area: b"][1, 1] = 0  # not −255 wrapped to 1
    assert compared.pixels(here, there)[1].largest == 255


def test_the_material_is_the_same_for_whoever_reads_it(tmp_path: Path) -> None:
    made = material.make(None, 1)
    made.write(tmp_path / "material.npz")
    read = material.Material.read(tmp_path / "material.npz")
    for kind in ("frames", "encoded"):
        before, after = getattr(made, kind), getattr(read, kind)
        assert list(before) == list(after)
        assert all(np.array_equal(before[name], after[name]) for name in before)
    assert {frame.shape[:2] for frame in read.frames.values()} == set(material.SIZES)


def test_scores_are_those_of_the_golden_frames_first(models: Path) -> None:
    file = modelfile.read(models / "rps-int8.tflite")
    assert file.contract
    assert file.contract.proof
    golden = file.contract.proof.golden
    frame = np.zeros((40, 40, 3), np.uint8)
    scores, tensors = scores_here.answers(
        models / "rps-int8.tflite", "litert", material.Material({"hands-0": frame, "noise-0": frame}, {})
    )
    assert scores[: len(golden)] == pytest.approx(np.array([one.scores for one in golden]), abs=1e-6)
    assert tensors[: len(golden)] == [one.input_sha256 for one in golden]
    assert len(scores) == len(golden) + 1 + 2  # the drawn frame whole, and a piece of each


def test_the_commands_of_the_page_are_run_as_they_stand_there() -> None:
    block = 'scp x pi@pi:\npip install "edgeproof[edge]"   # what for\nedgeproof run rps-int8.tflite 0 --web\n'
    page = f"```sh\n{block}```\n"
    install, run = documented.commands(page + "```\nnot a command\n```\n", Path("/m.tflite"))
    assert install.startswith("pip install --quiet --no-index --find-links ")
    assert install.endswith(' "edgeproof[edge]"')
    assert run == "edgeproof run /m.tflite hands:3 --web"


def test_the_page_has_four_commands_from_the_card_to_live_answers() -> None:
    section = documented.PAGE.read_text().split("## ")[1]
    assert section.startswith("Four commands")
    block = section.split("```")[1].splitlines()
    assert [line.split()[0] for line in block] == [
        "sh",
        "scp",
        "python3",
        "edgeproof-env/bin/pip",
        "edgeproof-env/bin/edgeproof",
    ]
    venv, pip, run, *_ = documented.commands(section, Path("/m.tflite"))  # scp needs a second machine
    assert (venv, pip.split(" install ")[0]) == ("python3 -m venv edgeproof-env", "edgeproof-env/bin/pip")
    assert run == "edgeproof-env/bin/edgeproof run /m.tflite hands:3"
