"""Signed files: who is asked for, what is refused before anything looks at it, and what others read of them."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("cryptography")

from command import Command
from edgeproof.edge import Classifier, modelfile
from edgeproof.edge.contract import Format
from edgeproof.edge.errors import InputError
from edgeproof.edge.modelfile import onnx, tflite
from edgeproof.edge.proof.repeat import check_at_start
from edgeproof.edge.signing import SignatureError
from golden import HELLO, LABELS, RPS, foreign
from signed import Pair, pair, signed

UNSIGNED = "expected a signed model, received one without a signature"


@pytest.fixture
def keys(tmp_path: Path) -> Pair:
    return pair(tmp_path)


@pytest.mark.parametrize("name", RPS + HELLO)
def test_a_signed_file_says_what_it_said_before_and_passes_its_check(
    edgeproof: Command, models: Path, tmp_path: Path, keys: Pair, name: str
) -> None:
    model = signed(models / name, tmp_path, keys)
    before, after = modelfile.read(models / name), modelfile.read(model, [keys.public])
    assert (after.model, after.members, after.contract) == (before.model, before.members, before.contract)
    assert after.signature is not None
    assert after.signature.fingerprint == keys.fingerprint
    assert edgeproof("check", model, "--require-signature", keys.public) == 0, edgeproof.err
    assert edgeproof("check", model) == 0  # nobody has to ask
    assert model.stat().st_size - (models / name).stat().st_size in (213, 214, 215)  # a length may need a byte more


def test_signing_again_replaces_the_signature(models: Path, tmp_path: Path, keys: Pair) -> None:
    for name in RPS:
        once = signed(models / name, tmp_path, keys).read_bytes()
        other = pair(tmp_path, f"other-{name}")
        twice = _again(tmp_path / name, other)
        assert len(twice) == len(once)
        assert twice != once
        modelfile.read(tmp_path / name, [other.public])
        with pytest.raises(SignatureError):
            modelfile.read(tmp_path / name, [keys.public])
        assert _again(tmp_path / name, keys) == once  # Ed25519 leaves nothing to chance


def _again(model: Path, keys: Pair) -> bytes:
    from edgeproof.edge.commands import sign

    assert sign.main([str(model), "--key", str(keys.private)]) == 0
    return model.read_bytes()


def test_any_of_several_keys_will_do(edgeproof: Command, models: Path, tmp_path: Path, keys: Pair) -> None:
    other = pair(tmp_path, "other")
    model = signed(models / "rps-int8.onnx", tmp_path, keys)
    both = ("--require-signature", other.public, "--require-signature", keys.public)
    assert edgeproof("check", model, *both) == 0
    line = edgeproof.error("check", model, "--require-signature", other.public)
    assert f"expected a model signed by {other.public}, received one signed by the key {keys.fingerprint[:16]}…" in line


@pytest.mark.parametrize("command", ["run", "check", "bench", "info", "service install", "bundle", "bench --pick"])
def test_every_command_that_opens_a_model_refuses_an_unsigned_one(
    edgeproof: Command, models: Path, tmp_path: Path, keys: Pair, command: str
) -> None:
    words: list[object] = [*command.split(), models / "rps-int8.tflite", "--require-signature", keys.public]
    words += {"bundle": ["--for", "here"], "service install": ["--print"]}.get(command, [])
    words += ["--seconds", "1"] if command.startswith("bench") else []
    assert UNSIGNED in edgeproof.error(*words)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["maker.key", "maker.pub"]


def test_nothing_is_parsed_of_a_file_that_is_not_signed(
    models: Path, tmp_path: Path, keys: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parsed(*_: object) -> None:
        raise AssertionError("parsed")

    model = signed(models / "rps-int8.tflite", tmp_path, keys)
    altered = bytearray(model.read_bytes())
    altered[5000] ^= 1
    model.write_bytes(altered)
    monkeypatch.setattr(zipfile, "ZipFile", parsed)
    monkeypatch.setattr(json, "loads", parsed)
    monkeypatch.setattr(onnx, "split", parsed)
    for name in (model, *(models / name for name in RPS)):
        with pytest.raises(SignatureError):
            Classifier.open(name, signed_by=keys.public)


def test_what_is_read_later_is_what_was_verified(models: Path, tmp_path: Path, keys: Pair) -> None:
    for name in RPS:
        model = signed(models / name, tmp_path, keys)
        classifier = Classifier.open(model, signed_by=[keys.public])
        model.write_bytes(b"somebody else's")  # in place, as whoever may write there can
        report = check_at_start(model, classifier)
        assert report is not None
        assert report.code == 0
        with pytest.raises(InputError):
            check_at_start(model, Classifier.open(models / name, signed_by=None))


def test_no_keys_are_not_no_demand(models: Path) -> None:
    with pytest.raises(InputError, match="expected at least one public key, received none"):
        Classifier.open(models / "rps-int8.tflite", signed_by=[])


def test_info_says_who_has_signed_and_whether_that_was_checked(
    edgeproof: Command, models: Path, tmp_path: Path, keys: Pair
) -> None:
    model = signed(models / "rps-int8.onnx", tmp_path, keys)
    assert edgeproof("info", model) == 0
    line = edgeproof.out.splitlines()[-1]
    assert line.split(maxsplit=1)[1] == (
        f"by the key {keys.fingerprint}, not verified without the key (--require-signature KEY)"
    )
    assert edgeproof("info", model, "--require-signature", keys.public) == 0
    assert edgeproof.out.splitlines()[-1].endswith(f"by the key {keys.fingerprint}, verified")
    assert edgeproof("info", model, "--json") == 0
    assert json.loads(edgeproof.out)["signature"] == {"key": keys.fingerprint, "verified": False}
    assert edgeproof("info", "rps-int8.onnx") == 0
    assert edgeproof.out.splitlines()[-1].split() == ["signature", "none"]


@pytest.mark.parametrize("name", ["rps-int8.tflite", "rps-fp32.onnx"])
def test_a_model_made_elsewhere_is_signed_too(
    edgeproof: Command, models: Path, tmp_path: Path, keys: Pair, name: str
) -> None:
    model = tmp_path / name
    model.write_bytes(foreign(models / name))
    described = ("--labels", ",".join(LABELS), "--range", "0..1", "--require-signature", keys.public, "--quiet")
    assert UNSIGNED in edgeproof.error("run", model, "hands:2", *described)
    assert edgeproof("sign", model, "--key", keys.private) == 0, edgeproof.err
    assert edgeproof("run", model, "hands:2", *described) == 0, edgeproof.err
    assert modelfile.read(model, [keys.public]).contract is None
    data = bytearray(model.read_bytes())
    data[len(data) // 2] ^= 1
    model.write_bytes(data)
    assert "was altered" in edgeproof.error("run", model, "hands:2", *described)


def test_a_model_with_weights_in_other_files_is_not_signed(edgeproof: Command, tmp_path: Path, keys: Pair) -> None:
    onnx_package = pytest.importorskip("onnx")
    numpy = pytest.importorskip("numpy")
    tensor = onnx_package.numpy_helper.from_array(numpy.arange(2000, dtype=numpy.float32), "w")
    graph = onnx_package.helper.make_graph([], "g", [], [], [tensor])
    path = tmp_path / "model.onnx"
    onnx_package.save_model(
        onnx_package.helper.make_model(graph), path, save_as_external_data=True, location="weights.bin"
    )
    before = path.read_bytes()
    assert "expected a model with all its weights inside" in edgeproof.error("sign", path, "--key", keys.private)
    assert path.read_bytes() == before


def test_a_damaged_model_is_not_signed_and_neither_are_those_beside_it(
    edgeproof: Command, models: Path, tmp_path: Path, keys: Pair
) -> None:
    good, bad = tmp_path / "good.tflite", tmp_path / "bad.tflite"
    shutil.copyfile(models / "rps-int8.tflite", good)
    data = bytearray((models / "rps-int8.tflite").read_bytes())
    data[5000] ^= 1
    bad.write_bytes(data)
    assert "is damaged" in edgeproof.error("sign", good, bad, "--key", keys.private)
    assert good.read_bytes() == (models / "rps-int8.tflite").read_bytes()
    assert bad.read_bytes() == data


@pytest.mark.parametrize(
    "words",
    [["--new-key", "a", "--key", "b"], ["--new-key", "a", "model"], ["model"], [], ["--key", "b"]],
    ids=["both", "model", "no key", "nothing", "no model"],
)
def test_words_that_do_not_go_together_are_one_line(edgeproof: Command, words: list[str]) -> None:
    assert "--new-key NAME" in edgeproof.error("sign", *words)


def test_other_tools_read_signed_files(models: Path, tmp_path: Path, keys: Pair) -> None:
    with zipfile.ZipFile(signed(models / "rps-int8.tflite", tmp_path, keys)) as archive:
        assert archive.testzip() is None
        assert archive.read("labels.txt") == b"paper\nrock\nscissors\n"
    runtime = pytest.importorskip("onnxruntime")
    session = runtime.InferenceSession(
        str(signed(models / "rps-int8.onnx", tmp_path, keys)), providers=["CPUExecutionProvider"]
    )
    assert session.get_modelmeta().custom_metadata_map["edgeproof/labels.txt"] == "paper\nrock\nscissors\n"


def test_an_interpreter_of_its_own_opens_the_signed_file(models: Path, tmp_path: Path, keys: Pair) -> None:
    litert = pytest.importorskip("ai_edge_litert.interpreter")
    interpreter = litert.Interpreter(str(signed(models / "rps-int8.tflite", tmp_path, keys)))
    interpreter.allocate_tensors()
    assert interpreter.get_input_details()[0]["shape"].tolist() == [1, 32, 32, 3]


def test_a_signature_of_another_file_or_of_something_else_is_none(models: Path, tmp_path: Path, keys: Pair) -> None:
    one = signed(models / "rps-int8.tflite", tmp_path, keys).read_bytes()
    other = signed(models / "rps-fp32.tflite", tmp_path, keys).read_bytes()
    place = slice(-79 - 128, -79)
    from edgeproof.edge.modelfile import seal

    moved = other[: -79 - 128] + one[place]
    (tmp_path / "moved").write_bytes(moved + seal.seal(moved))
    with pytest.raises(SignatureError, match="was altered"):
        modelfile.read(tmp_path / "moved", [keys.public])
    # The bytes alone, without what says that they are a model, would be what other programs sign.
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    private = load_pem_private_key(keys.private.read_bytes(), None)
    plain = private.sign(one[: -79 - 128])  # type: ignore[union-attr,call-arg]
    forged = one[: -79 - 128] + plain.hex().encode()
    (tmp_path / "plain").write_bytes(forged + seal.seal(forged))
    with pytest.raises(SignatureError, match="was altered"):
        modelfile.read(tmp_path / "plain", [keys.public])


def test_the_unit_of_a_service_reads_the_key(edgeproof: Command, models: Path, tmp_path: Path, keys: Pair) -> None:
    model = signed(models / "rps-int8.tflite", tmp_path, keys)
    assert edgeproof("service", "install", model, "hands:", "--require-signature", keys.public, "--print") == 0
    assert f"BindReadOnlyPaths={keys.public}" in edgeproof.out.splitlines()
    assert f"--require-signature {keys.public}" in edgeproof.out


def test_signature_stands_where_the_format_has_room(models: Path, tmp_path: Path, keys: Pair) -> None:
    data = signed(models / "rps-int8.tflite", tmp_path, keys).read_bytes()
    with zipfile.ZipFile(tmp_path / "rps-int8.tflite") as archive:
        assert archive.comment == data[-79 - 213 :]
    assert tflite.is_tflite(data)
    assert modelfile.parse(data, "here").format is Format.TFLITE
