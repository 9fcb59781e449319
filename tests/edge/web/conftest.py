"""What the tests of the page need."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from web_site import Serve

LONG = 1000.0  # seconds


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serves pages; imported here, because an environment without the packages skips these tests."""
    from web_site import serving

    with serving() as serve:
        yield serve


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """No peer is given up because the machine is busy; a test that is about such a limit sets it."""
    if not (find_spec("starlette") and find_spec("uvicorn")):
        return
    from edgeproof.edge.web import app, connection, recorder, stream

    limits = {connection: ("_REQUEST", "_UNREAD"), app: ("_PATIENCE",), stream: ("_PATIENCE",), recorder: ("_HOLD",)}
    for module, names in limits.items():
        for name in names:
            monkeypatch.setattr(module, name, LONG)
