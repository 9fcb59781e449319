"""Keys in files: made here, made by openssl, and everything that is none."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("cryptography")

from command import Command
from signed import Pair, pair

OPENSSL = shutil.which("openssl")
needs_openssl = pytest.mark.skipif(OPENSSL is None, reason="needs the program openssl")


def openssl(*words: object) -> bytes:
    assert OPENSSL is not None
    return subprocess.run([OPENSSL, *map(str, words)], capture_output=True, check=True).stdout  # noqa: S603


@pytest.fixture
def keys(tmp_path: Path) -> Pair:
    return pair(tmp_path)


def test_new_keys_are_written_once_and_the_private_one_for_its_owner(edgeproof: Command, tmp_path: Path) -> None:
    assert edgeproof("sign", "--new-key", tmp_path / "house.2") == 0
    private, public = tmp_path / "house.2.key", tmp_path / "house.2.pub"
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert private.read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----\n")
    assert public.read_bytes().startswith(b"-----BEGIN PUBLIC KEY-----\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["house.2.key", "house.2.pub"]
    before = private.read_bytes(), public.read_bytes()
    assert "received one that is taken" in edgeproof.error("sign", "--new-key", tmp_path / "house.2")
    private.unlink()  # the public one alone is no free name either
    assert "received one that is taken" in edgeproof.error("sign", "--new-key", tmp_path / "house.2")
    assert public.read_bytes() == before[1]


def test_two_pairs_are_different(tmp_path: Path) -> None:
    assert pair(tmp_path, "a").fingerprint != pair(tmp_path, "b").fingerprint


@needs_openssl
def test_openssl_reads_our_keys_and_gives_the_same_fingerprint(keys: Pair) -> None:
    info = openssl("pkey", "-pubin", "-in", keys.public, "-outform", "DER")
    assert hashlib.sha256(info).hexdigest() == keys.fingerprint
    assert openssl("pkey", "-in", keys.private, "-pubout") == keys.public.read_bytes()


@needs_openssl
@pytest.mark.parametrize("is_encrypted", [False, True], ids=["plain", "encrypted"])
def test_keys_of_openssl_sign_and_are_asked_for(
    edgeproof: Command, models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_encrypted: bool
) -> None:
    private, public, model = tmp_path / "o.key", tmp_path / "o.pub", tmp_path / "model.tflite"
    how = ["-aes256", "-pass", "pass:a secret"] if is_encrypted else []
    openssl("genpkey", "-algorithm", "ed25519", "-out", private, *how)
    openssl("pkey", "-in", private, "-pubout", "-out", public, *(["-passin", "pass:a secret"] if is_encrypted else []))
    shutil.copyfile(models / "rps-int8.tflite", model)
    if is_encrypted:
        assert "received none" in edgeproof.error("sign", model, "--key", private)
        monkeypatch.setenv("EDGEPROOF_KEY_PASSWORD", "another")
        assert "or its password is not that in EDGEPROOF_KEY_PASSWORD" in edgeproof.error(
            "sign", model, "--key", private
        )
    monkeypatch.setenv("EDGEPROOF_KEY_PASSWORD", "a secret")
    assert edgeproof("sign", model, "--key", private) == 0, edgeproof.err
    assert edgeproof("check", model, "--require-signature", public) == 0, edgeproof.err


@needs_openssl
@pytest.mark.parametrize(
    ("which", "words", "message"),
    [
        ("public", ["genpkey", "-algorithm", "rsa", "-pkeyopt", "rsa_keygen_bits:2048"], "another kind"),
        ("private", ["genpkey", "-algorithm", "x25519"], "another kind"),
        ("private", ["genpkey", "-algorithm", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"], "another kind"),
    ],
)
def test_keys_of_another_kind_are_refused(
    edgeproof: Command, tmp_path: Path, which: str, words: list[str], message: str
) -> None:
    key = tmp_path / "key"
    key.write_bytes(openssl(*words))
    if which == "public":
        key.write_bytes(openssl("pkey", "-in", key, "-pubout"))
        line = edgeproof.error("check", "rps-int8.tflite", "--require-signature", key)
    else:
        line = edgeproof.error("sign", "rps-int8.tflite", "--key", key)
    assert f"expected a key of Ed25519, received {message}: {key}" in line


CONTENTS = {
    "empty": b"",
    "text": b"no key",
    "half": b"-----BEGIN PUBLIC KEY-----\nMCow",
    "binary": bytes(range(256)),
    "giant": b"-----BEGIN PUBLIC KEY-----\n" + b"A" * 10**6,
}


@pytest.mark.parametrize("name", CONTENTS)
def test_what_is_no_key_is_one_line(edgeproof: Command, tmp_path: Path, name: str) -> None:
    path = tmp_path / "key"
    path.write_bytes(CONTENTS[name])
    assert f": {path}" in edgeproof.error("check", "rps-int8.tflite", "--require-signature", path)
    assert f": {path}" in edgeproof.error("sign", "rps-int8.tflite", "--key", path)


def test_a_missing_key_and_one_in_the_other_s_place_are_one_line(
    edgeproof: Command, tmp_path: Path, keys: Pair
) -> None:
    line = edgeproof.error("check", "rps-int8.tflite", "--require-signature", tmp_path / "none")
    assert "expected a file of a public key, received No such file" in line
    assert "is the public one" not in line
    line = edgeproof.error("check", "rps-int8.tflite", "--require-signature", keys.private)
    assert "expected a public key, received a private one" in line
    assert "expected a private key as PEM" in edgeproof.error("sign", "rps-int8.tflite", "--key", keys.public)


def test_a_private_key_that_others_may_read_is_warned_of(
    edgeproof: Command, models: Path, tmp_path: Path, keys: Pair
) -> None:
    model = tmp_path / "model.onnx"
    shutil.copyfile(models / "rps-int8.onnx", model)
    assert edgeproof("sign", model, "--key", keys.private) == 0
    assert edgeproof.err == ""
    keys.private.chmod(0o644)
    assert edgeproof("sign", model, "--key", keys.private) == 0
    assert f"warning: others may read this private key: chmod 600 {keys.private}" in edgeproof.err


@pytest.mark.parametrize(
    "words", [["sign", "--new-key", "name"], ["check", "MODEL", "--require-signature", "k"]], ids=["sign", "check"]
)
def test_the_missing_package_is_named_with_its_extra(models: Path, tmp_path: Path, words: list[str]) -> None:
    code = "import sys; sys.modules['cryptography'] = sys.modules['cryptography.exceptions'] = None\n"
    code += "from edgeproof.edge.cli import main; sys.exit(main(sys.argv[1:]))"
    words = [str(models / "rps-int8.tflite") if word == "MODEL" else word for word in words]
    done = subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "expected the package cryptography, received none" in done.stderr
    assert "pip install 'edgeproof[signing]'" in done.stderr
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - names alone
