"""What is tried in a clean environment: the device's half by its tests, the workstation's by the whole way."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

_MODELS = ("rps-int8.tflite", "rps-int8.onnx")
_FRAMES = 3
_GOOD = frozenset({0})
_JUDGED = frozenset({0, 1, 3})  # how good so short a training is, is not the matter here


@dataclass(frozen=True)
class Step:
    """A command of the environment, its exit codes that are good, and what its output must be like."""

    words: tuple[str, ...]  # behind `python -m`
    codes: frozenset[int] = _GOOD
    expected: Callable[[str], bool] | None = None
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What a table says of it."""
        return " ".join(Path(word).name for word in self.words[:3])


@dataclass(frozen=True)
class Kind:
    """A kind of installation; `shown` are the packages whose versions a table has."""

    name: str
    extras: tuple[str, ...]
    shown: tuple[str, ...]
    steps: Callable[[Path, str], list[Step]]


def _device(root: Path, version: str) -> list[Step]:
    steps = [Step(("edgeproof.edge", "--version"), expected=lambda output: output == f"{version}\n")]
    for name in _MODELS:
        model = str(root / "tests/models" / name)
        steps += [Step(("edgeproof.edge", command, model)) for command in ("info", "check")]
        steps.append(Step(("edgeproof.edge", "run", model, f"hands:{_FRAMES}", "--json"), expected=_answers))
    tests = ("pytest", "--quiet", "-p", "no:cacheprovider", "--rootdir", str(root), str(root / "tests/device"))
    return [*steps, Step(tests, environment={"EDGEPROOF_DEVICE": "litert,onnxruntime"})]


def _answers(output: str) -> bool:
    labels = [json.loads(line)["label"] for line in output.splitlines()]
    return len(labels) == _FRAMES and set(labels) <= {"paper", "rock", "scissors", "unknown"}


def _workstation(_: Path, __: str) -> list[Step]:
    return [
        Step(("edgeproof.edge", "train", "rps", "--data", "hands:60", "--epochs", "1", "--out", "run")),
        Step(("edgeproof.edge", "export", "run", "--int8"), codes=_JUDGED),
        *(Step(("edgeproof.edge", "check", f"run/{name}")) for name in _MODELS),
    ]


DEVICE = Kind(
    "device",
    ("edge", "onnx", "web", "mqtt", "metrics", "signing"),
    (
        "numpy",
        "opencv-python-headless",
        "ai-edge-litert",
        "onnxruntime",
        "starlette",
        "uvicorn",
        "paho-mqtt",
        "prometheus-client",
        "cryptography",
    ),
    _device,
)
WORKSTATION = Kind(
    "workstation",
    ("train", "export"),
    ("tensorflow", "keras", "onnx", "tf2onnx", "flatbuffers", "litert-quantizer", "numpy", "matplotlib"),
    _workstation,
)
KINDS = {kind.name: kind for kind in (DEVICE, WORKSTATION)}
