"""Who decides how fast the processor runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .finding import Finding, advice, good
from .text import read_text

_POLICIES = "sys/devices/system/cpu/cpufreq"
_SLOW = ("powersave", "conservative")
_OWN = ("intel_pstate", "amd-pstate", "amd-pstate-epp")  # drivers whose "powersave" follows the load


@dataclass(frozen=True)
class GovernorFacts:
    """Names of the governors and drivers in use; both empty where the kernel leaves the speed alone."""

    governors: tuple[str, ...]
    drivers: tuple[str, ...]


def look(root: Path) -> GovernorFacts:
    """Read them of every group of cores."""
    policies = sorted((root / _POLICIES).glob("policy*"))
    return GovernorFacts(_names(policies, "scaling_governor"), _names(policies, "scaling_driver"))


def _names(policies: list[Path], file: str) -> tuple[str, ...]:
    return tuple(sorted({text for policy in policies if (text := read_text(policy / file))}))


def judge(facts: GovernorFacts) -> Iterator[Finding]:
    """Say whether it holds the processor back."""
    if not facts.governors:
        return
    found = f"CPU governor {', '.join(facts.governors)}"
    if set(facts.governors) & set(_SLOW) and not set(facts.drivers) & set(_OWN):
        yield advice(found, f"echo performance | sudo tee /{_POLICIES}/policy*/scaling_governor")
    else:
        yield good(found)
