"""A run under what the unit forbids: every system call but its own, and memory that is written and run."""

from __future__ import annotations

import ctypes.util
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None or ctypes.util.find_library("seccomp") is None,
    reason="needs systemd and libseccomp",
)

# The filter of the unit, put on this process and what it becomes.
CONFINE = """
import ctypes, ctypes.util, os, subprocess, sys

ALLOW, REFUSE, EPERM = 0x7FFF0000, 0x00050000, 1
PR_SET_NO_NEW_PRIVS, PR_SET_MDWE, REFUSE_EXEC_GAIN = 38, 65, 1

def calls(group):
    listed = subprocess.run(["systemd-analyze", "syscall-filter", group], capture_output=True, text=True, check=True)
    found = set()
    for word in map(str.strip, listed.stdout.splitlines()[1:]):
        if word and not word.startswith("#"):
            found |= calls(word) if word.startswith("@") else {word}
    return found

allowed = calls("@system-service") - calls("@privileged") - calls("@resources")
seccomp, libc = ctypes.CDLL(ctypes.util.find_library("seccomp")), ctypes.CDLL(None)
seccomp.seccomp_init.restype = ctypes.c_void_p
rules = ctypes.c_void_p(seccomp.seccomp_init(REFUSE | EPERM))
for name in allowed:
    number = seccomp.seccomp_syscall_resolve_name(name.encode())
    if number >= 0:
        seccomp.seccomp_rule_add_array(rules, ALLOW, number, 0, None)
libc.prctl(PR_SET_MDWE, REFUSE_EXEC_GAIN, 0, 0, 0)  # kernels from 6.3 on
libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
if seccomp.seccomp_load(rules):
    sys.exit(77)
try:
    os.chown(sys.argv[0], 0, 0)  # of @privileged
except PermissionError:
    os.execv(sys.argv[1], sys.argv[1:])
sys.exit("nothing was refused")
"""


@pytest.mark.parametrize("name", ["rps-int8.tflite", "rps-int8.onnx"])
def test_a_run_needs_nothing_that_the_unit_refuses(models: Path, tmp_path: Path, name: str) -> None:
    if name.endswith(".onnx"):
        pytest.importorskip("onnxruntime")
    run = [sys.executable, "-m", "edgeproof.edge", "run", str(models / name), "hands:3", "--json"]
    outputs = ["--log", str(tmp_path / "log.jsonl"), "--save", str(tmp_path / "clip.mp4"), "--threads", "2"]
    command = [sys.executable, "-c", CONFINE, *run, *outputs]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ourselves
    if done.returncode == 77:
        pytest.skip("this container takes no system call filter")
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["frame"] for line in done.stdout.splitlines()] == [0, 1, 2]
    assert len((tmp_path / "log.jsonl").read_text().splitlines()) == 3
