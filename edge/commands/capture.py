"""`edgeproof capture`: pictures of a camera in a folder per label, ready for training, without a browser."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..arguments import Parser, positive, seconds
from ..errors import ExitCode
from .flags import source

if TYPE_CHECKING:
    from ..collection import Collection
    from ..console import Console
    from ..sources import Frame, Source


class _Parser(Parser):
    """A parser whose words are labels, so that the source is an option."""

    def add_argument(self, *names: str, **how: Any) -> argparse.Action:
        """Add an argument; the positional `source` becomes --source."""
        if names == ("source",):
            names = ("--source",)
            kept = {name: value for name, value in how.items() if name != "nargs"}
            how = kept | {"help": "camera, video or folder, as edgeproof run has it (default: 0)"}
        return super().add_argument(*names, **how)


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = _Parser("edgeproof capture", description="Take pictures of a camera, into a folder per label.")
    parser.add_argument("labels", nargs="+", metavar="LABEL", help="what is shown, one label after another")
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("photos"),
        metavar="FOLDER",
        help="where the class folders go (default: photos)",
    )
    parser.add_argument("--count", type=positive, default=50, metavar="N", help="pictures of each label (default: 50)")
    parser.add_argument("--interval", type=seconds, default=0.2, metavar="S", help="seconds between two (default: 0.2)")
    parser.add_argument(
        "--countdown", type=seconds, default=3.0, metavar="S", help="seconds before each label (default: 3)"
    )
    parser.add_argument("--quiet", action="store_true", help="results only")
    source.add(parser)
    return parser


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit code: 1 where the source ended before every picture was taken.

    Raises:
        InputError: a label can be no folder's name, the source cannot be used, or the disk takes no more.
    """
    options = parser().parse_args(arguments)
    # Imported here, so that --help and a mistyped option answer without OpenCV.
    from ..collection import Collection, check_folder_name
    from ..console import Console
    from ..contract import ImageInput
    from ..newest import NewestFrame

    labels = list(dict.fromkeys(options.labels))
    for label in labels:
        check_folder_name(label)
    console = Console(quiet=options.quiet)
    collection = Collection(options.out)
    frames = source.open_frames(options, ImageInput(1, 1, 3), console)  # any picture will do
    if frames.live:
        frames = NewestFrame(frames)
    before = dict(collection.counts)
    try:
        complete = all(_take(label, frames, collection, options, console) for label in labels)
    except KeyboardInterrupt:  # a person has enough
        complete = True
    finally:
        frames.close()
        _print_counts(labels, before, collection)  # whatever ended it
    console.say(f"next: edgeproof train rps --data {options.out} --out RUN")
    return ExitCode.GOOD if complete else ExitCode.FAILED


def _print_counts(labels: Sequence[str], before: Mapping[str, int], collection: Collection) -> None:
    """Print how many pictures of each label there are, and how many of them are new."""
    from ..console import table

    counts = [(label, collection.counts.get(label, 0)) for label in labels]
    rows = [(label, str(count - before.get(label, 0)), str(count)) for label, count in counts]
    print(table([("label", "new", "in all"), *rows]))  # noqa: T201 - a command prints its result


def _take(label: str, frames: Source, collection: Collection, options: argparse.Namespace, console: Console) -> bool:
    """Take the pictures of one label; False where the source ended before."""
    if frames.live:
        _count_down(label, options.countdown, console)
    taken = 0
    with console.progress(label, options.count) as progress:
        for frame in _paced(frames, options.interval):
            collection.add(label, frame.image)  # type: ignore[arg-type]  # a picture, as it was wanted
            taken += 1
            progress.advance()
            if taken == options.count:
                return True
    console.warn(f"the source ended: {taken} of {options.count} pictures of {label} were taken")
    return False


def _count_down(label: str, duration: float, console: Console) -> None:
    """Give a person the time to show something; the last step is the shorter one where it is no whole number."""
    left = duration
    while left > 0:
        console.say(f"{label} in {left:.0f} …" if left >= 1 else f"{label} …")
        time.sleep(min(1.0, left))
        left -= 1


def _paced(frames: Source, interval: float) -> Iterator[Frame]:
    """Read frames, of a live source with so many seconds between them; what waits is read as fast as it comes."""
    frame = None
    due = time.monotonic()
    while (frame := frames.read(None if frame is None else frame.image)) is not None:
        yield frame
        if frames.live:
            due = max(due + interval, time.monotonic())
            time.sleep(max(0.0, due - time.monotonic()))
