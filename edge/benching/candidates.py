"""What there is to choose from: model files, the interpreters that are installed, and numbers of threads."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .. import modelfile
from ..contract import Contract, Format, Verdict
from ..errors import InputError
from ..interpreters import BACKENDS
from .sweep import thread_counts

_SUFFIXES = frozenset(f".{kind.value}" for kind in Format)


@dataclass(frozen=True)
class Candidate:
    """One way to run a network."""

    file: Path
    interpreter: str
    threads: int


@dataclass(frozen=True)
class Entrant:
    """A model file that may be chosen, if its parity verdict is pass; None where it carries no proof."""

    file: Path
    format: Format
    size: int
    verdict: Verdict | None
    network: str
    labels: tuple[str, ...]


def installed(kind: Format) -> tuple[str, ...]:
    """List the interpreters that take a format and are installed, the preferred one first."""
    return tuple(
        name
        for name, backend in BACKENDS.items()
        if backend.format is kind and importlib.util.find_spec(backend.package) is not None
    )


def model_files(paths: Iterable[Path]) -> list[Path]:
    """List the model files among paths, and those within folders, each once; others are left out.

    Raises:
        InputError: there is none.
    """
    found: list[Path] = []
    for path in paths:
        inside = sorted(path.iterdir()) if path.is_dir() else [path]
        found += [one for one in inside if one.suffix.lower() in _SUFFIXES]
    if not found:
        raise InputError(f"expected .tflite or .onnx files, received {', '.join(map(str, paths))}")
    return list(dict.fromkeys(found))


def entrants(files: Sequence[Path], signed_by: Sequence[Path] | None = None) -> list[Entrant]:
    """Read what files say about themselves, as `modelfile.read` does.

    Raises:
        InputError: one is missing or damaged, or they are of different networks.
    """
    found = [_entrant(file, signed_by) for file in files]
    for other in found[1:]:
        if (other.network, other.labels) != (found[0].network, found[0].labels):
            raise InputError(
                f"expected files of one network, received {found[0].network} ({found[0].file.name}) "
                f"and {other.network} ({other.file.name}); name the files of one"
            )
    return found


def candidates(files: Iterable[Entrant], processors: int) -> list[Candidate]:
    """List every way to run the files that have passed: smaller files and more threads first, which tend to be fast."""
    return [
        Candidate(entrant.file, interpreter, threads)
        for entrant in sorted(files, key=lambda entrant: entrant.size)
        if entrant.verdict is Verdict.PASS
        for interpreter in installed(entrant.format)
        for threads in thread_counts(processors)[::-1]
    ]


def _entrant(file: Path, signed_by: Sequence[Path] | None) -> Entrant:
    content = modelfile.read(file, signed_by)
    contract = content.contract
    if contract is None:  # made elsewhere; it cannot win, and is listed with the reason
        return Entrant(file, content.format, len(content.model), None, file.stem, ())
    verdict = None if contract.proof is None else contract.proof.verdict
    return Entrant(file, content.format, len(content.model), verdict, _network(contract), contract.output.labels)


def _network(contract: Contract) -> str:
    """Give the name of the network without the precision, which the files of one network differ in."""
    if contract.provenance is None:
        return contract.name
    return contract.name.removesuffix(f"-{contract.provenance.precision.value}")
