from __future__ import annotations

import errno
import os
import time
from pathlib import Path

import pytest

pytest.importorskip("uvicorn", reason="uvicorn is not installed")
pytest.importorskip("starlette", reason="starlette is not installed")

from edgeproof.edge.collection import Collection
from edgeproof.edge.folders import class_folders
from edgeproof.edge.preprocess import Pixels, read_image
from edgeproof.edge.web import recorder
from web_site import LABELS, Serve, Site, answer, until


def written(folder: Path, label: str) -> list[Path]:
    return sorted((folder / label).glob("[!.]*.jpg"))  # whole ones: pathlib's * finds hidden files too


def collecting(serve: Serve, folder: Path, image: Pixels) -> Site:
    site = serve(collect=folder)
    site.feed(lambda index: answer(image, index))
    return site


def test_held_button_writes_raw_frames(serve: Serve, chart: Pixels, tmp_path: Path) -> None:
    site = collecting(serve, tmp_path, chart)
    state = site.post("/collect/hold", {"label": "rock"}).json["collect"]
    assert (list(dict(state["counts"])), state["holding"], state["trouble"]) == (list(LABELS), "rock", None)
    until(lambda: len(written(tmp_path, "rock")) >= 2)
    assert site.post("/collect/release").json["collect"]["holding"] is None
    assert read_image(written(tmp_path, "rock")[0]).shape == chart.shape
    until(lambda: dict(site.get("/about").json["collect"]["counts"])["rock"] == len(written(tmp_path, "rock")))
    site.post("/collect/hold", {"label": "paper"})
    until(lambda: written(tmp_path, "paper"))
    assert set(class_folders(tmp_path)) == {"paper", "rock"}
    assert site.sink.encoded == 0  # nobody watched


def test_nothing_is_written_unless_held(serve: Serve, chart: Pixels, tmp_path: Path) -> None:
    site = serve(collect=tmp_path)
    for index in range(50):
        site.sink.write(answer(chart, index))
    assert list(tmp_path.iterdir()) == []


