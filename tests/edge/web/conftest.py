"""What the tests of the page need."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from web_site import Serve


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serves pages; imported here, because an environment without the packages skips these tests."""
    from web_site import serving

    with serving() as serve:
        yield serve
