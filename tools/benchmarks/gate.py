"""`tools/bench gate`: the gate as an instrument, tried on files with seeded defects and on good ones.

A true loss is one over all pictures, those that the network was trained on among them. Each judgement draws 1,000 of
these, and the detective is right where it names every cause and no other.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import harness
import numpy as np
from defects import Campaign, Good, Outcome, Population, Workshop
from numpy.typing import NDArray

from edgeproof.edge import run_directory
from edgeproof.edge.cli import main as edgeproof
from edgeproof.edge.commands.demo import draw_hands
from edgeproof.edge.console import Console
from edgeproof.edge.contract import Contract, Format, ImageInput, ModelOutput, Precision, Verdict
from edgeproof.edge.pixel_set import label_indices, read_labelled
from edgeproof.edge.preprocess import to_pixels
from edgeproof.edge.scores import label_scores
from edgeproof.export import calibration
from edgeproof.export.candidates import CONVERTERS
from edgeproof.export.conversion.choices import Quantizing
from edgeproof.export.conversion.float_onnx import float_onnx
from edgeproof.export.conversion.float_tflite import float_tflite
from edgeproof.export.conversion.quantized_onnx import quantized_onnx
from edgeproof.export.conversion.quantized_tflite import QuantizedTFLite
from edgeproof.export.network import Network, open_network
from edgeproof.export.parity.verdict import Margins

_RECALIBRATED = 4  # good files of each format, quantized on other pictures
_EPOCHS, _SIZE = "8", "64"
_HANDS = 2000
_MOST_REFUSED, _LEAST_NAMED = 0.05, 0.95


def main() -> None:
    """Try the gate, and print a table."""
    parser = harness.parser("gate", __doc__ or "")
    parser.add_argument("--data", type=Path, help="class folders of pictures (otherwise generated hands)")
    parser.add_argument("--run", type=Path, help="a run directory, trained on --data (otherwise one is trained)")
    parser.add_argument("--seed", type=int, default=0, help="draws the defects and the splits (0)")
    parser.add_argument("--defects", type=int, default=200, help="files with a defect, and good re-splits (200)")
    parser.add_argument("--list", action="store_true", help="also print every defect")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        run = options.run or _train(options.data, Path(name), options.seed)
        campaign = load(run, options.seed)
        broken = campaign.try_defects(options.defects)
        good = campaign.try_good(options.defects)
    if options.list:
        print("\n".join(map(str, broken)))  # noqa: T201 - a command prints its result
    harness.report(rows(broken, good, campaign.margins), options.json)


def rows(broken: Sequence[Outcome], good: Sequence[Outcome], margins: Margins) -> list[harness.Row]:
    """Sum a campaign up."""
    beyond = [outcome for outcome in broken if outcome.loss >= margins.whole]
    passed = [outcome for outcome in beyond if outcome.verdict is Verdict.PASS]
    plain = [outcome for outcome in beyond if outcome.seen <= margins.whole]
    failed, refused = (
        100 * sum(outcome.verdict in verdicts for outcome in good) / len(good)
        for verdicts in ({Verdict.FAIL}, {Verdict.FAIL, Verdict.INCONCLUSIVE})
    )
    caught = [outcome for outcome in broken if outcome.causes and outcome.named is not None]
    named = 100 * sum(outcome.named == outcome.causes for outcome in caught) / max(1, len(caught))
    nameless = [outcome for outcome in (*broken, *good) if not outcome.causes and outcome.named is not None]
    blamed = [outcome for outcome in nameless if outcome.named]
    return [
        _at_most(f"of {len(beyond)} files beyond the margin ({len(broken)} defects), passed", len(passed), 0, "files"),
        harness.rate(
            f"of {len(beyond)} files beyond the margin, not passed, beside comparing two accuracies",
            [len(beyond) - len(passed)],
            [len(beyond) - len(plain)],
            "files",
            1.0,
        ),
        _at_most(f"of {len(good)} good files, failed", failed, 100 * _MOST_REFUSED, "%"),
        _at_most(f"of {len(good)} good files, failed or inconclusive", refused, 100 * _MOST_REFUSED, "%"),
        harness.rate(f"of {len(caught)} refused defects with a name, named", [named], [100.0], "%", _LEAST_NAMED),
        _at_most(f"of {len(nameless)} refused files without a name, named", len(blamed), 0, "files"),
    ]


def _at_most(name: str, value: float, limit: float, unit: str) -> harness.Row:
    """Compare a figure with the most that it may be."""
    met = value <= limit
    return harness.Row(name, round(value, 2), limit, unit, limit / value if value else 1.0, 1.0, met)


def load(run: Path, seed: int) -> Campaign:
    """Make a campaign of a run: its network, exported, and all of its pictures."""
    record, split = run_directory.read(run)
    spec = record.input
    if not isinstance(spec, ImageInput):
        raise TypeError(f"expected a classifier of pictures, received {spec.kind}")
    model = open_network(run / run_directory.MODEL).bound(spec)
    files = (*split.train, *split.validation)
    frames = [read_labelled(Path(record.data), file) for file in files]
    pixels = np.stack([to_pixels(frame, spec) for frame in frames])
    output = ModelOutput(record.activation, record.labels)
    reference = label_scores(model.predict(pixels), output)
    population = Population(frames, label_indices(files, record.labels), reference, record.labels)
    learned = slice(len(split.train))
    quantizer = _Quantizer(model, spec, output)
    workshop = Workshop(pixels[learned], population.truth[learned], quantizer.again)
    return Campaign(population, quantizer.good(pixels[learned], seed), workshop, Margins(), seed)


class _Quantizer:
    """Brings a network into files; what all of them begin with is made once."""

    def __init__(self, model: Network, spec: ImageInput, output: ModelOutput) -> None:
        self._draft, self._spec = Contract("network", spec, output), spec
        self._floats, self._graph = float_tflite(model, spec), float_onnx(model, spec)

    def good(self, pixels: NDArray[np.uint8], seed: int) -> list[Good]:
        """Make good files: floats, and int8 on several draws of calibration pictures."""
        rng = np.random.default_rng(seed)
        draws = [pixels[rng.permutation(len(pixels))[: calibration.IMAGES]] for _ in range(1 + _RECALIBRATED)]
        made = [self._file(kind, Precision.FLOAT32, draws[0], "") for kind in Format]
        for index, drawn in enumerate(draws):
            made += [self._file(kind, Precision.INT8, drawn, f"-{index}") for kind in Format]
        return made

    def again(self, file: Good, pixels: NDArray[np.uint8]) -> bytes:
        """Quantize a file's network on other pixels."""
        return self._convert(file.format, Precision.INT8, pixels)

    def _file(self, kind: Format, precision: Precision, pixels: NDArray[np.uint8], name: str) -> Good:
        model = self._convert(kind, precision, pixels)
        contract = CONVERTERS[kind].describe(model, self._draft)
        return Good(f"{precision.value}{name}.{kind.value}", kind, model, contract)

    def _convert(self, kind: Format, precision: Precision, pixels: NDArray[np.uint8]) -> bytes:
        samples = calibration.of_pictures(pixels, (), self._spec)
        if kind is Format.ONNX:
            return self._graph if precision is Precision.FLOAT32 else quantized_onnx(self._graph, samples, Quantizing())
        if precision is Precision.FLOAT32:
            return self._floats
        return QuantizedTFLite(self._floats, samples).convert(precision)


def _train(data: Path | None, room: Path, seed: int) -> Path:
    """Train a small network on a folder, or on generated hands; gives its run directory."""
    run, words = room / "run", ["--size", _SIZE, "--epochs", _EPOCHS, "--seed", str(seed)]
    if data is None:
        data = room / "hands"
        draw_hands(data, _HANDS, seed, Console())
        words.append("--no-augment")
    if edgeproof(["train", "rps", "--data", str(data), "--out", str(run), *words]):
        raise SystemExit("expected a training that ends well")
    return run


if __name__ == "__main__":
    main()
