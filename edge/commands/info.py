"""`edgeproof info`: what a model file says about itself."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from .. import modelfile, typed_json
from ..arguments import Parser
from ..contract import Contract, ImageInput, NumberInput, Proof, Quantization
from ..errors import ExitCode, InputError
from ..modelfile.signature import Signature
from .flags import model


def main(arguments: Sequence[str]) -> int:
    """Print the contract; returns the exit code.

    Raises:
        InputError: the file is missing, damaged or not signed as asked for, or carries no contract.
    """
    parser = Parser("edgeproof info", description="Print what a model file says about itself.")
    parser.add_argument("model", type=Path, metavar="MODEL", help="a .tflite or .onnx file")
    model.require_signature(parser)
    parser.add_argument("--json", action="store_true", help="the contract as JSON")
    options = parser.parse_args(arguments)
    file = modelfile.read(options.model, options.require_signature)
    if file.contract is None:
        raise InputError(
            f"expected a contract inside the file, received none: {options.model}; export it with edgeproof"
        )
    if options.json:
        plain = typed_json.to_plain(file.contract)
        if file.signature is not None:
            plain["signature"] = {"key": file.signature.fingerprint, "verified": options.require_signature is not None}
        text = json.dumps(plain)  # in ASCII, which every stream's encoding holds
    else:
        lines = [*facts(file.contract), ("signature", _signature(file.signature, options.require_signature))]
        text = "\n".join(f"{name.ljust(12)} {value}" for name, value in lines)
    print(text)  # noqa: T201 - a command prints its result
    return ExitCode.GOOD


def facts(contract: Contract) -> Iterator[tuple[str, str]]:
    """Word a contract as (name, value) lines for a person."""
    yield "name", contract.name
    yield "input", _input(contract.input)
    output = contract.output
    yield "output", f"{output.activation.value}, {output.dtype}{_quantization(output.quantization)}"
    if output.labels:
        yield "labels", ", ".join(output.labels)
        yield "unknown", f"below {output.unknown_below:.3f}"
    if (origin := contract.provenance) is not None:
        yield "trained", f"{origin.model} on {origin.trained_on} ({origin.train_images} samples, seed {origin.seed})"
        yield "exported", f"{origin.precision.value}, {origin.created}, runs on {origin.minimum_runtime}"
        yield "tools", ", ".join(f"{name} {version}" for name, version in origin.tools.items())
        if origin.calibration is not None:
            calibration = origin.calibration
            yield "calibrated", f"{calibration.method.value}, {calibration.images} samples, {calibration.sha256[:12]}…"
        if origin.float_layers:
            yield "in floats", ", ".join(origin.float_layers)
    if (proof := contract.proof) is not None:
        yield "parity", _proof(proof)
        if proof.accuracy is not None:
            yield "accuracy", f"{proof.accuracy:.2%} of {proof.n_validation} (reference {proof.accuracy_reference:.2%})"
        yield "golden", f"{len(proof.golden)} frame(s), scores within {proof.tolerance:g}"
    if contract.integrity is not None:
        yield "integrity", f"sha256 {contract.integrity.sha256} ({contract.integrity.size} bytes), seal verified"


def _signature(signature: Signature | None, keys: Sequence[Path] | None) -> str:
    if signature is None:
        return "none"
    how = "verified" if keys else "not verified without the key (--require-signature KEY)"
    return f"by the key {signature.fingerprint}, {how}"


def _input(spec: ImageInput | NumberInput) -> str:
    low, high = spec.range
    stored = f"{spec.dtype}{_quantization(spec.quantization)}, {low:g}..{high:g}"
    if isinstance(spec, NumberInput):
        return f"{spec.count} number(s), {stored}"
    size = f"{spec.height}×{spec.width}×{spec.channels}"
    return f"{size} {spec.color.value}, {stored}, {spec.resize.value}, {spec.interpolation.value}"


def _quantization(quantization: Quantization | None) -> str:
    if quantization is None:
        return ""
    return f" (scale {quantization.scale:.8g}, zero point {quantization.zero_point})"


def _proof(proof: Proof) -> str:
    words = [proof.verdict.value, f"n = {proof.n}"]
    if proof.loss_bound is not None and proof.confidence is not None:
        allowed = f"where {proof.margin * 100:g} points are allowed"
        words.append(f"loss at most {proof.loss_bound * 100:.2f} points ({proof.confidence:.1%} sure), {allowed}")
    if proof.agreement is not None:
        words.append(f"agreement {proof.agreement:.2%}")
    return ", ".join(words)
