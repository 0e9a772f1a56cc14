"""Kept: a forecast as the table of quantiles that is archived for ever, and its strict reading.

One row a quantity and a level; then, without a level, one for each probability, with the event that
it is of, and the pace of the earned schedule, which the forecast is to be compared with.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hdhplan.calendars import shown_date
from hdhplan.earned import earned_value
from hdhplan.forecast import PROBABILITIES, Forecast, is_money
from hdhplan.plan import Plan

COLUMNS = (
    "quantity", "p", "value", "standard_error", "date", "unit", "share_never", "event", "as_of",
    "start",
)  # fmt: skip
#: Levels of a forecast that is kept; those that every report gives are among them.
LEVELS = (0.01, *(i / 20 for i in range(1, 20)), 0.99)
#: Kind of output in which a notebook hands a kept forecast over.
KEPT_MIME = "application/vnd.hdhplan.kept+csv"
#: Units of a quantity. ``day`` is an instant: days since the start, 3.0 the end of the third day.
UNITS = ("day", "d", "EUR", "PB.d", "project.d", "project", "1")
#: Beginning of the names of probabilities.
ODDS = "odds."
#: Row of the pace of the earned schedule.
PACE = "spi_t"
#: What a spreadsheet takes for a formula, or for a mark of text.
_FORMULA = "'=+-@\t\r"


@dataclass(frozen=True)
class Odds:
    """A probability, its standard error and its event: conditions as ``left <= 2028-04-23``. [1]"""

    value: float
    error: float | None
    event: str


@dataclass(frozen=True)
class Kept:
    """A forecast as it is kept.

    Parameters
    ----------
    as_of
        Data date; None for a plan by itself.
    start
        Day 0.0 of every instant.
    levels
        Probabilities, ascending.
    quantiles, errors
        Of each quantity, at each level; infinite where it never happens, an error where it is unknown.
    never
        Share of the draws in which it never happens. [1]
    spi_t
        Pace of the earned schedule; None where nothing is earned. [1]
    """

    as_of: dt.date | None
    start: dt.date
    levels: tuple[float, ...]
    quantiles: dict[str, tuple[float, ...]]
    errors: dict[str, tuple[float, ...]]
    units: dict[str, str]
    never: dict[str, float]
    odds: dict[str, Odds]
    spi_t: float | None = None

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Cells of each row of the file, the header first; every number reads back as it was."""
        last = (self.as_of.isoformat() if self.as_of else "", self.start.isoformat())
        yield COLUMNS
        for name, values in self.quantiles.items():
            unit, never = self.units[name], repr(self.never[name])
            for p, value, error in zip(self.levels, values, self.errors[name], strict=True):
                day = shown_date(value, self.start) if unit == "day" else None
                date = day.isoformat() if day else ""
                numbers = (_cell(value), _cell(error), date)
                yield (_quoted(name), repr(p), *numbers, unit, never, "", *last)
        for name, odds in self.odds.items():
            numbers = (repr(odds.value), _cell(odds.error), "")
            yield (ODDS + name, "", *numbers, "1", "", _quoted(odds.event), *last)
        if self.spi_t is not None:
            yield (PACE, "", repr(self.spi_t), "", "", "1", "", "", *last)

    def csv(self) -> bytes:
        """The file ``forecast.csv``."""
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows(self.rows())
        return out.getvalue().encode()


def archive(forecast: Forecast, as_of: dt.date | None = None) -> Kept:
    """Keep a forecast: every quantity, and the finish of every task that is not done.

    Parameters
    ----------
    as_of
        Data date; that of what the forecast knows by default.
    """
    plan, progress = forecast.plan, forecast.progress
    done = progress.done if progress else {}
    tasks = [task for task in forecast.finishes if task not in done]
    quantities = [name for name in forecast.quantities if name not in done]
    names = tuple(dict.fromkeys((*quantities, *tasks)))
    value = earned_value(plan)
    return Kept(
        as_of or (progress.state.day if progress else None),
        plan.start,
        LEVELS,
        {k: tuple(forecast.quantile(k, p) for p in LEVELS) for k in names},
        {k: tuple(forecast.standard_error(k, p) for p in LEVELS) for k in names},
        {k: unit_of(k, forecast.tasks) for k in names},
        {k: forecast.share_never(k) for k in names},
        {
            name: Odds(p, forecast.odds_error(p), events(plan)[name])
            for name, p in forecast.odds.items()
            if p is not None
        },
        value.programme.spi_t if value else None,
    )


def of_result(data: Mapping[str, Any]) -> Kept:
    """Keep what the numbers of a report hold: fewer levels, no tasks that it gives no quantiles of."""
    status, rows = data.get("status"), data["quantiles"]
    names = [f"p{round(100 * p)}" for p in PROBABILITIES]
    earned = status["earned"] if status else None
    errors = data["odds"]["se"]
    return Kept(
        dt.date.fromisoformat(status["as_of"]) if status else None,
        dt.date.fromisoformat(data["start"]),
        PROBABILITIES,
        {k: tuple(_infinite(row[name]) for name in names) for k, row in rows.items()},
        {k: tuple(_infinite(row["se"][name]) for name in names) for k, row in rows.items()},
        {k: unit_of(k, data["plan"]["tasks"]) for k in rows},
        {k: row["share_never"] for k, row in rows.items()},
        {k: Odds(data["odds"][k], errors[k], event) for k, event in data["events"].items()},
        earned["programme"]["spi_t"] if earned else None,
    )


def events(plan: Plan) -> dict[str, str]:
    """What each of the odds of a plan is of, by its name; an amount or a length to the last digit."""
    target, found = plan.target, {}
    if target and target.finish:
        found["date"] = f"finish_day <= {target.finish}"
    if plan.envelope_eur is not None:
        found["budget"] = f"cost_eur <= {plan.envelope_eur!r}"
    if len(found) == 2:
        found["both"] = f"{found['date']} & {found['budget']}"
    if target and target.critical_limit:
        limit = target.critical_limit.likely
        found["continuity"] = f"critical_interruption_days <= {limit!r}"
        if "both" in found:
            found["all"] = f"{found['both']} & {found['continuity']}"
    for promise in plan.promises:
        found[promise.id or promise.milestone] = f"{promise.milestone} <= {promise.by}"
    return found


def unit_of(quantity: str, tasks: Mapping[str, Any]) -> str:
    """Unit of a quantity, one of `UNITS`."""
    if is_money(quantity):
        return "EUR"
    if quantity in tasks or quantity.endswith(("_day", ".gate")):
        return "day"
    if quantity.endswith("pb_days"):
        return "PB.d"
    if quantity == "critical_interruption_days":
        return "d"  # of the project that is interrupted longest
    return "project.d" if "days" in quantity else "project"


def _quoted(name: str) -> str:
    """A name that no spreadsheet takes for a formula."""
    return f"'{name}" if name[:1] in _FORMULA else name


def unquoted(cell: str) -> str:
    """The name in a cell, as it was before it was made harmless."""
    return cell.removeprefix("'")


def _cell(value: float | None) -> str:
    return repr(float(value)) if value is not None and math.isfinite(value) else ""


def _infinite(value: float | None) -> float:
    return math.inf if value is None else value
