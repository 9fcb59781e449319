"""`tools/bench size`: what a device has on its disk, beside TensorFlow, and how large our wheels are."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from importlib.metadata import distributions
from pathlib import Path

import harness
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from edgeproof.edge.bundle.own_wheel import write_own_wheel
from edgeproof.edge.bundle.requirements import Package, closure
from edgeproof.edge.bundle.targets import read_target
from edgeproof.edge.bundle.wheelhouse import fill

_ROOT = Path(__file__).parents[2]
_MODEL = _ROOT / "tests/models/rps-int8.tflite"
_SOURCES = ("edge", "export", "train", "workstation")
_BESIDE = ("pyproject.toml", "setup.py", "README.md", "LICENSE")
_PI = "pi-bookworm-arm64"
_ENVIRONMENT, _WHEEL = 300.0, 300.0  # the goals, in MB and kB
_MB, _KB = 1e6, 1e3


def main() -> None:
    """Measure, and print a table."""
    options = harness.parser("size", __doc__ or "").parse_args()
    tensorflow = installed("tensorflow") / _MB
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        here, pi = device(folder) / _MB, unpacked(folder / "pi") / _MB
        half, whole = write_own_wheel(folder).stat().st_size / _KB, published(folder / "whole") / _KB
    rows = [
        harness.cost("device here, installed (theirs: the goal)", [here], [_ENVIRONMENT], "MB", 1.0),
        harness.cost(f"{_PI}, unpacked (theirs: the goal)", [pi], [_ENVIRONMENT], "MB", 1.0),
        harness.cost("device here, beside TensorFlow", [here], [tensorflow], "MB", 1.0),
        harness.cost("wheel in a bundle (theirs: the goal)", [half], [_WHEEL], "kB", 1.0),
        harness.cost("wheel with the workstation's half", [whole], [_WHEEL], "kB", 1.0),
    ]
    harness.report(rows, options.json)


def device(folder: Path) -> float:
    """Install a bundle for this machine; gives what it has on the disk, in bytes."""
    edgeproof = [sys.executable, "-m", "edgeproof.edge"]
    subprocess.run(  # noqa: S603 - ourselves
        [*edgeproof, "bundle", str(_MODEL), "--for", "here", "--out", str(folder / "here.tar"), "--quiet"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    subprocess.run(["tar", "xf", "here.tar"], check=True, cwd=folder)  # noqa: S607
    install = ["sh", str(folder / f"{_MODEL.stem}-here/install"), str(folder / "device")]
    subprocess.run(install, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own
    return on_disk((folder / "device").rglob("*"))


def unpacked(folder: Path) -> float:
    """Unpack the wheels that a Pi would get; gives what they have on the disk, without what Python compiles."""
    (folder / "wheels").mkdir(parents=True)
    for wheel in fill(folder / "wheels", read_target(_PI), ["edge"], []):
        if not wheel.name.startswith("pip-"):
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(folder / "site")
    return on_disk((folder / "site").rglob("*"))


def published(folder: Path) -> float:
    """Build the wheel of this checkout, in a copy, since a build leaves files behind; gives its size in bytes."""
    copy = folder / "checkout"
    for name in _SOURCES:
        shutil.copytree(_ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in _BESIDE:
        shutil.copy(_ROOT / name, copy)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(copy)]
    subprocess.run(command, check=True)  # noqa: S603 - the pip beside us
    (wheel,) = folder.glob("*.whl")
    return float(wheel.stat().st_size)


def installed(name: str) -> float:
    """Add up the files of a package that is installed here, and of all that it needs."""
    found = {canonicalize_name(one.name): one for one in distributions()}
    packages = {key: Package(key, Version(one.version), tuple(one.requires or ())) for key, one in found.items()}
    reached, _ = closure([Requirement(name)], packages, read_target("here").environment)
    return sum(on_disk(Path(str(file.locate())) for file in found[key].files or ()) for key in reached)


def on_disk(paths: Iterable[Path]) -> float:
    """Add up the blocks of files and folders, in bytes; what is missing has none."""
    return float(sum(path.lstat().st_blocks * 512 for path in paths if path.is_symlink() or path.exists()))


if __name__ == "__main__":
    main()
