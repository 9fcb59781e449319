"""The wheels of a bundle: everything that the device needs, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from packaging.requirements import Requirement
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import parse_wheel_filename

from ..errors import InputError
from .own_wheel import write_own_wheel
from .pip import Pip
from .requirements import Package, closure, of_extras
from .targets import Target

# The installer runs pip from its wheel, because Debian's Python makes no environment with pip in it unless
# python3-venv is installed, too.
_INSTALLER = Requirement("pip>=23.0")
_ROUNDS = 8  # of following what other markers ask for; two are usual


def fill(folder: Path, target: Target, extras: Iterable[str], sources: Iterable[Path]) -> list[Path]:
    """Fill a folder with wheels, our own included.

    Args:
        folder: where to; it exists and is empty.
        target: the device.
        extras: of edgeproof.
        sources: folders of wheels beside pip's index.

    Returns:
        The wheels, by name.

    Raises:
        InputError: wheels for this device cannot be had.
    """
    pip = Pip(target, sources)
    pip.download(choose(pip, target, extras), folder)
    write_own_wheel(folder)
    wheels = sorted(folder.glob("*.whl"))
    check_tags(wheels, target)
    return wheels


def choose(pip: Pip, target: Target, extras: Iterable[str]) -> list[Package]:
    """Choose the packages that a device needs, pip's own wheel included.

    Raises:
        InputError: they cannot be had, or do not go together.
    """
    roots = [*of_extras(extras, target.environment), _INSTALLER]
    asked = list(roots)
    for _ in range(_ROUNDS):
        packages = {package.name: package for package in pip.resolve(asked)}
        reached, unmet = closure(roots, packages, target.environment)
        if not unmet:
            return list(reached.values())
        asked += unmet
    raise InputError(f"expected packages that go together for {target.name}, received a circle about {unmet[0]}")


def check_tags(wheels: Iterable[Path], target: Target) -> None:
    """See to it that each wheel loads on the target.

    Raises:
        InputError: one was made for another Python or machine.
    """
    version = tuple(map(int, target.python.split(".")))
    loads: set[Tag] = {
        *cpython_tags(version, platforms=target.platforms),
        *compatible_tags(version, platforms=target.platforms),
    }
    for wheel in wheels:
        if not parse_wheel_filename(wheel.name)[3] & loads:
            raise InputError(f"expected wheels for {target.name}, received {wheel.name}; leave it out of --wheels")
