from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from answers import answer, until
from console_lines import Said
from edgeproof.edge.answer import Answer
from edgeproof.edge.classifier import Latency, Prediction
from edgeproof.edge.contract import Activation, ModelOutput
from edgeproof.edge.preprocess import Pixels
from edgeproof.edge.scores import ScoreReader
from edgeproof.edge.sinks.pictures import PictureFolder
from edgeproof.edge.sinks.unsure import UnsureSink, is_unsure, thumbnail
from edgeproof.edge.sources import Frame

SURE = ("rock", (0.1, 0.8, 0.1))
NEAR = ("rock", (0.4, 0.5, 0.1))


def scene(seed: int) -> Pixels:
    """Draw blocks of random colours: (480, 640, 3)."""
    blocks = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), np.uint8)
    return blocks.repeat(80, axis=0).repeat(80, axis=1)


def kept(root: Path, said: Said, answers: list[Answer], margin: float = 0.2) -> list[str]:
    """Give what is kept, as folder/name without the time."""
    folder = PictureFolder(root, 100_000_000, "--save-unsure", said.console)
    sink = UnsureSink(margin, folder)
    for given in answers:
        sink.write(given)
        until(lambda: folder._queue.empty(), "no picture")
    sink.close()
    folder.close()
    assert folder.dropped == 0
    paths = sorted(root.rglob("*.jpg"), key=lambda path: path.name)
    return [f"{path.parent.name}/{path.stem.split('-', 4)[4]}" for path in paths]


@pytest.mark.parametrize(
    ("label", "raw", "unsure"),
    [
        ("rock", SURE, False),
        ("rock", NEAR, True),
        ("rock", ("rock", (0.125, 0.5, 0.375)), True),
        ("rock", ("rock", (0.125, 0.5625, 0.3125)), False),  # 0.25 apart
        ("paper", SURE, True),  # smoothing says otherwise
        ("unknown", SURE, True),
        ("unknown", ("unknown", (0.1, 0.8, 0.1)), True),
        ("rock", ("unknown", (0.1, 0.8, 0.1)), True),
    ],
)
def test_unsure_is_what_is_near_unknown_or_smoothed_away(
    label: str, raw: tuple[str, tuple[float, ...]], unsure: bool
) -> None:
    assert is_unsure(answer(label, raw=raw), 0.2) == unsure


@pytest.mark.parametrize(
    ("activation", "labels", "outputs", "unsure"),
    [
        (Activation.SIGMOID, 2, (0.5625,), True),  # 0.5625 against 0.4375
        (Activation.SIGMOID, 2, (0.625,), False),
        (Activation.SIGMOID, 2, (0.25,), False),
        (Activation.SIGMOID_LOGITS, 2, (0.0,), True),  # 0.5 against 0.5
        (Activation.SIGMOID_LOGITS, 2, (0.5,), False),  # 0.62 against 0.38
        (Activation.LOGITS, 3, (0.0, 0.25, -9.0), True),  # 0.44 against 0.56
        (Activation.LOGITS, 3, (0.0, 0.5, -9.0), False),  # 0.38 against 0.62
    ],
)
def test_unsure_is_told_by_probabilities_whatever_the_outputs_are(
    activation: Activation, labels: int, outputs: tuple[float, ...], unsure: bool
) -> None:
    output = ModelOutput(activation, ("a", "b", "c")[:labels])
    scores, label, score, probabilities = ScoreReader(output).read(np.array(outputs, np.float32))
    said = Prediction(label, score, scores, probabilities, Latency(1.0, 3.0, 5.0))
    frame = Frame(np.zeros((4, 4, 3), np.uint8), "0", 0, 0.0)
    assert is_unsure(Answer.plain(frame, said), 0.2) == unsure


def test_unsure_frames_go_to_the_folder_of_the_best_label(tmp_path: Path, said: Said) -> None:
    answers = [
        answer("rock", raw=SURE, image=scene(0), captured=0),
        answer("rock", raw=NEAR, image=scene(1), captured=1),
        answer("rock", raw=("scissors", (0.1, 0.2, 0.7)), image=scene(2), captured=2),
        answer("unknown", raw=("unknown", (0.5, 0.1, 0.4)), image=scene(3), captured=3),
    ]
    assert kept(tmp_path, said, answers) == ["rock/rock-0.50", "scissors/scissors-0.70", "paper/paper-0.50"]


def test_one_a_second_is_kept(tmp_path: Path, said: Said) -> None:
    answers = [answer("rock", raw=NEAR, image=scene(frame), captured=frame / 8) for frame in range(25)]
    assert len(kept(tmp_path, said, answers)) == 4


def test_same_scene_is_kept_once(tmp_path: Path, said: Said) -> None:
    """A camera never gives the same frame twice: there is noise."""
    rng = np.random.default_rng(0)
    answers = []
    for second in range(8):
        noisy = scene(second // 4) + rng.normal(0, 8, (480, 640, 3))
        answers.append(answer("rock", raw=NEAR, image=noisy.clip(0, 255).astype(np.uint8), captured=second))
    assert len(kept(tmp_path, said, answers)) == 2


def test_hand_that_moves_is_another_scene() -> None:
    before, after = np.full((480, 640, 3), 90, np.uint8), np.full((480, 640, 3), 90, np.uint8)
    before[100:300, 100:250] = 200
    after[100:300, 160:310] = 200  # a tenth of the width to the right
    assert np.abs(thumbnail(before) - thumbnail(after)).mean() > 4


@pytest.mark.parametrize("size", [(480, 640), (1080, 1920), (48, 64), (1, 1), (30, 2000)])
def test_thumbnail_is_small_whatever_the_frame_is(size: tuple[int, int]) -> None:
    seen = thumbnail(np.full((*size, 3), 77, np.uint8))
    assert seen.shape == (16, 16, 3)
    assert (seen == 77).all()
