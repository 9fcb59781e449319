"""What the tests of conversion share: each small network, built once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

import networks
from edgeproof.export.network import Network


@pytest.fixture(scope="session")
def build() -> Callable[[str], Network]:
    """Builds one of `networks.NETWORKS`."""
    return cache(networks.make)
