"""Keys and signed models for tests."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from edgeproof.edge.commands import sign
from edgeproof.edge.signing.keys import new_pair


@dataclass(frozen=True)
class Pair:
    """The files of a pair of keys."""

    private: Path
    public: Path
    fingerprint: str


def pair(folder: Path, name: str = "maker") -> Pair:
    """Make a pair of keys."""
    private, public, key = new_pair(folder / name)
    return Pair(private, public, key.fingerprint)


def signed(model: Path, folder: Path, keys: Pair) -> Path:
    """Give a signed copy of a model file."""
    copy = folder / model.name
    shutil.copyfile(model, copy)
    assert sign.main([str(copy), "--key", str(keys.private)]) == 0
    return copy
