"""What other programs make of our files: the real packages, each in the environment that tools/test makes for it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

from edgeproof.edge.classifier import Classifier
from edgeproof.edge.preprocess import read_image

ROOT = Path(__file__).parents[2]
PROGRAMS = {"mediapipe": "with_mediapipe.py", "tflite-support": "with_tflite_support.py"}
FILES = [
    *(("mediapipe", f"rps-{precision}.tflite") for precision in ("int8", "fp32", "fp16", "dynamic")),
    # Its interpreter is of 2022, which does not know the operators of younger precisions.
    *(("tflite-support", f"rps-{precision}.tflite") for precision in ("int8", "fp32", "fp16")),
]


def classify(program: str, model: Path, pictures: list[Path]) -> list[list[tuple[str, float]]]:
    """Classify with another program; skips where its environment is not there or cannot load."""
    python = ROOT / f".venv-{program}" / "bin" / "python"
    if not python.exists():
        pytest.skip(f"{python.parent.parent.name} is made by tools/test")
    script = ROOT / "tests" / "others" / PROGRAMS[program]
    done = subprocess.run(  # noqa: S603 - our own environment
        [python, script, model, *pictures], capture_output=True, text=True, timeout=600, check=False
    )
    if "libusb-1.0.so.0" in done.stderr:
        pytest.skip("tflite-support needs the system's libusb: apt-get install libusb-1.0-0")
    assert done.returncode == 0, done.stderr
    return [[(label, score) for label, score in answer] for answer in json.loads(done.stdout)]


@pytest.mark.parametrize(("program", "name"), FILES)
def test_another_program_gives_our_labels_and_scores(exported: Path, hands: Path, program: str, name: str) -> None:
    compare(exported / name, hands, program)


@pytest.mark.parametrize("program", PROGRAMS)
def test_another_program_reads_a_signed_file(exported: Path, hands: Path, tmp_path: Path, program: str) -> None:
    pytest.importorskip("cryptography")
    from signed import pair, signed

    compare(signed(exported / "rps-int8.tflite", tmp_path, pair(tmp_path)), hands, program)


def compare(model: Path, hands: Path, program: str) -> None:
    """Hold another program's answers against ours."""
    classifier = Classifier.open(model)
    labels = classifier.contract.output.labels
    answered = {picture: classifier.classify(read_image(picture)).scores for picture in sorted(hands.rglob("*.jpg"))}
    surest = [max(answered, key=lambda picture: float(answered[picture][index])) for index in range(len(labels))]
    answers = classify(program, model, surest)
    for index, (picture, answer) in enumerate(zip(surest, answers, strict=True)):
        assert answer[0][0] == labels[index]
        assert {label for label, _ in answer} == set(labels)
        theirs = np.array([dict(answer)[label] for label in labels])
        # They resize in their own way, so pixels and scores differ a little.
        assert np.abs(theirs - answered[picture]).max() < 0.25
