"""Where the CPU of the base plan goes: parts timed from outside, each without those inside it."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps

from benchmarks.measure import Row
from hdhplan.plan import Plan
from hdhplan.simulation import simulate

#: Part, then module and name of each function that belongs to it.
PARTS = {
    "bits": ("uncertainty:Stream.ranks", "uncertainty:Stream.words", "uncertainty:occurs"),
    "sampling": ("simulation:draw",),
    "lengths and drivers": ("outcome:_works", "outcome:_haul_works"),
    "links": ("outcome:run",),
    "levelling": ("timeline:InOrder.seize", "timeline:InOrder.release"),
    "calendars": (
        "calendars:Calendar.worked", "calendars:Calendar.day", "calendars:Calendar.opening",
        "calendars:Calendar.fit",
    ),
    "transfer": ("hauling:Hauling.__init__", "hauling:Hauling.move"),
    "costs": ("outcome:envelope", "outcome:by_line"),
    "exposure, continuity": ("outcome:_stocks", "outcome:_consequences", "outcome:tools_missing"),
    "criticality (8,192 draws)": ("outcome:Outcome.critical",),
    "keeping and joining": ("simulation:_part", "simulation:_collect"),
    "rest of a block": ("simulation:run_block",),
    "plan made ready": ("simulation:prepare",),
    "likely plan, correlation": ("simulation:_assemble",),
}  # fmt: skip
_REST = "rest"
#: Generators: what is done between their steps is not theirs.
_STEPS = ("simulation:draw", "outcome:envelope")


class Clock:
    """CPU time by part; time in a part inside another counts for the inner one."""

    def __init__(self):
        self.seconds = dict.fromkeys([*PARTS, _REST], 0.0)
        self._stack = [_REST]
        self._since = time.process_time()

    def _turn(self) -> None:
        now = time.process_time()
        self.seconds[self._stack[-1]] += now - self._since
        self._since = now

    def enter(self, part: str) -> None:
        """Begin a part."""
        self._turn()
        self._stack.append(part)

    def leave(self) -> None:
        """End it."""
        self._turn()
        self._stack.pop()


def _timed(clock: Clock, part: str, function: Callable) -> Callable:
    @wraps(function)
    def timed(*args, **how):
        clock.enter(part)
        try:
            return function(*args, **how)
        finally:
            clock.leave()

    return timed


def _timed_steps(clock: Clock, part: str, generator: Callable) -> Callable:
    """Time each step of a generator, not what is done between them."""

    @wraps(generator)
    def steps(*args, **how) -> Iterator:
        made = generator(*args, **how)
        while True:
            clock.enter(part)
            try:
                step = next(made)
            except StopIteration:
                return
            finally:
                clock.leave()
            yield step

    return steps


@contextmanager
def timed_parts() -> Iterator[tuple[Clock, list[str]]]:
    """Time the parts of hdhplan while in force; a name that is no more there is given back."""
    clock, missing, kept = Clock(), [], []
    for part, names in PARTS.items():
        for name in names:
            owner, leaf = _owner(name)
            function = getattr(owner, leaf, None)
            if function is None:
                missing.append(name)
                continue
            wrap = _timed_steps if name in _STEPS else _timed
            kept.append((owner, leaf, function))
            setattr(owner, leaf, wrap(clock, part, function))
    try:
        yield clock, missing
    finally:
        for owner, leaf, function in reversed(kept):
            setattr(owner, leaf, function)


def _owner(name: str) -> tuple[object, str]:
    module, _, path = name.partition(":")
    owner: object = importlib.import_module(f"hdhplan.{module}")
    *outer, leaf = path.split(".")
    for step in outer:
        owner = getattr(owner, step, None)
    return owner, leaf


def split(plan: Plan, draws: int, count: int, say=lambda text: None) -> list[Row]:
    """CPU per draw of a whole plan, by part; the timing itself adds a few per cent. [µs]"""
    rows: dict[str, list[float]] = {}
    for _ in range(count):
        with timed_parts() as (clock, missing):
            simulate(plan, draws)
            clock.enter(_REST)
        for part, seconds in clock.seconds.items():
            rows.setdefault(part, []).append(seconds / draws * 1e6)
    for name in missing:
        say(f"split: no {name} to time; what it was counts where it is called")
    return [Row("split", part, tuple(micro), "µs") for part, micro in rows.items()]
