"""systemd of this machine: units of ours written, started, looked at and removed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from .. import atomic
from ..errors import InputError

UNITS = Path("/etc/systemd/system")
PREFIX = "edgeproof-"


class Manager:
    """systemctl, and the folder that it reads units from.

    Raises:
        InputError: this machine is not run by systemd, or by somebody else than who asks.
    """

    def __init__(self, *, changes: bool = True) -> None:
        if shutil.which("systemctl") is None:
            raise InputError("expected a machine that systemd runs, received one without systemctl; see --print")
        if changes and os.geteuid() != 0:
            raise InputError("expected root, who alone installs services, received another user; use sudo, or --print")
        self._units = UNITS

    def install(self, name: str, text: str, *, is_secret: bool) -> bool:
        """Write a unit, and start it now and with the machine; tells whether it answers.

        Args:
            name: of the unit, without .service.
            text: its file.
            is_secret: whether only root may read the file.
        """
        path = self._path(name)
        mode = 0o600 if is_secret else 0o644
        atomic.write_text(path, text, mode)  # from its first byte on, or a secret could be read in between
        path.chmod(mode)  # whatever the umask says
        self._systemctl("daemon-reload")
        self._systemctl("enable", name)
        return self._succeeds("restart", name)  # a unit of Type=notify: this waits for the first answer

    def remove(self, name: str) -> None:
        """Stop a service for good, and delete its unit; what it wrote stays.

        Raises:
            InputError: there is none such.
        """
        path = self._path(name)
        if not path.is_file():
            known = ", ".join(sorted(one.stem for one in self._units.glob(f"{PREFIX}*.service"))) or "none at all"
            raise InputError(f"expected one of {known}, received {name}")
        self._systemctl("disable", "--now", name)
        path.unlink()
        self._systemctl("daemon-reload")

    def status(self, pattern: str) -> bool:
        """Print what systemd says of services; tells whether it says that all is well."""
        return self._succeeds("status", "--no-pager", "--lines=5", pattern)

    def _path(self, name: str) -> Path:
        return self._units / f"{name}.service"

    def _systemctl(self, *words: str) -> None:
        if not self._succeeds(*words):
            raise InputError(f"expected systemctl {' '.join(words)} to do it, received the error above")

    def _succeeds(self, *words: str) -> bool:
        command = ["systemctl", *words]
        return subprocess.run(command, check=False).returncode == 0  # noqa: S603 - the system's own
