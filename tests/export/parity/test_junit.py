from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from xml.etree import ElementTree

from edgeproof.export.parity import junit
from edgeproof.export.parity.report import ParityReport
from parity_reports import make_candidate, make_ladder, make_regression, make_report, make_undecided

WHEN = datetime(2026, 1, 2, 3, 4, 5, 678, timezone.utc)


def suite_of(report: ParityReport) -> ElementTree.Element:
    root = ElementTree.fromstring(junit.render(report, WHEN).encode())  # noqa: S314 - our own
    assert root.tag == "testsuites"
    (suite,) = root
    return suite


def test_each_file_and_each_of_its_classes_is_a_test() -> None:
    suite = suite_of(make_report())
    assert [case.get("name") for case in suite.iter("testcase")] == [
        f"{file}{what}"
        for file in ("rps-int8.tflite", "rps-int8.onnx", "rps-int16x8.tflite")
        for what in ("", ": class paper", ": class rock")
    ]
    assert {case.get("classname") for case in suite.iter("testcase")} == {"model/photos"}


def test_what_did_not_pass_is_a_failure_that_says_why() -> None:
    suite = suite_of(make_report())
    failed = {case.get("name"): case.find("failure") for case in suite.iter("testcase") if len(case)}
    kinds = {name: failure.get("type") for name, failure in failed.items() if failure is not None}
    assert kinds == {
        "rps-int8.onnx": "fail",
        "rps-int8.onnx: class rock": "fail",
        "rps-int16x8.tflite": "inconclusive",
    }
    whole, rock, undecided = failed.values()
    assert whole is not None
    assert rock is not None
    assert undecided is not None
    assert (
        whole.get("message") == "lost 25.00 points, at least 18.20 points (97.5% sure), where 1.00 points are allowed"
    )
    assert "color order: feed BGR (--color bgr) brings the agreement from 75.0% to 99.8%" in (whole.text or "")
    assert "5.00 points allowed: recall 100.00% before, 50.00% after, on 40 validation images" in (rock.text or "")
    assert "about 1,240 images would decide: give more\nnoise: dense/MatMul (3.0 dB), conv2d" in (undecided.text or "")


def test_the_suite_has_what_the_common_schemas_ask_for() -> None:
    suite = suite_of(make_report())
    counts = {"tests": "9", "failures": "3", "errors": "0", "skipped": "0", "time": "0"}
    about = {"name": "edgeproof parity", "package": "edgeproof", "id": "0", "hostname": "localhost"}
    assert suite.attrib == {**about, **counts, "timestamp": "2026-01-02T03:04:05"}
    # In this order, and nothing within a test but its failure.
    assert [child.tag for child in suite] == ["properties", *["testcase"] * 9, "system-out", "system-err"]
    for case in suite.iter("testcase"):
        assert set(case.attrib) == {"classname", "name", "time"}
        assert [child.tag for child in case] in ([], ["failure"])


def test_what_the_ladder_gave_up_is_skipped() -> None:
    suite = suite_of(make_ladder())
    assert (suite.get("failures"), suite.get("skipped")) == ("0", "2")
    skipped = {case.get("name"): case[0].get("message") for case in suite.iter("testcase") if len(case)}
    assert skipped == dict.fromkeys(("rps-int8.onnx", "rps-mixed.onnx"), "given up for rps-dynamic.onnx")


def test_numbers_are_properties() -> None:
    found = {item.get("name"): item.get("value") for item in suite_of(make_report()).iter("property")}
    assert (found["reference"], found["margin"], found["fastest"]) == ("model.keras", "0.01", "rps-int8.tflite")
    assert found["rps-int8.tflite: accuracy"] == "0.9875"
    assert found["rps-int16x8.tflite: needed"] == "1240"
    assert "rps-int8.tflite: needed" not in found


def test_a_regression_has_one_test_a_file() -> None:
    suite = suite_of(make_regression())
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")


def test_characters_that_xml_has_not_are_replaced(tmp_path: Path) -> None:
    strange = 'a\x00\x1b[31m\ufffe\ud800<b> & "c" 模\n'
    candidate = replace(make_undecided(strange), reasons=(strange,))
    junit.write(tmp_path / "parity.xml", make_report(candidates=(candidate,), reference=f"dir.v1/{strange}"))
    root = ElementTree.parse(tmp_path / "parity.xml").getroot()  # noqa: S314 - our own
    case = next(root.iter("testcase"))
    assert case.get("name") == 'a\ufffd\ufffd[31m\ufffd\ufffd<b> & "c" 模\n'
    assert "." not in str(case.get("classname"))


def test_two_reports_of_a_candidate_differ_only_in_their_date() -> None:
    report = make_report(candidates=(make_candidate(),))
    later = junit.render(report, WHEN.replace(year=2027))
    assert later.replace("2027", "2026") == junit.render(report, WHEN)
