from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from command import Command
from console_lines import Said
from edgeproof.edge import settings
from edgeproof.edge.errors import InputError
from edgeproof.edge.machine import Machine, this_machine
from edgeproof.edge.settings import Setting, obeyed, path_for, sealed_sha256, write

NAME = "rps-int8.tflite"


@pytest.fixture
def said() -> Said:
    return Said()


@pytest.fixture
def folder(models: Path, tmp_path: Path) -> Path:
    """A folder with a model and others beside it."""
    for name in (NAME, "rps-fp32.tflite"):
        shutil.copy(models / name, tmp_path / name)
    return tmp_path


def setting_for(folder: Path) -> Setting:
    sha256 = sealed_sha256(folder / NAME)
    assert sha256 is not None
    return Setting(NAME, sha256, "litert", 3, 1.5, this_machine(), "2026-01-01T00:00:00+00:00", "litert 2")


@pytest.fixture
def path(folder: Path) -> Path:
    """A setting that holds here."""
    write(path_for(folder, "rps"), setting_for(folder))
    return folder / "rps.edgeproof.json"


def test_seal_is_read_from_the_end_of_a_file(models: Path, tmp_path: Path) -> None:
    data = (models / NAME).read_bytes()
    digest = sealed_sha256(models / NAME)
    assert digest == data[-64:].decode()
    assert digest == hashlib.sha256(data[: -64 - len("edgeproof-seal:")]).hexdigest()
    (tmp_path / "foreign.tflite").write_bytes(b"short")
    assert sealed_sha256(tmp_path / "foreign.tflite") is None


@pytest.mark.parametrize("name", ["", NAME])
def test_setting_is_found_by_its_folder_and_by_its_model(folder: Path, path: Path, said: Said, name: str) -> None:
    assert obeyed(folder / name, None, None, said.console) == (folder / NAME, "litert", 3)
    assert said.lines == [f"{path}: {NAME} with litert, 3 thread(s)"]


@pytest.mark.usefixtures("path")
def test_flags_win_over_the_setting(folder: Path, said: Said) -> None:
    assert obeyed(folder, None, 1, said.console) == (folder / NAME, "litert", 1)
    assert said.lines[-1].endswith(f"{NAME} with litert, 1 thread(s)")
    assert obeyed(folder, "litert", None, said.console) == (folder / NAME, "litert", 3)
    # Threads that were chosen for one interpreter say nothing of another.
    assert obeyed(folder / NAME, "tflite-runtime", None, said.console) == (folder / NAME, "tflite-runtime", None)


@pytest.mark.usefixtures("path")
def test_other_model_in_the_folder_is_run_as_asked(folder: Path, said: Said) -> None:
    other = folder / "rps-fp32.tflite"
    assert obeyed(other, None, None, said.console) == (other, None, None)
    assert said.lines == []


def test_setting_of_another_machine_is_ignored_with_a_line(folder: Path, path: Path, said: Said) -> None:
    write(path, replace(setting_for(folder), machine=Machine("Raspberry Pi 5", "aarch64", 4)))
    assert obeyed(folder / NAME, None, None, said.console) == (folder / NAME, None, None)
    (line,) = said.warnings
    assert f"{path} is ignored: it was chosen for Raspberry Pi 5 (aarch64, 4 processors), and this is " in line
    with pytest.raises(InputError, match="or run edgeproof bench --pick"):
        obeyed(folder, None, None, said.console)


@pytest.mark.usefixtures("path")
def test_setting_of_another_file_is_ignored_with_a_line(folder: Path, said: Said) -> None:
    shutil.copy(folder / "rps-fp32.tflite", folder / NAME)
    assert obeyed(folder / NAME, None, None, said.console) == (folder / NAME, None, None)
    (line,) = said.warnings
    assert line.endswith(f"{NAME} is another file than the one it was chosen for")


@pytest.mark.parametrize("text", ["", "{}", '{"format": "edgeproof-setting/9"}'])
def test_damaged_setting_is_ignored_with_a_line(folder: Path, path: Path, said: Said, text: str) -> None:
    path.write_text(text)
    assert obeyed(folder / NAME, None, None, said.console) == (folder / NAME, None, None)
    (line,) = said.warnings
    assert line.startswith("warning: this setting is ignored: expected ")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"file": "../rps.tflite"}, "expected the name of a file beside the setting"),
        ({"threads": 0}, "expected at least 1 thread, received 0"),
        ({"format": "edgeproof-setting/9"}, "expected the setting format edgeproof-setting/1"),
    ],
)
def test_setting_that_makes_no_sense_is_refused(folder: Path, change: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(setting_for(folder), **change)


def test_folder_without_a_setting_is_one_line(edgeproof: Command, folder: Path) -> None:
    line = edgeproof.error("run", folder, "hands:1")
    assert "expected a model file, or a folder with a setting for this machine, received none" in line


def test_setting_whose_model_is_gone_is_one_line(edgeproof: Command, folder: Path, path: Path) -> None:
    (folder / NAME).unlink()
    assert path.is_file()
    assert edgeproof.error("run", folder, "hands:1").endswith(f"No such file or directory: {folder / NAME}")


def test_folder_with_settings_of_two_networks_is_one_line(edgeproof: Command, folder: Path, path: Path) -> None:
    shutil.copy(path, settings.path_for(folder, "other"))
    assert "expected a folder with the setting of one network" in edgeproof.error("run", folder, "hands:1")


def test_run_obeys_the_setting(edgeproof: Command, folder: Path, path: Path) -> None:
    pytest.importorskip("ai_edge_litert")
    answers = edgeproof.objects("run", folder, "hands:2", "--headless", "--json")
    assert len(answers) == 2
    assert f"{path}: {NAME} with litert, 3 thread(s)" in edgeproof.err
