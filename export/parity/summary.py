"""The parity report as Markdown in GitHub's flavour, for the summary of a workflow's step."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ...edge.contract import Verdict
from ...workstation.pages import words
from .report import NOISE_REMEDY, CandidateReport, ParityReport
from .wording import headline

_EMOJI = {Verdict.PASS: "✅", Verdict.FAIL: "❌", Verdict.INCONCLUSIVE: "❔"}
_HEAD = ("file", "verdict", "accuracy", "reference", "agreement", "loss ≤", "size", "of float32", "latency")
_MARKUP = re.compile(r"([\\`*_\[\]<>#|~&!$@])")
_NO_LETTERS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_LONGEST = 300  # letters of one line that names what a person named
_MOST_LINES = 20  # reasons of one file
# GitHub shows nothing of a step's summary that is longer than 1 MiB; other commands may have written to it before.
_MOST_BYTES = 512 * 1024


def append(path: Path, report: ParityReport) -> None:
    """Write the summary at the end of a file, which is made where there is none: `$GITHUB_STEP_SUMMARY`, say."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        # Whatever stands there already may not have ended its line.
        file.write(("\n\n" if file.tell() else "") + render(report))


def render(report: ParityReport) -> str:
    """Make the Markdown that `append` writes."""
    lines: list[str] = []
    left = _MOST_BYTES
    for line in _lines(report):
        left -= len(line.encode()) + 1
        if left < 0:
            lines += ["", "The rest is in parity.json."]
            break
        lines.append(line)
    return "\n".join(lines) + "\n"


def _lines(report: ParityReport) -> Iterator[str]:
    dataset = report.dataset
    yield f"### Parity: {headline(report)}"
    yield ""
    yield f"Against {_plain(report.reference)}, on {dataset.n:,} samples of {_plain(dataset.path)}"
    yield f"({dataset.n_validation:,} for validation)."
    if report.labels:
        yield f"Allowed are a loss of {words.points(report.margin)} points,"
        yield f"and of {words.points(report.class_margin)} in one class."
    yield ""
    yield _row(*_HEAD)
    yield _row("---", "---", *["---:"] * (len(_HEAD) - 2))
    for candidate in report.candidates:
        given_up = candidate.file in report.given_up
        yield _row(*_cells(candidate, fastest=candidate.file == report.fastest, given_up=given_up))
    if report.ladder:
        yield ""
    for kind in sorted({step.format for step in report.ladder}):
        steps = (f"{step.rung} {_EMOJI[step.verdict]}" for step in report.ladder if step.format is kind)
        yield f"- {kind.value}: {' → '.join(steps)}"
    for candidate in report.candidates:
        yield from _findings(candidate)


def _cells(candidate: CandidateReport, *, fastest: bool, given_up: bool) -> Iterator[str]:
    name = _plain(candidate.file)
    yield f"**{name}** (fastest)" if fastest else name
    yield f"{_EMOJI[candidate.verdict]} {candidate.verdict.value}{', given up' if given_up else ''}"
    for share in (candidate.accuracy, candidate.accuracy_reference, candidate.agreement):
        yield "–" if share is None else words.percent(share, 2)
    yield "–" if candidate.loss_bound is None else f"{words.points(candidate.loss_bound)} points"
    yield words.file_size(candidate.size) if candidate.size else "–"
    yield "–" if candidate.size_ratio is None else f"{candidate.size_ratio:.3f}"
    yield words.milliseconds(candidate.latency_ms)


def _findings(candidate: CandidateReport) -> Iterator[str]:
    """Say why a file did not pass; what is long is folded away."""
    if not candidate.reasons:
        return
    yield ""
    yield f"**{_plain(candidate.file)}**"
    yield ""
    diagnosis = candidate.diagnosis
    layers = diagnosis.layers if diagnosis else ()
    found = diagnosis.findings() if diagnosis and not layers else []
    for line in [*candidate.reasons, *found][:_MOST_LINES]:
        yield f"- {_plain(line)}"
    if not layers:
        return
    yield ""
    yield f"<details><summary>The {len(layers)} layers with the most noise</summary>"
    yield ""
    yield f"To help: {NOISE_REMEDY}."
    yield ""
    yield _row("layer", "signal over noise")
    yield _row("---", "---:")
    for layer in layers:
        yield _row(_plain(layer.name), f"{layer.snr:.1f} dB".replace("-", "−"))
    yield ""
    yield "</details>"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _plain(text: str) -> str:
    """Write text so that Markdown and HTML leave it as it is, on one line."""
    text = _NO_LETTERS.sub(" ", text)
    if len(text) > _LONGEST:
        text = text[: _LONGEST - 1] + "…"
    return _MARKUP.sub(r"\\\1", text)
