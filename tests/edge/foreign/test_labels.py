from __future__ import annotations

from pathlib import Path

import pytest

from edgeproof.edge.errors import InputError
from edgeproof.edge.foreign.labels import fit, given_labels, member_labels, read_labels, told_apart


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("0 rock\n1 two words\n2 c\n", ("rock", "two words", "c")),  # as Teachable Machine writes them
        ("\ufeff0 a\r\n1\tb\r\n", ("a", "b")),
        ("1 a\n2 b\n", ("1 a", "2 b")),
        ("0 a\nb\n", ("0 a", "b")),
        ("0\n1\n", ("0", "1")),
    ],
)
def test_numbers_are_taken_off_where_every_line_has_its_own(text: str, labels: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "labels.txt"
    path.write_bytes(text.encode())
    assert read_labels(str(path)) == labels


@pytest.mark.parametrize("label", ["\udcff", "a\x1b[31m", "a\x7fb", "a\nb", "a\u2028b"])
def test_labels_that_no_line_can_show_are_refused(label: str) -> None:
    for read in (
        lambda: read_labels(f"{label},other"),
        lambda: given_labels([label, "other"]),
        lambda: given_labels(f"{label},other"),
        lambda: told_apart((label, "other")),
    ):
        with pytest.raises(InputError) as caught:
            read()
        assert str(caught.value) == f"expected labels of printable UTF-8, received {label!r}; rename it"


def test_tabs_within_the_labels_of_a_file_become_spaces(tmp_path: Path) -> None:
    (tmp_path / "labels.txt").write_text("n01440764\ttench\nn01443537\tgoldfish\n")
    assert read_labels(str(tmp_path / "labels.txt")) == ("n01440764 tench", "n01443537 goldfish")


def test_empty_file_of_labels_is_refused(tmp_path: Path) -> None:
    (tmp_path / "labels.txt").touch()
    with pytest.raises(InputError, match="expected labels that differ"):
        read_labels(str(tmp_path / "labels.txt"))


def test_labels_of_a_file_that_stand_twice_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "labels.txt"
    path.write_text("hen\ncrane\nunknown\ncrane\n")
    names, (assumed,) = given_labels(path)
    assert names == ("hen", "crane", "unknown (2)", "crane (3)")
    assert str(assumed) == "labels unknown (2), crane (3) (numbered, to tell them apart)"


def test_labels_that_differ_need_nothing() -> None:
    assert told_apart(("a", "b")) == (("a", "b"), [])
    assert given_labels(["a", "b"]) == (("a", "b"), [])


def test_one_label_for_one_output_stands_beside_its_absence() -> None:
    names, (assumed,) = fit(("cat",), 1, "m.tflite")
    assert names == ("not cat", "cat")
    assert assumed.argument == "labels"


@pytest.mark.parametrize(("units", "count"), [(3, 3), (1, 2), (None, 5)])
def test_as_many_labels_as_outputs_fit(units: int | None, count: int) -> None:
    names = tuple("abcdef"[:count])
    assert fit(names, units, "m.tflite") == (names, [])


@pytest.mark.parametrize(
    ("labels", "units", "message"),
    [
        (1000, 1001, "expected 1001 label(s) for as many outputs, received 1000: 0, 1, 2, 3, 4 and 995 more; "),
        (1000, 1001, "if the first output is a background class, as in many files of 1001, put 'background' before"),
        (3, 1, "expected 2 label(s) for 1 output, received 3: 0, 1, 2; pass --labels: m.tflite"),
        (2, 7, "expected 7 label(s) for as many outputs, received 2: 0, 1; pass --labels"),
    ],
)
def test_another_number_of_labels_is_refused(labels: int, units: int, message: str) -> None:
    with pytest.raises(InputError) as caught:
        fit(tuple(map(str, range(labels))), units, "m.tflite")
    assert message in str(caught.value)


def test_background_that_the_file_does_not_have_is_named() -> None:
    with pytest.raises(InputError, match="take 'background' off them, this file has no such output"):
        fit(("background", "a", "b"), 2, "m.tflite")


def test_labels_of_the_first_member_that_is_there_are_read() -> None:
    members = {"labels.txt": b"\xef\xbb\xbf0 a\r\n1 b\r\n", "other.txt": b"c"}
    assert member_labels(("labels_de.txt", "labels.txt", "other.txt"), members, "m") == ("a", "b")
    assert member_labels(("labels_de.txt",), members, "m") == ()
    with pytest.raises(InputError, match=r"expected labels of UTF-8 in x, received something else: m"):
        member_labels(("x",), {"x": b"\xff\xfe\x80"}, "m")


def test_path_of_no_file_is_no_label(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"expected a file of labels, received none that can be read: .*labels\.txt"):
        given_labels(tmp_path / "labels.txt")
