from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from edgeproof.edge.classifier import Classifier
from edgeproof.edge.console import Console
from edgeproof.edge.contract import Format, Precision, Verdict
from edgeproof.export import diagnosis, subject
from edgeproof.export.candidates import Workshop
from edgeproof.export.conversion.choices import Quantizing
from edgeproof.export.conversion.origin import Origin
from edgeproof.export.diagnosis import diagnose
from edgeproof.export.exporter import export
from edgeproof.export.options import Options
from edgeproof.export.parity.numbers import NumberJudge
from edgeproof.export.parity.pictures import PictureJudge
from edgeproof.export.parity.report import Cause, Diagnosis, LayerNoise, ParityReport, Suspect
from edgeproof.export.parity.verdict import Margins
from edgeproof.export.subject import Subject
from parity_reports import make_candidate

LAYERS = (LayerNoise("dense", 3.0),)
CAUSES = (Cause(Suspect.COLOR, "feed BGR", 1.0),)
OPTIONS = Options((Precision.FLOAT32,), tuple(Format), Margins())


@pytest.fixture(scope="module")
def loaded(run: Path) -> Subject:
    return subject.load(run, OPTIONS, Console(quiet=True))


@pytest.fixture(scope="module")
def classifier(models: Path) -> Classifier:
    return Classifier.open(models / "rps-fp32.tflite")


@pytest.mark.parametrize(
    ("verdict", "agreement", "looks"),
    [
        (Verdict.FAIL, 0.99, True),
        (Verdict.FAIL, 0.4, True),
        (Verdict.PASS, 0.94, True),
        (Verdict.PASS, 0.95, False),
        (Verdict.INCONCLUSIVE, 0.949, True),
        (Verdict.INCONCLUSIVE, 0.99, False),
    ],
)
def test_what_fails_or_agrees_too_little_is_looked_into(
    loaded: Subject,
    classifier: Classifier,
    monkeypatch: pytest.MonkeyPatch,
    verdict: Verdict,
    agreement: float,
    looks: bool,
) -> None:
    seen = []

    def investigate(*given: object) -> Diagnosis:
        seen.append(given)
        return Diagnosis(agreement, 60)

    monkeypatch.setattr(diagnosis, "investigate", investigate)
    report = make_candidate(verdict=verdict, agreement=agreement)
    found = diagnose(report, classifier, loaded.judge, lambda: LAYERS)
    assert found == (Diagnosis(agreement, 60, (), LAYERS) if looks else None)
    assert len(seen) == looks


def test_layers_are_compared_only_where_no_cause_is_found(
    loaded: Subject, classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_layers() -> tuple[LayerNoise, ...]:
        raise AssertionError("the cause was found already")

    report = make_candidate(verdict=Verdict.FAIL)
    monkeypatch.setattr(diagnosis, "investigate", lambda *_: Diagnosis(0.4, 60, CAUSES))
    assert diagnose(report, classifier, loaded.judge, no_layers) == Diagnosis(0.4, 60, CAUSES)
    monkeypatch.setattr(diagnosis, "investigate", lambda *_: Diagnosis(0.4, 60))
    assert diagnose(report, classifier, loaded.judge, None) == Diagnosis(0.4, 60)


def test_nothing_is_found_out_about_numbers(models: Path) -> None:
    numbers = [[0.0], [1.0], [2.0]]
    judge = NumberJudge(numbers, lambda asked: asked, Margins(0.0, 0.0))  # type: ignore[arg-type]  # as good as arrays
    report = make_candidate(verdict=Verdict.FAIL, agreement=None, accuracy=None)
    assert diagnose(report, Classifier.open(models / "hello-fp32.tflite"), judge, lambda: LAYERS) is None


def test_files_that_follow_their_network_have_no_diagnosis(report: ParityReport) -> None:
    close = [candidate for candidate in report.candidates if candidate.agreement >= 0.95]
    assert {candidate.file for candidate in close} >= {"rps-fp32.tflite", "rps-fp32.onnx", "rps-fp16.onnx"}
    assert all(candidate.diagnosis is None for candidate in close if candidate.verdict is not Verdict.FAIL)


def test_all_photos_count_for_what_could_be_proven(loaded: Subject) -> None:
    judge = loaded.judge
    assert isinstance(judge, PictureJudge)
    # 72 validate; what did not calibrate is there to compare on. Drawn hands look alike, and copies do not count.
    pictures = 72 + len(judge._extension.files)
    assert len(judge.files) == 72
    assert 72 < judge.photos <= pictures
    alone = PictureJudge(judge.root, judge.files, (), judge._reference, Margins(), Console(quiet=True))
    assert alone.photos == 72


def test_a_judge_of_numbers_counts_them() -> None:
    assert NumberJudge([[0.0], [1.0]], lambda asked: asked, Margins()).photos == 2  # type: ignore[arg-type]


@pytest.fixture(params=["conversion", "judgement", "golden frames"])
def interrupted(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Interrupts the second time that something is done."""
    owner, name = {
        "conversion": (Origin, "convert"),
        "judgement": (PictureJudge, "judge"),
        "golden frames": (subject.golden, "of_pictures"),
    }[request.param]
    done: list[str] = []
    real = getattr(owner, name)

    def interrupting(*given: object, **named: object) -> object:
        if done:
            raise KeyboardInterrupt
        done.append(name)
        return real(*given, **named)

    monkeypatch.setattr(owner, name, interrupting)
    return done


def test_an_interrupted_export_leaves_nothing(run: Path, tmp_path: Path, interrupted: list[str]) -> None:
    folder = tmp_path / "rps"
    shutil.copytree(run, folder)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    with pytest.raises(KeyboardInterrupt):
        export(folder, OPTIONS, Console(quiet=True))
    assert interrupted
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_what_candidates_begin_with_is_made_once(loaded: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    from edgeproof.export.conversion import origin

    traced = []
    real = origin.float_tflite
    monkeypatch.setattr(origin, "float_tflite", lambda *given: traced.append(given) or real(*given))
    workshop = Workshop(loaded, Margins(), Quantizing())
    for precision in (Precision.FLOAT32, Precision.FLOAT16, Precision.INT8):
        assert workshop.make(Format.TFLITE, precision).model
    assert len(traced) == 1
