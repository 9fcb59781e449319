"""What each extra asks for on each device."""

from __future__ import annotations

import pytest
from packaging.requirements import Requirement

from edgeproof.edge.bundle.requirements import ADDITIONS, BASES, choose_extras, of_extras
from edgeproof.edge.bundle.targets import read_target
from edgeproof.edge.contract import Format
from edgeproof.edge.errors import InputError

pytestmark = pytest.mark.usefixtures("declared")

LITERT = {"numpy>=1.26", "opencv-python-headless>=4.11", "ai-edge-litert>=2.1"}
RUNTIME = {"numpy<2,>=1.26", "opencv-python-headless<4.12,>=4.11", "tflite-runtime>=2.14"}
PI_4_32_BIT = "pi-bookworm-armhf"


def asked(target: str, *extras: str) -> set[str]:
    return {str(one) for one in of_extras(extras, read_target(target).environment)}


@pytest.mark.parametrize(
    "target",
    ["pi-bookworm-arm64", "pi-trixie-arm64", "linux-x86_64-3.10", "linux-x86_64-3.14", "linux-aarch64-3.12", "here"],
)
def test_edge_is_numpy_opencv_and_litert_and_nothing_else(target: str) -> None:
    assert asked(target, "edge") == LITERT


def test_edge_is_tflite_runtime_on_32_bit_arm() -> None:
    assert asked(PI_4_32_BIT, "edge") == RUNTIME
    environment = {**read_target(PI_4_32_BIT).environment, "platform_machine": "armv8l"}  # under linux32
    assert {str(one) for one in of_extras(["edge"], environment)} == RUNTIME


@pytest.mark.parametrize("target", ["pi-bookworm-arm64", PI_4_32_BIT])
def test_window_has_the_other_opencv_in_its_place(target: str) -> None:
    edge = {one.replace("-headless", "") for one in asked(target, "edge")}
    assert asked(target, "window") == edge


def test_picamera_keeps_numpy_below_2_where_debian_s_picamera2_is_built_against_numpy_1() -> None:
    assert asked("pi-trixie-arm64", "picamera") == LITERT
    names = sorted(Requirement(one).name for one in asked("pi-bookworm-arm64", "picamera") - LITERT)
    assert names == ["numpy", "opencv-python-headless"]
    assert "numpy<2,>=1.26" in asked("pi-bookworm-arm64", "picamera")


@pytest.mark.parametrize("extra", ADDITIONS)
def test_additions_leave_opencv_and_the_interpreter_to_the_base(extra: str) -> None:
    names = {Requirement(one).name for one in asked("pi-bookworm-arm64", extra)}
    assert names
    assert not names & {"numpy", "opencv-python", "opencv-python-headless", "ai-edge-litert"}


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("target", ["pi-bookworm-arm64", PI_4_32_BIT])
def test_no_base_brings_two_opencv_or_two_interpreters(base: str, target: str) -> None:
    names = {Requirement(one).name for one in asked(target, base, *ADDITIONS)}
    assert len(names & {"opencv-python", "opencv-python-headless"}) == 1
    assert len(names & {"ai-edge-litert", "tflite-runtime"}) == (base != "headless")


@pytest.mark.parametrize(
    ("wanted", "kind", "chosen"),
    [
        ((), Format.TFLITE, ("edge",)),
        (("web", "mqtt"), Format.TFLITE, ("edge", "web", "mqtt")),
        (("window",), Format.TFLITE, ("window",)),
        ((), Format.ONNX, ("headless", "onnx")),
        (("picamera",), Format.ONNX, ("picamera", "onnx")),
    ],
)
def test_extras_follow_from_the_file(wanted: tuple[str, ...], kind: Format, chosen: tuple[str, ...]) -> None:
    assert choose_extras(wanted, kind) == chosen


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (("tensorflow",), "expected --with some of edge, window"),
        (("edge", "window"), "expected --with at most one of edge, .*, received edge, window"),
        (("headless",), "expected an interpreter for a .tflite file, received --with headless"),
    ],
)
def test_extras_that_do_not_go_are_refused(wanted: tuple[str, ...], message: str) -> None:
    with pytest.raises(InputError, match=message):
        choose_extras(wanted, Format.TFLITE)
