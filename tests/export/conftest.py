from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from edgeproof.edge import typed_json
from edgeproof.edge.console import Console
from edgeproof.edge.contract import Format
from edgeproof.edge.run_directory import PARITY
from edgeproof.export.exporter import Options, export
from edgeproof.export.parity.report import ParityReport
from edgeproof.export.parity.verdict import Margins


@pytest.fixture(scope="session")
def exported(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny run, exported in every format and precision."""
    folder = tmp_path_factory.mktemp("exported") / "rps"
    shutil.copytree(run, folder)
    export(folder, Options(None, tuple(Format), Margins()), Console(quiet=True))
    return folder


@pytest.fixture(scope="session")
def report(exported: Path) -> ParityReport:
    """Its parity.json."""
    return typed_json.loads(ParityReport, (exported / PARITY).read_bytes(), PARITY)
