"""The unit: what it allows follows from what the run needs, and systemd itself finds no fault with it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from command import Command
from edgeproof.edge.service.unit import command_word, path_word
from notifications import Printed

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="systemd is Linux's")

MODEL = "rps-int8.tflite"
MOST_EXPOSED = 2.0  # of 10, by systemd's own measure
# What a person may run, from the least to the most that it needs.
RUNS: dict[str, list[str]] = {
    "folder": ["."],
    "camera": ["/dev/video0", "--log", "answers.jsonl", "--save-on", "rock"],
    "page": ["0", "--web"],
    "open page": ["0", "--web", "0.0.0.0:8080"],
    "pi camera": ["picamera", "--mqtt", "mqtt://broker.local"],
    "street": ["rtsp://camera.local/stream", "--metrics", "0.0.0.0:9464"],
}


@pytest.mark.parametrize(
    ("run", "families", "alone"),
    [
        ("folder", "AF_UNIX", True),
        ("camera", "AF_UNIX", True),
        ("page", "AF_UNIX AF_INET AF_INET6", False),
        ("open page", "AF_UNIX AF_INET AF_INET6", False),
        ("pi camera", "AF_UNIX AF_NETLINK AF_INET AF_INET6", False),
        ("street", "AF_UNIX AF_INET AF_INET6", False),
    ],
)
def test_the_network_is_what_the_outputs_and_the_source_need(
    printed: Printed, run: str, families: str, alone: bool
) -> None:
    unit = printed(MODEL, *RUNS[run])
    assert unit["RestrictAddressFamilies"] == [families]
    assert unit.get("PrivateNetwork") == (["yes"] if alone else None)


def test_a_page_for_this_machine_talks_to_this_machine_alone(printed: Printed) -> None:
    local = printed(MODEL, *RUNS["page"])
    assert (local["IPAddressDeny"], local["IPAddressAllow"]) == (["any"], ["localhost"])
    assert "IPAddressDeny" not in printed(MODEL, *RUNS["open page"])
    assert printed(MODEL, *RUNS["street"])["After"] == ["network-online.target"]


@pytest.mark.parametrize(
    ("source", "devices"),
    [
        (["hands:"], None),
        (["http://camera.local/"], None),
        ([], ["char-video4linux rw"]),
        (["/dev/v4l/by-id/usb-camera"], ["char-video4linux rw"]),
        (["picamera:1"], ["char-video4linux rw", "char-media rw", "char-dma_heap rw"]),
    ],
)
def test_devices_are_cameras_and_only_where_one_is_the_source(
    printed: Printed, source: list[str], devices: list[str] | None
) -> None:
    unit = printed(MODEL, *source)
    assert unit["DevicePolicy"] == ["closed"]
    assert unit.get("DeviceAllow") == devices
    assert unit.get("SupplementaryGroups") == (["video"] if devices else None)
    assert unit.get("PrivateDevices") == (None if devices else ["yes"])


def test_a_user_is_made_unless_one_is_named(printed: Printed) -> None:
    assert printed(MODEL)["DynamicUser"] == ["yes"]
    named = printed(MODEL, "--user", "daemon")
    assert named["User"] == ["daemon"]
    assert "DynamicUser" not in named


def test_it_starts_what_was_asked_for_with_paths_that_hold_anywhere(printed: Printed, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "labels.txt").write_text("a\nb\nc\n")
    (tmp_path / MODEL).write_bytes((Path(__file__).parents[2] / "models" / MODEL).read_bytes())
    words = [f"./{MODEL}", "photos/*.jpg", "--labels=labels.txt", "--smooth", "0.3", "--log", "a.jsonl"]
    unit = printed(*words, "--name", "edgeproof-door")
    assert unit["ExecStart"] == [
        f"{sys.executable} -m edgeproof.edge run {tmp_path}/{MODEL} "
        f'"{tmp_path}/photos/*.jpg" --labels={tmp_path}/labels.txt --smooth 0.3 --log a.jsonl'
    ]
    assert unit["StateDirectory"] == ["edgeproof-door"]
    assert unit["WorkingDirectory"] == ["%S/edgeproof-door"]
    assert f"{tmp_path}/photos" in unit["BindReadOnlyPaths"]  # under /tmp, which a service does not see


def test_its_memory_is_bounded_by_the_model(printed: Printed) -> None:
    assert printed(MODEL)["MemoryMax"] == ["576M"]  # 512 MiB and four times 0.2 MiB, in steps of 64


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("--web=0.0.0.0:8080", "--web=0.0.0.0:8080"),
        ("my model.tflite", '"my model.tflite"'),
        ("100%", "100%%"),
        ("$HOME", '"$$HOME"'),
        ('a"b\\c', '"a\\"b\\\\c"'),
        ("", '""'),
        (";", '";"'),
        ("Größe", '"Größe"'),
    ],
)
def test_words_reach_the_command_as_they_were(text: str, word: str) -> None:
    assert command_word(text) == word


def test_a_colon_in_a_path_parts_nothing() -> None:
    assert path_word(Path("/home/pi/a:b c%")) == '"/home/pi/a\\:b c%%"'


@pytest.fixture(params=RUNS)
def unit_file(request: pytest.FixtureRequest, edgeproof: Command, tmp_path: Path, models: Path) -> Path:
    """A unit in a file, of a model whose name needs quotes."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("needs systemd")
    model = tmp_path / "my 100% model.tflite"
    model.write_bytes((models / MODEL).read_bytes())
    assert edgeproof("service", "install", model, *RUNS[request.param], "--print") == 0, edgeproof.err
    path = tmp_path / "edgeproof-test.service"
    path.write_text(edgeproof.out)
    return path


def analyzed(*words: object) -> str:
    command = ["systemd-analyze", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - systemd's own
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_systemd_reads_every_line_of_it(unit_file: Path) -> None:
    assert analyzed("verify", "--man=no", unit_file) == ""


def test_systemd_finds_it_safe(unit_file: Path) -> None:
    said = analyzed("security", "--offline=true", f"--threshold={MOST_EXPOSED * 10:.0f}", "--no-pager", unit_file)
    level = re.search(r"Overall exposure level for \S+: ([0-9.]+)", said)
    assert level is not None
    assert float(level[1]) <= MOST_EXPOSED
