"""The directive `command-help`: what a command of edgeproof says of itself, as it says it.

```{command-help} run
```
"""

from __future__ import annotations

import os
import subprocess
import sys

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

_COLUMNS = "92"  # that fit the page


class CommandHelp(SphinxDirective):
    """The help of one command."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Give it as a block of text."""
        (command,) = self.arguments
        words = [sys.executable, "-m", "edgeproof.edge", command, "--help"]
        environment = {**os.environ, "COLUMNS": _COLUMNS, "NO_COLOR": "1"}
        done = subprocess.run(words, capture_output=True, text=True, check=False, env=environment)  # noqa: S603
        if done.returncode:
            raise self.error(f"expected the help of {command}, received {done.stderr.strip()}")
        return [nodes.literal_block(done.stdout, done.stdout, language="text")]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("command-help", CommandHelp)
    return {"parallel_read_safe": True}
