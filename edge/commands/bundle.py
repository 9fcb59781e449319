"""`edgeproof bundle`: everything that a device without a network needs, in one archive."""

from __future__ import annotations

import argparse
import shlex
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .. import atomic
from ..arguments import Parser, output_file
from ..errors import ExitCode, InputError, missing_package
from ..names import file_name
from .flags import model

if TYPE_CHECKING:
    from ..bundle.targets import Target
    from ..console import Console
    from ..modelfile import ModelFile

_MB = 1e6


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = Parser("edgeproof bundle", description="Make one archive with which a device installs without a network.")
    parser.add_argument("model", type=Path, metavar="MODEL", help="a .tflite or .onnx file")
    parser.add_argument(
        "--for",
        dest="target",
        required=True,
        metavar="TARGET",
        help="pi-bookworm-arm64, pi-trixie-arm64, pi-bookworm-armhf, linux-x86_64-3.11, linux-aarch64-3.13 and so on, "
        "or here",
    )
    parser.add_argument("--out", type=output_file, metavar="FILE", help="the archive (default: MODEL-TARGET.tar)")
    parser.add_argument(
        "--with",
        dest="extras",
        default="",
        metavar="A,B,…",
        help="extras of edgeproof: web, mqtt, metrics, signing, picamera, window, onnx, tflite-runtime",
    )
    model.require_signature(parser)
    parser.add_argument(
        "--wheels",
        type=Path,
        action="append",
        default=[],
        metavar="FOLDER",
        help="take wheels from here too; may be repeated",
    )
    parser.add_argument(
        "--allow-unproven", action="store_true", help="take a model whose parity proof is missing or did not pass"
    )
    parser.add_argument("--quiet", action="store_true", help="print nothing but the archive's hash")
    return parser


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit code.

    Raises:
        InputError: the model cannot be used or is not proven, or wheels for the device cannot be had.
    """
    options = parser().parse_args(arguments)
    from ..console import Console

    try:
        from ..bundle.targets import read_target

        return _make(options, read_target(options.target), Console(quiet=options.quiet))
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "packaging":
            raise
        raise missing_package("packaging", "bundle") from None


def _make(options: argparse.Namespace, target: Target, console: Console) -> int:
    from .. import modelfile
    from ..bundle import archive, wheelhouse
    from ..bundle.requirements import SIGNING, choose_extras

    _check_folders(options.wheels)
    keys = tuple(options.require_signature or ())
    file = modelfile.read(options.model, keys or None)
    _check_proof(file, console, allowed=options.allow_unproven)
    wanted = [name.strip() for name in options.extras.split(",") if name.strip()]
    extras = choose_extras([*wanted, *([SIGNING] if keys else [])], file.format)
    out = options.out or output_file(f"{file_name(options.model.stem)}-{target.name}.tar")
    console.say(f"fetching wheels for {target.name}: Python {target.python} on {target.machine} …")
    with tempfile.TemporaryDirectory() as folder, atomic.replacing(out) as temporary:
        contents = archive.Contents(
            target,
            options.model,
            tuple(wheelhouse.fill(Path(folder), target, extras, options.wheels)),
            has_contract=file.contract is not None,
            system_packages="picamera" in extras,
            proposal=_proposal(file, extras),
            keys=keys,
        )
        archive.write(contents, temporary)
    console.say(f"{out}: {out.stat().st_size / _MB:.1f} MB; on the device:")
    console.say(f"  tar xf {shlex.quote(out.name)} && sh {shlex.quote(contents.folder)}/{archive.INSTALL}")
    print(f"{archive.sha256(out)}  {out}")  # noqa: T201 - the result, in the words of sha256sum
    return ExitCode.GOOD


def _check_folders(folders: Sequence[Path]) -> None:
    for folder in folders:
        if not folder.is_dir():
            raise InputError(f"expected a folder of wheels for --wheels, received {folder}")


def _check_proof(file: ModelFile, console: Console, *, allowed: bool) -> None:
    from ..contract import Verdict

    proof = file.contract.proof if file.contract is not None else None
    if proof is not None and proof.verdict is Verdict.PASS:
        return
    found = "no parity proof" if proof is None else f"the parity verdict {proof.verdict.value}"
    if not allowed:
        raise InputError(
            f"expected a model that passed the parity gate, received {found}: {file.name}; export it with edgeproof, "
            "or pass --allow-unproven"
        )
    console.warn(f"{found}: whoever installs this bundle takes the model's answers on trust")


def _proposal(file: ModelFile, extras: Sequence[str]) -> str:
    from ..contract import NumberInput

    if file.contract is None:
        return "0 --labels A,B,…"
    if isinstance(file.contract.input, NumberInput):
        return ",".join(["1"] * file.contract.input.count)
    return "picamera" if "picamera" in extras else "0"