def test_button_that_nobody_says_is_held_is_released(
    serve: Serve, chart: Pixels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A phone fell asleep."""
    monkeypatch.setattr(recorder, "_HOLD", 0.1)
    site = collecting(serve, tmp_path, chart)
    site.post("/collect/hold", {"label": "rock"})
    until(lambda: site.get("/about").json["collect"]["holding"] is None)
    site.settle()
    count = len(written(tmp_path, "rock"))
    time.sleep(recorder.INTERVAL)  # after which the next one would be due
    site.sink.write(answer(chart))
    site.settle()
    assert len(written(tmp_path, "rock")) == count


def test_undo_deletes_the_newest(serve: Serve, chart: Pixels, tmp_path: Path) -> None:
    site = collecting(serve, tmp_path, chart)
    site.post("/collect/hold", {"label": "rock"})
    until(lambda: written(tmp_path, "rock"))
    site.post("/collect/release")
    site.settle()
    before = written(tmp_path, "rock")
    assert dict(site.post("/collect/undo").json["collect"]["counts"])["rock"] == len(before) - 1
    assert written(tmp_path, "rock") == before[:-1]


def test_picture_that_cannot_be_deleted_is_said(
    serve: Serve, chart: Pixels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deny(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    site = collecting(serve, tmp_path, chart)
    site.post("/collect/hold", {"label": "rock"})
    until(lambda: dict(site.get("/about").json["collect"]["counts"])["rock"])
    site.post("/collect/release")
    site.settle()
    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", deny)
        reply = site.post("/collect/undo")
    assert (reply.status, reply.body[:41]) == (400, b"expected a picture that can be deleted, r")
    assert site.console.getvalue() == ""


def test_new_label_can_be_chosen(serve: Serve, chart: Pixels, tmp_path: Path) -> None:
    site = collecting(serve, tmp_path, chart)
    state = site.post("/collect/label", {"label": "päper plane"}).json["collect"]
    assert dict(state["counts"]) == {**dict.fromkeys(LABELS, 0), "päper plane": 0}
    site.post("/collect/hold", {"label": "päper plane"})
    until(lambda: written(tmp_path, "päper plane"))


def test_earlier_pictures_are_counted_with_their_labels(serve: Serve, chart: Pixels, tmp_path: Path) -> None:
    site = collecting(serve, tmp_path, chart)
    site.post("/collect/hold", {"label": "lizard"})
    until(lambda: written(tmp_path, "lizard"))
    site.close()
    counts = dict(serve(collect=tmp_path).get("/about").json["collect"]["counts"])
    assert counts["lizard"] == len(written(tmp_path, "lizard"))


@pytest.mark.parametrize("label", ["", "../up", "a/b", "..", ".git", "a\0b", "unknown", "\ud800", "x" * 101])
def test_label_that_can_be_no_folder_is_refused(serve: Serve, chart: Pixels, tmp_path: Path, label: str) -> None:
    site = collecting(serve, tmp_path / "data", chart)
    for path in ("/collect/label", "/collect/hold"):
        reply = site.post(path, {"label": label})
        assert reply.status == 400
        assert reply.body.startswith(b"expected ")
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.parametrize("body", [None, 7, [], {}, {"label": 7}, {"label": None}])
def test_other_bodies_are_refused(serve: Serve, tmp_path: Path, body: object) -> None:
    assert serve(collect=tmp_path).post("/collect/hold", body).status == 400


def test_number_of_labels_is_bounded(serve: Serve, tmp_path: Path) -> None:
    site = serve(collect=tmp_path)
    replies = [site.post("/collect/label", {"label": f"label {index}"}).status for index in range(101)]
    assert replies == [200] * 100 + [400]


def test_model_of_many_labels_leaves_room_for_new_ones_and_for_pictures(
    serve: Serve, chart: Pixels, tmp_path: Path
) -> None:
    labels = tuple(str(index) for index in range(1001))
    site = serve(labels=labels, collect=tmp_path)
    site.feed(lambda index: answer(chart, index))
    assert [label for label, _ in site.get("/about").json["collect"]["counts"]] == list(labels)
    assert site.get("/next").answer["collect"]["counts"] == []
    state = site.post("/collect/label", {"label": "new"}).json["collect"]
    assert [label for label, _ in state["counts"]] == [*labels, "new"]
    for index in range(20):
        site.post("/collect/label", {"label": f"newer {index}"})
    newest = [[f"newer {index}", 0] for index in range(19, 7, -1)]
    until(lambda: site.get("/next").answer["collect"]["counts"] == newest)
    site.post("/collect/hold", {"label": "7"})
    until(lambda: site.get("/next").answer["collect"]["counts"][0][0] == "7")
    assert site.get("/next").answer["collect"]["counts"][1:] == newest[:11]
    site.post("/collect/release")
    site.settle()
    left = dict(site.post("/collect/undo").json["collect"]["counts"])["7"]
    site.feed(lambda index: answer(chart, index))
    until(lambda: site.get("/next").answer["collect"]["counts"][0] == ["7", left])


def test_word_of_a_press_that_was_released_is_ignored(serve: Serve, chart: Pixels, tmp_path: Path) -> None:
    """A page repeats its word, each time in a connection of its own."""
    site = collecting(serve, tmp_path, chart)

    def say(path: str, label: str, press: str | None) -> str | None:
        holding: str | None = site.post(path, {"label": label, "press": press}).json["collect"]["holding"]
        return holding

    assert say("/collect/hold", "rock", "a-1") == "rock"
    assert say("/collect/release", "rock", "a-1") is None
    assert say("/collect/hold", "rock", "a-1") is None
    assert say("/collect/hold", "paper", "a-2") == "paper"
    assert say("/collect/hold", "rock", "a-1") == "paper"
    assert say("/collect/release", "rock", "a-1") == "paper"
    assert say("/collect/release", "paper", "a-2") is None
    assert say("/collect/release", "rock", "a-3") is None  # which overtook its hold
    assert say("/collect/hold", "rock", "a-3") is None
    assert say("/collect/hold", "rock", None) == "rock"  # a program that says no more than it has to
    assert say("/collect/release", "rock", None) is None


@pytest.mark.parametrize("press", [7, [], "x" * 65])
def test_press_that_is_no_short_text_is_refused(serve: Serve, tmp_path: Path, press: object) -> None:
    site = serve(collect=tmp_path)
    assert site.post("/collect/hold", {"label": "rock", "press": press}).status == 400
    assert site.post("/collect/release", {"press": press}).status == 400


def test_full_disk_is_said_and_the_loop_goes_on(
    serve: Serve, chart: Pixels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: Path, __: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    site = collecting(serve, tmp_path, chart)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", full)
        for _ in range(2):
            site.post("/collect/hold", {"label": "rock"})
            until(lambda: site.get("/about").json["collect"]["trouble"])
            site.post("/collect/release")
    said = site.console.getvalue()
    assert said.count("warning: expected room for a picture, received No space left on device") == 1
    assert site.get("/next").status == 200
    site.post("/collect/hold", {"label": "rock"})
    until(lambda: dict(site.get("/about").json["collect"]["counts"])["rock"])
    until(lambda: site.get("/about").json["collect"]["trouble"] is None)


def test_mistake_of_ours_is_said_and_the_next_picture_is_taken(
    serve: Serve, chart: Pixels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> Path:
        raise ZeroDivisionError("of a test")

    site = collecting(serve, tmp_path, chart)
    with monkeypatch.context() as patched:
        patched.setattr(Collection, "add", fail)
        site.post("/collect/hold", {"label": "rock"})
        until(lambda: "mistake of ours" in (site.get("/about").json["collect"]["trouble"] or ""))
    site.post("/collect/hold", {"label": "rock"})
    until(lambda: written(tmp_path, "rock"))
    assert site.console.getvalue() == "warning: the web page met ZeroDivisionError: of a test\n"


def test_page_without_collection_has_no_such_buttons(serve: Serve) -> None:
    assert serve().post("/collect/hold", {"label": "rock"}).status == 404
