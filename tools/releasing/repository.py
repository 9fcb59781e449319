"""The checkout's commit: whether it is whole, when it was made, and its files by themselves."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

from .refusal import Refusal

_SHOWN = 3
_GZIP = b"\x1f\x8b"


def git(root: Path, *words: str) -> bytes:
    """Run git in a checkout; gives its output, and raises CalledProcessError with git's own words printed."""
    return subprocess.run(["git", "-C", str(root), *words], stdout=subprocess.PIPE, check=True).stdout  # noqa: S603, S607


def releasable(root: Path, version: str) -> Iterator[Refusal]:
    """Tell what hinders a release of the commit: changes that are in none, and a tag that is there already."""
    changed = git(root, "status", "--porcelain").decode().splitlines()
    if changed:
        names = ", ".join(line[3:] for line in changed[:_SHOWN]) + (" …" if len(changed) > _SHOWN else "")
        yield Refusal("a clean working tree", f"changes in {len(changed)} file(s): {names}", "commit or remove them")
    if git(root, "tag", "--list", f"v{version}"):
        yield Refusal(f"no tag v{version} yet", f"v{version}", "raise the version in pyproject.toml")


def tracked(root: Path) -> set[str]:
    """Give the paths of the commit's files, relative to the checkout."""
    return set(git(root, "ls-tree", "-r", "-z", "--name-only", "HEAD").decode().split("\0")) - {""}


def committed_at(root: Path) -> int:
    """Give when the commit was made, in seconds since 1970."""
    return int(git(root, "log", "-1", "--format=%ct"))


def export(root: Path, folder: Path) -> None:
    """Write the commit's files, and no others, into a folder that does not depend on this machine's umask."""
    archive = git(root, "-c", "tar.umask=0022", "archive", "HEAD")
    folder.mkdir(parents=True)
    unpack(archive, folder)


def unpack(archive: bytes, folder: Path) -> None:
    """Unpack a tar file, compressed or not, with the rights that it says, whatever this machine's umask."""
    # By the program, because tarfile warns without a filter that the first releases of Python 3.11 do not have.
    command = ["tar", "--extract", "--preserve-permissions", "--no-same-owner", "--directory", str(folder)]
    kind = ["--gzip"] if archive.startswith(_GZIP) else []
    subprocess.run([*command, *kind], input=archive, check=True)  # noqa: S603
