"""A short run of tools/campaign power, and the order of what the disk is told."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("cryptography")

import power
import power_works

ROOT = Path(__file__).parents[2]
STRACE = shutil.which("strace")
WRITE = "import sys; from pathlib import Path; from edgeproof.edge.atomic import {}; {}"


@pytest.fixture
def material(tmp_path: Path) -> Path:
    """What the works of a device need."""
    folder = tmp_path / "material"
    folder.mkdir()
    power.edgeproof(["sign", "--new-key", str(folder / "maker"), "--quiet"])
    return folder


def test_what_is_killed_leaves_whole_files_and_goes_on(material: Path, tmp_path: Path) -> None:
    chosen = [work for work in power_works.works(material) if work.name in ("log", "sign")]
    tally = power.campaign(chosen, 6, 1, float("inf"), tmp_path)
    assert sum(tally.kills.values()) >= 6
    assert set(tally.kills) == {"log", "sign"}
    assert (tally.problems, tally.unfinished, tally.stayed) == ([], [], 0)


def test_the_campaign_notices_what_is_not_whole(tmp_path: Path, models: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8\xff half")
    (tmp_path / "rps.onnx").write_bytes((models / "rps-int8.onnx").read_bytes()[:-1])
    (tmp_path / "a.json").write_text("{")
    assert len(list(power_works.picture_problems(tmp_path))) == 3
    assert len(list(power_works.model_problems(tmp_path))) == 2


def test_the_campaign_notices_a_line_that_is_lost(tmp_path: Path) -> None:
    lines = [json.dumps({"source": "x", "frame": frame}) + "\n" for frame in (0, 1, 2, 3)]
    whole, current = tmp_path / "a.jsonl.1", tmp_path / "a.jsonl"
    whole.write_text("".join(lines[:2]))
    current.write_text(lines[2] + lines[3][:10])  # the line in flight
    assert list(power_works.log_problems(tmp_path)) == []
    assert list(power_works.torn(tmp_path)) == ["a.jsonl is torn"]
    current.write_text(lines[3])
    assert list(power_works.log_problems(tmp_path)) == ["a.jsonl: frame 3 in the place of 2"]
    whole.write_text("".join(lines[:2])[:-5] + lines[2])
    assert list(power_works.log_problems(tmp_path))


@pytest.mark.skipif(STRACE is None, reason="needs Debian's strace")
@pytest.mark.parametrize(
    ("function", "call", "steps"),
    [
        (
            "write_text",
            "write_text(Path('new/a.txt'), 'x')",
            ["sync .", "open .a.txt", "sync .a.txt", "rename a.txt", "sync new"],
        ),
        (
            "write_all",
            "write_all({Path('a'): b'1', Path('b'): b'2'})",
            [
                *("open .a", "sync .a", "open .b", "sync .b"),  # all of them are there, before one takes its place
                *("sync .a", "rename a", "sync .", "sync .b", "rename b", "sync ."),
            ],
        ),
        ("write_new", "write_new(Path('a.key'), b'1', 0o600)", ["open .a.key", "sync .a.key", "link a.key", "sync ."]),
    ],
)
def test_the_kernel_is_told_in_order(tmp_path: Path, function: str, call: str, steps: list[str]) -> None:
    """File, then name, then folder: so that a loss of power leaves the old file or the whole new one."""
    assert STRACE is not None
    trace = tmp_path.with_suffix(".trace")
    code = WRITE.format(function, call)
    command = [
        STRACE,
        "-y",
        "-e",
        "trace=openat,fsync,rename,link,linkat",
        "-o",
        str(trace),
        sys.executable,
        "-c",
        code,
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S603 - ourselves
    if "ptrace" in done.stderr.lower():
        pytest.skip("needs the right to trace a process")
    assert done.returncode == 0, done.stderr
    assert told(trace.read_text(), tmp_path) == steps


def told(trace: str, folder: Path) -> list[str]:
    """Say what the kernel was told about files in a folder, in order."""
    found = []
    for line in trace.splitlines():
        name = re.match(r"[a-z]+", line)
        paths = re.findall(r'"([^"]*)"', line)
        if line.startswith("fsync"):
            synced = re.findall(r"<([^>]*)>", line)[0]
            found.append(f"sync {short(Path(synced).relative_to(folder).as_posix())}")
        elif line.startswith("openat") and "O_EXCL" in line:
            found.append(f"open {short(paths[0])}")
        elif line.startswith(("rename", "link")) and name:
            found.append(f"{name[0].removesuffix('at')} {short(paths[-1])}")
    return found


def short(path: str) -> str:
    """Leave out what is random in the name of a temporary file, and its folder."""
    return re.sub(r"(\.[^/]+?)\.[0-9a-f]{8}(\.[a-z]+)?$", r"\1", path).rsplit("/", maxsplit=1)[-1]
