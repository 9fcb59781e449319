"""Errors put into the statistics of the parity gate and into quantization, one at a time: do the tests find them?

mutmut makes the errors and runs the tests, in a copy under build/mutation: no file of the checkout is ever changed.
Only tests without TensorFlow are copied, so that a mutant takes a fraction of a second.
"""

from __future__ import annotations

import ast
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from figures import Figure, at_least, at_most, parser, report

ROOT = Path(__file__).parents[2]
COPY = ROOT / "build" / "mutation"
TARGETS = (
    "edge/quantization.py",
    "edge/preprocess.py",
    "edge/scores.py",
    "export/parity/answers.py",
    "export/parity/confidence.py",
    "export/parity/statistics.py",
    "export/parity/verdict.py",
)
TESTS = (
    "tests/edge/test_input_writer.py",
    "tests/edge/test_preprocess.py",
    "tests/edge/test_quantization.py",
    "tests/edge/test_quantized_input.py",
    "tests/edge/test_scores.py",
    "tests/export/test_answers.py",
    "tests/export/test_confidence.py",
    "tests/export/test_statistics.py",
    "tests/export/test_verdict.py",
    "tests/properties/test_input_tensor.py",
    "tests/properties/test_parity_statistics.py",
    "tests/properties/test_quantization.py",
    "tests/properties/test_scores.py",
)
# What these tests import. The conftest of tests/export is not among it: it needs TensorFlow.
HELPERS = ("tests/edge/conftest.py", "tests/properties/conftest.py", "tests/models")
GOAL = 85  # percent of the mutants
KILLED = ("killed", "timeout", "segfault")  # a test failed, or the mutant went on for ever, or it crashed
PYPROJECT = """
[tool.pytest.ini_options]
pythonpath = ["tests", "."]
addopts = "--import-mode=importlib --strict-markers --strict-config"
filterwarnings = ["error"]

[tool.mutmut]
source_paths = ["edgeproof"]
only_mutate = {targets}
pytest_add_cli_args = ["-p", "no:cacheprovider"]
pytest_add_cli_args_test_selection = {tests}
use_git_change_detection = false
"""


@dataclass(frozen=True)
class Mutant:
    """One error in one function, by mutmut's name for it, and what became of it."""

    name: str
    outcome: str

    @property
    def killed(self) -> bool:
        """Tell whether the tests found it."""
        return self.outcome in KILLED

    @property
    def tried(self) -> bool:
        """Tell whether there was time for it."""
        return self.outcome != "not checked"

    def is_of(self, target: str) -> bool:
        """Tell whether it is in this file."""
        return self.name.startswith(f"edgeproof.{target.removesuffix('.py').replace('/', '.')}.")


def copy(folder: Path, targets: Sequence[str] = TARGETS, tests: Sequence[str] = TESTS) -> None:
    """Lay out a copy that mutmut can work on: the packages by their import names, and the tests that are run."""
    shutil.rmtree(folder, ignore_errors=True)
    for package in ("edge", "export", "workstation", "train"):
        shutil.copytree(ROOT / package, folder / "edgeproof" / package, ignore=shutil.ignore_patterns("__pycache__"))
    shared = [str(each.relative_to(ROOT)) for each in (ROOT / "tests").glob("*.py")]
    for name in (*shared, *HELPERS, *tests):
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile)(ROOT / name, place)
    paths = [f"edgeproof/{target}" for target in targets]
    for path in paths:
        (folder / path).write_text(without_decorators((folder / path).read_text("utf-8")), "utf-8")
    (folder / "pyproject.toml").write_text(PYPROJECT.format(targets=paths, tests=list(tests)), "utf-8")


def without_decorators(source: str) -> str:
    """Write `@property` as a call after the function: mutmut leaves decorated functions alone."""
    lines = source.splitlines()
    classes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ClassDef)]
    functions = [node for each in classes for node in each.body if isinstance(node, ast.FunctionDef)]
    for function in sorted(functions, key=lambda node: -node.lineno):
        decorators = [ast.unparse(each) for each in function.decorator_list]
        if decorators == ["property"] and function.end_lineno is not None:
            indent = " " * function.col_offset
            lines.insert(function.end_lineno, f"{indent}{function.name} = property({function.name})")
            del lines[function.decorator_list[0].lineno - 1]
    return "\n".join(lines) + "\n"


def mutmut(folder: Path, *words: str, minutes: float | None = None) -> str:
    """Run mutmut in a copy; gives what it said. It and its children end after so many minutes."""
    command = [sys.executable, "-m", "mutmut", *words]
    with subprocess.Popen(  # noqa: S603 - ourselves
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    ) as process:
        try:
            return process.communicate(timeout=None if minutes is None else minutes * 60)[0]
        except BaseException as error:
            os.killpg(process.pid, signal.SIGKILL)
            if isinstance(error, subprocess.TimeoutExpired):
                return process.communicate()[0]
            raise


def run(folder: Path, children: int, minutes: float) -> list[Mutant]:
    """Make and try every mutant of a copy, so many at a time; gives none where the tests fail without one."""
    said = mutmut(folder, "run", "--max-children", str(children), minutes=minutes)
    mutants = read(mutmut(folder, "results", "--all", "true"))
    if not mutants:
        sys.stderr.write(said)
    return mutants


def read(results: str) -> list[Mutant]:
    """Read mutmut's list of results."""
    pairs = [line.strip().rsplit(": ", 1) for line in results.splitlines() if "__mutmut_" in line]
    return [Mutant(name, outcome) for name, outcome in pairs]


def judge(mutants: Sequence[Mutant]) -> list[Figure]:
    """Give the share of mutants that were killed, for each file and for all."""
    figures = []
    for target in TARGETS:
        own = [each.killed for each in mutants if each.is_of(target)]
        share = 100 * sum(own) / len(own) if own else 0.0
        figures.append(at_least(f"{target}: {sum(own)} of {len(own)} killed", share, "%", GOAL))
    killed = sum(each.killed for each in mutants)
    share = 100 * killed / len(mutants) if mutants else 0.0
    return [*figures, at_least(f"all: {killed} of {len(mutants)} killed", share, "%", GOAL)]


def main(words: Sequence[str] | None = None) -> int:
    """Run the campaign."""
    made = parser("mutation", "Puts errors into the code; --count: so many at a time.", 2, 15)
    options = made.parse_args(words)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # which ends mutmut's processes too
    start = time.monotonic()
    copy(COPY)
    mutants = run(COPY, options.count, options.minutes)
    for mutant in mutants:
        if not mutant.killed and mutant.tried:
            sys.stdout.write(mutmut(COPY, "show", mutant.name) + "\n")
    figures = [
        *judge(mutants),
        at_most("not tried in the time", sum(not each.tried for each in mutants), "", 0),
        at_most("minutes", (time.monotonic() - start) / 60, "min", options.minutes),
    ]
    return report(figures, options.json)


if __name__ == "__main__":
    sys.exit(main())
