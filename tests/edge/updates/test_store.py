from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from edgeproof.edge.errors import InputError
from edgeproof.edge.updates.folder import Found
from edgeproof.edge.updates.store import Store, held_alone, shown, state_folder


def found(path: Path, data: bytes) -> Found:
    path.write_bytes(data)
    return Found(path, hashlib.sha256(data).hexdigest())


def test_copy_stays_as_it_was_when_the_file_changes(tmp_path: Path) -> None:
    store = Store(tmp_path / "state")
    kept = store.take(found(tmp_path / "a.TFLITE", b"model"))
    (tmp_path / "a.TFLITE").write_bytes(b"other")
    assert kept.path.read_bytes() == b"model"
    assert (kept.name, kept.path.suffix) == ("a.TFLITE", ".tflite")
    store.drop(kept)
    assert list(kept.path.parent.iterdir()) == []


def test_file_that_changed_since_it_was_found_is_not_kept(tmp_path: Path) -> None:
    store = Store(tmp_path / "state")
    before = found(tmp_path / "a.tflite", b"model")
    (tmp_path / "a.tflite").write_bytes(b"model and more")
    with pytest.raises(InputError, match="still written to"):
        store.take(before)
    assert list((tmp_path / "state" / "models").iterdir()) == []


def test_copies_of_an_earlier_run_are_deleted(tmp_path: Path) -> None:
    Store(tmp_path).take(found(tmp_path / "a.tflite", b"model"))
    Store(tmp_path)
    assert list((tmp_path / "models").iterdir()) == []


@pytest.mark.parametrize(
    ("environment", "root"),
    [
        ({"STATE_DIRECTORY": "/var/lib/edgeproof-rps", "HOME": "/root"}, "/var/lib/edgeproof-rps/updates"),
        ({"STATE_DIRECTORY": "/var/lib/a:/var/lib/b"}, "/var/lib/a/updates"),
        ({"XDG_STATE_HOME": "/state", "HOME": "/home/pi"}, "/state/edgeproof/updates"),
        ({"HOME": "/home/pi"}, "/home/pi/.local/state/edgeproof/updates"),
    ],
)
def test_state_lies_where_the_system_says(environment: dict[str, str], root: str) -> None:
    folder = state_folder(environment, "/models/rps.tflite", "/watched")
    assert str(folder.parent) == root
    assert folder != state_folder(environment, "/models/rps.tflite", "/others")
    assert folder == state_folder(environment, "/models/rps.tflite", "/watched")


def test_second_run_with_the_same_state_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("fcntl")
    handle = held_alone(tmp_path / "state")
    with pytest.raises(InputError, match="one run with this model and --watch at a time"):
        held_alone(tmp_path / "state")
    os.close(handle)
    os.close(held_alone(tmp_path / "state"))


def test_name_is_shown_on_one_line() -> None:
    assert shown(Path("folder/rps v2.tflite")) == "rps v2.tflite"
    assert shown(Path(os.fsdecode(b"a\xff.tflite"))) == "a\\udcff.tflite"
    assert shown(Path("a\n\x1b[31m.tflite")) == "a\\n\\x1b[31m.tflite"
