"""What the tests of several sources need."""

from __future__ import annotations

import pytest

from frames import Words


@pytest.fixture
def words() -> Words:
    return Words()
