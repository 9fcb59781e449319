"""The works that power.py kills: what each writes, how its files are looked at, and what is there when it has ended."""

from __future__ import annotations

import hashlib
import json
import shutil
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np

from edgeproof.edge import modelfile
from edgeproof.edge.errors import InputError

MODELS = Path(__file__).parents[2] / "tests" / "models"
_MODEL = MODELS / "rps-int8.tflite"
_LABELS = ("rock", "paper")
_PICTURES = 5  # of each label, in one capture
_EPOCHS = 4
_TRAINING = ("train", "rps", "--data", "hands:90", "--size", "32", "--head", "gap", "--augment", "none", "--quiet")
_WHEELS = ("numpy", "opencv-python-headless", "ai-edge-litert", "pip")
_LINE = b'{"source": '


@dataclass(frozen=True)
class Work:
    """A command that writes files into a folder.

    `share` of all kills it gets. `prepare` fills the empty folder, `words` are the command's. `problems` says what is
    not whole of the files after a kill; `missing` what is not there after an end. `codes` are the ends that are none of
    a failure.
    """

    name: str
    share: float
    words: Callable[[Path], list[str]]
    problems: Callable[[Path], Iterable[str]]
    missing: Callable[[Path], Iterable[str]]
    prepare: Callable[[Path], None] = field(default=lambda _: None)
    codes: tuple[int, ...] = (0,)
    is_over: Callable[[Path], bool] = field(default=lambda _: False)  # nothing is left to be done in this folder
    state: str = ""  # the part of the folder that is the state of a service


def works(material: Path) -> list[Work]:
    """List them; `material` is a folder that `make_material` has filled. A new way to write is one more here."""
    run, wheels, key = material / "run", material / "wheels", material / "maker.key"
    return [
        Work(
            "export",
            0.06,
            lambda folder: ["export", str(folder), "--int8", "--fp32", "--quiet"],
            model_problems,
            lambda folder: absent(folder, (*(f"rps-{p}.{k}" for p in ("int8", "fp32") for k in ("tflite", "onnx")),
                                           "parity.json", "parity.html")),
            lambda folder: _copy(filter(Path.is_file, run.iterdir()), folder),
            (0, 1, 3),
        ),
        Work("train", 0.06, train_words, model_problems, train_missing, is_over=is_trained),
        Work("capture", 0.2, capture_words, picture_problems, lambda folder: absent(folder, _LABELS)),
        Work("pictures", 0.13, pictures_words, picture_problems, lambda folder: absent(folder, ("kept", "unsure"))),
        Work("log", 0.2, log_words, log_problems, lambda folder: [*absent(folder, ("a.jsonl",)), *torn(folder)]),
        Work(
            "sign",
            0.2,
            lambda folder: ["sign", *map(str, sorted(folder.glob("rps*"))), "--key", str(key)],
            model_problems,
            lambda folder: unsigned(folder, key.with_suffix(".pub")),
            lambda folder: _copy(MODELS.iterdir(), folder),
        ),
        Work(
            "bundle",
            0.05,
            lambda folder: ["bundle", str(_MODEL), "--for", "here", "--wheels", str(wheels), "--quiet",
                            "--out", str(folder / "bundle.tar")],
            bundle_problems,
            lambda folder: absent(folder, ("bundle.tar",)),
        ),
        Work(
            "settings",
            0.1,
            lambda folder: ["bench", "--pick", str(folder), "--seconds", "4", "--quiet"],
            model_problems,
            lambda folder: absent(folder, ("rps.edgeproof.json",)),
            lambda folder: _copy([_MODEL], folder),
            (0, 3),  # too short a time chooses nothing
        ),
        Work("swap", 0.1, swap_words, model_problems, swap_missing, _with_update, state="state"),
    ]  # fmt: skip


def make_material(folder: Path, command: Callable[[list[str]], None]) -> None:
    """Make what the works begin with: a run of a tiny network, wheels with nothing in them, a pair of keys."""
    command([*_TRAINING, "--epochs", "1", "--out", str(folder / "run")])
    command(["sign", "--new-key", str(folder / "maker"), "--quiet"])
    (folder / "wheels").mkdir()
    for name in _WHEELS:
        _make_wheel(folder / "wheels", name.replace("-", "_"))


def capture_words(folder: Path) -> list[str]:
    """Take generated pictures of two labels."""
    options = ("--count", str(_PICTURES), "--interval", "0", "--countdown", "0", "--quiet")
    return ["capture", *_LABELS, "--source", "hands:", "--out", str(folder), *options]


def pictures_words(folder: Path) -> list[str]:
    """Keep frames in both ways."""
    kept = ("--save-on", "rock", "--save-on", "paper", "--snapshots", str(folder / "kept"))
    unsure = ("--save-unsure", str(folder / "unsure"), "--unsure-margin", "1")
    return ["run", str(_MODEL), "hands:40", *kept, "--snapshot-interval", "0.1", *unsure, "--quiet"]


def log_words(folder: Path) -> list[str]:
    """Log frames; a file holds a dozen lines."""
    return ["run", str(_MODEL), "hands:60", "--log", str(folder / "a.jsonl"), "--log-size", "4kB", "--log-keep", "9999",
            "--quiet"]  # fmt: skip


def swap_words(folder: Path) -> list[str]:
    """Answer generated hands for long enough that the file in the folder takes the model's place."""
    watch = ("--watch", str(folder / "new"), "--watch-every", "0.1", "--shadow", "0.1", "--probation", "0.2")
    return ["run", str(folder / _MODEL.name), "hands:250", *watch, "--shadow-latency", "100", "--quiet"]


