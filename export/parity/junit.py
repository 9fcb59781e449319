"""The parity report as JUnit XML, which continuous integration shows as tests.

Each candidate is a test, and so is each of its classes. Inconclusive is a failure of its own type, since a skipped test
counts as good; skipped are the files that the ladder gave up for another. The form is what the schemas of Ant's and of
Jenkins' JUnit reports have in common, so numbers are properties of the suite, named after their file, and a failure
says why in its text too, which is all that GitLab shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from xml.etree import ElementTree

from ...edge.atomic import write_text
from ...edge.contract import Verdict
from .report import CandidateReport, ClassResult, ParityReport, parity_table

# What XML 1.0 has no character for, not even as a reference.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REPLACEMENT = "\ufffd"
_SUITE = "edgeproof parity"
_NUMBERS = (
    *("accuracy", "accuracy_reference", "agreement", "loss", "loss_bound", "confidence", "n", "n_validation", "photos"),
    *("needed", "n_disagreements", "drift_mean", "largest_deviation", "allowed_deviation", "ece", "ece_reference"),
    *("unknown_below", "size", "size_ratio", "latency_ms", "interpreter"),
)


def write(path: Path, report: ParityReport) -> None:
    """Write the XML; the file is whole or not there."""
    write_text(path, render(report))


def render(report: ParityReport, when: datetime | None = None) -> str:
    """Make the XML that `write` writes, with now as its date where none is given."""
    cases = [case for candidate in report.candidates for case in _cases(report, candidate)]
    failures = sum(case.find("failure") is not None for case in cases)
    skipped = sum(case.find("skipped") is not None for case in cases)
    counts = {"tests": len(cases), "failures": failures, "errors": 0, "skipped": skipped, "time": 0}
    suites = ElementTree.Element("testsuites")
    moment = (when or datetime.now(timezone.utc)).replace(tzinfo=None).isoformat(timespec="seconds")
    about = {"name": _SUITE, "package": "edgeproof", "id": "0", "timestamp": moment, "hostname": "localhost"}
    suite = ElementTree.SubElement(suites, "testsuite", {**about, **{name: str(n) for name, n in counts.items()}})
    properties = ElementTree.SubElement(suite, "properties")
    for name, value in _properties(report):
        ElementTree.SubElement(properties, "property", {"name": _clean(name), "value": _clean(value)})
    suite.extend(cases)
    ElementTree.SubElement(suite, "system-out").text = _clean(parity_table(report))
    ElementTree.SubElement(suite, "system-err")
    ElementTree.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(suites, encoding="unicode") + "\n"


def _cases(report: ParityReport, candidate: CandidateReport) -> Iterator[ElementTree.Element]:
    # Jenkins takes what stands before the last dot for a package.
    place = f"{Path(report.reference).stem}/{Path(report.dataset.path).name}".replace(".", "_")
    successor = report.given_up.get(candidate.file)
    if successor is not None:
        case = _case(place, candidate.file, Verdict.PASS, [])
        ElementTree.SubElement(case, "skipped", {"message": _clean(f"given up for {successor}")})
        yield case
        return
    why = [*candidate.reasons, *(candidate.diagnosis.findings() if candidate.diagnosis else ())]
    yield _case(place, candidate.file, candidate.verdict, why)
    for label, result in candidate.classes.items():
        yield _case(place, f"{candidate.file}: class {label}", result.verdict, [_lost(label, result, report)])


def _case(place: str, name: str, verdict: Verdict, why: list[str]) -> ElementTree.Element:
    case = ElementTree.Element("testcase", {"classname": _clean(place), "name": _clean(name), "time": "0"})
    if verdict is not Verdict.PASS:
        about = {"type": verdict.value, "message": _clean(why[0] if why else verdict.value)}
        ElementTree.SubElement(case, "failure", about).text = _clean("\n".join(why) or verdict.value)
    return case


def _lost(label: str, result: ClassResult, report: ParityReport) -> str:
    return (
        f"class {label} lost more than the {report.class_margin * 100:.2f} points allowed: recall "
        f"{result.recall_reference:.2%} before, {result.recall:.2%} after, on {result.n} validation images"
    )


def _properties(report: ParityReport) -> Iterator[tuple[str, str]]:
    yield "reference", report.reference
    yield "dataset", report.dataset.path
    yield "margin", str(report.margin)
    yield "class_margin", str(report.class_margin)
    if report.fastest is not None:
        yield "fastest", report.fastest
    for candidate in report.candidates:
        yield f"{candidate.file}: verdict", candidate.verdict.value
        for name in _NUMBERS:
            value = getattr(candidate, name)
            if value is not None:
                yield f"{candidate.file}: {name}", str(value)


def _clean(text: str) -> str:
    return _FORBIDDEN.sub(_REPLACEMENT, text)
