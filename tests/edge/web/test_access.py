from __future__ import annotations

import contextlib
import http.client
import socket
from types import SimpleNamespace

import pytest

pytest.importorskip("uvicorn", reason="uvicorn is not installed")
pytest.importorskip("starlette", reason="starlette is not installed")

from edgeproof.edge.errors import InputError
from edgeproof.edge.preprocess import Pixels
from edgeproof.edge.web import access
from edgeproof.edge.web.access import check_token
from web_site import Serve, answer

TOKEN = "correct-horse-battery"  # noqa: S105 - of a test
OTHER = "staple-of-another"
ANYWHERE = "0.0.0.0"  # noqa: S104 - with a token, which is what is tested
PATHS = ("/", "/page.js", "/about", "/answer", "/next", "/frame.jpg", "/stream.mjpg")


def test_token_is_needed_for_everything(serve: Serve, chart: Pixels) -> None:
    site = serve(ANYWHERE, token=TOKEN)
    site.sink.write(answer(chart))
    for path in PATHS:
        assert site.get(path).status == 401
        assert TOKEN.encode() not in site.get(path).body
    assert site.post("/game/start").status == 401
    assert site.sink.encoded == 0


def test_page_asks_for_the_token(serve: Serve) -> None:
    reply = serve(ANYWHERE, token=TOKEN).get("/")
    assert reply.headers["Content-Type"].startswith("text/html")
    assert b'name="token" type="password"' in reply.body
    assert "Set-Cookie" not in reply.headers


def test_token_in_the_address_becomes_a_cookie(serve: Serve, chart: Pixels) -> None:
    site = serve(ANYWHERE, token=TOKEN)
    site.sink.write(answer(chart))
    reply = site.get(f"/?token={TOKEN}")
    assert reply.status == 200
    cookie, *flags = reply.headers["Set-Cookie"].split("; ")
    assert set(flags) == {"HttpOnly", "SameSite=Strict", "Path=/"}
    assert TOKEN not in cookie
    for path in ("/", "/about", "/answer"):
        again = site.get(path, {"Cookie": cookie})
        assert again.status == 200
        assert "Set-Cookie" not in again.headers


def test_programs_may_bring_the_token_along(serve: Serve, chart: Pixels) -> None:
    site = serve(ANYWHERE, token=TOKEN)
    site.sink.write(answer(chart))
    assert site.get(f"/answer?token={TOKEN}").status == 200
    assert site.get("/answer", {"Authorization": f"Bearer {TOKEN}"}).status == 200


@pytest.mark.parametrize("wrong", ["", "x", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "%C3%BC", "%FF", "a" * 5000])
def test_wrong_token_is_refused(serve: Serve, wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "_WRONG", 0.0)
    site = serve(ANYWHERE, token=TOKEN)
    assert site.get(f"/?token={wrong}").status == 401
    assert site.get("/", {"Cookie": f"edgeproof-{site.port}={wrong}"}).status == 401


def test_cookie_of_another_token_is_refused(serve: Serve) -> None:
    other, site = serve(ANYWHERE, token=OTHER), serve(ANYWHERE, token=TOKEN)
    value = other.get(f"/?token={OTHER}").headers["Set-Cookie"].partition("; ")[0].partition("=")[2]
    assert site.get("/", {"Cookie": f"edgeproof-{site.port}={value}"}).status == 401


def test_token_is_in_the_address_that_is_printed(serve: Serve) -> None:
    assert serve(ANYWHERE, token=TOKEN).sink.url.endswith(f"/?token={TOKEN}")
    site = serve()
    assert site.sink.url == f"http://127.0.0.1:{site.port}/"


def test_token_may_be_asked_for_on_loopback_too(serve: Serve) -> None:
    site = serve(token=TOKEN)
    assert site.get("/").status == 401
    assert site.get(f"/?token={TOKEN}").status == 200


@pytest.mark.parametrize("token", ["", "short", "with space", "ümlaut-token", "a&b=c-and-more", "a" * 201])
def test_token_that_cannot_be_in_an_address_is_refused(token: str) -> None:
    with pytest.raises(InputError, match="expected a token of 8 to 200") as caught:
        check_token(token)
    assert not token or token not in str(caught.value)  # a secret is not repeated


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "pi.local:8080", "", "[", ".", "localhost..:1", "127.0.0.2"]
)
def test_other_names_of_this_machine_are_refused(serve: Serve, host: str) -> None:
    """DNS rebinding: a page from elsewhere has its own name point to 127.0.0.1."""
    site = serve()
    assert site.get("/about", {"Host": host}).status == 421
    assert site.post("/game/start", headers={"Host": host, "Origin": f"http://{host}"}).status == 421


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8080", "127.0.0.1:1", "[::1]:8080", "localhost.:1"])
def test_names_of_loopback_are_taken(serve: Serve, host: str) -> None:
    assert serve().get("/about", {"Host": host}).status == 200


