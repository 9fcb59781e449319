"""Interpreters, numpy and OpenCV: what is installed and loads, in processes of their own."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import replace
from pathlib import Path

import pytest

from edgeproof.edge.doctor import interpreters, model, opencv
from edgeproof.edge.doctor.finding import Level
from edgeproof.edge.doctor.interpreters import InterpreterFacts, Package
from edgeproof.edge.doctor.opencv import OpenCVFacts
from edgeproof.edge.interpreters import BACKENDS
from edgeproof.edge.python_process import Ended, run_python

NUMPY = Package("numpy", "2.4.6", None)
LITERT = Package("litert", "2.3.0", None)
HEADLESS = OpenCVFacts(("opencv-python-headless 5.0.0.93",), "5.0.0", "NONE", True, False, True, None)
DESKTOP = """
General configuration for OpenCV 4.11.0 =====================================
  GUI:                           QT5
    QT:                          YES (ver 5.15.16 )

  Video I/O:
    DC1394:                      NO
    FFMPEG:                      YES
      avcodec:                   YES (59.37.100)
    GStreamer:                   YES (1.22.0)
    v4l/v4l2:                    YES (linux/videodev2.h)
"""
BARE = """
  GUI:
  Video I/O:
    FFMPEG:                      NO
    GStreamer:                   NO
