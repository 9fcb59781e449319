from __future__ import annotations

import re
from pathlib import Path

import cv2
import pytest

from edgeproof.edge.contract import NumberInput
from edgeproof.edge.errors import InputError
from edgeproof.edge.preprocess import Pixels
from edgeproof.edge.sources import SourceOptions, open_source
from edgeproof.edge.sources.address import Address
from frames import Words, frames_of

SECRETS = ("hunter2", "root", "t0ken")


@pytest.mark.parametrize(
    ("url", "host", "port", "target", "shown"),
    [
        ("http://cam", "cam", 80, "/", "http://cam"),
        ("https://cam/video", "cam", 443, "/video", "https://cam/video"),
        ("rtsp://cam/h264/1", "cam", 554, "/h264/1", "rtsp://cam/h264/1"),
        ("http://root:hunter2@cam:8080/a?pwd=t0ken", "cam", 8080, "/a?pwd=t0ken", "http://cam:8080/a?…"),
        ("rtsp://root:hunter2@[fe80::1]:8554/x", "fe80::1", 8554, "/x", "rtsp://[fe80::1]:8554/x"),
        ("HTTP://Cam.Local/X", "cam.local", 80, "/X", "http://Cam.Local/X"),
    ],
)
def test_address_is_read_and_its_secrets_are_not_shown(url: str, host: str, port: int, target: str, shown: str) -> None:
    address = Address.parse(url)
    assert (address.host, address.port, address.target, address.shown) == (host, port, target, shown)
    assert not any(secret in repr(address.shown) for secret in SECRETS)
    assert address.url == url


def test_names_and_passwords_are_decoded() -> None:
    address = Address.parse("http://a%40b:p%3A%2F%C3%A4@cam/")
    assert (address.user, address.password) == ("a@b", "p:/ä")
    assert "p:/ä" not in repr(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://",
        "http:///path",
        "rtsp://root:hunter2@",
        "http://root:hunter2@cam:many/",
        "http://root:hunter2@cam:99999/",
        "http://root:hunter2@[::1/",
        "http://root:hunter2@cam/a b",
        "http://root:hunter2@cam..lan/",
        f"rtsp://root:hunter2@{'long' * 20}/",
        "rtsp://root:12/hunter2@cam/x",  # a slash in the password
        "rtsp://root:12?hunter2@cam/x",
        "rtsp://root:12#hunter2@cam/x",
        "rtsp://root:hunter2@1/hunter2@cam/x",
        "http://cam/a\r\nX-Evil: 1",
    ],
)
def test_bad_address_is_one_line_without_its_secrets(url: str, words: Words) -> None:
    with pytest.raises(InputError, match="expected an address such as rtsp://camera:554/stream, received") as caught:
        words.open(url)
    assert not any(secret in str(caught.value) for secret in SECRETS)
    assert len(str(caught.value).splitlines()) == 1


def test_address_that_is_no_text_is_refused(words: Words) -> None:
    with pytest.raises(InputError, match="expected a name in UTF-8"):
        words.open("http://cam/\udcff")


def test_unknown_scheme_is_refused_without_its_secrets(words: Words) -> None:
    with pytest.raises(InputError, match="received 'ftp://cam/x'"):
        words.open("ftp://root:hunter2@cam/x")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("rtsp:/root:hunter2@cam/x", "rtsp:/…@cam/x"),
        ("rtsp:/root:hunter2@cam/x.jpg?t0ken", "rtsp:/…@cam/x.jpg?…"),
        ("rtsp:/root:hun/ter2@cam/*.jpg", "rtsp:/…@cam/*.jpg"),
        ("//root:hunter2@cam/x", "//…@cam/x"),
        ("root:hunter2@cam/x", "…@cam/x"),
        ("rtsp:/cam/x?t0ken", "rtsp:/cam/x?…"),
        ("me@home/nowhere", "me@home/nowhere"),
        ("nowhere", "nowhere"),
    ],
)
def test_mistyped_address_is_refused_without_its_secrets(name: str, shown: str, words: Words) -> None:
    with pytest.raises(InputError) as caught:
        words.open(name)
    assert re.search(
        f"folder or hands:, received {re.escape(repr(shown))}(; there is no such file)?$", str(caught.value)
    )
    with pytest.raises(InputError) as caught:
        words.open(name, SourceOptions(rate=5.0))
    assert f"received {shown}; leave it out" in str(caught.value)


def test_model_of_numbers_shows_no_secrets_of_an_address(words: Words) -> None:
    with pytest.raises(InputError, match=r"such as 10 or 1,2\.5, received 'rtsp://…@cam/x\?…'"):
        open_source("rtsp://root:hunter2@cam/x?t0ken", NumberInput(1, (0.0, 1.0)), words.console)


def test_picture_whose_name_looks_like_an_address_is_opened(chart: Pixels, tmp_path: Path, words: Words) -> None:
    (tmp_path / "a:b@c").mkdir()
    cv2.imwrite(str(tmp_path / "a:b@c" / "x.png"), chart)
    for name in ("x.png", "*.png"):
        assert len(frames_of(words.open(tmp_path / "a:b@c" / name))) == 1
