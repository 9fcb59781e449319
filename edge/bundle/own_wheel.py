"""The device's half of edgeproof as a wheel, made of what is installed here.

An installation keeps no wheel of itself, a checkout has none, and a device has no use for the workstation's half, which
is the larger one.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import zipfile
from collections.abc import Mapping
from importlib.metadata import Distribution, distribution
from pathlib import Path

from .requirements import OURS

_KINDS = {".py", ".sh", ".css", ".html", ".js", ".svg", ".typed"}
_WORKSTATION = {"commands/bundle.py", "commands/demo.py", "pixel_set.py", "run_directory.py"}
_LICENCE = "licenses/LICENSE"
_SCRIPTS = "console_scripts"  # pytest's plugin is the workstation's
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first that a zip can say; the same bytes come out whenever it is made
_MODE = 0o100644 << 16


def write_own_wheel(folder: Path) -> Path:
    """Write the wheel; the same files give the same bytes.

    Args:
        folder: where to.

    Returns:
        Its path.
    """
    ours = distribution(OURS)
    info = f"{OURS}-{ours.version}.dist-info"
    files = dict(sorted({**_modules(), **_about(ours, info)}.items()))
    files[f"{info}/RECORD"] = _record(files, info)
    path = folder / f"{OURS}-{ours.version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, data in files.items():
            member = zipfile.ZipInfo(name, _EPOCH)
            member.compress_type, member.external_attr = zipfile.ZIP_DEFLATED, _MODE
            wheel.writestr(member, data, compresslevel=9)
    return path


def _modules() -> dict[str, bytes]:
    program = Path(__file__).parents[1]
    paths = (path for path in program.rglob("*") if path.suffix in _KINDS and path.is_file() and _for_devices(path))
    # The folder's name is `edge` in a checkout too, where its parent is not `edgeproof`.
    return {f"{OURS}/{path.relative_to(program.parent).as_posix()}": path.read_bytes() for path in paths}


def _for_devices(path: Path) -> bool:
    """Tell whether a device has a use for a file: no device makes bundles, trains or exports."""
    program = Path(__file__).parents[1]
    return path.relative_to(program).as_posix() not in _WORKSTATION and not path.is_relative_to(program / "bundle")


def _about(ours: Distribution, info: str) -> dict[str, bytes]:
    scripts = [f"{one.name} = {one.value}" for one in ours.entry_points if one.group == _SCRIPTS]
    texts = {
        "METADATA": ours.read_text("METADATA") or ours.read_text("PKG-INFO"),  # the latter after a build in a checkout
        "WHEEL": f"Wheel-Version: 1.0\nGenerator: {OURS} {ours.version}\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "entry_points.txt": "\n".join([f"[{_SCRIPTS}]", *scripts, ""]),
        _LICENCE: ours.read_text(_LICENCE),
    }
    return {f"{info}/{name}": text.encode() for name, text in texts.items() if text is not None}


def _record(files: Mapping[str, bytes], info: str) -> bytes:
    """List every file with its hash, as the wheel format asks for."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    for name, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        rows.writerow((name, f"sha256={digest}", len(data)))
    rows.writerow((f"{info}/RECORD", "", ""))
    return text.getvalue().encode()
