"""What has been moved: a scenario to begin with, and values that were judged before they count."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from hdhplan.errors import nearest
from hdhplan.explorer_refusals import refused
from hdhplan.explorer_starts import begun
from hdhplan.lever_changes import Span
from hdhplan.levers import BY_KEY, LEVERS, TOGETHER, Lever
from hdhplan.uncertainty import quantile

#: How far the credible pessimist goes: each assumption at this quantile of its range. [1]
_PESSIMIST = 0.8
#: Digits of a value behind its point.
_DIGITS = 6
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,15})?")
_BETWEEN = re.compile(r"\.\.|/|à|to")


@dataclass(frozen=True)
class State:
    """What has been moved: a scenario to begin with, a loaded file's own changes, and values by lever."""

    start: str = "base"
    values: tuple[tuple[str, Any], ...] = ()
    own: str = ""

    def value(self, key: str) -> Any:
        """Value of a lever, None where it has not been moved."""
        return dict(self.values).get(key)

    def stands(self, key: str) -> Any:
        """Where a lever stands, moved or not."""
        value = self.value(key)
        return BY_KEY[key].read(begun(self.start, self.own)) if value is None else value

    def having(self, key: str, value: Any) -> State:
        """The state with one lever moved; on its own place it is not moved any more.

        What shares a control with it gives way: not more than all are ported or frozen.
        """
        state = self._with(key, value)
        if key in TOGETHER and value is not None:
            left = 100.0 - value
            if state.stands(TOGETHER[key]) > left:
                state = state._with(TOGETHER[key], left)
        return state

    def _with(self, key: str, value: Any) -> State:
        values = {name: old for name, old in self.values if name != key}
        lever, plan = BY_KEY[key], begun(self.start, self.own)
        own = lever.span(plan) if isinstance(value, tuple) else lever.read(plan)
        if value is not None and value != own:
            values[key] = value
        return replace(self, values=tuple(sorted(values.items())))

    def only(self, *groups: str) -> State:
        """What is left of a state where only some groups of levers may have moved."""
        values = tuple((k, v) for k, v in self.values if BY_KEY[k].group in groups)
        keeps = self.start == "evidence" and "assumption" in groups
        return State(self.start if keeps else "base", values)

    def moved(self) -> Iterable[tuple[Lever, Any]]:
        """Yield the levers that have been moved, with their values."""
        return ((BY_KEY[key], value) for key, value in self.values)


#: Where to begin: a scenario of the same name, or assumptions taken at their worse side.
PRESETS: MappingProxyType[str, str] = MappingProxyType(
    {
        "base": "base", "fastest": "accelerated", "cheapest": "frugal",
        "zero_interruption": "zero_interruption", "wait_for_qualification": "base",
        "evidence": "evidence", "pessimist": "base",
    }
)  # fmt: skip


def preset(name: str) -> State:
    """Return the state of a preset.

    Raises
    ------
    InputError
        For a name that is none.
    """
    if name not in PRESETS:
        raise refused("preset", f"{str(name)[:40]!r}", "", nearest(name, PRESETS))
    state = State(PRESETS[name])
    if name == "wait_for_qualification":
        state = state.having("rule", "wait")
    if name == "pessimist":
        for key, value in _pessimist().items():
            state = state.having(key, value)
    return state


def _pessimist() -> dict[str, float]:
    """Each assumption at the worse fifth of its range in the reference."""
    plan, found = begun("base", ""), {}
    for lever in LEVERS:
        if lever.group == "assumption":
            law = lever.known(plan).probability_law
            worse = 1 - _PESSIMIST if lever.key == "efficiency" else _PESSIMIST
            by = quantile(law, worse) / law.likely_total if law.likely_total else 1.0
            found[lever.key] = validated(lever.key, round(lever.read(plan) * by, 2))
    return found


def validated(key: str, value: Any) -> Any:
    """Return a value that a lever may take, as the command line would; texts are numbers too.

    An assumption may be a span: ``8/10/12``, or its two ends as ``8..12``.

    Raises
    ------
    InputError
        For an unknown lever, an empty field, no number, one outside the range.
    """
    lever = BY_KEY.get(key) if isinstance(key, str) else None
    if lever is None:
        raise refused(str(key)[:40], "unknown lever", "", nearest(str(key)[:40], BY_KEY))
    if lever.choices is not None:
        if not isinstance(value, str) or value not in lever.choices:
            raise refused(key, f"{str(value)[:40]!r}", f"one of {', '.join(lever.choices)}")
        return value
    if lever.span and (parts := _parts(value)):
        return _span(lever, parts)
    found = _number(value)
    limit = f"{lever.low:g} to {lever.high:g} {lever.unit[1]}".strip()
    if found is None:
        what = "nothing" if value in (None, "") else f"{str(value)[:40]!r}"
        raise refused(key, what, limit, "type a number")
    if not lever.low <= found <= lever.high:
        raise refused(key, f"{found:g}", limit, "stay inside the range")
    # A slider counts its steps in binary: 14 comes back as 13.999999999999998.
    return float(round(found)) if lever.step >= 1 else round(found, _DIGITS)


def _parts(value: Any) -> list | None:
    """The two or three parts of what may be a span."""
    if isinstance(value, str) and len(value) <= 60:
        value = _BETWEEN.split(value)
    return list(value) if isinstance(value, list | tuple) and len(value) in (2, 3) else None


def _span(lever: Lever, parts: list) -> Span:
    """Low, likely and high, each inside the lever's range; of two ends the likely one is midway."""
    numbers = [_number(part) for part in parts]
    limit = f"{lever.low:g} to {lever.high:g} {lever.unit[1]}".strip()
    if None in numbers:
        raise refused(lever.key, f"{'/'.join(map(str, parts))[:40]!r}", limit, "type a number")
    if len(numbers) == 2:
        numbers.insert(1, sum(numbers) / 2)
    low, middle, high = (round(number, _DIGITS) for number in numbers)
    if not low <= middle <= high:
        found = f"{low:g}/{middle:g}/{high:g}"
        raise refused(lever.key, found, "low <= likely <= high", "put them in ascending order")
    if low < lever.low or high > lever.high or (not middle and high):
        raise refused(lever.key, f"{low:g}/{middle:g}/{high:g}", limit, "stay inside the range")
    return low, middle, high


def _number(value: Any) -> float | None:
    if isinstance(value, str):
        text = re.sub(r"[\s\u00a0\u202f]", "", value).replace(",", ".")
        value = float(text) if _NUMBER.fullmatch(text) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def shifted(lever: Lever, span: Span, value: float) -> Span:
    """A span around another likely value, in the same proportions, inside the lever's range."""
    by = value / span[1] if span[1] else 1.0
    ends = (min(max(part * by, lever.low), lever.high) for part in (span[0], span[2]))
    low, high = (round(end, _DIGITS) for end in ends)
    return min(low, value), value, max(high, value)
