from __future__ import annotations

from pathlib import Path

import pytest

from edgeproof.edge import typed_json
from edgeproof.edge.run_directory import PARITY
from edgeproof.export.parity.report import ParityReport


@pytest.fixture(scope="session")
def report(exported: Path) -> ParityReport:
    """The parity.json of the exported run."""
    return typed_json.loads(ParityReport, (exported / PARITY).read_bytes(), PARITY)
