"""What the tests of several sources need."""

from __future__ import annotations

import pytest

from edgeproof.edge.preprocess import Pixels
from frames import Words, jpeg


@pytest.fixture
def words() -> Words:
    return Words()


@pytest.fixture
def picture(chart: Pixels) -> bytes:
    """A JPEG, as a camera sends it."""
    return jpeg(chart)
