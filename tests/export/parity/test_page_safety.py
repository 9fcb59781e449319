from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from edgeproof.edge.contract import Verdict
from edgeproof.export.parity.report import Cause, Diagnosis, LayerNoise, ParityReport, Suspect
from html_page import Page
from parity_reports import make_candidate, make_report

Show = Callable[[ParityReport], Page]
HOSTILE = "<script>alert('1')</script>\" onload=\"x"


def test_the_page_needs_nothing_else(show: Show) -> None:
    parsed = show(make_report())
    assert "http" not in parsed.html.replace("http-equiv", "")
    assert not {"script", "link", "iframe", "object", "base"} & {tag for tag, _ in parsed.elements}
    for _, attributes in parsed.elements:
        assert not any(name.startswith("on") for name in attributes)
        for name in ("src", "href", "xlink:href"):
            assert (attributes.get(name) or "#").startswith(("#", "data:image/jpeg;base64,"))
    policy = next(meta for meta in parsed.all("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    assert (policy["content"] or "").startswith("default-src 'none'")


def test_the_page_can_be_read_aloud(show: Show) -> None:
    parsed = show(make_report())
    assert parsed.all("html")[0]["lang"] == "en"
    assert len(parsed.all("title")) == len(parsed.all("h1")) == 1
    assert all(image["alt"] for image in parsed.all("img"))
    words = [str(svg["aria-label"]) for svg in parsed.all("svg") if svg["role"] == "img"]
    assert words[0] == "lost 0.25 points, at most 0.87, where 1.00 points are allowed"
    assert "Latency and accuracy" in words
    assert "Pictures by the largest change of a probability; no change is above 1" in words
    assert all(header["scope"] in ("row", "col") for header in parsed.all("th"))
    ids = [str(attributes["id"]) for _, attributes in parsed.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {str(a["aria-labelledby"]) for _, a in parsed.elements if "aria-labelledby" in a} <= set(ids)


def test_hostile_names_are_only_text(show: Show, data: Path) -> None:
    picture = f"{HOSTILE}.png"
    (data / picture).parent.mkdir(parents=True)
    (data / "b/c.png").rename(data / picture)
    candidate = make_candidate(f"{HOSTILE}.tflite", (HOSTILE, "rock"))
    candidate = replace(
        candidate,
        verdict=Verdict.FAIL,
        reasons=(HOSTILE,),
        interpreter=HOSTILE,
        float_layers=(HOSTILE,),
        disagreements=(replace(candidate.disagreements[0], file=picture),),
        diagnosis=Diagnosis(0.5, 9, (Cause(Suspect.LABELS, HOSTILE, 1.0),), (LayerNoise(HOSTILE, 1.0),)),
    )
    report = make_report(
        (HOSTILE, "rock"), candidates=(candidate, make_candidate("$x^2$ 模型.onnx")), reference=HOSTILE
    )
    parsed = show(report)
    assert not parsed.all("script")
    assert not any("onload" in attributes for _, attributes in parsed.elements)
    assert "<script" not in parsed.html.lower()
    assert HOSTILE in parsed.text
    assert (
        parsed.all("img")[0]["alt"]
        == f"rock, answered as rock by the reference and as {HOSTILE} by this file: {picture}"
    )
    assert parsed.text.count("$x^2$ 模型.onnx") >= 4  # in a drawing too, as it is


def test_equal_reports_make_equal_pages(show: Show) -> None:
    first, second = (show(make_report()).html for _ in range(2))
    assert first == second
