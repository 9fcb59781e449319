from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
from ai_edge_litert.interpreter import Interpreter

from edgeproof.edge import modelfile, run_directory, typed_json
from edgeproof.edge.classifier import Classifier
from edgeproof.edge.cli import main
from edgeproof.edge.contract import ImageInput, Precision, Quantization, Verdict
from edgeproof.edge.run_directory import CALIBRATION, EVALUATION, PARITY, PARITY_PAGE
from edgeproof.export.conversion.flatbuffer import operators
from edgeproof.export.parity.report import ParityReport

PIXEL = Quantization(float(np.float32(1 / 255)), 0)
WIDE = ["--margin", "20", "--class-margin", "50"]  # so few pictures bound no smaller loss
FILES = [
    "rps-dynamic.tflite",
    "rps-fp16.onnx",
    "rps-fp16.tflite",
    "rps-fp32.onnx",
    "rps-fp32.tflite",
    "rps-int16x8.tflite",
    "rps-int8.onnx",
    "rps-int8.tflite",
]


def test_every_file_stands_beside_its_report(exported: Path, report: ParityReport) -> None:
    assert sorted(path.name for path in exported.iterdir() if path.name.startswith("rps-")) == FILES
    assert sorted(candidate.file for candidate in report.candidates) == FILES
    assert not list(exported.glob(".*"))  # no temporary file is left


@pytest.mark.parametrize("name", FILES)
def test_a_file_carries_its_contract(exported: Path, report: ParityReport, name: str) -> None:
    contract = modelfile.read(exported / name).contract
    candidate = next(candidate for candidate in report.candidates if candidate.file == name)
    assert contract is not None
    assert contract.proof is not None
    assert contract.provenance is not None
    assert contract.output.labels == ("paper", "rock", "scissors")
    assert (contract.proof.verdict, contract.proof.n) == (candidate.verdict, candidate.n)
    assert contract.proof.loss_bound == candidate.loss_bound
    assert 1 / 3 <= contract.output.unknown_below == candidate.unknown_below < 1
    calibrated = contract.provenance.precision in (Precision.INT8, Precision.INT16X8)
    assert (contract.provenance.calibration is not None) is calibrated
    assert [frame.label for frame in contract.proof.golden] == ["paper", "rock", "scissors"]


@pytest.mark.parametrize("suffix", ["tflite", "onnx"])
def test_int8_takes_pixels_as_they_are(exported: Path, suffix: str) -> None:
    classifier = Classifier.open(exported / f"rps-int8.{suffix}")
    spec = classifier.contract.input
    assert isinstance(spec, ImageInput)
    assert (spec.dtype, spec.quantization) == ("uint8", PIXEL)
    assert classifier.interpreter.input.dtype == "uint8"
    assert classifier.interpreter.input.shape == (1, 32, 32, 3)


def test_int8_tflite_is_integers_throughout(exported: Path) -> None:
    model = modelfile.read(exported / "rps-int8.tflite").model
    assert not {"SHAPE", "PACK", "STRIDED_SLICE", "DEQUANTIZE"} & set(operators(model))
    assert not [name for name in operators(model) if name.startswith(("CUSTOM", "FLEX"))]
    interpreter = Interpreter(model_content=model)
    interpreter.allocate_tensors()
    assert interpreter.get_input_details()[0]["quantization"] == pytest.approx((PIXEL.scale, 0))
    assert interpreter.get_output_details()[0]["dtype"] == np.uint8
    assert {np.dtype(tensor["dtype"]).name for tensor in interpreter.get_tensor_details()} <= {"int8", "uint8", "int32"}


def test_int8_onnx_is_quantized_per_channel_and_checks(exported: Path) -> None:
    model = onnx.load(exported / "rps-int8.onnx")
    onnx.checker.check_model(model, full_check=True)
    constants = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    weights = [node for node in model.graph.node if node.op_type == "DequantizeLinear" and node.input[0] in constants]
    scales = [constants[node.input[1]].size for node in weights if constants[node.input[0]].dtype == np.int8]
    assert {16, 32, 64, 512} <= set(scales)  # one scale for each output of each layer
    assert model.graph.input[0].type.tensor_type.elem_type == onnx.TensorProto.UINT8
    assert {entry.key for entry in model.metadata_props} >= {"edgeproof/contract.json", "edgeproof/labels.txt"}


def test_floats_answer_as_keras_does(report: ParityReport) -> None:
    for candidate in report.candidates:
        if "fp32" in candidate.file:
            assert candidate.agreement == 1
            assert candidate.largest_deviation <= 1e-4


def test_the_report_keeps_its_promised_fields(exported: Path) -> None:
    report = json.loads((exported / PARITY).read_text())
    assert {"reference", "dataset", "margin", "candidates"} <= set(report)
    assert {"path", "n"} <= set(report["dataset"])
    promised = {
        *("file", "verdict", "accuracy", "accuracy_reference", "agreement"),
        *("loss_bound", "n", "classes"),
    }
    for candidate in report["candidates"]:
        assert promised <= set(candidate)
        assert set(candidate["classes"]) == {"paper", "rock", "scissors"}
        assert {"recall", "recall_reference"} <= set(candidate["classes"]["rock"])


