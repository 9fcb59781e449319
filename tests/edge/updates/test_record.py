from __future__ import annotations

from pathlib import Path

import pytest

from edgeproof.edge.updates import record
from edgeproof.edge.updates.record import Record

A, B = "a" * 64, "b" * 64


@pytest.fixture
def boot(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    path = tmp_path / "boot_id"
    path.write_text("first\n")
    monkeypatch.setattr(record, "_BOOT", path)
    return path


@pytest.fixture
def path(boot: Path) -> Path:
    return boot.with_name("updates.json")


def test_file_on_probation_when_a_run_crashed_is_refused_from_then_on(path: Path) -> None:
    Record(path).begin(A, "new.tflite")
    again = Record(path)
    assert again.crashed is not None
    assert again.crashed.name == "new.tflite"
    assert again.reason(A) == "the run ended while it was on probation"
    assert again.reason(B) is None
    later = Record(path)
    assert later.crashed is None
    assert later.reason(A) is not None


def test_file_that_passed_is_no_suspect(path: Path) -> None:
    first = Record(path)
    first.begin(A, "new.tflite")
    first.clear()
    again = Record(path)
    assert (again.crashed, again.reason(A)) == (None, None)


def test_refusal_outlives_the_run(path: Path) -> None:
    first = Record(path)
    first.begin(A, "new.tflite")
    first.refuse(A, "new.tflite", "it hangs")
    again = Record(path)
    assert (again.crashed, again.reason(A)) == (None, "it hangs")


def test_probation_that_a_new_start_of_the_machine_cut_short_is_tried_once_more(path: Path, boot: Path) -> None:
    Record(path).begin(A, "new.tflite")
    boot.write_text("second\n")
    again = Record(path)
    assert (again.crashed, again.reason(A)) == (None, None)
    again.begin(A, "new.tflite")
    boot.write_text("third\n")
    last = Record(path)
    assert last.crashed is not None
    assert last.reason(A) is not None


def test_another_file_begins_with_its_own_tries(path: Path, boot: Path) -> None:
    Record(path).begin(A, "a.tflite")
    boot.write_text("second\n")
    Record(path).begin(B, "b.tflite")
    boot.write_text("third\n")
    assert Record(path).reason(B) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": "edgeproof-updates/2"}'])
def test_record_that_does_not_read_is_begun_anew(path: Path, text: str) -> None:
    path.write_text(text)
    begun = Record(path)
    assert (begun.crashed, begun.reason(A)) == (None, None)
    begun.refuse(A, "a.tflite", "no")
    assert Record(path).reason(A) == "no"


def test_record_keeps_the_newest_refusals(path: Path) -> None:
    kept = Record(path)
    for number in range(210):
        kept.refuse(f"{number:064}", "a.tflite", "no")
    again = Record(path)
    assert again.reason(f"{9:064}") is None
    assert again.reason(f"{10:064}") == again.reason(f"{209:064}") == "no"


def test_probation_holds_in_this_run_where_the_disk_takes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Record(path)

    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(record, "write_text", full)
    with pytest.raises(OSError, match="No space"):
        kept.refuse(A, "a.tflite", "no")
    assert kept.reason(A) == "no"
