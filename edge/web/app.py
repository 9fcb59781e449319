"""What the server answers: the page, pictures with their answers, and the buttons of the page."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from ..answer import Answer
from ..errors import InputError
from .arena import Arena
from .picture import described
from .recorder import Recorder
from .stream import Stream
from .viewers import Viewers

ANSWER = "X-Edgeproof-Answer"  # the header that an answer comes in, beside its picture
_PATIENCE = 10.0  # seconds for which a poll waits; proxies and phones give up after more
_LONGEST_BODY = 4096  # bytes
_LONGEST_PRESS = 64  # letters
_PAGES = {
    "/": "page.html",
    **{f"/{name}": name for name in ("page.css", "page.js", "collection.js", "game.js", "icon.svg")},
}
_KINDS = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


@dataclass(frozen=True)
class Stage:
    """What the server shows and moves.

    `about` says what seldom changes: the model, its labels. `newest` gives the loop's newest answer, None before the
    first; `beside` what is shown beside an answer. `failed` is told of an error that is a mistake of ours.
    """

    about: dict[str, Any]
    newest: Callable[[], Answer | None]
    beside: Callable[[], dict[str, Any]]
    failed: Callable[[Exception], None]
    recorder: Recorder | None = None
    arena: Arena | None = None


def page(name: str) -> str:
    """Read one of the files beside this one."""
    return files(__package__).joinpath(name).read_text("utf-8")


def build(stage: Stage, viewers: Viewers) -> Starlette:
    """Build the application."""
    watching = Watching(stage, viewers)
    routes = [
        *(Route(path, _page(name)) for path, name in _PAGES.items()),
        Route("/about", watching.about),
        Route("/next", watching.next),
        Route("/frame.jpg", watching.frame),
        Route("/stream.mjpg", watching.stream),
        Route("/answer", watching.answer),
    ]
    buttons = Buttons(stage)
    if stage.recorder is not None:
        names = ("hold", "release", "undo", "label")
        routes += [Route(f"/collect/{name}", getattr(buttons, name), methods=["POST"]) for name in names]
    if stage.arena is not None:
        routes.append(Route("/game/start", buttons.start, methods=["POST"]))

    async def failed(_: Request, error: Exception) -> Response:
        stage.failed(error)
        return Response("a mistake of ours; see the console\n", 500, media_type="text/plain")

    app = Starlette(routes=routes, exception_handlers={Exception: failed, InputError: _refused})
    app.router.redirect_slashes = False  # to an address that is made of the host's name as the peer says it
    return app


class Watching:
    """Pictures and answers."""

    def __init__(self, stage: Stage, viewers: Viewers) -> None:
        self._stage, self._viewers = stage, viewers

    async def about(self, _: Request) -> Response:
        """Say what does not change."""
        return _json(self._stage.about | self._stage.beside())

    async def next(self, request: Request) -> Response:
        """Wait for the picture after number `after`: 200 with it, 204 where none came for long, 410 at the end."""
        try:
            after = int(request.query_params.get("after", "0"))
        except ValueError:
            raise HTTPException(400, "expected the number of a picture in after=") from None
        return await self._shot(request, after)

    async def frame(self, request: Request) -> Response:
        """Give a picture of now, as `next` does."""
        return await self._shot(request, 0)

    async def stream(self, _: Request) -> Response:
        """Give one picture after another."""
        return Stream(self._viewers)

    async def answer(self, _: Request) -> Response:
        """Give the newest answer as JSON: 204 before the first, 410 at the end."""
        newest = self._stage.newest()
        if self._viewers.ended or newest is None:
            return self._nothing()
        return _json(described(newest) | self._stage.beside())

    async def _shot(self, request: Request, after: int) -> Response:
        with self._viewers.seat(request.scope):
            shot = await self._viewers.newer(after, _PATIENCE)
        if shot is None:
            return self._nothing()
        return Response(shot.jpeg, headers={ANSWER: shot.answer}, media_type="image/jpeg")

    def _nothing(self) -> Response:
        if self._viewers.ended:
            return Response("the source has ended\n", 410, media_type="text/plain")
        return Response(status_code=204)


class Buttons:
    """What a person does on the page; each answers with the state that it left."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    @property
    def _recorder(self) -> Recorder:
        assert self._stage.recorder is not None  # noqa: S101 - there is no route to here without one
        return self._stage.recorder

    async def hold(self, request: Request) -> Response:
        """Take pictures of a label for a moment."""
        said = await _said(request)
        self._recorder.hold(_label(said), _press(said))
        return self._state()

    async def release(self, request: Request) -> Response:
        """Take no more."""
        self._recorder.release(_press(await _said(request)))
        return self._state()

    async def undo(self, _: Request) -> Response:
        """Delete the newest picture."""
        await asyncio.to_thread(self._recorder.undo)  # which waits for the disk
        return self._state()

    async def label(self, request: Request) -> Response:
        """Add a label."""
        self._recorder.add_label(_label(await _said(request)))
        return self._state()

    async def start(self, _: Request) -> Response:
        """Begin a match."""
        assert self._stage.arena is not None  # noqa: S101 - there is no route to here without one
        self._stage.arena.start()
        return self._state()

    def _state(self) -> Response:
        return _json(self._stage.beside())


def _page(name: str) -> Callable[[Request], Any]:
    body, kind = page(name), _KINDS[name.rpartition(".")[2]]

    async def answer(_: Request) -> Response:
        return Response(body, media_type=kind)

    return answer


async def _said(request: Request) -> dict[str, Any]:
    """Read what a page says, nothing where it is no JSON object."""
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > _LONGEST_BODY:
                raise HTTPException(413, f"expected up to {_LONGEST_BODY} bytes")
    except ClientDisconnect:
        raise HTTPException(400, "expected a whole request") from None
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _label(said: dict[str, Any]) -> str:
    label = said.get("label")
    if not isinstance(label, str):
        raise HTTPException(400, 'expected {"label": "…"}')
    return label


def _press(said: dict[str, Any]) -> str | None:
    press = said.get("press")
    if press is not None and not (isinstance(press, str) and len(press) <= _LONGEST_PRESS):
        raise HTTPException(400, f'expected "press" as a text of up to {_LONGEST_PRESS} letters')
    return press


def _json(value: dict[str, Any]) -> Response:
    return Response(json.dumps(value), media_type="application/json")  # ASCII, for names that are no text


async def _refused(_: Request, error: Exception) -> Response:
    return Response(str(error).encode(errors="replace"), 400, media_type="text/plain")
