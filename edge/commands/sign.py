"""`edgeproof sign`: a signature inside model files, which a device may ask for."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..arguments import Parser
from ..errors import ExitCode, InputError

if TYPE_CHECKING:
    from ..signing.keys import PrivateKey


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = Parser(
        "edgeproof sign",
        usage="edgeproof sign MODEL… --key KEY\n       edgeproof sign --new-key NAME",
        description="Sign model files in place, or make a pair of keys (Ed25519).",
        epilog="An encrypted key's password is read from EDGEPROOF_KEY_PASSWORD.",
    )
    parser.add_argument("models", nargs="*", type=Path, metavar="MODEL", help="a .tflite or .onnx file")
    parser.add_argument("--key", type=Path, metavar="KEY", help="the file of the private key, as openssl writes it too")
    parser.add_argument(
        "--new-key", type=Path, metavar="NAME", help="make NAME.key, to be kept secret, and NAME.pub, for the devices"
    )
    parser.add_argument("--quiet", action="store_true", help="results only")
    return parser


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit code.

    Raises:
        InputError: a key or a model cannot be used, or the package cryptography is missing; then no model is signed.
    """
    options = parser().parse_args(arguments)
    if options.new_key is not None and (options.models or options.key):
        raise InputError("expected --new-key NAME alone, received models or --key with it; sign them afterwards")
    if options.new_key is None and not (options.models and options.key):
        raise InputError("expected models and --key KEY, or --new-key NAME; see edgeproof sign --help")
    return _make_keys(options) if options.new_key is not None else _sign(options)


def _make_keys(options: argparse.Namespace) -> int:
    from ..console import Console
    from ..signing.keys import new_pair

    private, public, key = new_pair(options.new_key)
    print(f"{key.fingerprint}  {public}")  # noqa: T201 - a command prints its result
    Console(quiet=options.quiet).say(f"{private} signs models: keep it secret; {public} is for the devices")
    return ExitCode.GOOD


def _sign(options: argparse.Namespace) -> int:
    from ..atomic import write_all
    from ..console import Console
    from ..signing.keys import is_readable_by_others, read_private

    key = read_private(options.key)
    if is_readable_by_others(options.key):
        Console().warn(f"others may read this private key: chmod 600 {options.key}")
    files = list(dict.fromkeys(options.models))
    write_all({path: _signed(path, key) for path in files})
    for path in files:
        print(f"{key.public.fingerprint}  {path}")  # noqa: T201 - a command prints its result
    return ExitCode.GOOD


def _signed(path: Path, key: PrivateKey) -> bytes:
    from .. import modelfile
    from ..modelfile import signature

    data = modelfile.read_bytes(path)
    kind = modelfile.parse(data, str(path)).format  # a damaged file is refused, not signed
    return signature.put(data, kind, key.public.fingerprint, key.sign, str(path))
