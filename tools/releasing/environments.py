"""Clean environments: a Python, packages at their lowest or newest versions, nothing else."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# pip's settings, and uv's words for them; uv reads none of pip's own.
_SETTINGS = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "timeout": "UV_HTTP_TIMEOUT",
}
_COMMAS = "UV_FIND_LINKS"  # where pip has spaces; uv's lists of indexes have spaces too


@dataclass(frozen=True)
class Environment:
    """A virtual environment without pip; uv installs into it from outside."""

    folder: Path

    @property
    def python(self) -> Path:
        """Its Python."""
        return self.folder / "bin" / "python"

    def install(self, *words: str) -> None:
        """Install packages, wheels only; `words` are requirements and options of uv.

        Raises:
            subprocess.CalledProcessError: there is no solution, in uv's words, in `stderr`.
        """
        command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", str(self.python)]
        command += ["--only-binary", ":all:", *words]
        subprocess.run(command, env=settings(), capture_output=True, text=True, check=True)  # noqa: S603 - uv

    def versions(self) -> dict[str, str]:
        """Give the version of each installed package by its name."""
        command = [sys.executable, "-m", "uv", "pip", "list", "--format", "json", "--python", str(self.python)]
        done = subprocess.run(command, env=settings(), capture_output=True, text=True, check=True)  # noqa: S603 - uv
        return {each["name"]: each["version"] for each in json.loads(done.stdout)}


@contextmanager
def clean(python: Path, folder: Path) -> Iterator[Environment]:
    """Make an environment with a Python, and remove it afterwards."""
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([str(python), "-m", "venv", "--without-pip", str(folder)], check=True)  # noqa: S603 - a Python
    try:
        yield Environment(folder)
    finally:
        shutil.rmtree(folder)


def settings() -> dict[str, str]:
    """Give the environment variables with which uv takes packages from where pip takes them."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 - pip
    found = {"UV_INDEX_STRATEGY": "unsafe-best-match"}  # the best of all indexes, as pip does
    # Environment variables of pip's come last, because they hold where a file says something else.
    for line in sorted(listed.splitlines(), key=lambda each: each.startswith(":env:")):
        name, _, value = line.partition("=")
        if word := _SETTINGS.get(name.split(".")[-1]):
            values = str(ast.literal_eval(value)).split()
            found[word] = ("," if word == _COMMAS else " ").join(values)
    return os.environ | found
