"""A good guest on the page while others attack it: how long an answer takes, and whether there is one."""

from __future__ import annotations

import http.client
import threading
import time
from types import TracebackType

_EVERY = 0.2  # seconds
_PATIENCE = 3.0  # seconds
_PRESSES = 100
_TRIES = 3  # of one visit: a browser, too, asks again where a connection is dropped
_PATHS = ("/answer", "/frame.jpg")


class Visitor:
    """Asks for an answer and for a picture in turn, from an address and with a token of its own."""

    def __init__(self, port: int, token: str | None) -> None:
        self.seconds: list[float] = []
        self.failed: list[str] = []
        self._port, self._token = port, token
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._visit)

    def __enter__(self) -> Visitor:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join()

    def _visit(self) -> None:
        visits = 0
        while not self._stop.wait(_EVERY):
            self.ask(_PATHS[visits % len(_PATHS)])
            visits += 1

    def press(self, path: str) -> None:
        """Press a button as the page does.

        Raises:
            RuntimeError: it was not answered, however often it was tried.
        """
        trouble = ""
        for _ in range(_PRESSES):
            if not (trouble := self._trouble(path, "POST")):
                return
            time.sleep(_EVERY)
        raise RuntimeError(f"expected an answer to {path}, received {trouble}")

    def ask(self, path: str) -> None:
        """Visit once."""
        start, trouble = time.monotonic(), ""
        for _ in range(_TRIES):
            trouble = self._trouble(path)
            if not trouble:
                self.seconds.append(time.monotonic() - start)
                return
        self.failed.append(f"{path}: {trouble}")

    def _trouble(self, path: str, method: str = "GET") -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, _PATIENCE)
        headers = {"Origin": f"http://127.0.0.1:{self._port}"}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token}"
        try:
            connection.request(method, path, headers=headers)
            reply = connection.getresponse()
            reply.read()
        except (OSError, http.client.HTTPException) as error:
            return f"{type(error).__name__} {error}"
        finally:
            connection.close()
        return "" if reply.status == 200 else f"{reply.status}"
