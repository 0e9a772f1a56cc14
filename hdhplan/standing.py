"""Status of each area by published rules: computed, dated, and contestable only by name.

A colour gets worse at once and better only after two weeks in a row; a person may override it with
name, day and reason, and both are shown.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hdhplan.forecast import Forecast, end_of_day
from hdhplan.sovereignty import wave_gates
from hdhplan.status import State, monday, week_of

#: From best to worst; what nobody can assess is not counted among them.
COLOURS = ("green", "amber", "red")
UNKNOWN = "unknown"
#: Odds of date and money together from which they are green, and amber. [1]
BOTH_GREEN, BOTH_AMBER = 0.70, 0.40
#: Odds of what must not happen, a project interrupted for too long or a wave held up by
#: qualification, up to which they are green, and amber: P80 and P50 on the right side. [1]
BAD_GREEN, BAD_AMBER = 0.20, 0.50
#: Age of the latest file of a kind up to which it is green, and for how much longer amber. [d]
AGE_GREEN, AGE_AMBER = 7, 14
#: Kinds of facts that go stale; estimates, risks and decisions are made when there is reason to.
AGING = ("tasks", "datasets", "invoices")
AREAS = ("date", "cost", "both", "continuity", "qualification", "exposure", "data")


@dataclass(frozen=True)
class Override:
    """A colour that a person sets instead of the computed one."""

    colour: str
    by: str
    reason: str
    day: dt.date
    until: dt.date | None


@dataclass(frozen=True)
class Area:
    """One row of the status table.

    Parameters
    ----------
    computed, steady, shown
        What the rule says of this week, what is left of it where a better colour waits for a second
        week, and what is shown after `override`.
    p50, p80, target
        Instants [d], amounts [EUR], lengths [d]; of ``both`` and ``qualification`` p50 is the odds
        [1]; of ``data`` the age of the file that is missing for longest [d]. None where there is none.
    """

    name: str
    computed: str
    steady: str
    shown: str
    p50: float | None
    p80: float | None
    target: float | None
    override: Override | None = None

    @property
    def data(self) -> dict[str, Any]:
        """The row as plain values."""
        over = self.override and {**vars(self.override)}
        return {**vars(self), "override": over}


def by_quantiles(p50: float, p80: float, target: float) -> str:
    """Green if P80 holds the target, amber if P50 does, else red."""
    return "green" if p80 <= target else "amber" if p50 <= target else "red"


def by_share(share: float, green: float, amber: float) -> str:
    """Green up to one share, amber up to another, else red."""
    return "green" if share <= green else "amber" if share <= amber else "red"


def steadied(computed: str, before: tuple[str, str] | None) -> str:
    """Colour to show: worse at once, better only if the week before was computed as better too.

    ``before`` is what the week before was computed as and what it showed but for overrides.

    Examples
    --------
    >>> steadied("green", ("red", "red")), steadied("green", ("amber", "red")), steadied("red", None)
    ('red', 'amber', 'red')
    """
    if before is None or computed not in COLOURS or before[1] not in COLOURS:
        return computed
    if COLOURS.index(computed) >= COLOURS.index(before[1]) or before[0] not in COLOURS:
        return computed
    # At least as good for two weeks: as good as the worse of the two.
    two_weeks = max(computed, before[0], key=COLOURS.index)
    return min(two_weeks, before[1], key=COLOURS.index)


def standings(
    forecast: Forecast, state: State | None, before: Mapping[str, tuple[str, str]]
) -> tuple[Area, ...]:  # fmt: skip
    """Judge every area of which the plan says what is asked.

    Parameters
    ----------
    forecast
        With details kept.
    before
        Of the week before, by area: `Area.computed` and `Area.steady`.
    """
    overrides = _overrides(state) if state else {}
    found = []
    for name in AREAS:
        judged = _JUDGES[name](forecast) if name != "data" else _data(state)
        if judged is None:
            continue
        computed, p50, p80, target = judged
        steady = steadied(computed, before.get(name))
        over = overrides.get(name)
        shown = over.colour if over else steady
        finite = (x if x is not None and math.isfinite(x) else None for x in (p50, p80, target))
        found.append(Area(name, computed, steady, shown, *finite, over))
    return tuple(found)


def worst(areas: tuple[Area, ...]) -> tuple[str, tuple[str, ...]]:
    """The worst colour that is shown, and the areas that have it."""
    shown = [area.shown for area in areas if area.shown in COLOURS]
    if not shown:
        return UNKNOWN, ()
    colour = max(shown, key=COLOURS.index)
    return colour, tuple(area.name for area in areas if area.shown == colour)


def _overrides(state: State) -> dict[str, Override]:
    """Overrides that still stand on the day of the state."""
    found = {}
    for name, known in state.of("standings").items():
        said = known["colour"].fact
        until = said.given.get("until")
        if until is None or until >= state.day:
            given = said.given
            found[name] = Override(given["colour"], given["by"], given["reason"], said.date, until)
    return found


_Judged = tuple[str, float | None, float | None, float | None] | None


def _date(forecast: Forecast) -> _Judged:
    target = forecast.plan.target
    if target is None or target.finish is None:
        return None
    return _of_quantity(forecast, "finish_day", end_of_day(forecast.plan, target.finish))


def _cost(forecast: Forecast) -> _Judged:
    limit = forecast.plan.envelope_eur
    return None if limit is None else _of_quantity(forecast, "cost_eur", limit)


def _both(forecast: Forecast) -> _Judged:
    p = forecast.p_both
    if p is None:
        return None
    return by_share(1 - p, 1 - BOTH_GREEN, 1 - BOTH_AMBER), p, None, BOTH_GREEN


def _continuity(forecast: Forecast) -> _Judged:
    target = forecast.plan.target
    if forecast.p_continuity is None:
        return None
    limit = target.critical_limit.likely
    colour = by_share(1 - forecast.p_continuity, BAD_GREEN, BAD_AMBER)
    p50, p80 = (forecast.quantile("critical_interruption_days", p) for p in (0.5, 0.8))
    return colour, p50, p80, limit


def _qualification(forecast: Forecast) -> _Judged:
    """Odds that qualification holds up the next wave that has a gate."""
    done = forecast.progress.done if forecast.progress else {}
    gate = next((g for g in wave_gates(forecast) if f"{g.wave}.cutover" not in done), None)
    if gate is None:
        return None
    return by_share(gate.sets_go, BAD_GREEN, BAD_AMBER), gate.sets_go, gate.day.p80, BAD_GREEN


def _exposure(forecast: Forecast) -> _Judged:
    erased = forecast.plan.target.erased if forecast.plan.target else None
    if erased is None:
        return None
    return _of_quantity(forecast, erased.milestone, end_of_day(forecast.plan, erased.by))


def _of_quantity(forecast: Forecast, quantity: str, target: float) -> _Judged:
    p50, p80 = (forecast.quantile(quantity, p) for p in (0.5, 0.8))
    return by_quantiles(p50, p80, target), p50, p80, target


_JUDGES = {
    "date": _date, "cost": _cost, "both": _both, "continuity": _continuity,
    "qualification": _qualification, "exposure": _exposure,
}  # fmt: skip


def _data(state: State | None) -> _Judged:
    """Age of the data: since when the kind that is missing for longest has had no file."""
    if state is None or not state.facts:
        return UNKNOWN, None, None, float(AGE_GREEN)
    weeks_missing = max(_in_a_row(state, kind) for kind in AGING)
    age = 7.0 * weeks_missing + (state.day - monday(week_of(state.day))).days
    return by_share(age, AGE_GREEN, AGE_GREEN + AGE_AMBER), age, None, float(AGE_GREEN)


def _in_a_row(state: State, kind: str) -> int:
    """Weeks in a row, up to that of the day, that lack a kind of file."""
    day, count = state.day, 0
    while f"{week_of(day)}/{kind}.csv" in state.missing:
        day, count = day - dt.timedelta(7), count + 1
    return count