def test_the_page_shows_every_file(exported: Path) -> None:
    page = (exported / PARITY_PAGE).read_text("utf-8")
    for name in FILES:
        assert f"<h2>{name}</h2>" in page


def test_accuracy_is_that_of_the_validation_pictures(report: ParityReport, run: Path) -> None:
    record, split = run_directory.read(run)
    for candidate in report.candidates:
        assert candidate.accuracy_reference == pytest.approx(record.validation.accuracy, abs=1e-6)
        assert candidate.n_validation == len(split.validation)


def test_the_comparison_grows_where_validation_cannot_decide(report: ParityReport) -> None:
    # 72 pictures bound the loss at 3.6 points at best, so every candidate needs the extension.
    for candidate in report.candidates:
        assert candidate.extension is not None
        assert candidate.n == candidate.n_validation + candidate.extension.n


def test_the_pictures_of_each_step_are_recorded_and_apart(exported: Path) -> None:
    used = {name: json.loads((exported / name).read_text())["files"] for name in (CALIBRATION, EVALUATION)}
    _, split = run_directory.read(exported)
    hashes = {name: {file["sha256"] for file in files} for name, files in used.items()}
    assert not hashes[CALIBRATION] & hashes[EVALUATION]
    assert hashes[CALIBRATION] <= {file.sha256 for file in split.train}
    assert hashes[EVALUATION] == {file.sha256 for file in split.validation}


