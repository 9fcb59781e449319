"""OpenCV: which package it is from, and what it was built with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..python_process import run_python
from ..versions import versions
from .finding import Finding, advice, good, problem

_DISTRIBUTIONS = (
    "opencv-python",
    "opencv-python-headless",
    "opencv-contrib-python",
    "opencv-contrib-python-headless",
)
_CODE = "import cv2; print(cv2.__version__); print(cv2.getBuildInformation())"


@dataclass(frozen=True)
class OpenCVFacts:
    """`gui` is "NONE" in a headless build; `failure` says why cv2 does not load, and is None where it does."""

    distributions: tuple[str, ...]
    version: str | None
    gui: str | None
    v4l2: bool
    gstreamer: bool
    ffmpeg: bool
    failure: str | None


def look(_: Path) -> OpenCVFacts:
    """Import it in a process of its own and read what it says of itself."""
    done = run_python(["-c", _CODE])
    number, *information = done.out.split("\n", 1)
    return read("".join(information), number or None, _installed(), done.failure)


def read(information: str, number: str | None, distributions: tuple[str, ...], failure: str | None) -> OpenCVFacts:
    """Read the text of `cv2.getBuildInformation()`."""
    return OpenCVFacts(
        distributions=distributions,
        version=number,
        gui=_entry(information, "GUI"),
        v4l2=_has(information, "v4l/v4l2"),
        gstreamer=_has(information, "GStreamer"),
        ffmpeg=_has(information, "FFMPEG"),
        failure=failure,
    )


def _entry(information: str, name: str) -> str | None:
    found = re.search(rf"^ *{re.escape(name)}: *(.*)$", information, re.MULTILINE)
    return found[1].strip() if found else None


def _has(information: str, name: str) -> bool:
    return (_entry(information, name) or "").startswith("YES")


def _installed() -> tuple[str, ...]:
    found = versions(*_DISTRIBUTIONS)
    return tuple(f"{name} {found[name]}" for name in _DISTRIBUTIONS if name in found)


def judge(facts: OpenCVFacts) -> Iterator[Finding]:
    """Say what it can do here."""
    if len(facts.distributions) > 1:
        names = " ".join(each.split()[0] for each in facts.distributions)
        todo = f"they overwrite each other: pip uninstall {names}, then install one of them"
        yield problem(f"{len(facts.distributions)} packages of OpenCV: {', '.join(facts.distributions)}", todo)
    if facts.failure is not None:
        yield problem(f"OpenCV does not load: {facts.failure}", _mend(facts.failure))
        return
    window = "with windows" if facts.gui not in (None, "", "NONE") else "without windows (--web shows the picture)"
    has = {"V4L2": facts.v4l2, "FFmpeg": facts.ffmpeg, "GStreamer": facts.gstreamer}
    built = ", ".join(name for name, there in has.items() if there) or "nothing for video"
    source = facts.distributions[0].split()[0] if facts.distributions else "not from pip"
    yield good(f"OpenCV {facts.version} ({source}), {window}, {built}")
    if not facts.v4l2:
        yield advice("OpenCV without V4L2: USB cameras do not open", "pip install opencv-python-headless")
    if not facts.ffmpeg:
        yield advice(
            "OpenCV without FFmpeg: video files and rtsp:// may not open", "pip install opencv-python-headless"
        )


def _mend(failure: str) -> str:
    if "No module named" in failure:
        return "pip install 'edgeproof[edge]'"
    if ".so" in failure:  # a library of the desktop's, which opencv-python needs and -headless does not
        return "without a desktop: pip uninstall opencv-python, then pip install opencv-python-headless"
    return "pip install --force-reinstall opencv-python-headless"