def swap_missing(folder: Path) -> Iterator[str]:
    """Say what an orderly end of a run has left behind that it should not."""
    for record in folder.glob("state/updates/*/updates.json"):
        if json.loads(record.read_bytes())["probation"] is not None:
            yield f"{record.name}: a model is on probation"
    yield from (f"{path.name} is left" for path in folder.glob("state/updates/*/models/*"))


def _with_update(folder: Path) -> None:
    _copy([_MODEL], folder)
    (folder / "new").mkdir()
    file = modelfile.read(_MODEL)
    assert file.contract is not None  # noqa: S101 - a golden model
    members = {name: data for name, data in file.members.items() if name.startswith("golden")}
    other = modelfile.assemble(file.format, file.model, replace(file.contract, name="another"), members)
    (folder / "new" / "new.tflite").write_bytes(other)


def train_words(folder: Path) -> list[str]:
    """Train, or go on with a training."""
    return [*_TRAINING, "--epochs", str(_EPOCHS), "--out", str(folder), "--resume"]


def is_trained(folder: Path) -> bool:
    """Tell whether a training has ended."""
    return (folder / "run.json").exists() and not list(folder.glob("checkpoint*"))


def train_missing(folder: Path) -> Iterator[str]:
    """Say what a finished run lacks, and whether it has fewer epochs than were asked for."""
    yield from absent(folder, ("model.keras", "run.json", "split.json", "report.html"))
    if (folder / "run.json").exists():
        history = json.loads((folder / "run.json").read_bytes())["history"]
        yield from (f"{name}: {len(values)} epochs" for name, values in history.items() if len(values) != _EPOCHS)


def absent(folder: Path, names: Iterable[str]) -> list[str]:
    """List the names that are not in a folder."""
    return [f"no {name}" for name in names if not (folder / name).exists()]


def model_problems(folder: Path) -> Iterator[str]:
    """Look at model files, records, pages and Keras' archives."""
    for path in shown(folder):
        problem = _problem(path)
        if problem is not None:
            yield f"{path.name}: {problem}"


def picture_problems(folder: Path) -> Iterator[str]:
    """Look at JPEG files: each ends where a JPEG does, and decodes."""
    for path in shown(folder):
        data = path.read_bytes()
        if not data.endswith(b"\xff\xd9") or cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) is None:
            yield f"{path.name} is no whole picture"


def log_problems(folder: Path) -> Iterator[str]:
    """Look at the lines of all files: whole, but for the one in flight, and none missing between two of a run."""
    expected = 0
    numbered = [(int(path.suffix[1:] or 0) if path.suffix != ".jsonl" else 0, path) for path in shown(folder)]
    for number, path in sorted(numbered, reverse=True):
        for line in path.read_bytes().splitlines(keepends=True):
            if not line.endswith(b"\n") and number == 0 and line.startswith(_LINE[: len(line)]):
                return  # the line in flight, at the very end
            try:
                frame = json.loads(line)["frame"]
            except (ValueError, KeyError) as error:
                yield f"{path.name}: {error}"
                continue
            if frame not in (0, expected):
                yield f"{path.name}: frame {frame} in the place of {expected}"
            expected = frame + 1


def torn(folder: Path) -> Iterator[str]:
    """List the logs that do not end with a whole line."""
    yield from (f"{path.name} is torn" for path in shown(folder) if not path.read_bytes().endswith(b"\n"))


def unsigned(folder: Path, key: Path) -> Iterator[str]:
    """List the models that the key has not signed."""
    for path in sorted(folder.glob("rps*")):
        if modelfile.read(path).signature is None:
            yield f"{path.name} is not signed"
        else:
            modelfile.read(path, [key])


def bundle_problems(folder: Path) -> Iterator[str]:
    """Compare the members of an archive with their hashes."""
    for path in shown(folder):
        with tarfile.open(path) as archive:
            members = {name.partition("/")[2]: archive.extractfile(name) for name in archive.getnames()}
            contents = {name: member.read() for name, member in members.items() if member is not None}
        for line in contents["SHA256SUMS"].decode().splitlines():
            digest, _, name = line.partition("  ")
            if hashlib.sha256(contents[name]).hexdigest() != digest:
                yield f"{name} in {path.name} is damaged"


def _problem(path: Path) -> str | None:
    try:
        if path.suffix in (".tflite", ".onnx"):
            return "no contract" if modelfile.read(path).contract is None else None
        if path.suffix == ".json":
            json.loads(path.read_bytes())
        elif path.suffix in (".keras", ".npz"):
            with zipfile.ZipFile(path) as archive:
                return archive.testzip()
        elif path.suffix == ".html" and not path.read_text("utf-8").rstrip().endswith("</html>"):
            return "cut off"
    except (InputError, ValueError, OSError, zipfile.BadZipFile) as error:
        return str(error)
    return None


def shown(folder: Path) -> list[Path]:
    """List the files under a folder that are not hidden."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


def temporaries(folder: Path) -> list[Path]:
    """List the hidden files under a folder, but for locks, which are to stay."""
    return sorted(path for path in folder.rglob(".*") if path.is_file() and path.name != ".lock")


def _copy(files: Iterable[Path], folder: Path) -> None:
    for path in files:
        shutil.copy(path, folder)


def _make_wheel(folder: Path, name: str) -> None:
    info = f"{name}-99.0.dist-info"
    with zipfile.ZipFile(folder / f"{name}-99.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 99.0\n")
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: campaign\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")
