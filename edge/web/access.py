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

SHORTEST = 8  # characters of a token that a person chose
_LONGEST = 200
_LETTERS = frozenset(string.ascii_letters + string.digits + "-_.~")  # what an address takes as it is
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_OPEN = frozenset({"/page.css", "/icon.svg"})  # the look of the page that asks for the token
_WRONG = 0.5  # seconds that a wrong token has to wait for its answer
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

# As they go out, because they go out with every picture.
_RAW_HEADERS = [(name.lower().encode(), value.encode()) for name, value in _HEADERS.items()]


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


@dataclass(frozen=True)
class Rules:
    """What a request must bring along.

    `token` is a secret that it must know, in its cookie, as `?token=` or as a bearer; none where None. With `local`
    only names of this very machine are taken for the host: a page from elsewhere can have its own name point here, and
    would then be of the same origin. `port` tells the cookies of two servers on one machine apart.
    """

    token: str | None
    local: bool
    port: int

    def refusal(self, request: Request) -> tuple[int, str] | None:
        """Give the status and the reason with which a request is refused; None where it is not."""
        if self.local and _host_name(request.headers.get("host", "")) not in _LOCAL:
            return 421, "this page is only for the machine that it runs on, as localhost or 127.0.0.1"
        if self.token is not None and request.url.path not in _OPEN and not self._known(request):
            return 401, "expected the token, as it stands in the address that was printed"
        if request.method not in ("GET", "HEAD") and not _of_same_origin(request):
            return 403, "expected a request of this page itself"
        return None

    def cookie(self, request: Request) -> str | None:
        """Give the cookie to set: where the token came in the address of the page, which is done once."""
        if self.token is None or request.url.path != "/" or "token" not in request.query_params:
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
                message["headers"] = [*message["headers"], *_RAW_HEADERS]
                if cookie is not None:
                    message["headers"].append((b"set-cookie", cookie.encode()))
            await send(message)

        if refusal is None:
            await self._app(scope, receive, send_with_headers)
            return
        if refusal[0] == 401 and ("token" in request.query_params or "authorization" in request.headers):
            await asyncio.sleep(_WRONG)
        await self._refused(request, *refusal)(scope, receive, send_with_headers)

    def _refused(self, request: Request, status: int, reason: str) -> Response:
        if status == 401 and request.url.path == "/":
            return HTMLResponse(self._token_page, status)
        headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
        return PlainTextResponse(f"{reason}\n", status, headers)


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
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _same(given: str, secret: str) -> bool:
    return hmac.compare_digest(given.encode(errors="replace"), secret.encode())
