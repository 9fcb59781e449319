"""Reports in words and tables, for people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from ..console import table
from ..thermal import Thermal
from .pick import PickReport
from .profile import Op, TypeTotal
from .report import Comparison, Memory, ModelReport, Side
from .statistics import Distribution, Ratio, needed
from .surroundings import Surroundings
from .timing import Cold, Stages

_NONE = "–"
_TOP = 10  # ops that are shown one by one
_NAME = 48  # letters of an op's name

_HEAD = ("stage", "median ms", "95th", "99th", "least", "frames")
_STAGES = {"preprocess_ms": "preprocess", "invoke_ms": "invoke", "read_ms": "read out", "total_ms": "total"}

Cells = tuple[str, ...]


def model_text(report: ModelReport) -> str:
    """Word the report of one model."""
    rows: list[Cells] = [("threads", *_HEAD)]
    for row in report.rows:
        rows += [(str(row.threads), *cells) for cells in _stage_rows(row.stages)]
    parts = [
        f"{report.model}\n{report.interpreter} on {report.surroundings.machine}, {_frame(report.frame)}",
        table(rows),
        "\n".join([*_too_few(row.stages.total_ms for row in report.rows), _cold(report.cold), *_memory(report.memory)]),
        _ops(report),
        "\n".join(_surroundings(report.surroundings)),
    ]
    return "\n\n".join(part for part in parts if part)


def comparison_text(report: Comparison) -> str:
    """Word a comparison."""
    sides = (report.first, report.second)
    rows: list[Cells] = [("model", *_HEAD)]
    for letter, side in zip("AB", sides, strict=True):
        rows += [(letter, *cells) for cells in _stage_rows(side.stages)]
    parts = [
        "\n".join(_side(letter, side) for letter, side in zip("AB", sides, strict=True)),
        table(rows),
        "\n".join([*_too_few(side.stages.total_ms for side in sides), _ratio(report.ratio)]),
        "\n".join(_surroundings(report.surroundings)),
    ]
    return "\n\n".join(part for part in parts if part)


def pick_text(report: PickReport) -> str:
    """Word how the candidates did."""
    rows: list[Cells] = [("file", "interpreter", "threads", "median ms", "frames", "rounds", "")]
    for one in report.candidates:
        times = one.total_ms
        figures = (_NONE, _NONE) if times is None else (_ms(times.median), str(times.n))
        threads = _NONE if one.threads is None else str(one.threads)
        rows.append((one.file, one.interpreter or _NONE, threads, *figures, str(one.rounds), one.note))
    return "\n\n".join([table(rows), "\n".join(_surroundings(report.surroundings))])


def _stage_rows(stages: Stages) -> list[Cells]:
    return [(_STAGES[field.name], *_cells(getattr(stages, field.name))) for field in fields(stages)]


def _cells(times: Distribution) -> Cells:
    return _ms(times.median), _ms(times.p95), _ms(times.p99), _ms(times.least), str(times.n)


def _ms(value: float | None) -> str:
    return _NONE if value is None else f"{value:.3f}"


def _too_few(series: Iterator[Distribution]) -> Iterator[str]:
    fewest = min(times.n for times in series)
    for percent in (95, 99):
        if fewest < needed(percent):
            yield f"the {percent}th percentile needs {needed(percent)} frames, received {fewest}: more --seconds"


def _frame(shape: tuple[int, ...]) -> str:
    return f"frames of {shape[1]}×{shape[0]}" if len(shape) == 3 else f"{shape[0]} number(s)"


def _cold(cold: Cold) -> str:
    return (
        f"cold: {cold.open_ms:.1f} ms to open (the runtime's own loading included), first answer {cold.first_ms:.2f} ms"
    )


def _memory(memory: Memory) -> Iterator[str]:
    if memory.before_mb is not None and memory.after_mb is not None:
        yield f"memory: {memory.after_mb:.0f} MB resident, {memory.before_mb:.0f} MB before the model was opened"


def _side(letter: str, side: Side) -> str:
    return f"{letter}: {side.model} ({side.interpreter}), {_cold(side.cold).removeprefix('cold: ')}"


def _ratio(ratio: Ratio) -> str:
    words = f"B takes {ratio.ratio:.3f} times as long as A"
    if ratio.low is None or ratio.high is None:
        return f"{words} ({ratio.n} pairs are too few for an interval)"
    said = "" if ratio.differs else "; no difference is shown"
    sure = f"{ratio.confidence:.0%} sure: {ratio.low:.3f} to {ratio.high:.3f}"
    return f"{words} ({sure}, {ratio.n} pairs in {ratio.openings} openings){said}"


def _ops(report: ModelReport) -> str:
    ops = report.ops
    lines = []
    if ops.missing is not None:
        lines.append(f"no times of ops: {ops.missing}")
    if not ops.ops:
        return "\n".join(lines)
    if ops.runs:
        lines.append(f"ops by {ops.source}, {ops.threads} thread(s), {ops.runs} runs: {_ms(report.ops_ms)} ms together")
    lines.append(table([("op", "kernel", "count", "ms", "share"), *map(_type_cells, report.op_types)]))
    if ops.runs:
        longest = sorted(enumerate(ops.ops), key=lambda numbered: -(numbered[1].ms or 0.0))[:_TOP]
        rows: list[Cells] = [("longest", "op", "kernel", "ms"), *(_op_cells(index, op) for index, op in longest)]
        lines.append("\n" + table(rows))
    return "\n".join(lines)


def _type_cells(total: TypeTotal) -> Cells:
    share = _NONE if total.share is None else f"{total.share:.1%}"
    return total.type, total.kernel.value, str(total.count), _ms(total.ms), share


def _op_cells(index: int, op: Op) -> Cells:
    name = f"{op.type} {op.name}".strip()
    return str(index), name if len(name) <= _NAME else f"{name[: _NAME - 1]}…", op.kernel.value, _ms(op.ms)


def _surroundings(surroundings: Surroundings) -> Iterator[str]:
    before, after = surroundings.before, surroundings.after
    heat = _heat(before.thermal, after.thermal)
    if heat:
        yield f"temperature: {heat}"
    slowed = [reason for reason, holds in after.thermal.since_boot.items() if holds]
    if slowed:
        yield f"slowed down at some time since boot: {', '.join(slowed)}"
    if after.megahertz:
        yield f"frequency: {max(before.megahertz, default=0):.0f} MHz before, {max(after.megahertz):.0f} MHz after"
    if surroundings.busy_share is not None:
        yield f"other programs: {surroundings.busy_share:.0%} of the processors, load {before.load or 0:.2f} before"


def _heat(before: Thermal, after: Thermal) -> str:
    zones = [zone for zone in after.celsius if zone in before.celsius]
    return ", ".join(
        f"{zone} {before.celsius[zone]:.1f} °C before, {after.celsius[zone]:.1f} °C after" for zone in zones
    )
