"""The command `edgeproof`: finds the program that a command belongs to and starts it by name.

The device's own commands live in `commands/`; `train` and `export` are programs of their own, which need not be
installed here. Nothing heavy is imported before the command is known, so that `--help` answers at once.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Sequence
from importlib.metadata import version

from .errors import ExitCode, InputError

_COMMANDS = {
    "demo": ("edgeproof.edge.commands.demo", "the whole way on generated hands, offline"),
    "train": ("edgeproof.train.cli", "a folder of pictures → a run directory"),
    "export": ("edgeproof.export.cli", "a run directory → .tflite and .onnx files with the parity proof"),
    "run": ("edgeproof.edge.commands.run", "a model file on a camera, video, picture or folder"),
    "info": ("edgeproof.edge.commands.info", "what a model file says about itself"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: the words after `edgeproof`; those of the process where None.

    Returns:
        The exit code of the process, as `ExitCode` names them.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or words[0] in ("-h", "--help"):
        return _say(_usage(), ExitCode.GOOD if words else ExitCode.BAD_INPUT)
    if words[0] == "--version":
        return _say(version("edgeproof"), ExitCode.GOOD)
    if words[0] not in _COMMANDS:
        return _say(f"error: expected one of {', '.join(_COMMANDS)}, received {words[0]!r}", ExitCode.BAD_INPUT)
    return run_program(_COMMANDS[words[0]][0], words[1:])


def run_program(module: str, words: Sequence[str]) -> int:
    """Start the `main` of a module with its arguments, and turn what a user can mend into one line and exit code 2."""
    try:
        signal.signal(signal.SIGTERM, _interrupt)
        code = int(importlib.import_module(module).main(words))
        sys.stdout.flush()  # here, where a reader who has left is no error yet
        return code
    except InputError as error:
        return _say(f"error: {error}", ExitCode.BAD_INPUT)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("edgeproof"):
            raise
        extra = module.split(".")[1]
        return _say(
            f"error: expected the package {error.name}, received none in this environment: "
            f"pip install 'edgeproof[{extra}]'",
            ExitCode.BAD_INPUT,
        )
    except KeyboardInterrupt:
        return _say("error: interrupted; nothing half-written is left", ExitCode.BAD_INPUT)
    except BrokenPipeError:
        # The reader of our output, `head` say, has left: that is no error of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.GOOD
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        return _say(
            f"error: expected files that can be read and written, received {error.strerror or error}{where}",
            ExitCode.BAD_INPUT,
        )


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _usage() -> str:
    width = max(map(len, _COMMANDS))
    lines = [f"  {name.ljust(width)}  {what}" for name, (_, what) in _COMMANDS.items()]
    return "usage: edgeproof COMMAND …   (edgeproof COMMAND --help)\n\n" + "\n".join(lines)


def _say(line: str, code: ExitCode) -> ExitCode:
    stream = sys.stdout if code is ExitCode.GOOD else sys.stderr
    print(line, file=stream)
    return code


if __name__ == "__main__":
    sys.exit(main())
