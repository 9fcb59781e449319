"""`edgeproof demo`: the whole way on generated hands, with the commands that anyone would type."""

from __future__ import annotations

import io
import json
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack, redirect_stdout
from pathlib import Path

import cv2
import numpy as np

from .. import cli, loop
from ..answer import Answer
from ..arguments import Parser, positive, seed
from ..atomic import replacing
from ..classifier import Classifier
from ..console import Console, table
from ..errors import ExitCode, InputError, missing_package
from ..hands import LABELS, hand_pictures
from ..names import utf8
from ..run_directory import PARITY
from ..sinks import Sink
from ..sinks.clip import ClipSink
from ..sinks.sheet import SheetSink
from ..sources import HANDS
from ..sources.hands import HandsSource
from ..versions import versions

_PICTURES = 2000
_EPOCHS = 6
_CLIP_FRAMES = 180
_CLIP, _PICTURE = "clip.mp4", "results.png"
_LINE, _PAPER, _INK = 36, 245, (40, 40, 40)  # height, background and colour of the caption's lines
_CLIP_SEED = 1_000_003  # no hand of the clip was trained on
_SHEET_EVERY, _SHEET_COLUMNS = 15, 4


def main(arguments: Sequence[str]) -> int:
    """Run the demonstration; returns the exit code of the export: 0 where both int8 files passed.

    Raises:
        InputError: the folder for the results holds something else, or this is a device, which does not train.
    """
    parser = Parser("edgeproof demo", description="The whole way, on generated hands, offline.")
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("runs/demo"),
        metavar="FOLDER",
        help="where the results go (default: runs/demo)",
    )
    parser.add_argument(
        "--pictures", type=positive, default=_PICTURES, metavar="N", help=f"hands to draw (default: {_PICTURES})"
    )
    parser.add_argument(
        "--epochs", type=positive, default=_EPOCHS, metavar="N", help=f"epochs to train (default: {_EPOCHS})"
    )
    parser.add_argument("--seed", type=seed, default=0, metavar="N", help="of all that is drawn by chance (default: 0)")
    parser.add_argument("--quiet", action="store_true", help="results only")
    options = parser.parse_args(arguments)
    utf8(str(options.out))
    if "keras" not in versions("keras"):  # before half a minute of drawing
        raise missing_package("keras", "all")
    start = time.monotonic()
    console = Console(quiet=options.quiet)
    data, run = options.out / "hands", options.out / "run"
    draw_hands(data, options.pictures, options.seed, console)
    quiet = ["--quiet"] if options.quiet else []
    train = ["train", "rps", "--data", str(data), "--out", str(run), "--epochs", str(options.epochs)]
    _command([*train, "--seed", str(options.seed), "--overwrite", "--no-augment", *quiet], console)
    with redirect_stdout(io.StringIO()):  # the table below says what the export's own says, and more
        verdict = _command(["export", str(run), "--int8", *quiet], console)
    right, summary = classify_clip(run / "rps-int8.tflite", options.out, console)
    rows = results(run)
    _caption(options.out / _PICTURE, rows)
    print(table(rows))  # noqa: T201 - a command prints its result
    console.say(f"clip: {right} of {summary.frames} frames right, median {summary.latency_ms:.2f} ms")
    console.say(f"see {options.out / _CLIP} and {options.out / _PICTURE} ({time.monotonic() - start:.0f} s in all)")
    return verdict


def draw_hands(folder: Path, count: int, seed: int, console: Console) -> None:
    """Write `count` generated hands as JPEG files into class folders.

    Raises:
        InputError: the folder holds files that were not drawn here, which would be trained on unseen.
    """
    expected = {folder / label / f"{index:05}.jpg" for index, label in enumerate(_label_sequence(count))}
    strangers = [path for path in folder.rglob("*") if path.is_file() and path not in expected]
    if strangers:
        raise InputError(f"expected an empty folder for generated hands, received one with {strangers[0]}; remove it")
    with console.progress("drawing hands", count) as progress:
        for index, (label, image) in enumerate(hand_pictures(count, seed, tidy=True)):
            path = folder / label / f"{index:05}.jpg"
            with replacing(path) as temporary:
                cv2.imwrite(str(temporary), image, [cv2.IMWRITE_JPEG_QUALITY, 92])
            progress.advance()


def classify_clip(model: Path, out: Path, console: Console) -> tuple[int, loop.Summary]:
    """Run a model on a generated clip; leaves the annotated clip and a picture, and counts the right answers."""
    count = _Count(console)
    sinks: list[Sink] = [
        ClipSink(out / _CLIP),
        SheetSink(out / _PICTURE, _SHEET_EVERY, _SHEET_COLUMNS),
        count,
    ]
    with ExitStack() as stack:
        for sink in sinks:
            stack.callback(sink.close)
        summary = loop.run(HandsSource(_CLIP_FRAMES, _CLIP_SEED), Classifier.open(model), sinks)
    return count.right, summary


def results(run: Path) -> list[tuple[str, ...]]:
    """List what the export found: a head, a row for the Keras network, and one for each file."""
    report = json.loads((run / PARITY).read_text())
    candidates = report["candidates"]
    weights = candidates[0]["size"] / candidates[0]["size_ratio"]
    head = ("model", "accuracy", "size", "latency", "verdict")
    rows = [
        ("Keras float32", f"{candidates[0]['accuracy_reference']:.2%}", f"{weights / 1e6:.2f} MB", "–", "reference")
    ]
    rows += [
        (
            candidate["file"],
            f"{candidate['accuracy']:.2%}",
            f"{candidate['size'] / 1e6:.2f} MB",
            f"{candidate['latency_ms']:.2f} ms",
            candidate["verdict"],
        )
        for candidate in candidates
    ]
    return [head, *rows]


def _caption(path: Path, rows: Sequence[tuple[str, ...]]) -> None:
    """Write the table of results under a picture."""
    picture = cv2.imread(str(path))
    if picture is None:
        raise InputError(f"expected the picture that was just written, received none: {path}")
    strip = np.full((_LINE * (len(rows) + 1), picture.shape[1], 3), _PAPER, np.uint8)
    for line, row in enumerate(rows, start=1):
        for column, cell in enumerate(row):
            at = (_LINE + column * picture.shape[1] // len(row), _LINE * line + _LINE // 4)
            text = cell.replace("–", "-")  # OpenCV's font is ASCII
            cv2.putText(strip, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.8, _INK, 1 + (line == 1), cv2.LINE_AA)
    with replacing(path) as temporary:
        cv2.imwrite(str(temporary), np.vstack([picture, strip]))


class _Count:
    """Counts the frames of a generated clip that were answered with the label that was drawn."""

    def __init__(self, console: Console) -> None:
        self.right = 0
        self._progress = console.progress("classifying the clip", _CLIP_FRAMES)
        self._advance = self._progress.__enter__().advance

    def write(self, answer: Answer) -> None:
        """Compare one answer."""
        self.right += answer.frame.source == HANDS + str(answer.label)
        self._advance()

    def close(self) -> None:
        """Finish the progress bar."""
        self._progress.__exit__(None, None, None)


def _command(words: Sequence[str], console: Console) -> int:
    console.say(f"\n$ edgeproof {' '.join(words)}")
    code = cli.main(words)
    if code == ExitCode.BAD_INPUT:
        sys.exit(code)  # the command has said why
    return code


def _label_sequence(count: int) -> list[str]:
    return [LABELS[index % len(LABELS)] for index in range(count)]
