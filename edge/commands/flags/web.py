"""Options of the web page, and of what can be done on it."""

from __future__ import annotations

import argparse
import os
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from ...arguments import positive, refuse_source
from ...contract import NumberInput
from ...errors import InputError, missing_package

if TYPE_CHECKING:
    import socket

    from ...console import Console
    from ...contract import Contract
    from ...game.match import Match
    from ...sinks import Sink
    from ...web.address import Address

_TOKEN = "EDGEPROOF_TOKEN"  # noqa: S105 - the name of a variable
_RANDOM = 16  # bytes of a token that is made here
_ROUNDS, _MOST_ROUNDS = 3, 99
_FASTEST = 60  # pictures a second
_BESIDE = ("token", "web_rate", "collect", "game")  # which are nothing without --web


def add(parser: argparse.ArgumentParser) -> None:
    """Add them."""
    group = parser.add_argument_group("web page")
    group.add_argument(
        "--web",
        nargs="?",
        const="",
        type=_address,
        metavar="HOST:PORT",
        help="show it all in a browser (default: 127.0.0.1:8080); an address that others can reach asks for a token",
    )
    group.add_argument(
        "--token",
        metavar="TOKEN",
        help=f"the secret that viewers must know (default: ${_TOKEN}, or a random one, printed)",
    )
    group.add_argument("--web-rate", type=_rate, metavar="N", help="pictures a second at most (default: 25)")
    group.add_argument("--collect", type=Path, metavar="FOLDER", help="take pictures on the page, for training")
    group.add_argument(
        "--game",
        nargs="?",
        const=_ROUNDS,
        type=_best_of,
        metavar="N",
        help=f"play rock, paper, scissors on the page, best of N (default: {_ROUNDS})",
    )


def check(options: argparse.Namespace, contract: Contract) -> None:
    """See to it that the page can show what the model answers.

    Raises:
        InputError: it cannot, or the options lack --web.
    """
    if options.web is None:
        for name in _BESIDE:
            if getattr(options, name) is not None:
                flag = f"--{name.replace('_', '-')}"
                raise InputError(f"expected --web beside {flag}, received none; {flag} is for the web page")
        return
    if isinstance(contract.input, NumberInput):
        raise InputError("expected --web with a model of pictures, received a model of numbers")
    if options.game is not None:
        from ...game.rules import check_labels

        check_labels(contract.output.labels)


def open_sinks(options: argparse.Namespace, contract: Contract, console: Console, stack: ExitStack) -> list[Sink]:
    """Open the page, where one is wanted; the stack closes it.

    Raises:
        InputError: its address cannot be had, it lacks a token, or what is collected cannot be written.
    """
    if options.web is None:
        return []
    try:
        from ...web.sink import RATE, WebSink
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package in ("starlette", "uvicorn"):
            raise missing_package(package, "web") from None
        raise
    from ...collection import Collection
    from ...web.address import listen

    collection = None if options.collect is None else Collection(options.collect, options.disk_budget)
    listener = listen(options.web)
    with ExitStack() as unused:
        unused.callback(listener.close)
        sink = WebSink(
            listener,
            contract,
            console,
            name=options.web.host,
            token=_token(options, listener),
            rate=options.web_rate or RATE,
            collection=collection,
            match=_match(options),
        )
        unused.pop_all()  # it is the server's now, which may need it for longer than this thread waits
    stack.callback(sink.close)
    console.say(f"web page: {sink.url}")
    return [sink]


def _token(options: argparse.Namespace, listener: socket.socket) -> str | None:
    """Give the token that was chosen, or make one where others can reach the page."""
    import secrets

    from ...web.access import check_token
    from ...web.address import is_loopback

    chosen = options.token if options.token is not None else os.environ.get(_TOKEN)
    if chosen is not None:
        return check_token(chosen)
    if is_loopback(listener):
        return None
    if options.quiet:
        raise InputError(
            f"expected a token beside --quiet, which would not print a random one; see --token or ${_TOKEN}"
        )
    return secrets.token_urlsafe(_RANDOM)


def _match(options: argparse.Namespace) -> Match | None:
    if options.game is None:
        return None
    import random

    from ...game.match import Match

    return Match(options.game, random.Random())  # noqa: S311 - a game, no secret


def _address(text: str) -> Address:
    from ...web.address import Address

    refuse_source(text)
    try:
        return Address.parse(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected HOST:PORT, 127.0.0.1:8080 for example, received {text}") from None


def _rate(text: str) -> int:
    rate = positive(text)
    if rate > _FASTEST:
        raise argparse.ArgumentTypeError(f"expected up to {_FASTEST} pictures a second, received {text}")
    return rate


def _best_of(text: str) -> int:
    rounds = positive(text)
    if rounds > _MOST_ROUNDS or rounds % 2 == 0:
        raise argparse.ArgumentTypeError(f"expected an odd number of rounds up to {_MOST_ROUNDS}, received {text}")
    return rounds
