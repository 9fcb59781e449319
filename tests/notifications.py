"""The types and the patience of the tests of services."""

from __future__ import annotations

import socket
from collections.abc import Callable

PATIENCE = 60.0  # seconds; only a test that fails waits so long
Listening = Callable[[str], socket.socket]
Printed = Callable[..., dict[str, list[str]]]
