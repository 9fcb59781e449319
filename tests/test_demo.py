"""What `edgeproof demo` refuses; tests/docs/test_readme.py goes the whole way."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgeproof.edge.cli import main
from edgeproof.edge.commands import demo


def test_pictures_of_others_are_not_trained_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stranger = tmp_path / "hands" / "rock" / "mine.jpg"
    stranger.parent.mkdir(parents=True)
    stranger.write_bytes(b"mine")
    assert main(["demo", "--out", str(tmp_path), "--quiet"]) == 2
    assert str(stranger) in capsys.readouterr().err
    assert stranger.read_bytes() == b"mine"


def test_device_is_told_at_once_that_it_cannot_train(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "versions", lambda _: {"edgeproof": "0.1.0"})
    assert main(["demo", "--out", str(tmp_path / "demo")]) == 2
    assert capsys.readouterr().err == (
        "error: expected the package keras, received none in this environment: pip install 'edgeproof[all]'\n"
    )
    assert not (tmp_path / "demo").exists()
