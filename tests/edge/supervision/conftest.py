"""What the tests of supervision share."""

from __future__ import annotations

import pytest

from frames import Words


@pytest.fixture
def words() -> Words:
    return Words()