def test_page_is_reached_under_the_address_that_is_printed(serve: Serve) -> None:
    site = serve("127.0.0.2", best_of=3)
    assert site.sink.url == f"http://127.0.0.2:{site.port}/"
    assert site.get("/about").status == 200
    assert site.post("/game/start").status == 200
    assert site.get("/about", {"Host": "127.0.0.3"}).status == 421
    assert site.get("/about", {"Host": "evil.example"}).status == 421


@pytest.mark.parametrize("host", ["raspberrypi", "RaspberryPi.:8080", "127.0.1.1:8080", "localhost"])
def test_page_is_reached_under_the_name_that_was_asked_for(serve: Serve, host: str) -> None:
    """Debian's /etc/hosts has the machine's own name stand for 127.0.1.1."""
    site = serve("127.0.1.1", name="raspberrypi")
    assert site.get("/about", {"Host": host}).status == 200
    assert site.get("/about", {"Host": "raspberrypi.evil.example"}).status == 421


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "HERE", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "HERE", "Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Origin": "HERE"}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "HERE", "Sec-Fetch-Site": "same-origin"}, 200),
    ],
)
def test_buttons_are_for_the_page_itself(serve: Serve, headers: dict[str, str], status: int) -> None:
    site = serve(best_of=3)
    given = {name: site.root if value == "HERE" else value for name, value in headers.items()}
    assert site.post("/game/start", headers=given).status == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "image"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Sec-Fetch-Dest": "script"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "iframe", "Sec-Fetch-Mode": "navigate"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate"}, 200),
        ({"Sec-Fetch-Site": "none", "Sec-Fetch-Dest": "document"}, 200),
        ({"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "empty"}, 200),
        ({}, 200),
    ],
)
def test_page_from_elsewhere_may_link_here_and_no_more(serve: Serve, headers: dict[str, str], status: int) -> None:
    assert serve().get("/about", headers).status == status


@pytest.mark.parametrize("host", ["x/page.css?", "x/icon.svg#", "x/page.css%3F", "a@b/page.css?", "x\\page.css?"])
def test_host_that_holds_a_path_opens_nothing(serve: Serve, host: str) -> None:
    assert serve(ANYWHERE, token=TOKEN).get("/about", {"Host": host}).status == 401


def test_guess_by_the_cookie_waits_as_one_by_the_token(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cookie is made of the token, by what is public."""
    waited = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(access, "asyncio", SimpleNamespace(sleep=sleep))
    site = serve(ANYWHERE, token=TOKEN)
    assert site.get("/about").status == 401
    assert waited == []
    for headers in ({"Cookie": f"edgeproof-{site.port}=guess"}, {"Authorization": "Bearer guess"}):
        assert site.get("/about", headers).status == 401
    assert site.get("/about?token=guess").status == 401
    assert waited == [access._WRONG] * 3


def test_every_reply_tells_browsers_what_to_refuse(serve: Serve) -> None:
    site = serve(ANYWHERE, token=TOKEN)
    for path in ("/", "/page.css", f"/?token={TOKEN}", f"/nothing?token={TOKEN}", f"/next?after=x&token={TOKEN}"):
        headers = site.get(path).headers
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["X-Frame-Options"] == "DENY"
        assert "Server" not in headers


def test_nothing_is_logged(serve: Serve, capfd: pytest.CaptureFixture[str]) -> None:
    site = serve(ANYWHERE, token=TOKEN)
    site.get(f"/?token={TOKEN}")
    site.get("/?token=wrong-token")
    with socket.create_connection(("127.0.0.1", site.port)) as connection:
        connection.sendall(b"no HTTP at all\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 400")
    site.close()
    assert capfd.readouterr() == ("", "")
    assert site.console.getvalue() == ""


def test_heads_and_bodies_are_bounded(serve: Serve, tmp_path: object) -> None:
    site = serve(collect=tmp_path)
    with contextlib.suppress(ConnectionError):  # the server may hang up before it has read all of it
        assert site.get("/about", {"X-Long": "x" * 1_000_000}).status == 400
    assert site.post("/collect/label", {"label": "x" * 5000}).status == 413
    assert site.get("/about").status == 200


def test_other_methods_are_not_allowed(serve: Serve) -> None:
    site = serve(best_of=3)
    assert site.get("/game/start").status == 405
    assert site.post("/next").status == 405
    assert site.get("/../access.py").status == 404
    assert site.get("/about/", {"Host": "localhost"}).status == 404  # and leads nowhere
    connection = http.client.HTTPConnection("127.0.0.1", site.port)
    connection.request("HEAD", "/")
    assert connection.getresponse().status == 200
    connection.close()
