"""Interleaved rounds, ratios of the same round, child processes, and one line of the table."""

from __future__ import annotations

import gc
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

#: Where hdhplan is run from.
ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Row:
    """One line of the table: what was measured against what, and its limits if it has any.

    ``values`` are those of each round; the median counts, the extremes are shown.
    """

    part: str
    what: str
    values: tuple[float, ...]
    unit: str = "×"
    at_least: float | None = None
    at_most: float | None = None

    @property
    def target(self) -> str:
        """The limits, as they are printed."""
        if self.at_least is not None and self.at_most is not None:
            return f"{self.at_least:g}–{self.at_most:g} {self.unit}".rstrip()
        if self.at_least is not None:
            return f"≥ {self.at_least:g} {self.unit}"
        return "" if self.at_most is None else f"≤ {self.at_most:.3g} {self.unit}"

    @property
    def measured(self) -> str:
        """Median, least and greatest."""
        middle = f"{_short(median(self.values))} {self.unit}".rstrip()
        if len(self.values) == 1:
            return middle
        return f"{middle} ({_short(min(self.values))}–{_short(max(self.values))})"

    @property
    def verdict(self) -> str:
        """Whether the target is met; nothing where there is none."""
        if self.at_least is None and self.at_most is None:
            return ""
        middle = median(self.values)
        over = self.at_least is None or middle >= self.at_least
        return "met" if over and (self.at_most is None or middle <= self.at_most) else "MISSED"


@dataclass(frozen=True)
class Check:
    """An answer checked: two values of one quantity and how far apart they may be."""

    what: str
    ours: float
    other: float
    limit: float

    @property
    def passed(self) -> bool:
        """Whether the two agree; nan agrees with nothing."""
        return abs(self.ours - self.other) <= self.limit

    def __str__(self) -> str:
        verdict = "agrees" if self.passed else "DIFFERS"
        return (
            f"{verdict}  {self.what}: {self.ours:.6g} against {self.other:.6g}, ± {self.limit:.2g}"
        )


def _short(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def rounds(candidates: Mapping[str, Callable[[], Any]], count: int) -> dict[str, list[float]]:
    """CPU time of each candidate in each round; each comes first as often as any other. [s]"""
    names = list(candidates)
    found: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(count):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            gc.collect()
            begun = time.process_time()
            candidates[name]()
            found[name].append(time.process_time() - begun)
    return found


def ratios(times: Mapping[str, list[float]], over: str, under: str) -> tuple[float, ...]:
    """Time of one candidate over that of another in the same round. [1]"""
    return tuple(a / b for a, b in zip(times[over], times[under], strict=True))


def child(*arguments: str) -> str:
    """Run Python with arguments in the project's directory and return what it prints."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)[:80]}: {done.stderr.strip()[-400:]}")
    return done.stdout.strip()


def child_cpu(*arguments: str) -> tuple[float, float]:
    """CPU and wall time of Python run with arguments, its own children included. [s]"""
    from resource import RUSAGE_CHILDREN, getrusage

    before, begun = getrusage(RUSAGE_CHILDREN), time.monotonic()
    child(*arguments)
    wall, after = time.monotonic() - begun, getrusage(RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall
