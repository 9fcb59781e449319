from __future__ import annotations

from pathlib import Path

import pytest

from answers import ABOUT, answer, until
from console_lines import Said
from edgeproof.edge.errors import InputError
from edgeproof.edge.sinks.budget import kept_pictures
from edgeproof.edge.sinks.pictures import PictureFolder
from edgeproof.edge.sinks.snapshots import Rule, SnapshotSink, read_rule

NAN = float("nan")


def kept(root: Path, said: Said, rules: list[Rule], answers: list[tuple[float, str, float]]) -> list[str]:
    """Give what is kept of (second, label, score), as label-score."""
    folder = PictureFolder(root, 10_000_000, "--save-on", said.console)
    sink = SnapshotSink(rules, 1.0, folder)
    for second, label, score in answers:
        sink.write(answer(label, score, captured=second))
        until(lambda: folder._queue.empty(), "no picture")
    sink.close()
    folder.close()
    assert folder.dropped == 0
    return [picture.path.stem.split("-", 4)[4] for picture in kept_pictures(root)]


def test_first_frame_that_fits_is_kept_at_once_and_then_one_a_second(tmp_path: Path, said: Said) -> None:
    answers = [
        (0.0, "paper", 0.99),
        (0.25, "rock", 0.85),  # not sure enough
        (0.5, "rock", 0.91),
        (0.75, "rock", 0.92),
        (1.25, "rock", 0.93),
        (1.5, "rock", 0.94),  # a second after the first
        (1.75, "paper", 0.99),
        (2.25, "rock", 0.95),  # again, but too soon
        (9.0, "rock", 0.96),
    ]
    assert kept(tmp_path, said, [Rule("rock", 0.9)], answers) == ["rock-0.91", "rock-0.94", "rock-0.96"]


def test_each_rule_has_its_own_pace_and_a_frame_is_kept_once(tmp_path: Path, said: Said) -> None:
    rules = [Rule("rock", 0.5), Rule("rock", 0.9), Rule("unknown")]
    answers = [
        (0.0, "rock", 0.51),
        (0.5, "rock", 0.91),  # the first for the second rule
        (0.75, "unknown", 0.41),
        (1.0, "rock", 0.52),
        (1.75, "rock", 0.92),
        (2.0, "rock", 0.93),  # for the first rule
        (2.125, "unknown", NAN),
    ]
    found = kept(tmp_path, said, rules, answers)
    assert found == ["rock-0.51", "rock-0.91", "unknown-0.41", "rock-0.52", "rock-0.92", "rock-0.93", "unknown-0.00"]


def test_frame_that_fits_two_rules_is_one_picture(tmp_path: Path, said: Said) -> None:
    rules = [Rule("rock"), Rule("rock", 0.5), Rule("rock")]
    assert kept(tmp_path, said, rules, [(0.0, "rock", 0.75)]) == ["rock-0.75"]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("rock", Rule("rock")),
        ("rock:0.9", Rule("rock", 0.9)),
        ("rock:1", Rule("rock", 1.0)),
        ("unknown", Rule("unknown")),
        ("unknown:0.25", Rule("unknown", 0.25)),
        ("a:0.5", Rule("a:0.5")),
        ("a:0.5:0.25", Rule("a:0.5", 0.25)),
    ],
)
def test_rule_is_a_label_with_or_without_a_score(text: str, rule: Rule) -> None:
    assert read_rule(text, (*ABOUT.labels, "a:0.5")) == rule


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("stone", "with one of paper, rock, scissors, unknown, received 'stone'"),
        ("stone:0.9", "with one of paper, rock, scissors, unknown, received 'stone:0.9'"),
        ("", "with one of paper, rock, scissors, unknown, received ''"),
        ("rock:", "expected a score from 0 to 1 for --save-on, rock:0.9 for example, received 'rock:'"),
        ("rock:90", "expected a score from 0 to 1"),
        ("rock:nan", "expected a score from 0 to 1"),
    ],
)
def test_rule_that_no_answer_can_fit_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputError) as error:
        read_rule(text, ABOUT.labels)
    assert message in str(error.value)


def test_message_stays_short_where_there_are_many_labels() -> None:
    with pytest.raises(InputError, match=r"one of label0, .*, label9, …, received") as error:
        read_rule("stone", [f"label{index}" for index in range(1000)])
    assert "label10" not in str(error.value)
