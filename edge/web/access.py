"""Who may see and do what: the token, the host's name, the origin, and what browsers are told to refuse."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import string
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..errors import InputError
from .headers import RAW_HEADERS

SHORTEST = 8  # characters of a token that a person chose
_LONGEST = 200
_LETTERS = frozenset(string.ascii_letters + string.digits + "-_.~")  # what an address takes as it is
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_OPEN = frozenset({"/page.css", "/icon.svg"})  # the look of the page that asks for the token
_WRONG = 0.5  # seconds that a wrong token has to wait for its answer


def check_token(token: str) -> str:
    """Give a token back that can be part of an address.

    Raises:
        InputError: it cannot, or it is too short.
    """
    if not (SHORTEST <= len(token) <= _LONGEST and _LETTERS.issuperset(token)):
        raise InputError(
            f"expected a token of {SHORTEST} to {_LONGEST} letters, digits and -_.~, received another; choose anew"
        )
    return token


def local_names(*names: str) -> frozenset[str]:
    """Give what this machine is called on it, names under which its page was asked for among them."""
    return _LOCAL | {_plain(name) for name in names}


@dataclass(frozen=True)
class Rules:
    """What a request must bring along.

    `token` is a secret that it must know, in its cookie, as `?token=` or as a bearer; none where None. `names` are the
    only ones taken for the host, any where None: a page from elsewhere can have its own name point here, and would then
    be of the same origin. `port` tells the cookies of two servers on one machine apart.
    """

    token: str | None
    names: frozenset[str] | None
    port: int

    def refusal(self, request: Request) -> tuple[int, str] | None:
        """Give the status and the reason with which a request is refused; None where it is not."""
        if self.names is not None and _host_name(request.headers.get("host", "")) not in self.names:
            return 421, "this page is only for the machine that it runs on, as localhost or 127.0.0.1"
        if self.token is not None and _path(request) not in _OPEN and not self._known(request):
            return 401, "expected the token, as it stands in the address that was printed"
        if not (_looks(request) or _of_same_origin(request)):
            return 403, "expected a request of this page itself"
        return None

    def guessed(self, request: Request) -> bool:
        """Tell whether a request that was refused brought something in the token's place."""
        given = "token" in request.query_params or "authorization" in request.headers
        return given or self._cookie_name in request.cookies  # which is made of the token, and as good for guessing

    def cookie(self, request: Request) -> str | None:
        """Give the cookie to set: where the token came in the address of the page, which is done once."""
        if self.token is None or _path(request) != "/" or "token" not in request.query_params:
            return None
        return f"{self._cookie_name}={self._cookie_value}; HttpOnly; SameSite=Strict; Path=/"

    @property
    def _cookie_name(self) -> str:
        return f"edgeproof-{self.port}"

    @property
    def _cookie_value(self) -> str:
        # A browser keeps it in a file; what it keeps is good here and nowhere else.
        return hmac.new((self.token or "").encode(), b"cookie", hashlib.sha256).hexdigest()

    def _known(self, request: Request) -> bool:
        kind, _, bearer = request.headers.get("authorization", "").partition(" ")
        given = request.query_params.get("token") or (bearer if kind.lower() == "bearer" else "")
        cookie = request.cookies.get(self._cookie_name, "")
        return _same(given, self.token or "") or _same(cookie, self._cookie_value)


class Access:
    """Lets through what the rules allow, and gives every answer the headers that browsers heed."""

    def __init__(self, app: ASGIApp, rules: Rules, token_page: str) -> None:
        self._app, self._rules, self._token_page = app, rules, token_page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope)
        refusal = self._rules.refusal(request)
        cookie = None if refusal else self._rules.cookie(request)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *RAW_HEADERS]
                if cookie is not None:
                    message["headers"].append((b"set-cookie", cookie.encode()))
            await send(message)

        if refusal is None:
            await self._app(scope, receive, send_with_headers)
            return
        if refusal[0] == 401 and self._rules.guessed(request):
            await asyncio.sleep(_WRONG)
        await self._refused(request, *refusal)(scope, receive, send_with_headers)

    def _refused(self, request: Request, status: int, reason: str) -> Response:
        if status == 401 and _path(request) == "/":
            return HTMLResponse(self._token_page, status)
        headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
        return PlainTextResponse(f"{reason}\n", status, headers)


def _path(request: Request) -> str:
    # As the routes have it. That of request.url is put together with the header of the host, which a peer chooses.
    path: str = request.scope["path"]
    return path


def _looks(request: Request) -> bool:
    """Tell whether a request changes nothing, and is none that a page from elsewhere makes in passing."""
    if request.method not in ("GET", "HEAD"):
        return False
    # A link may lead here; an image, a frame or a script of another page would take a viewer's place.
    site, goal = request.headers.get("sec-fetch-site"), request.headers.get("sec-fetch-dest")
    return site in (None, "none", "same-origin") or goal == "document"


def _of_same_origin(request: Request) -> bool:
    # Browsers send Sec-Fetch-Site over https and to localhost, Origin with every POST; a page cannot forge either.
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is None and origin is None:
        return False
    if site not in (None, "same-origin"):
        return False
    return origin is None or origin.partition("://")[2].lower() == request.headers.get("host", "").lower()


def _host_name(host: str) -> str | None:
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        return None
    return None if name is None else _plain(name)


def _plain(name: str) -> str:
    return name.lower().removesuffix(".")  # which says that the name is a whole one


def _same(given: str, secret: str) -> bool:
    return hmac.compare_digest(given.encode(errors="replace"), secret.encode())
