"""Which models have loaded and run well in a child: an empty file for each, named by a hash, in a folder of this user.

A hash covers the model's bytes, the runtime with its version, the kind of processor and how the input was sized. Where
no folder can be written, or others could write to it, nothing is vouched for, and a model is tried at each start.
"""

from __future__ import annotations

import hashlib
import importlib
import os
from contextlib import suppress
from pathlib import Path

_TRIED = "quarantine/1"  # how models are tried; another number where that changes
_MOST = 256  # entries; those that were used last stay
_OTHERS_MAY_WRITE = 0o022


def entry_for(sha256: str, package: str, size: tuple[int, int] | None) -> Path | None:
    """Give the place of an entry; None where there can be none.

    Args:
        sha256: of the model's bytes.
        package: that of the runtime.
        size: of pictures, where the model leaves it open.
    """
    folder = _folder()
    if folder is None:
        return None
    # Which costs nothing: it is what comes next. To ask for the version of what is installed takes longer.
    number = getattr(importlib.import_module(package), "__version__", None)
    if number is None:
        return None  # a later version could not be told from this one
    facts = (_TRIED, sha256, package, number, os.uname().machine, str(size))
    return folder / hashlib.sha256("\n".join(facts).encode()).hexdigest()


def holds(entry: Path) -> bool:
    """Tell whether a model is vouched for."""
    try:
        facts, folder = entry.lstat(), entry.parent.stat()
    except OSError:
        return False
    if any(each.st_uid != os.geteuid() or each.st_mode & _OTHERS_MAY_WRITE for each in (facts, folder)):
        return False
    with suppress(OSError):  # it holds all the same, on a disk that can only be read
        os.utime(entry)  # which keeps it from being cleared away
    return True


def note(entry: Path) -> None:
    """Vouch for a model; where nothing can be written, nothing is, and it is tried again at the next start."""
    try:
        entry.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # An empty file is whole as soon as it is there.
        os.close(os.open(entry, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600))
        _clear(entry.parent)
    except OSError:
        return


def _clear(folder: Path) -> None:
    entries = sorted(folder.iterdir(), key=lambda entry: entry.stat().st_mtime)
    for entry in entries[:-_MOST]:
        entry.unlink(missing_ok=True)


def _folder() -> Path | None:
    """Find the folder: the service's own, or the user's cache."""
    state = os.environ.get("STATE_DIRECTORY", "").split(":")[0]
    if state:
        return Path(state) / "vouched"
    cache = os.environ.get("XDG_CACHE_HOME", "")
    try:
        home = Path(cache) if Path(cache).is_absolute() else Path.home() / ".cache"
    except RuntimeError:
        return None  # no home, in a service without one
    return home / "edgeproof" / "vouched"
