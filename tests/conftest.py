"""What several tests need: the tiny network, trained and exported once, and the neuron of the first lesson."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import tiny
from once import made_once

pytest_plugins = ["pytester"]  # for the tests of our own plugin

MODELS = Path(__file__).parent / "models"

# What quarantine has let in once is let in for the whole session, in the processes that tests start too, and nothing of
# a person's own record is believed or written.
_VOUCHED = tempfile.TemporaryDirectory(prefix="edgeproof-tests-")
os.environ["STATE_DIRECTORY"] = _VOUCHED.name

# A shell without job control starts what is in the background with SIGINT ignored, and children inherit that: those
# that a test interrupts would never end.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """The command sets signal handlers; a test leaves none."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(scope="session")
def models() -> Path:
    """The folder of the golden models."""
    return MODELS


@pytest.fixture(scope="session")
def hands(request: pytest.FixtureRequest) -> Path:
    """Class folders of generated hands."""
    return made_once(request, "hands", tiny.draw)


@pytest.fixture(scope="session")
def run(hands: Path, request: pytest.FixtureRequest) -> Path:
    """A run directory of the tiny network."""
    return made_once(request, "run/rps", lambda folder: tiny.train(hands, folder))


@pytest.fixture(scope="session")
def exported(run: Path, request: pytest.FixtureRequest) -> Path:
    """The tiny run, exported in every format and precision."""
    return made_once(request, "exported/rps", lambda folder: tiny.export(run, folder))


@pytest.fixture(scope="session")
def hello(request: pytest.FixtureRequest) -> Path:
    """A run directory of the neuron that finds a line, trained to its end."""
    return made_once(request, "hello", tiny.train_hello)
