from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from edgeproof.edge.doctor import cameras, picamera
from edgeproof.edge.doctor.cameras import Camera, CameraFacts
from edgeproof.edge.doctor.finding import Finding, Level
from edgeproof.edge.doctor.picamera import PicameraFacts

WEBCAM = Camera("/dev/video0", "HD Webcam", True, True)
METADATA = Camera("/dev/video1", "HD Webcam", True, False)
PI = PicameraFacts(raspberry=True, importable=True, in_system=True, tool="rpicam-hello")


def lines(findings: Iterable[Finding]) -> list[str]:
    return [str(finding) for finding in findings]


def test_devices_are_listed_by_number_with_their_names(pi: Path) -> None:
    facts = cameras.look(pi)
    assert [camera.device for camera in facts.devices] == [f"/dev/video{number}" for number in (0, 10, 13, 19)]
    # A file, which cannot be asked what it is.
    assert facts.devices[0] == Camera("/dev/video0", "HD Webcam: HD Webcam", True, None)


def test_decoders_and_stages_of_the_pipeline_are_no_cameras(pi: Path) -> None:
    assert lines(cameras.judge(cameras.look(pi))) == ["good    · camera /dev/video0: HD Webcam: HD Webcam"]


@pytest.mark.parametrize(
    ("caps", "gives"), [(0x04200001, True), (0x04201000, True), (0x04A00000, False), (0x8000, False)]
)
def test_capabilities_of_the_node_decide_not_those_of_the_device(caps: int, gives: bool) -> None:
    """As v4l2-ctl --info prints them: "Capabilities : 0x84a00001", "Device Caps : 0x04200001"."""
    text = struct.pack("16s32s32s", b"uvcvideo", b"HD Webcam", b"usb-1.2")
    assert cameras.can_capture(text + struct.pack("6I", 0x060C1F, 0x84A00001, caps, 0, 0, 0)) is gives


def test_the_second_node_of_a_usb_camera_is_passed_over() -> None:
    assert lines(cameras.judge(CameraFacts((WEBCAM, METADATA), True))) == ["good    · camera /dev/video0: HD Webcam"]


def test_a_camera_that_may_not_be_opened_is_a_problem() -> None:
    closed = replace(WEBCAM, may_open=False, gives_pictures=None)
    (finding,) = cameras.judge(CameraFacts((closed,), in_group=False))
    assert finding.level is Level.PROBLEM
    assert finding.found == "camera /dev/video0: HD Webcam: this user may not open it"
    assert finding.todo == "sudo usermod -aG video $USER, then log in again"
    (finding,) = cameras.judge(CameraFacts((closed,), in_group=True))
    assert "ls -l /dev/video0" in finding.todo


@pytest.mark.parametrize("name", ["unicam-image", "rp1-cfe-csi2_ch0"])
def test_the_camera_connector_is_for_picamera(name: str) -> None:
    (finding,) = cameras.judge(CameraFacts((Camera("/dev/video0", name, True, True),), True))
    assert finding.level is Level.GOOD
    assert finding.found.endswith("edgeproof run MODEL picamera")


def test_no_camera_is_advice(tmp_path: Path) -> None:
    (finding,) = cameras.judge(cameras.look(tmp_path))
    assert (finding.level, finding.found) == (Level.ADVICE, "no camera under /dev")


def test_only_numbered_devices_are_cameras(tmp_path: Path) -> None:
    (tmp_path / "dev").mkdir()
    for name in ("video", "videodev", "video0x", "video7"):
        (tmp_path / "dev" / name).touch()
    assert [camera.device for camera in cameras.look(tmp_path).devices] == ["/dev/video7"]
    assert cameras.look(tmp_path).devices[0].name == "of unknown name"


def test_picamera2_is_found_in_the_system(pi: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picamera.shutil, "which", lambda name: f"/usr/bin/{name}")
    assert picamera.look(pi) == PicameraFacts(True, False, False, "rpicam-hello")
    (pi / "usr/lib/python3/dist-packages/picamera2").mkdir(parents=True)
    assert picamera.look(pi).in_system


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (PI, ["good    · picamera2", "good    · rpicam-hello (--list-cameras names what it finds)"]),
        (PicameraFacts(False, False, False, None), []),
    ],
)
def test_picamera_is_judged(facts: PicameraFacts, expected: list[str]) -> None:
    assert lines(picamera.judge(facts)) == expected


def test_a_pi_without_picamera2_is_advised() -> None:
    hidden, _ = picamera.judge(replace(PI, importable=False))
    assert (hidden.level, "--system-site-packages" in hidden.todo) == (Level.ADVICE, True)
    missing, tool = picamera.judge(replace(PI, importable=False, in_system=False, tool=None))
    assert missing.todo == "sudo apt install python3-picamera2"
    assert tool.todo == "sudo apt install rpicam-apps"
