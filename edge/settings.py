"""What `edgeproof bench --pick` has chosen for a machine, and how `edgeproof run` obeys it.

A setting lies beside the model files that it was chosen from, as NETWORK.edgeproof.json. It names one of them, and the
interpreter and the threads with which it was the fastest. It holds for the kind of machine that it was measured on, and
for the very file: a copy of the folder on another board is no error, but not obeyed there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from . import typed_json
from .atomic import write_text
from .console import Console
from .errors import InputError
from .machine import Machine, this_machine
from .modelfile import seal

FORMAT = "edgeproof-setting/1"
SUFFIX = ".edgeproof.json"


@dataclass(frozen=True)
class Setting:
    """A choice: `file` is the name of a model beside the setting, and `sha256` what its seal says.

    `latency_ms` is the median of one answer, `created` a UTC time, and `runtime` the interpreter with its version.
    """

    file: str
    sha256: str
    interpreter: str
    threads: int
    latency_ms: float
    machine: Machine
    created: str
    runtime: str
    format: str = FORMAT

    def __post_init__(self) -> None:
        if self.format != FORMAT:
            raise ValueError(f"expected the setting format {FORMAT}, received {self.format}")
        if Path(self.file).name != self.file:
            raise ValueError(f"expected the name of a file beside the setting, received {self.file}")
        if self.threads < 1:
            raise ValueError(f"expected at least 1 thread, received {self.threads}")


def path_for(folder: Path, network: str) -> Path:
    """Say where the setting of a network lies."""
    return folder / f"{network}{SUFFIX}"


def write(path: Path, setting: Setting) -> None:
    """Write a setting."""
    write_text(path, typed_json.dumps(setting))


def sealed_sha256(model: Path) -> str | None:
    """Read the hash in a model file's seal; None where it has none. The file's end is read, no more.

    Raises:
        InputError: there is no such file.
    """
    try:
        with model.open("rb") as file:
            file.seek(max(0, model.stat().st_size - seal.LENGTH))
            end = file.read()
    except OSError as error:
        raise InputError(f"expected a model file, received {error.strerror or error}: {model}") from error
    return end.removeprefix(seal.MARK).decode(errors="replace") if seal.is_sealed(end) else None


def obeyed(
    model: Path, interpreter: str | None, threads: int | None, console: Console
) -> tuple[Path, str | None, int | None]:
    """Give the model file, the interpreter and the threads to run with, by the setting that is there, if any.

    Args:
        model: a model file, or a folder with a setting, which then says which file.
        interpreter: what the person has asked for, which the setting gives way to.
        threads: likewise.
        console: where it is said that a setting is obeyed, or why it is not.

    Raises:
        InputError: a folder has no setting that holds here, or several.
    """
    if model.is_dir():
        path, setting = _of_folder(model, console)
        model = model / setting.file
    else:
        found = next(((path, one) for path, one in _readable(model.parent, console) if one.file == model.name), None)
        if found is None or not _holds(*found, console):
            return model, interpreter, threads
        path, setting = found
    if interpreter not in (None, setting.interpreter):
        return model, interpreter, threads  # the threads were chosen for another one
    threads = threads or setting.threads
    console.say(f"{path}: {setting.file} with {setting.interpreter}, {threads} thread(s)")
    return model, setting.interpreter, threads


def _of_folder(folder: Path, console: Console) -> tuple[Path, Setting]:
    found = [(path, setting) for path, setting in _readable(folder, console) if _holds(path, setting, console)]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(setting.file for _, setting in found)
        raise InputError(f"expected a folder with the setting of one network, received {names}: {folder}; name a file")
    raise InputError(
        f"expected a model file, or a folder with a setting for this machine, received none: {folder}; "
        f"name a file, or run edgeproof bench --pick {folder}"
    )


def _readable(folder: Path, console: Console) -> Iterator[tuple[Path, Setting]]:
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        if (setting := _read(path, console)) is not None:
            yield path, setting


def _read(path: Path, console: Console) -> Setting | None:
    try:
        return typed_json.loads(Setting, path.read_bytes(), str(path))
    except (InputError, OSError) as error:
        console.warn(f"this setting is ignored: {error}")
        return None


def _holds(path: Path, setting: Setting, console: Console) -> bool:
    machine = this_machine()
    if setting.machine != machine:
        console.warn(f"{path} is ignored: it was chosen for {setting.machine}, and this is {machine}")
        return False
    if sealed_sha256(path.parent / setting.file) != setting.sha256:
        console.warn(f"{path} is ignored: {setting.file} is another file than the one it was chosen for")
        return False
    return True
