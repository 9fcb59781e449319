"""The device's half of edgeproof as a wheel."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

import edgeproof.edge
from edgeproof.edge.bundle.own_wheel import write_own_wheel
from wheels import pyproject

MOST = 400_000  # bytes


def test_it_holds_the_files_that_setuptools_would_package(tmp_path: Path) -> None:
    settings = pyproject()["tool"]["setuptools"]
    root = Path(edgeproof.edge.__file__).parents[1]
    expected = set()
    for package in settings["packages"]:
        if package.startswith("edgeproof.edge"):
            folder = root / package.removeprefix("edgeproof.").replace(".", "/")
            for pattern in ("*.py", *settings["package-data"].get(package, ())):
                expected |= {f"edgeproof/{path.relative_to(root).as_posix()}" for path in folder.glob(pattern)}
    workstation = ("commands/demo.py", "pixel_set.py", "run_directory.py")
    left_out = {name for name in expected if "/bundle" in name or name.endswith(workstation)}
    assert {"edgeproof/edge/bundle/archive.py", "edgeproof/edge/commands/bundle.py"} < left_out
    expected -= left_out  # no device makes bundles, trains or exports
    with zipfile.ZipFile(write_own_wheel(tmp_path)) as wheel:
        assert {name for name in wheel.namelist() if not name.startswith("edgeproof-")} == expected
    assert len(expected) > 100


def test_its_record_has_the_hash_and_size_of_every_file(tmp_path: Path) -> None:
    with zipfile.ZipFile(write_own_wheel(tmp_path)) as wheel:
        record = f"edgeproof-{version('edgeproof')}.dist-info/RECORD"
        rows = {name: (digest, size) for name, digest, size in csv.reader(io.StringIO(wheel.read(record).decode()))}
        assert rows.pop(record) == ("", "")
        assert set(rows) == set(wheel.namelist()) - {record}
        for name, (digest, size) in rows.items():
            data = wheel.read(name)
            assert digest == f"sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip('=')}"
            assert int(size) == len(data)


def test_its_command_is_there_and_pytest_s_plugin_is_not(tmp_path: Path) -> None:
    with zipfile.ZipFile(write_own_wheel(tmp_path)) as wheel:
        points = wheel.read(f"edgeproof-{version('edgeproof')}.dist-info/entry_points.txt").decode()
    assert points == "[console_scripts]\nedgeproof = edgeproof.edge.cli:main\n"


def test_it_is_the_same_every_time_and_small(tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    first = write_own_wheel(tmp_path).read_bytes()
    assert write_own_wheel(tmp_path / "again").read_bytes() == first
    assert len(first) <= MOST


def test_metadata_of_a_build_in_a_checkout_do_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What setuptools leaves beside the sources, which Python finds first in the folder that it is started in."""
    info = tmp_path / "edgeproof.egg-info"
    info.mkdir()
    (info / "PKG-INFO").write_text("Metadata-Version: 2.4\nName: edgeproof\nVersion: 7.1\n\n")
    monkeypatch.syspath_prepend(tmp_path)
    wheel = write_own_wheel(tmp_path)
    with zipfile.ZipFile(wheel) as archive:
        assert b"\nVersion: 7.1\n" in archive.read("edgeproof-7.1.dist-info/METADATA")
