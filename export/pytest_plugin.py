"""A pytest fixture for the parity gate.

    def test_parity(parity):
        parity("runs/rps/rps-int8.tflite", data="photos/validation", margin=1.0)

pytest loads this file wherever edgeproof is installed, so nothing heavy is imported before a test asks for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from ..edge.errors import InputError

if TYPE_CHECKING:
    from .parity.report import ParityReport

_REPORTS = "--parity-reports"


class Parity(Protocol):
    """What the fixture gives."""

    def __call__(
        self,
        *candidates: str | Path,
        reference: str | Path | None = None,
        data: str | Path | None = None,
        margin: float = 1.0,
        class_margin: float = 5.0,
        labels: Sequence[str] | None = None,
        range: tuple[float, float] | None = None,  # noqa: A002 - as the option is called
        resize: str | None = None,
        trust: bool = False,
    ) -> ParityReport:
        """Fail the test unless every candidate passes the parity gate.

        Args:
            candidates: model files, run directories, or models made elsewhere.
            reference: likewise; the run directory that the first candidate lies in where None.
            data: class folders of pictures; those that the run is judged by where None.
            margin: accuracy that may be lost, in points.
            class_margin: accuracy that may be lost in one class, in points.
            labels: of models without a contract, in the order of their outputs.
            range: of models without a contract, the values of a pixel of 0 and of 255.
            resize: of models without a contract, "stretch" or "center-crop".
            trust: load networks that hold more than Keras' own layers, or than operators that compute.

        Returns:
            The report, for assertions of one's own.
        """
        ...


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that keeps reports."""
    group = parser.getgroup("edgeproof")
    group.addoption(
        _REPORTS, type=Path, metavar="DIR", help="keep each parity report as NAME.json and NAME.html in this folder"
    )


@pytest.fixture
def parity(request: pytest.FixtureRequest) -> Parity:
    """Hold model files against a reference: `parity("model-int8.tflite", data="photos/", margin=1.0)`."""
    kept: list[str] = []

    def check(*candidates: str | Path, **arguments: Any) -> ParityReport:
        __tracebackhide__ = True
        from . import compare

        try:
            report = compare(*candidates, **arguments)
        except InputError as error:
            pytest.fail(str(error), pytrace=False)
        _record(report, request.node)
        folder: Path | None = request.config.getoption(_REPORTS)
        if folder is not None:
            kept.append(request.node.nodeid)
            _keep(report, folder, request.node.nodeid + (f"-{len(kept)}" if len(kept) > 1 else ""))
        _judge(report)
        return report

    return check


def _record(report: ParityReport, node: pytest.Item) -> None:
    for candidate in report.candidates:
        for name in ("verdict", "accuracy", "accuracy_reference", "agreement", "loss_bound", "n"):
            value = getattr(candidate, name)
            # The fixture record_property would do the same, and warn of pytest's default kind of JUnit XML.
            node.user_properties.append((f"{candidate.file}: {name}", getattr(value, "value", value)))


def _keep(report: ParityReport, folder: Path, name: str) -> None:
    from ..edge import typed_json
    from ..edge.atomic import write_text
    from ..edge.names import file_name
    from .parity.page import page

    write_text(folder / f"{file_name(name)}.json", typed_json.dumps(report))
    page.write(folder / f"{file_name(name)}.html", report, Path(report.dataset.path))


def _judge(report: ParityReport) -> None:
    __tracebackhide__ = True
    from ..edge.contract import Verdict
    from .parity.report import parity_table

    if report.verdict is not Verdict.PASS:
        pytest.fail(f"parity: {report.verdict.value}\n{parity_table(report)}", pytrace=False)
