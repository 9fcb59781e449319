"""Copies of model files that nobody else writes to, in the folder of the state."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..atomic import replacing
from ..errors import InputError
from ..folders import printable
from .folder import Found

_CHUNK = 1 << 20
_MODELS = "models"


@dataclass(frozen=True)
class Kept:
    """A copy: `name` is what the file is called where it came from, `sha256` is over all of its bytes."""

    path: Path
    name: str
    sha256: str


class Store:
    """The copies of one run; what an earlier one left is deleted.

    Raises:
        OSError: the folder cannot be made or written to.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / _MODELS
        self.clear()
        self._folder.mkdir(parents=True)

    def take(self, found: Found) -> Kept:
        """Copy a file.

        Raises:
            InputError: it has changed since it was found.
            OSError: it cannot be read, or there is no room.
        """
        path = self._folder / f"{found.sha256[:16]}{found.path.suffix.lower()}"
        digest = hashlib.sha256()
        with replacing(path) as temporary, found.path.open("rb") as source, temporary.open("wb") as copy:
            while data := source.read(_CHUNK):
                digest.update(data)
                copy.write(data)
            if digest.hexdigest() != found.sha256:
                raise InputError("expected a file that is whole, received one that is still written to")
        return Kept(path, shown(found.path), found.sha256)

    def clear(self) -> None:
        """Delete all of them."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def drop(self, kept: Kept) -> None:
        """Delete a copy."""
        kept.path.unlink(missing_ok=True)


def shown(path: Path) -> str:
    """Give a file's name as it can be printed on a line; it need not be text."""
    name = path.name.encode(errors="backslashreplace").decode()
    return name if printable(name) else name.encode("unicode_escape").decode()


def state_folder(environment: Mapping[str, str], *whose: str) -> Path:
    """Say where the state of a run lies: in systemd's folder of the service, or in that of the user.

    Args:
        environment: STATE_DIRECTORY, XDG_STATE_HOME and HOME are read.
        whose: what tells this run from others, the model and what is watched.
    """
    given = environment.get("STATE_DIRECTORY", "").partition(":")[0]
    home = environment.get("XDG_STATE_HOME") or str(Path(environment.get("HOME") or "~").expanduser() / ".local/state")
    root = Path(given) if given else Path(home) / "edgeproof"
    digest = hashlib.sha256("\0".join(whose).encode(errors="surrogatepass")).hexdigest()[:16]
    return root / "updates" / digest


def held_alone(folder: Path) -> int:
    """Take a folder for this process alone; gives the descriptor that holds it.

    Raises:
        InputError: another run has it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except ImportError:
        return handle
    except OSError as error:
        if error.errno in (errno.EAGAIN, errno.EACCES):
            os.close(handle)
            raise InputError(
                "expected one run with this model and --watch at a time, received a second; end the first"
            ) from None
    return handle
