"""The tutorial's pages and the examples belong together, one to one."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from edgeproof.train.models import NAMES
from tutorial import EXAMPLES, PAGES, ROOT

_INCLUDED = re.compile(r"```\{literalinclude\} \.\./\.\./(examples/\S+)\n((?::.*\n)*)")


def test_each_example_is_in_one_page() -> None:
    pages = Counter(file for page in PAGES for file in set(dict(_INCLUDED.findall(page.read_text("utf-8")))))
    assert pages == Counter(path.relative_to(ROOT).as_posix() for path in EXAMPLES)
    assert len(EXAMPLES) == 8


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_includes_the_example_of_its_name(page: Path) -> None:
    name = f"examples/{page.stem.replace('-', '_')}.py"
    text = page.read_text("utf-8")
    included = _INCLUDED.findall(text)
    assert {file for file, _ in included} == {name}
    code = (ROOT / name).read_text("utf-8")
    for shown in re.findall(r":pyobject: (\S+)", text):
        assert f"\ndef {shown}(" in code
    assert "```python" not in text  # code that is copied grows old
    assert f"python {name}" in text
    assert re.search(rf"edgeproof train ({'|'.join(NAMES)}) ", text)


def test_the_contents_list_every_page() -> None:
    listed = re.findall(r"^(\d-\S+)$", (PAGES[0].parent / "index.md").read_text("utf-8"), re.MULTILINE)
    assert listed == [page.stem for page in PAGES]
