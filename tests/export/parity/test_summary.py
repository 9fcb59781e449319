from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from edgeproof.export.parity import summary
from edgeproof.export.parity.report import Diagnosis, LayerNoise
from parity_reports import make_candidate, make_failing, make_ladder, make_regression, make_report, make_undecided


def rows(text: str) -> list[list[str]]:
    """The cells of the first table, as GitHub splits them: at bars that no backslash stands before."""
    lines = [line for line in text.partition("\n\n**")[0].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def test_the_table_says_what_the_report_says() -> None:
    text = summary.render(make_report()).replace("\u202f", " ")
    assert text.startswith(
        "### Parity: Of 3 files, 1 fails, 1 is undecided and 1 passes\n\nAgainst model.keras, on 400"
    )
    head, line, *files = rows(text)
    assert head == ["file", "verdict", "accuracy", "reference", "agreement", "loss ≤", "size", "of float32", "latency"]
    assert {cell.strip(":") for cell in line} == {"---"}
    assert files[0] == [
        *("**rps-int8.tflite** (fastest)", "✅ pass", "98.75 %", "100.00 %", "99.75 %", "0.87 points"),
        *("9.75 MB", "0.257", "0.44 ms"),
    ]
    assert [row[1] for row in files] == ["✅ pass", "❌ fail", "❔ inconclusive"]


def test_reasons_causes_and_noise_are_said() -> None:
    text = summary.render(make_report())
    assert (
        "**rps-int8.onnx**\n\n- lost 25.00 points, at least 18.20 points (97.5% sure), where 1.00 points are allowed\n"
        in text
    )
    assert "- color order: feed BGR (--color bgr) brings the agreement from 75.0% to 99.8% (200 images)" in text
    folded = text.partition("<details>")[2].partition("</details>")[0]
    assert "The 2 layers with the most noise</summary>\n\nTo help: keep them in floats" in folded
    assert "| dense/MatMul | 3.0 dB |\n| conv2d | 20.0 dB |" in folded


def test_a_report_without_doubts_is_a_table_only() -> None:
    text = summary.render(make_report(candidates=(make_candidate(),)))
    assert text.rstrip().endswith("ms |")
    assert "### Parity: The file passes" in text


def test_the_ladder_is_one_line_a_format() -> None:
    text = summary.render(make_ladder())
    assert text.startswith("### Parity: Both files pass\n")
    assert "| rps-int8.onnx | ❌ fail, given up |" in text
    assert "\n\n- onnx: int8 ❌ → int8 with 1 layer in floats ❌ → dynamic ✅\n" in text


def test_a_regression_has_no_accuracy() -> None:
    text = summary.render(make_regression()).replace("\u202f", " ")
    assert rows(text)[2][2:6] == ["–", "–", "–", "–"]
    assert "points" not in text.partition("\n|")[0]


def test_names_are_only_text() -> None:
    hostile = "<b>|a|`c`\n# _d_ **e** [f](g)\x1b &amp;"
    failing = replace(make_failing(hostile), reasons=(hostile,))
    text = summary.render(make_report(candidates=(failing, make_candidate())))
    escaped = r"\<b\>\|a\|\`c\` \# \_d\_ \*\*e\*\* \[f\](g)  \&amp;"
    assert [len(row) for row in rows(text)] == [9] * 4
    assert rows(text)[2][0] == escaped
    assert f"\n- {escaped}\n" in text


def test_the_summary_stays_below_what_github_shows() -> None:
    layers = tuple(LayerNoise("layer" * 1000, float(index)) for index in range(10))
    long = replace(make_undecided("x" * 5000), diagnosis=Diagnosis(0.5, 10, (), layers), reasons=("y" * 9000,) * 99)
    text = summary.render(make_report(candidates=(long,) * 400))
    assert 400_000 < len(text.encode()) < 1024 * 1024
    assert text.endswith("\n\nThe rest is in parity.json.\n")


def test_a_summary_is_written_behind_what_is_there(tmp_path: Path) -> None:
    file = tmp_path / "steps/summary.md"
    report = make_report()
    summary.append(file, report)
    assert file.read_text("utf-8") == summary.render(report)
    file.write_text("of another step")
    summary.append(file, report)
    assert file.read_text("utf-8") == "of another step\n\n" + summary.render(report)
