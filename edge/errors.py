"""What can go wrong for a user, and how a command ends."""

from enum import IntEnum


class ExitCode(IntEnum):
    """How every command of edgeproof ends."""

    GOOD = 0
    FAILED = 1
    BAD_INPUT = 2
    INCONCLUSIVE = 3


class InputError(Exception):
    """Bad input or usage: one line that says what was expected, what was received and what to do.

    The command line prints the message without a traceback and ends with `ExitCode.BAD_INPUT`.
    """


class UnreadableError(InputError):
    """One picture of many that cannot be read: named and left out, unless a person wants to end there."""


class DamagedError(InputError):
    """A model file whose bytes are not those that were exported."""


class UnsoundError(InputError):
    """A model that does not hold together, or that crashes, hangs or fills the memory of the interpreter."""


def missing_package(package: str, extra: str) -> InputError:
    """Say which extra of edgeproof brings a package that could not be imported."""
    return InputError(
        f"expected the package {package}, received none in this environment: pip install 'edgeproof[{extra}]'"
    )
