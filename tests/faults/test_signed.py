"""Forged models: whoever alters a signed file may seal it anew, and still it reaches no interpreter."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("cryptography")

from edgeproof.edge import Classifier, classifier, modelfile
from edgeproof.edge.modelfile import seal
from edgeproof.edge.signing import SignatureError
from golden import HELLO, RPS
from signed import Pair, pair, signed

BLOCK = len(b"edgeproof-signature:") + 64 + 1 + 128  # mark, fingerprint, colon, signature
FLIPS = 200  # in each file


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return pair(tmp_path_factory.mktemp("keys"))


@pytest.fixture(autouse=True)
def no_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(*_: object) -> None:
        raise AssertionError("an interpreter was opened")

    monkeypatch.setattr(classifier, "open_interpreter", opened)


def sealed(unsealed: bytes) -> bytes:
    """Seal bytes, as a forger would."""
    return unsealed + seal.seal(unsealed)


def flipped(data: bytes, position: int, bit: int) -> bytes:
    copy = bytearray(data)
    copy[position] ^= 1 << bit
    return bytes(copy)


def places(data: bytes, name: str) -> Iterator[int]:
    """List where to flip a bit: all over a small file, and in a larger one here and there, and at the end of both."""
    if name in HELLO:
        yield from range(0, len(data), 4)
    rng = random.Random(name)  # noqa: S311 - a seeded choice of places
    yield from (rng.randrange(len(data)) for _ in range(FLIPS))
    yield from range(len(data) - seal.LENGTH - BLOCK - 60, len(data))


@pytest.mark.parametrize("name", HELLO + RPS)
def test_no_byte_of_a_signed_file_can_be_altered(models: Path, tmp_path: Path, keys: Pair, name: str) -> None:
    data = signed(models / name, tmp_path, keys).read_bytes()
    path = tmp_path / "altered"
    rng = random.Random(name)  # noqa: S311 - a seeded choice of bits
    survivors = []
    for position in places(data, name):
        altered = flipped(data, position, rng.randrange(8))
        for forged in (altered, sealed(altered[: -seal.LENGTH])):
            if forged == data:
                continue  # the seal was altered, and made anew
            path.write_bytes(forged)
            if not is_refused(path, keys):
                survivors.append(position)
    assert survivors == []


def is_refused(path: Path, keys: Pair) -> bool:
    try:
        Classifier.open(path, signed_by=keys.public)
    except SignatureError as error:
        return "\n" not in str(error)
    return False


FORGERIES: dict[str, Callable[[bytes, bytes], bytes]] = {
    "the signature is taken off": lambda ours, _: sealed(ours[: -BLOCK - seal.LENGTH]),
    "the seal is taken off": lambda ours, _: ours[: -seal.LENGTH],
    "both are taken off": lambda ours, _: ours[: -BLOCK - seal.LENGTH],
    "another model gets our signature": lambda ours, other: sealed(
        other[: -BLOCK - seal.LENGTH] + ours[-BLOCK - seal.LENGTH : -seal.LENGTH]
    ),
    "another model goes before ours": lambda ours, other: other + ours,
    "another model follows ours": lambda ours, other: ours + other,
    "something follows ours": lambda ours, _: sealed(ours + b"more"),
    "the signature is there twice": lambda ours, _: sealed(
        ours[: -seal.LENGTH] + ours[-BLOCK - seal.LENGTH : -seal.LENGTH]
    ),
    "capital letters": lambda ours, _: sealed(ours[: -seal.LENGTH - 128] + ours[-seal.LENGTH - 128 :][:128].upper()),
    "zeros": lambda ours, _: sealed(ours[: -seal.LENGTH - 128] + b"0" * 128),
    "nothing": lambda _, __: b"",
    "the closing alone": lambda ours, _: sealed(ours[-BLOCK - seal.LENGTH : -seal.LENGTH]),
}


@pytest.mark.parametrize("kind", ["tflite", "onnx"])
@pytest.mark.parametrize("forgery", FORGERIES)
def test_forgery_is_refused(models: Path, tmp_path: Path, keys: Pair, kind: str, forgery: str) -> None:
    attacker = pair(tmp_path, "attacker")
    ours = signed(models / f"rps-int8.{kind}", tmp_path, keys).read_bytes()
    other = signed(models / f"rps-fp32.{kind}", tmp_path, attacker).read_bytes()
    path = tmp_path / "forged"
    path.write_bytes(FORGERIES[forgery](ours, other))
    assert is_refused(path, keys)


@pytest.mark.parametrize("name", ["rps-int8.tflite", "rps-int8.onnx"])
def test_another_s_key_under_our_fingerprint_signs_nothing(models: Path, tmp_path: Path, keys: Pair, name: str) -> None:
    attacker = pair(tmp_path, "attacker")
    data = signed(models / name, tmp_path, attacker).read_bytes()
    path = tmp_path / "forged"
    path.write_bytes(sealed(data[: -seal.LENGTH].replace(attacker.fingerprint.encode(), keys.fingerprint.encode())))
    assert modelfile.read(path).signature is not None  # it looks like ours
    assert is_refused(path, keys)


@pytest.mark.parametrize("name", RPS)
def test_truncated_file_is_refused(models: Path, tmp_path: Path, keys: Pair, name: str) -> None:
    data = signed(models / name, tmp_path, keys).read_bytes()
    path = tmp_path / "cut"
    for length in (*range(len(data) - 320, len(data)), *range(0, len(data), len(data) // 20)):
        path.write_bytes(data[:length])
        assert is_refused(path, keys)
