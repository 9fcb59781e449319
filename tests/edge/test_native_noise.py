from __future__ import annotations

import os
import sys
import threading

import pytest

from edgeproof.edge.console import Console
from edgeproof.edge.native_noise import muted

PATIENCE = 60  # seconds; only a test that fails waits so long


def test_what_a_library_prints_is_not_seen(capfd: pytest.CaptureFixture[str]) -> None:
    with muted():
        os.write(2, b"noise\n")
    os.write(2, b"word\n")
    assert capfd.readouterr().err == "word\n"


def test_warning_of_another_thread_waits_for_the_end_of_the_silence(capfd: pytest.CaptureFixture[str]) -> None:
    begun = threading.Event()

    def warn() -> None:
        begun.set()
        Console(stream=sys.stderr).warn("the broker is down")

    thread = threading.Thread(target=warn)
    with muted():
        thread.start()
        assert begun.wait(PATIENCE)
        thread.join(0.05)  # in which it would have printed
        os.write(2, b"noise\n")
    thread.join(PATIENCE)
    assert capfd.readouterr().err == "warning: the broker is down\n"


def test_silences_of_two_threads_end(capfd: pytest.CaptureFixture[str]) -> None:
    def work() -> None:
        for _ in range(200):
            with muted():
                os.write(2, b"noise\n")

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    os.write(2, b"word\n")
    assert capfd.readouterr().err == "word\n"
