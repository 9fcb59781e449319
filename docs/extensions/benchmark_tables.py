"""The directive `figures`: a benchmark's JSON as a table, so that no page can state another figure than was measured.

    ```{figures} edge
    :only: MediaPipe
    ```

`docs/figures/edge.json` is what `./tools/bench edge --json docs/figures/edge.json` wrote. `:only:` keeps rows whose
name has this word. `networks` shows what each network comes to on a device. Two more directives take several files:
`losses` shows every row in which the other side is better, and `circumstances` how, when and on what all of them were
measured.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

_WHOLE = 1000  # from which on no digit after the point is shown
_LEAST = 0.005  # a ratio nearer to 1 than this is no difference


@dataclass(frozen=True)
class Measured:
    """What one benchmark wrote."""

    command: str
    date: str
    versions: dict[str, str]
    machine: dict[str, str | int]
    rows: list[dict[str, Any]]

    @classmethod
    def read(cls, file: Path) -> Measured:
        """Read a benchmark's JSON."""
        return cls(**json.loads(file.read_text(encoding="utf-8")))

    def how(self) -> str:
        """Say in a line how to repeat it, and when it was measured."""
        return f"`{self.command}`, {self.date}"

    def circumstances(self) -> str:
        """Say in a line of a table how to repeat it, and when, on what and with what it was measured."""
        machine = f"{self.machine['cores']} cores of an {self.machine['processor']}, {self.machine['system']}"
        if card := self.machine.get("accelerator"):
            machine = f"{card}, {machine}"
        used = ", ".join(f"{name} {number}" for name, number in self.versions.items() if name != "edgeproof")
        return f"| `{self.command}` | {self.date} | {machine} | {used} |"


def table(rows: list[dict[str, Any]]) -> list[str]:
    """Write rows as a Markdown table."""
    lines = ["| what | edgeproof | the other side | | goal |", "| --- | --: | --: | --- | --- |"]
    for row in rows:
        sides = (f"{_number(row[side])} {row['unit']}" for side in ("ours", "theirs"))
        goal = _goal(row["goal"]) + ("" if row["met"] else ", **not reached**")
        lines.append(f"| {row['name']} | {' | '.join(sides)} | {words(row['ratio'])} | {goal} |")
    return lines


def words(ratio: float) -> str:
    """Say how many times better ours is, or by how much it is worse."""
    if abs(ratio - 1) < _LEAST:
        return "equal"
    if ratio < 1:
        return f"**{1 / ratio:.2f} × worse**" if ratio > 0 else "**worse**"
    return f"{ratio:.3g} × better"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= _WHOLE else f"{value:.4g}"


def _goal(ratio: float) -> str:
    if ratio < 1:
        return f"at most {1 / ratio:.3g} × worse"
    return f"{ratio:g} ×" if ratio > 1 else "no worse"


class Figures(SphinxDirective):
    """Rows of one benchmark, and the command that measures them."""

    required_arguments = 1
    optional_arguments = 9
    option_spec: ClassVar = {"only": directives.unchanged, "without": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        """Give the table and the line beneath it."""
        lines: list[str] = []
        for name in self.arguments:
            measured = self.measured(name)
            rows = self.wanted(measured)
            if not rows:
                raise self.error(f"expected rows for :only: {self.options.get('only')}, received none: {name}")
            lines += [*table(rows), "", measured.how(), ""]
        return self.parse_text_to_nodes("\n".join(lines))

    def wanted(self, measured: Measured) -> list[dict[str, Any]]:
        """Give the rows that the options leave."""
        only, without = self.options.get("only", ""), self.options.get("without")
        named = [row for row in measured.rows if only in row["name"]]
        return [row for row in named if without is None or without not in row["name"]]

    def measured(self, name: str) -> Measured:
        """Read what a benchmark wrote; the page is built anew when that changes."""
        file = Path(self.env.srcdir) / "figures" / f"{name}.json"
        if not file.exists():
            raise self.error(f"expected {file.name} of `./tools/bench {name} --json {file.name}`, received none")
        self.env.note_dependency(str(file))
        return Measured.read(file)


class Losses(Figures):
    """Every row of several benchmarks in which the other side is better."""

    def run(self) -> list[nodes.Node]:
        """Give one table."""
        rows = [row for name in self.arguments for row in self.wanted(self.measured(name))]
        worse = [row for row in rows if row["ratio"] < 1 - _LEAST]
        return self.parse_text_to_nodes("\n".join(table(worse) if worse else ["None."]))


class Networks(Figures):
    """What `./tools/bench networks` wrote: two files of each network."""

    def run(self) -> list[nodes.Node]:
        """Give the table and the line beneath it."""
        measured = self.measured(self.arguments[0])
        lines = [
            "| network, file | parameters | data | Keras | int8 | size | one answer |",
            "| --- | --: | --- | --: | --: | --: | --: |",
        ]
        for row in measured.rows:
            format_ = Path(row["file"]).suffix
            right = f"{row['reference']:.1%} of {row['n']} | {row['accuracy']:.1%}, {row['verdict']}"
            size = f"{row['size'] / 1e6:.2f} MB | {row['latency']:.2f} ms"
            lines.append(f"| `{row['name']}` {format_} | {row['parameters']:,} | `{row['data']}` | {right} | {size} |")
        return self.parse_text_to_nodes("\n".join([*lines, "", measured.how()]))


class Circumstances(Figures):
    """How several benchmarks were measured."""

    def run(self) -> list[nodes.Node]:
        """Give one table."""
        lines = ["| command | date | machine | versions |", "| --- | --- | --- | --- |"]
        lines += [self.measured(name).circumstances() for name in self.arguments]
        return self.parse_text_to_nodes("\n".join(lines))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directives."""
    app.add_directive("figures", Figures)
    app.add_directive("losses", Losses)
    app.add_directive("networks", Networks)
    app.add_directive("circumstances", Circumstances)
    return {"parallel_read_safe": True}
