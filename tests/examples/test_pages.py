"""The tutorial's pages and the examples belong together, one to one."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from pathlib import Path

import pytest

from edgeproof.edge.cli import main as edgeproof
from edgeproof.train.models import NAMES
from tutorial import EXAMPLES, PAGES, ROOT

_INCLUDED = re.compile(r"```\{literalinclude\} \.\./\.\./(examples/\S+)\n((?::.*\n)*)")

# Those on pictures; the neuron of the first page is trained in test_examples.
COMMANDS = [
    shlex.split(line, comments=True)[1:]
    for page in PAGES[1:]
    for line in page.read_text("utf-8").splitlines()
    if line.startswith("edgeproof train ")
]


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


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[1])
def test_a_training_on_a_page_is_a_command_that_exists(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    place = words.index("--data") + 1
    assert edgeproof([*words[:place], "nowhere", *words[place + 1 :]]) == 2
    # Every option was understood, if this is what is wrong.
    assert "received no such thing: 'nowhere'" in capsys.readouterr().err


def test_the_contents_list_every_page() -> None:
    listed = re.findall(r"^(\d-\S+)$", (PAGES[0].parent / "index.md").read_text("utf-8"), re.MULTILINE)
    assert listed == [page.stem for page in PAGES]
