"""What `tools/release build` finds in a wheel and in a source distribution that are not as they should be."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("tomllib", reason="Python 3.10 reads no TOML")

from releasing import building, contents, declared, repository

ROOT = Path(__file__).parents[2]
ABOUT = """Metadata-Version: 2.4
Name: edgeproof
Version: 9.8.7
License-Expression: Apache-2.0
License-File: LICENSE
Description-Content-Type: text/markdown

# edgeproof

An [address](https://example.org/a) is no harm, and `[code](docs/x.md)` in a block is none either:

```
[this](docs/block.md)
```
"""
FILES = {"edge/cli.py", "edge/web/page.html", "README.md", "tests/test_cli.py"}
MEMBERS = ("edgeproof/edge/cli.py", "edgeproof/edge/web/page.html")


def make_wheel(folder: Path, *members: str, about: str = ABOUT, licence: str = "licenses/LICENSE") -> Path:
    path = folder / "edgeproof-9.8.7-py3-none-any.whl"
    info = "edgeproof-9.8.7.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        for name in ("WHEEL", "RECORD", "entry_points.txt", "top_level.txt", licence):
            wheel.writestr(f"{info}/{name}", "")
        wheel.writestr(f"{info}/METADATA", about)
        for name in members:
            wheel.writestr(name, "")
    return path


def in_wheel(path: Path) -> list[str]:
    return [str(each) for each in contents.wheel_contents(path, {"edgeproof.edge": "edge"}, FILES)]


def test_a_wheel_has_each_file_of_its_packages_and_nothing_else(tmp_path: Path) -> None:
    assert in_wheel(make_wheel(tmp_path, *MEMBERS)) == []
    name = "edgeproof-9.8.7-py3-none-any.whl"
    remedy = "list its folder in pyproject.toml ([tool.setuptools]) or MANIFEST.in"
    assert in_wheel(make_wheel(tmp_path, MEMBERS[0])) == [
        f"expected every file of the commit in {name}, received none of {MEMBERS[1]}; {remedy}"
    ]
    strangers = ("edgeproof/edge/old.py", "tests/test_cli.py", "runs/demo/clip.mp4")
    assert in_wheel(make_wheel(tmp_path, *MEMBERS, *strangers)) == [
        f"expected only files of the commit in {name}, received edgeproof/edge/old.py, runs/demo/clip.mp4, "
        "tests/test_cli.py too; commit them, or leave them out"
    ]


def of_wheel(path: Path) -> list[str]:
    return [str(each).split(";")[0] for each in contents.wheel_metadata(path, "9.8.7")]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (
            "Version: 9.8.7",
            "Version: 9.8.6",
            "expected version in edgeproof-9.8.7-py3-none-any.whl 9.8.7, received 9.8.6",
        ),
        (
            "License-Expression: Apache-2.0\n",
            "",
            "expected License-Expression in the wheel Apache-2.0, received none",
        ),
        ("License-File: LICENSE\n", "", "expected License-File in the wheel LICENSE, received none"),
        (
            "https://example.org/a",
            "docs/live.md",
            "expected a description without links to files that no index has, received docs/live.md",
        ),
        (
            "An [address](https://example.org/a)",
            '<img src="docs/web.png">',
            "expected a description without links to files that no index has, received docs/web.png",
        ),
    ],
)
def test_a_wheel_that_says_something_wrong_is_refused(tmp_path: Path, old: str, new: str, line: str) -> None:
    about = ABOUT.replace("`[code](docs/x.md)` in a block", "code in a block")
    assert of_wheel(make_wheel(tmp_path, about=about)) == []
    assert old in about
    assert of_wheel(make_wheel(tmp_path, about=about.replace(old, new))) == [line]


def test_a_wheel_without_the_text_of_its_licence_is_refused(tmp_path: Path) -> None:
    about = ABOUT.replace("`[code](docs/x.md)` in a block", "code in a block")
    assert of_wheel(make_wheel(tmp_path, about=about, licence="COPYING")) == [
        "expected dist-info/licenses/LICENSE in the wheel, received none"
    ]


def make_sdist(path: Path, *members: str, mtime: int = 0, owner: int = 0) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name in members:
            info = tarfile.TarInfo(f"edgeproof-9.8.7/{name}")
            info.size, info.mtime, info.uid, info.mode = 4, mtime, owner, 0o664 if mtime else 0o644
            archive.addfile(info, io.BytesIO(b"text"))
    return path


def test_a_source_distribution_has_every_file_of_the_commit(tmp_path: Path) -> None:
    made = ("PKG-INFO", "setup.cfg", "edgeproof.egg-info/SOURCES.txt")
    whole = make_sdist(tmp_path / "whole.tar.gz", *FILES, *made)
    assert list(contents.sdist_contents(whole, FILES)) == []
    part = make_sdist(tmp_path / "part.tar.gz", *(FILES - {"tests/test_cli.py"}), "secret.txt", *made)
    assert [str(each).split(";")[0] for each in contents.sdist_contents(part, FILES)] == [
        "expected every file of the commit in part.tar.gz, received none of tests/test_cli.py",
        "expected only files of the commit in part.tar.gz, received secret.txt too",
    ]


def test_source_distributions_of_two_machines_are_the_same_bytes_in_the_end(tmp_path: Path) -> None:
    one = make_sdist(tmp_path / "one.tar.gz", "a", "b", mtime=1_000_000, owner=1000).read_bytes()
    other = make_sdist(tmp_path / "other.tar.gz", "b", "a", mtime=0, owner=0).read_bytes()
    assert one != other
    plain = building.normalized(one, 86_400)
    assert building.normalized(other, 86_400) == plain
    with tarfile.open(fileobj=io.BytesIO(plain)) as archive:
        members = [(each.name, each.mtime, each.uid, each.mode) for each in archive]
        assert members == [(f"edgeproof-9.8.7/{name}", 86_400, 0, 0o644) for name in "ab"]
        extracted = archive.extractfile("edgeproof-9.8.7/a")
        assert extracted
        assert extracted.read() == b"text"


def test_our_wheel_is_as_it_should_be(wheel: Path) -> None:
    files = repository.tracked(ROOT)
    assert list(contents.wheel_contents(wheel, declared.packages(ROOT), files)) == []
    assert list(contents.wheel_metadata(wheel, str(declared.project(ROOT)["version"]))) == []


def test_our_wheel_has_its_typing_marks_pages_and_scripts(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {name for name in names if name.endswith("py.typed")} == {
        f"edgeproof/{program}/py.typed" for program in ("edge", "export", "train", "workstation")
    }
    assert {Path(name).suffix for name in names if "/edge/web/" in name} == {".py", ".css", ".html", ".js", ".svg"}
    assert any(name.startswith("edgeproof/edge/bundle/") and name.endswith(".sh") for name in names)
    assert not [name for name in names if name.startswith(("tests", "tools", "docs", "runs", "edgeproof/tests"))]


def test_the_text_for_an_index_is_the_readme_without_its_pictures_and_links(wheel: Path) -> None:
    text = str(contents.metadata(wheel).get_payload())
    readme = repository.git(ROOT, "show", "HEAD:README.md").decode()
    assert contents.relative_links(readme)
    assert contents.relative_links(text) == []
    assert [line for line in text.splitlines() if line.startswith("## ")] == [
        line for line in readme.splitlines() if line.startswith("## ")
    ]
    blocks = [block for number, block in enumerate(readme.split("```")) if number % 2]
    assert [block for block in blocks if block not in text] == []
