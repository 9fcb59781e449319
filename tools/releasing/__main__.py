"""The commands of `tools/release`."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict
from datetime import date
from pathlib import Path

from .agreement import agreement
from .building import build
from .declared import project
from .kinds import KINDS
from .refusal import Refusal, report
from .repository import git, releasable
from .sbom import write_bills
from .smoke import RESOLUTIONS, Release, Trial, table

ROOT = Path(__file__).parents[2]
DIST = ROOT / "dist"


def main() -> int:
    """Run a command; gives 1 where the release is refused, and 2 where a program that it needs failed."""
    options = _parser().parse_args()
    version = str(project(ROOT)["version"])
    try:
        code: int = options.run(options, version)
    except subprocess.CalledProcessError as error:
        said = " ".join(str(error.stderr or "the error above").split())
        print(f"error: expected {' '.join(map(str, error.cmd[:5]))} … to do its work, received {said}", file=sys.stderr)  # noqa: T201 - a program
        return 2
    return code


def _parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="tools/release", description="Refuses, builds and tries a release.")
    commands = made.add_subparsers(required=True, metavar="COMMAND")
    check = commands.add_parser("check", help="refuse a release whose version, changelog and pages disagree")
    check.add_argument("--draft", action="store_true", help="on the way: unreleased changes are no fault")
    check.set_defaults(run=_check)
    commands.add_parser("build", help="make dist/: wheel, source distribution, bills of materials").set_defaults(
        run=_build
    )
    smoke = commands.add_parser("smoke", help="try the wheel of dist/ in clean environments")
    smoke.add_argument("--python", action="append", metavar="3.13=PATH", type=_python, required=True)
    smoke.add_argument("--kind", choices=KINDS, action="append", help="(all)")
    smoke.add_argument("--resolution", choices=RESOLUTIONS, action="append", help="(both)")
    smoke.add_argument("--json", type=Path, metavar="FILE", help="write the outcomes there too")
    smoke.set_defaults(run=_smoke)
    return made


def _python(words: str) -> tuple[str, Path]:
    version, _, path = words.partition("=")
    return version, Path(path)


def _check(options: argparse.Namespace, version: str) -> int:
    today = None if options.draft else date.today()
    refusals = agreement(ROOT, None if options.draft else ROOT / "build/docs", today)
    if not options.draft:
        refusals += releasable(ROOT, version)
        with tempfile.TemporaryDirectory() as name:
            refusals += build(ROOT, Path(name))[1]
    return report(refusals, f"edgeproof {version}: version, changelog, citation, licence and pages agree")


def _build(_: argparse.Namespace, version: str) -> int:
    shutil.rmtree(DIST, ignore_errors=True)
    built, refusals = build(ROOT, DIST)
    if not refusals:
        write_bills(built.wheel, ROOT / "pyproject.toml", DIST)
    made = "\n".join(f"dist/{path.name}  {path.stat().st_size / 1e3:.0f} kB" for path in sorted(DIST.iterdir()))
    commit = git(ROOT, "describe", "--always", "--dirty=, without what is in no commit yet", "--exclude", "*").decode()
    return report([*agreement(ROOT, None, None), *refusals], f"edgeproof {version} of commit {commit}{made}")


def _smoke(options: argparse.Namespace, version: str) -> int:
    wheel = DIST / f"edgeproof-{version}-py3-none-any.whl"
    if not wheel.is_file():
        return report([Refusal(f"dist/{wheel.name}", "none", "make it with tools/release build")], "")
    release = Release(ROOT, wheel, version)
    outcomes = []
    for kind in options.kind or KINDS:
        for python, path in options.python:
            for resolution in options.resolution or RESOLUTIONS:
                outcomes.append(Trial(KINDS[kind], python, path, resolution).run(release))
                print(table(outcomes[-1:]).splitlines()[-1], file=sys.stderr, flush=True)  # noqa: T201 - a program
    if options.json:
        options.json.write_text(json.dumps([asdict(each) for each in outcomes], indent=1) + "\n", "utf-8")
    failures = [
        Refusal(
            f"edgeproof to work ({each.kind}, Python {each.python}, {each.resolution})", each.failure, "raise a bound"
        )
        for each in outcomes
        if each.failure
    ]
    return report(failures, table(outcomes))


if __name__ == "__main__":
    sys.exit(main())
