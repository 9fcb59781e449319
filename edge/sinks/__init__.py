"""Where answers go: one interface, one file per kind of sink, loaded only when it is chosen; any number together."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from ..answer import Answer


class Sink(Protocol):
    """A place for answers."""

    def write(self, answer: Answer) -> None:
        """Take one answer, and return soon: the loop waits for it. What may take long belongs in a thread.

        Raises:
            InputError: the place cannot take answers any more.
            StopIteration: a person closed it, and the loop shall end.
        """
        ...

    def close(self) -> None:
        """Finish what was written."""
        ...


@runtime_checkable
class WaitingSink(Protocol):
    """A sink that shows that no frames come, too."""

    def wait(self, seconds: float) -> None:
        """Hear, about once a second, for how long no frame has come; the next answer ends it."""
        ...
