"""The command `edgeproof`: finds the program that a command belongs to and starts it by name.

The device's own commands live in `commands/`; `train` and `export` are programs of their own, which need not be
installed here. Nothing heavy is imported before the command is known, so that `--help` answers at once.
"""

from __future__ import annotations

import importlib
import math
import signal
import sys
import time
from collections.abc import Callable, Sequence

from . import streams
from .errors import ExitCode, InputError, missing_package

_GRACE = 3.0  # seconds for what was begun; a second Ctrl-C after them interrupts that too
_REASON = 300  # characters of a package's own words; numpy has pages of them

_COMMANDS = {
    "demo": ("edgeproof.edge.commands.demo", "the whole way on generated hands, offline"),
    "train": ("edgeproof.train.cli", "a folder of pictures → a run directory"),
    "export": (
        "edgeproof.export.cli",
        "a run directory or a model → .tflite and .onnx files with the parity proof",
    ),
    "parity": ("edgeproof.export.parity_cli", "model files held against a reference, on pictures"),
    "run": ("edgeproof.edge.commands.run", "a model file on a camera, video, picture or folder"),
    "capture": ("edgeproof.edge.commands.capture", "pictures of a camera, in a folder per label"),
    "check": ("edgeproof.edge.commands.check", "the proof inside a model file, repeated on this device"),
    "bench": ("edgeproof.edge.commands.bench", "how fast a model is here, op by op, and which file is the fastest"),
    "doctor": ("edgeproof.edge.commands.doctor", "what this device has, and what to do about the rest"),
    "info": ("edgeproof.edge.commands.info", "what a model file says about itself"),
    "sign": ("edgeproof.edge.commands.sign", "a signature in a model file, which a device may ask for"),
    "bundle": ("edgeproof.edge.commands.bundle", "one archive for a device without a network"),
    "service": ("edgeproof.edge.commands.service", "`run` from the start of the machine on, watched by systemd"),
}

# What a bundle leaves out, which has the device's half alone, and the extra that brings it.
_WORKSTATION = {
    "edgeproof.train": "train",
    "edgeproof.export": "export",
    "edgeproof.edge.commands.demo": "all",
    "edgeproof.edge.commands.bundle": "bundle",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: the words after `edgeproof`; those of the process where None.

    Returns:
        The exit code of the process, as `ExitCode` names them.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words and words[0] in _COMMANDS:
        return run_program(_COMMANDS[words[0]][0], words[1:], is_process=arguments is None)
    return _in_one_line(lambda: _without_command(words), "edge")


def run_program(module: str, words: Sequence[str], *, is_process: bool = False) -> int:
    """Start the `main` of a module with its arguments, and turn what a user can mend into one line and exit code 2.

    Where this process is there for the command alone, it is the module's `program`, if it has one.
    """

    def program() -> int:
        _listen()
        loaded = importlib.import_module(module)
        return int(getattr(loaded, "program" if is_process else "main", loaded.main)(words))

    return _in_one_line(program, module.split(".")[1])


def _in_one_line(program: Callable[[], int], extra: str) -> int:
    """Run a program; `extra` is the one of edgeproof's that brings what it needs."""
    code: int = ExitCode.BAD_INPUT
    try:
        streams.prepare()
        code = program()
    except SystemExit as end:  # --help, and a command within a command
        code = int(end.code or 0)
    except InputError as error:
        streams.complain(str(error))
    except ImportError as error:
        streams.complain(_unimportable(error, extra))
    except KeyboardInterrupt:
        streams.complain("interrupted; nothing half-written is left")
    except BrokenPipeError:
        streams.abandon()
        code = ExitCode.GOOD
    except OSError as error:
        streams.complain(streams.unwritable(error))
    return streams.finish(code)


def _unimportable(error: ImportError, extra: str) -> str:
    """Word what is wrong with a package that is not ours; an import of ours that fails is raised again."""
    name = error.name or "named here"  # numpy leaves it out
    if name in _WORKSTATION:
        extra = _WORKSTATION[name]
        return f"expected the workstation's half of edgeproof, received the device's; pip install 'edgeproof[{extra}]'"
    if name.startswith("edgeproof"):
        raise error
    if isinstance(error, ModuleNotFoundError):
        return str(missing_package(name, extra))
    reason = " ".join(str(error).split())[:_REASON]
    return f"expected the package {name} to load, received {reason}; install what it needs, or install it anew"


def _without_command(words: Sequence[str]) -> int:
    if not words:
        sys.stderr.write(_usage())
        return ExitCode.BAD_INPUT
    if words[0] in ("-h", "--help"):
        sys.stdout.write(_usage())
    elif words[0] == "--version":
        from importlib.metadata import version  # which takes longer than the rest of the command line

        sys.stdout.write(f"{version('edgeproof')}\n")
    else:
        raise InputError(f"expected one of {', '.join(_COMMANDS)}, received {words[0]!r}")
    return ExitCode.GOOD


def _listen() -> None:
    """Make of signals that ask for an end a KeyboardInterrupt; those that follow at once are about the same end."""
    heard = -math.inf  # in seconds of time.monotonic

    def interrupt(*_: object) -> None:
        nonlocal heard
        now = time.monotonic()
        if now - heard > _GRACE:
            heard = now
            raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:  # a job in the background does not hear it
        signal.signal(signal.SIGINT, interrupt)


def _usage() -> str:
    width = max(map(len, _COMMANDS))
    lines = [f"  {name.ljust(width)}  {what}" for name, (_, what) in _COMMANDS.items()]
    return "\n".join(
        [
            "usage: edgeproof COMMAND …",
            "       edgeproof COMMAND --help, edgeproof --version",
            "",
            *lines,
            "",
            "Exit codes: 0 good, 1 a check failed, 2 bad input (one line says what to do), 3 inconclusive.",
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
