"""A server that refuses everything, at the cost of hardly anything: what an attack costs the machine that makes it.

An attack on the page and the attacked share the cores of one machine here. The same attack on this server, beside the
same run, shows how much of what the run loses is the attacker's own work.
"""

from __future__ import annotations

import asyncio
import sys

_REFUSED = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class _Refusing(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:  # noqa: ARG002 - the interface's
        self._transport.write(_REFUSED)  # type: ignore[attr-defined]  # a transport of a socket
        self._transport.close()


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Refusing, "127.0.0.1", 0, backlog=64)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - how the port is told
    await loop.run_in_executor(None, sys.stdin.read)


def main() -> int:
    """Serve until nobody holds the other end of standard input; the port is printed."""
    asyncio.run(_serve())
    return 0


if __name__ == "__main__":
    sys.exit(main())
