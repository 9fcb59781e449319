from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from edgeproof.edge.run_directory import RunRecord

Make = Callable[..., RunRecord]
Show = Callable[..., Any]
HOSTILE = "<script>alert('1')</script>\" onload=\"x"


def test_the_page_needs_nothing_else(classifier: Make, show: Show) -> None:
    parsed = show(classifier())
    assert "http" not in parsed.html.replace("http-equiv", "")
    assert not {"script", "link", "iframe", "object", "base"} & {tag for tag, _ in parsed.elements}
    for _, attributes in parsed.elements:
        assert not any(name.startswith("on") for name in attributes)
        for name in ("src", "href", "xlink:href"):
            assert (attributes.get(name) or "#").startswith(("#", "data:image/jpeg;base64,"))
    policy = next(meta for meta in parsed.all("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    assert (policy["content"] or "").startswith("default-src 'none'")


def test_the_page_can_be_read_aloud(classifier: Make, show: Show) -> None:
    parsed = show(classifier())
    assert parsed.all("html")[0]["lang"] == "en"
    assert len(parsed.all("title")) == len(parsed.all("h1")) == 1
    assert all(image["alt"] for image in parsed.all("img"))
    assert [(svg["role"], svg["aria-label"]) for svg in parsed.all("svg")] == [
        ("img", f"{name} by epoch") for name in ("Loss", "Accuracy", "Learning rate")
    ]
    assert all(header["scope"] in ("row", "col") for header in parsed.all("th"))
    ids = [str(attributes["id"]) for _, attributes in parsed.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    references = {str(a["aria-labelledby"]) for _, a in parsed.elements if "aria-labelledby" in a}
    assert references <= set(ids)


def test_hostile_names_are_only_text(data: Path, classifier: Make, show: Show) -> None:
    record = classifier((HOSTILE, "rock"), model=HOSTILE, settings={HOSTILE: HOSTILE}, versions={HOSTILE: "1"})
    mistake = replace(record.validation.mistakes[0], file=f"{HOSTILE}.png")
    (data / mistake.file).parent.mkdir(parents=True)
    (data / "a/b.png").rename(data / mistake.file)
    history = {**record.history, HOSTILE: (1.0, 2.0)}
    record = replace(record, validation=replace(record.validation, mistakes=(mistake,)), history=history)
    parsed = show(record)
    assert not parsed.all("script")
    assert not any("onload" in attributes for _, attributes in parsed.elements)
    assert "<script" not in parsed.html.lower()
    (image,) = parsed.all("img")
    assert image["alt"] == f"{HOSTILE}, answered as rock: {HOSTILE}.png"


def test_equal_runs_make_equal_pages(tmp_path: Path, classifier: Make, show: Show) -> None:
    (tmp_path / "model.keras").touch()
    first, second = (show(classifier()).html for _ in range(2))
    assert first == second
