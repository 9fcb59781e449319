"""The unit: how systemd starts `edgeproof run`, watches it, and confines it to what it needs."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .needs import Needs, Network

ENVIRONMENT = "/etc/edgeproof"  # where a file per service holds what nobody else is to see
_HIDDEN = ("/home", "/root", "/run/user", "/tmp", "/var/tmp")  # noqa: S108 - of which a service has its own, or none
_STEP = 64 << 20  # bytes to which the bound of memory is rounded up
_FLOOR = 512 << 20  # bytes for Python, numpy, OpenCV, a runtime and frames; 175 MB are usual
_COPIES = 4  # of the model: the file, the runtime's packed weights, and room
_PROCESSES = 3  # with --watch: the loop's, the one whose model answers, and the one that tries another
_OWN_BOUNDS = "nice setpriority setrlimit prlimit64"
_PLAIN = re.compile(r"[\w@%+=:,./-]+", re.ASCII)

# What every run does without. `@resources` and `@privileged` fail with an error, because runtimes try to pin threads
# and go on without.
_CONFINED = """\
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome=tmpfs
PrivateTmp=yes
PrivateIPC=yes
PrivateMounts=yes
ProtectProc=invisible
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
KeyringMode=private
LockPersonality=yes
MemoryDenyWriteExecute=yes
RemoveIPC=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
UMask=0027
LimitCORE=0
TasksMax=64"""


@dataclass(frozen=True)
class Unit:
    """A service.

    `user` runs it; where None, systemd makes a user for as long as it runs. `model_bytes` is the size of the model's
    file, which bounds its memory.
    """

    name: str
    needs: Needs
    model_bytes: int
    user: str | None = None

    def text(self) -> str:
        """Give the file for /etc/systemd/system."""
        return "\n".join((*self._head(), "", *self._service(), "", "[Install]", "WantedBy=multi-user.target", ""))

    def _head(self) -> Iterator[str]:
        yield "# Made by edgeproof service; `edgeproof service install` writes it anew."
        yield "[Unit]"
        yield f"Description=edgeproof: {_percent(self.name)}"
        if self.needs.network is Network.OPEN:
            yield "Wants=network-online.target"
            yield "After=network-online.target"
        yield "StartLimitIntervalSec=0"  # a camera may be away for days, and nobody is there to start this again

    def _service(self) -> Iterator[str]:
        yield "[Service]"
        yield "Type=notify"
        yield "NotifyAccess=all"  # the worker tells, which is a child of the process that systemd started
        words = (sys.executable, "-m", "edgeproof.edge", "run", *self.needs.words)
        yield f"ExecStart={' '.join(map(command_word, words))}"
        yield f"EnvironmentFile=-{ENVIRONMENT}/{self.name}.env"
        yield "StandardOutput=null"  # a line per frame would fill the journal; --log keeps them
        yield "Restart=on-failure"
        yield "RestartSec=4"
        yield "TimeoutStartSec=180"
        yield "TimeoutStopSec=20"
        yield "WatchdogSec=60"
        yield f"StateDirectory={self.name}"
        yield "StateDirectoryMode=0750"
        yield f"WorkingDirectory=%S/{self.name}"
        yield from self._user()
        yield f"MemoryMax={self._memory() >> 20}M"
        yield "OOMPolicy=continue"  # what is killed is a child on trial, or a worker that is started again
        yield _CONFINED
        if self.needs.updates:  # what they bound themselves with
            yield f"SystemCallFilter={_OWN_BOUNDS}"
        yield from self._files()
        yield from self._devices()
        yield from self._network()

    def _user(self) -> Iterator[str]:
        yield "DynamicUser=yes" if self.user is None else f"User={self.user}"
        if self.needs.devices:
            yield "SupplementaryGroups=video"

    def _memory(self) -> int:
        processes = _PROCESSES if self.needs.updates else 1
        return -(-processes * (_FLOOR + _COPIES * self.model_bytes) // _STEP) * _STEP

    def _files(self) -> Iterator[str]:
        hidden = {path for path in self.needs.reads if any(path.is_relative_to(place) for place in _HIDDEN)}
        # What lies within another one is there with it.
        for path in sorted(hidden):
            if not hidden & set(path.parents):
                yield f"BindReadOnlyPaths={path_word(path)}"

    def _devices(self) -> Iterator[str]:
        yield "DevicePolicy=closed"
        if not self.needs.devices:
            yield "PrivateDevices=yes"
            yield "PrivateUsers=yes"  # with it, no group would open a camera
        for name in self.needs.devices:
            yield f"DeviceAllow={name} rw"

    def _network(self) -> Iterator[str]:
        network = self.needs.network
        # libcamera asks udev for cameras by netlink, which a network of one's own would cut off.
        families = ["AF_UNIX", *(["AF_NETLINK"] if self.needs.netlink else [])]
        families += [] if network is Network.NONE else ["AF_INET", "AF_INET6"]
        yield f"RestrictAddressFamilies={' '.join(families)}"
        if network is Network.NONE and not self.needs.netlink:
            yield "PrivateNetwork=yes"
        if network is not Network.OPEN:
            yield "IPAddressDeny=any"
        if network is Network.LOCAL:
            yield "IPAddressAllow=localhost"


def command_word(text: str) -> str:
    """Write a word of ExecStart so that systemd reads it as it is: no specifiers, variables, or blanks that part it."""
    text = _percent(text).replace("$", "$$")
    if _PLAIN.fullmatch(text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def path_word(path: Path) -> str:
    """Write a path of BindReadOnlyPaths, in which a colon would part source and destination."""
    text = _percent(str(path)).replace("\\", "\\\\").replace(":", "\\:").replace('"', '\\"')
    return text if _PLAIN.fullmatch(text) else f'"{text}"'


def _percent(text: str) -> str:
    return text.replace("%", "%%")
