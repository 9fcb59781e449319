"""A console, and the lines that it was given."""

from __future__ import annotations

import io

from edgeproof.edge.console import Console


class Said:
    """What a sink says to a person."""

    def __init__(self) -> None:
        self._stream = io.StringIO()
        self.console = Console(stream=self._stream)

    @property
    def lines(self) -> list[str]:
        """Everything."""
        return self._stream.getvalue().splitlines()

    @property
    def warnings(self) -> list[str]:
        """The warnings alone."""
        return [line for line in self.lines if line.startswith("warning: ")]
