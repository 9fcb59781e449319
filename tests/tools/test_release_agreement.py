"""`tools/release check`: a release whose files contradict each other is refused, in one line for each fault."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

pytest.importorskip("tomllib", reason="Python 3.10 reads no TOML")

from releasing import agreement, refusal, repository

ROOT = Path(__file__).parents[2]
TODAY = date(2031, 5, 17)
CHANGELOG = "# Changelog\n\n## 9.8.7 (2031-05-17)\n\n- All of it.\n\n## 9.8.6 (2031-01-02)\n\n- Less.\n"
CITATION = """cff-version: 1.2.0
title: edgeproof
version: 9.8.7
date-released: 2031-05-17
license: Apache-2.0
references:
  - type: article
    version: 1.0.0
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A checkout that is ready to be released as 9.8.7 today."""
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "9.8.7"\nlicense = "Apache-2.0"\n')
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    (tmp_path / "CITATION.cff").write_text(CITATION)
    (tmp_path / "README.md").write_text("edgeproof 9.8.7 with numpy 1.26.0\n")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/install.md").write_text("# Installing\n\npip install edgeproof==9.8.7\n")
    (tmp_path / "built").mkdir()
    (tmp_path / "built/objects.inv").write_text(
        "# Sphinx inventory version 2\n# Project: edgeproof\n# Version: 9.8.7\n"
    )
    shutil.copy(ROOT / "LICENSE", tmp_path)
    return tmp_path


def said(tree: Path, today: date | None = TODAY) -> list[str]:
    return [str(each) for each in agreement.agreement(tree, tree / "built", today)]


def test_files_that_agree_are_not_refused(tree: Path) -> None:
    assert said(tree) == []


FAULTS = [
    (
        "CHANGELOG.md",
        lambda text: text.replace("9.8.7", "9.8.8"),
        "expected version of CHANGELOG.md's top heading 9.8.7, received 9.8.8; change the wrong one",
    ),
    (
        "CHANGELOG.md",
        lambda text: text.replace("## 9.8.7 (2031-05-17)", "## 9.8.7"),
        "expected a top heading '## 9.8.7 (2031-05-17)' in CHANGELOG.md, received '## 9.8.7'; write it",
    ),
    (
        "CHANGELOG.md",
        lambda text: text.replace("# Changelog\n", "# Changelog\n\n## Unreleased\n\n- One thing more.\n"),
        "expected nothing under '## Unreleased' in CHANGELOG.md, received '- One thing more.'; head it 9.8.7",
    ),
    (
        "CHANGELOG.md",
        lambda _: "# Changelog\n",
        "expected a top heading '## 9.8.7 (2031-05-17)' in CHANGELOG.md, received none; write it",
    ),
    (
        "CITATION.cff",
        lambda text: text.replace("version: 9.8.7", "version: 9.8.6"),
        "expected version of CITATION.cff 9.8.7, received 9.8.6; write it there",
    ),
    (
        "CITATION.cff",
        lambda text: text.replace("2031-05-17", "2031-05-16"),
        "expected date-released of CITATION.cff 2031-05-17, received 2031-05-16; set it",
    ),
    (
        "CITATION.cff",
        lambda text: text.replace("license: Apache-2.0\n", ""),
        "expected license of CITATION.cff Apache-2.0, received none; write it there",
    ),
    (
        "built/objects.inv",
        lambda text: text.replace("9.8.7", "9.8.6"),
        "expected built pages of version 9.8.7, received 9.8.6; build them anew with ./tools/docs",
    ),
    (
        "docs/install.md",
        lambda text: text.replace("9.8.7", "9.8.6"),
        "expected docs/install.md, line 3: edgeproof 9.8.7, received 9.8.6; write the version of the release, or none",
    ),
    (
        "README.md",
        lambda text: text.replace("9.8.7", "0.1.0"),
        "expected README.md, line 1: edgeproof 9.8.7, received 0.1.0; write the version of the release, or none",
    ),
    (
        "pyproject.toml",
        lambda text: text.replace("Apache-2.0", "MIT"),
        "expected license of pyproject.toml Apache-2.0, received MIT; write it there",
    ),
    (
        "LICENSE",
        lambda _: "All rights reserved.\n",
        "expected the text of the Apache License in LICENSE, received another or none; put it there",
    ),
]


@pytest.mark.parametrize(("name", "change", "line"), FAULTS)
def test_a_contradiction_is_refused_in_its_own_line(
    tree: Path, name: str, change: Callable[[str], str], line: str
) -> None:
    path = tree / name
    path.write_text(change(path.read_text()))
    assert said(tree) == [line]


def test_a_release_of_another_day_is_refused(tree: Path) -> None:
    assert said(tree, date(2031, 5, 18)) == [
        "expected date of CHANGELOG.md's top heading 2031-05-18, received 2031-05-17; set it to the day of the release"
    ]


def test_a_version_that_only_pyproject_has_is_refused_everywhere(tree: Path) -> None:
    path = tree / "pyproject.toml"
    path.write_text(path.read_text().replace("9.8.7", "9.9.0"))
    assert [line.split(",")[0] for line in said(tree)] == [
        "expected version of CHANGELOG.md's top heading 9.9.0",
        "expected version of CITATION.cff 9.9.0",
        "expected built pages of version 9.9.0",
        "expected README.md",
        "expected docs/install.md",
    ]


def test_missing_pages_and_citation_are_refused(tree: Path) -> None:
    (tree / "CITATION.cff").unlink()
    (tree / "built/objects.inv").unlink()
    assert [line.split(";")[0] for line in said(tree)] == [
        "expected version of CITATION.cff 9.8.7, received none",
        "expected license of CITATION.cff Apache-2.0, received none",
        "expected date-released of CITATION.cff 2031-05-17, received none",
        "expected built pages of version 9.8.7, received none",
    ]


def test_a_draft_may_have_unreleased_changes(tree: Path) -> None:
    path = tree / "CHANGELOG.md"
    path.write_text(path.read_text().replace("## 9.8.7 (2031-05-17)", "## Unreleased"))
    assert said(tree, today=None) == []


def git(tree: Path, *words: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run(["git", "-C", str(tree), *identity, *words], check=True, capture_output=True)  # noqa: S603, S607


def test_changes_in_no_commit_and_a_tag_that_is_there_are_refused(tree: Path) -> None:
    git(tree, "init")
    git(tree, "add", ".")
    git(tree, "commit", "--message", "all")
    assert list(repository.releasable(tree, "9.8.7")) == []
    for number in range(4):
        (tree / f"new-{number}").touch()
    git(tree, "tag", "v9.8.7")
    assert [str(each) for each in repository.releasable(tree, "9.8.7")] == [
        "expected a clean working tree, received changes in 4 file(s): new-0, new-1, new-2 …; commit or remove them",
        "expected no tag v9.8.7 yet, received v9.8.7; raise the version in pyproject.toml",
    ]


def test_the_exit_code_is_1_where_something_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert refusal.report([], "good") == 0
    assert refusal.report([refusal.Refusal("a", "b", "do c")], "good") == 1
    assert capsys.readouterr() == ("good\n", "refused: expected a, received b; do c\n")


def test_a_copy_of_this_checkout_agrees_with_itself_until_one_version_is_changed(tmp_path: Path) -> None:
    for name in ("pyproject.toml", "CHANGELOG.md", "CITATION.cff", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("docs", "tools/releasing"):
        shutil.copytree(ROOT / name, tmp_path / name)
    command = [sys.executable, "-m", "releasing", "check", "--draft"]

    def check() -> tuple[int, str]:
        environment = os.environ | {"PYTHONPATH": str(tmp_path / "tools")}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - ours
        return done.returncode, done.stderr

    assert check() == (0, "")
    path, version = tmp_path / "CITATION.cff", str(agreement.project(ROOT)["version"])
    path.write_text(path.read_text("utf-8").replace(f"version: {version}", "version: 99.0.0"), "utf-8")
    line = f"refused: expected version of CITATION.cff {version}, received 99.0.0; write it there\n"
    assert check() == (1, line)


def test_the_version_stands_in_one_place() -> None:
    version = str(agreement.project(ROOT)["version"])
    folders = ("edge", "export", "train", "workstation", "tools", "docs")
    texts = {path: path.read_text("utf-8") for folder in folders for path in (ROOT / folder).rglob("*.py")}
    assert len(texts) > 300
    assert [path for path, text in texts.items() if f'"{version}"' in text or "__version__ =" in text] == []