def test_exit_codes_follow_the_verdict(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "rps"
    shutil.copytree(run, folder)
    words = ["export", str(folder), "--fp32", "--format", "tflite", "--quiet", "--json"]
    words += ["--junit", str(tmp_path / "new/junit.xml"), "--summary", str(tmp_path / "summary.md")]
    expected = {"100": (0, Verdict.PASS), "0.0001": (3, Verdict.INCONCLUSIVE)}
    for margin, (code, verdict) in expected.items():
        assert main([*words, "--margin", margin]) == code
        report = typed_json.loads(ParityReport, capsys.readouterr().out, "stdout")
        assert report.candidates[0].verdict is verdict
        assert ('type="inconclusive"' in (tmp_path / "new/junit.xml").read_text("utf-8")) is (code == 3)
        contract = modelfile.read(folder / "rps-fp32.tflite").contract
        assert contract is not None
        assert contract.proof is not None
        assert contract.proof.verdict is verdict
    # One summary behind the other.
    headings = [line for line in (tmp_path / "summary.md").read_text("utf-8").splitlines() if line.startswith("###")]
    assert headings == ["### Parity: The file passes", "### Parity: The file is undecided"]


def test_hello_answers_19(hello: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = shutil.copytree(hello, tmp_path / "hello")
    assert main(["export", str(run), "--int8", "--fp32", "--quiet"]) == 0
    assert "hello-int8.onnx" in capsys.readouterr().out
    for name in ("hello-int8.tflite", "hello-int8.onnx", "hello-fp32.tflite", "hello-fp32.onnx"):
        assert main(["run", str(run / name), "10", "--json", "--quiet"]) == 0
        answer = json.loads(capsys.readouterr().out)
        assert answer["scores"][0] == pytest.approx(19, abs=0.1), name


def test_bad_input_is_one_line(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(run, broken)
    (broken / "model.keras").write_bytes(b"no network")
    partial = tmp_path / "partial"
    shutil.copytree(run, partial)
    (partial / "split.json").unlink()
    cases = {
        "received no such folder": [str(tmp_path / "missing"), "--int8"],
        "at least one precision": [str(run)],
        "expected formats of tflite, onnx, received 'tfjs'": [str(run), "--int8", "--format", "tfjs"],
        "without split.json": [str(partial), "--int8"],
        "expected a .keras file, received one that does not read": [str(broken), "--int8"],
        "pass --data": [str(run), "--int8", "--data", str(tmp_path / "nowhere")],
        "expected a file to write, received a folder": [str(run), "--int8", "--junit", str(tmp_path)],
        "expected a folder that can be written to": [str(run), "--int8", "--summary", str(run / "run.json" / "x")],
    }
    for expected, words in cases.items():
        assert main(["export", *words, "--quiet"]) == 2
        lines = capsys.readouterr().err.splitlines()
        assert len(lines) == 1, lines
        assert expected in lines[0]


def test_weights_of_int8_take_a_byte_each(exported: Path) -> None:
    sizes = {}
    for name in FILES:
        contract = modelfile.read(exported / name).contract
        assert contract is not None
        assert contract.integrity is not None
        sizes[name] = contract.integrity.size
    # What surrounds the weights of so small a network weighs more than it does in a real one, which is at 0.26.
    assert sizes["rps-int8.tflite"] < 0.3 * sizes["rps-fp32.tflite"]
    assert sizes["rps-int8.onnx"] < 0.35 * sizes["rps-fp32.onnx"]


def test_one_sigmoid_goes_the_same_way(hands: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "two"
    for label in ("paper", "rock"):
        shutil.copytree(hands / label, data / label)
    words = ["--data", str(data), "--out", str(tmp_path / "run"), "--size", "32", "--epochs", "20", "--quiet"]
    assert main(["train", "cats-dogs", *words]) == 0
    assert main(["export", str(tmp_path / "run"), "--int8", *WIDE, "--quiet"]) == 0
    capsys.readouterr()
    # MediaPipe and tflite-support refuse a label file with more lines than the tensor has values.
    file = modelfile.read(tmp_path / "run" / "cats-dogs-int8.tflite")
    assert file.members["labels.txt"] == b"paper\nrock\n"
    assert file.members["axis-labels.txt"] == b"rock\n"
    assert b"axis-labels.txt" in file.model
    for suffix in ("tflite", "onnx"):
        model = tmp_path / "run" / f"cats-dogs-int8.{suffix}"
        assert main(["run", str(model), str(data / "rock"), "--json", "--quiet"]) == 0
        answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        for answer in answers:
            assert answer["probabilities"]["rock"] == pytest.approx(answer["scores"][0], abs=1e-5)
            assert sum(answer["probabilities"].values()) == pytest.approx(1)
        rocks = sum(answer["probabilities"]["rock"] > 0.5 for answer in answers)
        assert rocks > 0.6 * len(answers)


def test_weights_take_the_bytes_that_their_precision_says(exported: Path) -> None:
    def dtypes(name: str) -> set[str]:
        interpreter = Interpreter(model_content=modelfile.read(exported / name).model)
        shapes = interpreter.get_tensor_details()
        # The dense layers' and convolutions' weights are the only tensors of so many values.
        return {np.dtype(detail["dtype"]).name for detail in shapes if np.prod(detail["shape"]) > 100_000}

    assert dtypes("rps-fp32.tflite") == {"float32"}
    assert "float16" in dtypes("rps-fp16.tflite")
    for name in ("rps-dynamic.tflite", "rps-int16x8.tflite", "rps-int8.tflite"):
        assert dtypes(name) == {"int8"}, name
    half = onnx.load_from_string(modelfile.read(exported / "rps-fp16.onnx").model)
    kinds = {tensor.data_type for tensor in half.graph.initializer if np.prod(tensor.dims) > 100_000}
    assert kinds == {onnx.TensorProto.FLOAT16}
    assert half.graph.input[0].type.tensor_type.elem_type == onnx.TensorProto.FLOAT


def test_each_precision_answers_nearly_as_floats_do(report: ParityReport) -> None:
    drift = {candidate.file: candidate.largest_deviation for candidate in report.candidates}
    for name, most in {"rps-fp16.tflite": 0.01, "rps-fp16.onnx": 0.01, "rps-int16x8.tflite": 0.02}.items():
        assert drift[name] < most, (name, drift[name])


def test_a_precision_that_no_chosen_format_has_is_one_line(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(run, tmp_path / "run")
    assert main(["export", str(tmp_path / "run"), "--dynamic", "--format", "onnx", "--quiet"]) == 2
    assert "expected --format tflite for --dynamic" in capsys.readouterr().err
    assert main(["export", str(tmp_path / "run"), "--all", "--format", "onnx", *WIDE, "--quiet"]) == 0
    names = sorted(path.name for path in (tmp_path / "run").glob("rps-*"))
    assert names == ["rps-fp16.onnx", "rps-fp32.onnx", "rps-int8.onnx"]


@pytest.mark.parametrize("method", ["percentile", "entropy"])
def test_a_calibrator_is_recorded_and_leaves_pixels_as_they_are(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], method: str
) -> None:
    shutil.copytree(run, tmp_path / "run")
    words = ["export", str(tmp_path / "run"), "--int8", "--calibrator", method, "--reduce-range", *WIDE, "--quiet"]
    assert main(words) == 0
    assert capsys.readouterr().err == ""
    methods = {}
    for suffix in ("tflite", "onnx"):
        contract = modelfile.read(tmp_path / "run" / f"rps-int8.{suffix}").contract
        assert contract is not None
        assert contract.provenance is not None
        assert contract.provenance.calibration is not None
        assert (contract.input.dtype, contract.input.quantization) == ("uint8", PIXEL)
        methods[suffix] = contract.provenance.calibration.method.value
    assert methods == {"tflite": "min-max", "onnx": method}
    # Weights of 7 bits are what --reduce-range is for.
    model = onnx.load(tmp_path / "run" / "rps-int8.onnx")
    weights = [
        onnx.numpy_helper.to_array(one) for one in model.graph.initializer if one.data_type == onnx.TensorProto.INT8
    ]
    assert 0 < max(int(np.abs(one.astype(int)).max()) for one in weights) <= 64


def test_a_calibrator_is_for_onnx(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", str(run), "--int8", "--format", "tflite", "--calibrator", "entropy", "--quiet"]) == 2
    assert "expected --format onnx with --calibrator" in capsys.readouterr().err
