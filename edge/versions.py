"""Which versions of what made a file."""

import platform
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version


def versions(*packages: str) -> dict[str, str]:
    """Give Python's version and those of edgeproof and the named distributions, of which absent ones are left out."""
    found = {"python": platform.python_version()}
    for package in ("edgeproof", *packages):
        # Several distributions provide the same module (OpenCV, say); the one that is here is recorded.
        with suppress(PackageNotFoundError):
            found[package] = version(package)
    return found
