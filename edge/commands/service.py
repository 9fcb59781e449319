"""`edgeproof service`: `run` from the start of the machine on, watched and confined by systemd."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..arguments import Parser
from ..errors import ExitCode, InputError

if TYPE_CHECKING:
    from ..console import Console
    from ..service.unit import Unit

_USAGE = """usage: edgeproof service install MODEL [SOURCE] [options of run] [--name NAME] [--user NAME] [--print]
       edgeproof service status [NAME]
       edgeproof service remove NAME

install  write a systemd unit, start it now and with the machine, and wait for the first answer
  --name NAME  of the service (default: edgeproof- and the model's name)
  --user NAME  run as this user (default: one that exists only while it runs)
  --print      write the unit to standard output and change nothing; root is not needed
status   what systemd says of one service of edgeproof, or of all
remove   stop a service for good; what it wrote stays in /var/lib/NAME

Files that the run writes (--log, --save …) are in /var/lib/NAME. Passwords go into /etc/edgeproof/NAME.env.
"""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_USER = re.compile(r"[a-z_][a-z0-9_-]{0,31}")


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit code.

    Raises:
        InputError: the model or an option cannot be used, or this machine has no systemd, or is not ours to change.
    """
    actions = {"install": _install, "status": _status, "remove": _remove}
    if (arguments and arguments[0] in ("-h", "--help")) or list(arguments[1:2]) in (["-h"], ["--help"]):
        sys.stdout.write(_USAGE)
        return ExitCode.GOOD
    if not arguments or arguments[0] not in actions:
        received = repr(arguments[0]) if arguments else "nothing"
        raise InputError(f"expected one of {', '.join(actions)}, received {received}; see edgeproof service --help")
    return actions[arguments[0]](arguments[1:])


def _install(arguments: Sequence[str]) -> int:
    parser = Parser("edgeproof service install", add_help=False, allow_abbrev=False)
    for flag in ("--name", "--user"):
        parser.add_argument(flag)
    parser.add_argument("--print", action="store_true", dest="is_printed")
    ours, words = parser.parse_known_args(arguments)
    unit = _unit(ours, words)
    if ours.is_printed:
        sys.stdout.write(unit.text())
        return ExitCode.GOOD
    from ..service.manager import Manager
    from ..service.unit import ENVIRONMENT

    console = _console()
    if unit.needs.has_secret:
        console.warn("the source's address holds a password, which this machine's list of processes shows")
    console.say(f"{unit.name}: waiting for the first answer …")
    if Manager().install(unit.name, unit.text(), is_secret=unit.needs.has_secret):
        console.say(f"{unit.name} answers, now and after every start; passwords go into {ENVIRONMENT}/{unit.name}.env")
        return ExitCode.GOOD
    console.warn(f"{unit.name} is installed and does not answer: journalctl -u {unit.name}")
    return ExitCode.FAILED


def _unit(ours: argparse.Namespace, words: Sequence[str]) -> Unit:
    from .. import modelfile
    from ..service.needs import needs_of
    from ..service.unit import Unit
    from .run import parser

    options = parser().parse_args(words)
    needs = needs_of(words, options)
    # One that is damaged, or not signed as asked for, is refused now, not at every start.
    modelfile.read(options.model, options.require_signature)
    name = ours.name or _default_name(options.model.stem)
    for text, pattern, flag in ((name, _NAME, "--name"), (ours.user or "nobody", _USER, "--user")):
        if not pattern.fullmatch(text):
            raise InputError(f"expected {flag} with letters, digits and dashes, received {text!r}")
    return Unit(name, needs, options.model.stat().st_size, _existing(ours.user))


def _default_name(stem: str) -> str:
    from ..service.manager import PREFIX

    return PREFIX + (re.sub(r"[^A-Za-z0-9_.-]+", "-", stem).strip("-.")[:80] or "model")


def _existing(user: str | None) -> str | None:
    if user is not None:
        import pwd

        try:
            pwd.getpwnam(user)
        except KeyError:
            raise InputError(f"expected a user of this machine for --user, received {user!r}; leave it out") from None
    return user


def _status(arguments: Sequence[str]) -> int:
    from ..service.manager import PREFIX, Manager

    parser = Parser("edgeproof service status", add_help=False)
    parser.add_argument("name", nargs="?", default=f"{PREFIX}*")
    is_well = Manager(changes=False).status(parser.parse_args(arguments).name)
    return ExitCode.GOOD if is_well else ExitCode.FAILED


def _remove(arguments: Sequence[str]) -> int:
    from ..service.manager import Manager

    parser = Parser("edgeproof service remove", add_help=False)
    parser.add_argument("name")
    name = parser.parse_args(arguments).name.removesuffix(".service")
    if not _NAME.fullmatch(name):
        raise InputError(f"expected the name of a service, received {name!r}; see edgeproof service status")
    Manager().remove(name)
    _console().say(f"{name} is stopped and removed; what it wrote stays in /var/lib/{name}")
    return ExitCode.GOOD


def _console() -> Console:
    from ..console import Console

    return Console()