"""


def test_a_child_that_crashes_is_told_apart_from_one_that_raises() -> None:
    assert run_python(["-c", "pass"]).failure is None
    assert run_python(["-c", "import os; os.abort()"]).failure == "crashed (SIGABRT)"
    assert run_python(["-c", "raise ValueError('no\\nmore')"]).failure == "more"
    assert run_python(["-c", "raise SystemExit(3)"]).failure == "ended with 3"
    assert run_python(["-c", "import time; time.sleep(60)"], patience=0.3).failure == "did not end in time"


def test_a_file_of_the_working_directory_is_no_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "numpy.py").write_text("raise SystemExit(7)")
    monkeypatch.chdir(tmp_path)
    assert run_python(["-c", "import numpy"]).failure is None


def test_runtimes_are_those_of_edgeproof() -> None:
    """They are listed apart, so that the doctor starts where numpy does not."""
    packages = {name: module.split(".")[0] for name, (module, _) in interpreters.RUNTIMES.items()}
    assert packages == {name: backend.package for name, backend in BACKENDS.items()}


def test_what_is_installed_here_loads(tmp_path: Path) -> None:
    facts = interpreters.look(tmp_path)
    here = [name for name, backend in BACKENDS.items() if importlib.util.find_spec(backend.package)]
    assert [each.name for each in facts.installed] == here
    assert facts.numpy is not None
    assert all(each.failure is None and each.version[0].isdigit() for each in (*facts.installed, facts.numpy))
    assert [finding.level for finding in interpreters.judge(facts)] == [Level.GOOD] * (1 + len(here))


def test_an_interpreter_that_crashes_is_a_problem() -> None:
    crashed = Package("onnxruntime", "1.23.0", "crashed (SIGILL)")
    findings = list(interpreters.judge(InterpreterFacts((LITERT, crashed), NUMPY)))
    assert [finding.level for finding in findings] == [Level.GOOD, Level.GOOD, Level.PROBLEM]
    assert findings[2].found == "interpreter onnxruntime 1.23.0 does not load: crashed (SIGILL)"
    assert findings[2].todo == "it is built for a newer processor; use another interpreter"


def test_tflite_runtime_beside_numpy_2_is_named() -> None:
    broken = Package("tflite-runtime", "2.14.0", "ImportError: numpy.core.multiarray failed to import")
    findings = list(interpreters.judge(InterpreterFacts((broken,), NUMPY)))
    assert findings[1].todo == "it is built against numpy 1: pip install 'numpy<2'"
    findings = list(interpreters.judge(InterpreterFacts((broken,), Package("numpy", "1.26.4", None))))
    assert findings[1].todo == "pip install --force-reinstall tflite-runtime"


def test_nothing_installed_is_two_problems() -> None:
    findings = list(interpreters.judge(InterpreterFacts((), None)))
    assert [finding.level for finding in findings] == [Level.PROBLEM] * 2
    assert all("pip install 'edgeproof[edge]'" in finding.todo for finding in findings)


def test_numpy_that_does_not_load_is_a_problem() -> None:
    broken = Package("numpy", "2.4.6", "ImportError: libopenblas.so.0: cannot open shared object file")
    first = next(iter(interpreters.judge(InterpreterFacts((LITERT,), broken))))
    assert (first.level, first.todo) == (Level.PROBLEM, "pip install --force-reinstall numpy")


def test_the_opencv_of_here_is_read(tmp_path: Path) -> None:
    import cv2

    facts = opencv.look(tmp_path)
    assert (facts.version, facts.failure, facts.ffmpeg) == (cv2.__version__, None, True)
    assert facts.gui is not None


def test_build_information_is_read() -> None:
    facts = opencv.read(DESKTOP, "4.11.0", ("opencv-python 4.11.0.86",), None)
    assert (facts.gui, facts.v4l2, facts.gstreamer, facts.ffmpeg) == ("QT5", True, True, True)
    (finding,) = opencv.judge(facts)
    assert str(finding) == "good    · OpenCV 4.11.0 (opencv-python), with windows, V4L2, FFmpeg, GStreamer"


def test_a_headless_opencv_has_no_windows() -> None:
    (finding,) = opencv.judge(HEADLESS)
    assert finding.level is Level.GOOD
    assert "without windows (--web shows the picture), V4L2, FFmpeg" in finding.found


def test_an_opencv_without_video_is_advised_against() -> None:
    facts = opencv.read(BARE, "4.6.0", (), None)
    first, *others = opencv.judge(facts)
    assert first.found == "OpenCV 4.6.0 (not from pip), without windows (--web shows the picture), nothing for video"
    assert [finding.level for finding in others] == [Level.ADVICE] * 2
    assert "V4L2" in others[0].found
    assert "FFmpeg" in others[1].found


def test_two_packages_of_opencv_are_a_problem() -> None:
    both = ("opencv-python 5.0.0.93", "opencv-python-headless 5.0.0.93")
    first = next(iter(opencv.judge(replace(HEADLESS, distributions=both))))
    assert first.level is Level.PROBLEM
    assert first.found == "2 packages of OpenCV: opencv-python 5.0.0.93, opencv-python-headless 5.0.0.93"
    assert "pip uninstall opencv-python opencv-python-headless" in first.todo


@pytest.mark.parametrize(
    ("failure", "todo"),
    [
        ("ModuleNotFoundError: No module named 'cv2'", "pip install 'edgeproof[edge]'"),
        ("ImportError: libGL.so.1: cannot open shared object file", "without a desktop: pip uninstall opencv-python"),
        ("crashed (SIGILL)", "pip install --force-reinstall opencv-python-headless"),
    ],
)
def test_an_opencv_that_does_not_load_is_a_problem(failure: str, todo: str) -> None:
    (finding,) = opencv.judge(opencv.read("", None, (), failure))
    assert finding.level is Level.PROBLEM
    assert finding.found == f"OpenCV does not load: {failure}"
    assert finding.todo.startswith(todo)


REPORT = {"stages": [{"stage": "integrity", "passed": True, "words": "x"}], "frames": [1, 2], "milliseconds": 4.2}


def test_a_model_that_answers_is_good() -> None:
    ended = Ended(0, json.dumps({**REPORT, "interpreter": "litert 2"}), "", None)
    (finding,) = model.judge(model.read("a.tflite", ended))
    assert str(finding).startswith("good    · a.tflite answers here as on the workstation (litert 2, 2 golden frame(s)")


@pytest.mark.parametrize(
    ("ended", "level", "words"),
    [
        (Ended(1, '{"stages": [{"passed": false, "words": "w"}]}', "", None), Level.PROBLEM, "a: w"),
        (Ended(3, '{"stages": [{"passed": false, "words": "w"}]}', "", None), Level.ADVICE, "a cannot be checked"),
        (Ended(2, "", "error: expected this, received that\n", None), Level.PROBLEM, "a: expected this, received that"),
        (Ended(-11, "", "", "SIGSEGV"), Level.PROBLEM, "a: crashed (SIGSEGV)"),
    ],
)
def test_a_model_that_does_not_is_not(ended: Ended, level: Level, words: str) -> None:
    (finding,) = model.judge(model.read("a", ended))
    assert (finding.level, finding.found) == (level, words)
