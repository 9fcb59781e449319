"""A whole check of a model file on this device, stage by stage."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from .. import modelfile
from ..contract import Contract, Proof, Verdict
from ..errors import DamagedError
from ..versions import versions
from .repeat import repeated
from .report import CheckReport
from .runtime import RefusedError, load
from .stages import Stage, StageResult

_PACKAGES = (
    "numpy",
    "opencv-python",
    "opencv-python-headless",
    "ai-edge-litert",
    "tflite-runtime",
    "onnxruntime",
)


def check(
    path: Path, interpreter: str | None = None, threads: int | None = None, signed_by: Sequence[Path] | None = None
) -> CheckReport:
    """Repeat the proof inside a file.

    Args:
        path: the model file.
        interpreter: a key of `interpreters.BACKENDS`; the first installed one where None.
        threads: for one inference; as many as the machine has where None.
        signed_by: files of public keys, one of which must have signed it; None asks for no signature.

    Returns:
        What was found; a damaged file and a runtime that refuses are findings too.

    Raises:
        SignatureError: none of the keys has signed the file as it is.
        InputError: the file is missing or no model, or its runtime is not installed.
    """
    begun = CheckReport(
        path.name, Verdict.FAIL, threads=threads, machine=platform.machine(), versions=versions(*_PACKAGES)
    )
    try:
        file = modelfile.read(path, signed_by)
    except DamagedError as error:
        return replace(begun, stages=(StageResult(Stage.INTEGRITY, False, str(error)),))
    contract = file.contract
    proof = contract.proof if contract is not None else None
    if contract is None or proof is None or not proof.golden:
        return replace(begun, verdict=Verdict.INCONCLUSIVE, stages=(_unproven(contract, proof),))
    stages = (_intact(file), _proven(contract, proof))
    begun = replace(begun, stages=stages, network_bytes=len(file.model), parity=proof.verdict, parity_n=proof.n)
    if contract.provenance is not None:
        begun = replace(begun, minimum_runtime=contract.provenance.minimum_runtime)
    try:
        classifier = load(file, contract, interpreter, threads)
    except RefusedError as error:
        return replace(begun, stages=(*stages, StageResult(Stage.RUNTIME, False, str(error))))
    return repeated(begun, classifier, proof, file.members)


def _intact(file: modelfile.ModelFile) -> StageResult:
    return StageResult(Stage.INTEGRITY, True, f"seal and SHA-256 of the network ({len(file.model)} bytes)")


def _proven(contract: Contract, proof: Proof) -> StageResult:
    words = f"{contract.name}: {len(proof.golden)} golden frame(s), parity verdict {proof.verdict.value}, n = {proof.n}"
    return StageResult(Stage.CONTRACT, True, words)


def _unproven(contract: Contract | None, proof: Proof | None) -> StageResult:
    missing = "contract" if contract is None else "proof" if proof is None else "golden frames"
    words = f"expected golden frames inside the file, received no {missing}; export it with edgeproof"
    return StageResult(Stage.CONTRACT, False, words)
