"""Forecast: what came out of a plan, frozen, with the Monte-Carlo error of every number."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hdhplan.calendars import shown_date, shown_start
from hdhplan.plan import Plan
from hdhplan.spread import error_of_quantile, quantile_of
from hdhplan.units import HORIZON_DAYS, NEVER_DAY

if TYPE_CHECKING:
    import pandas as pd

    from hdhplan.floats import Slack
    from hdhplan.progress import Progress

#: Probabilities that are always reported.
PROBABILITIES = (0.10, 0.50, 0.80, 0.90)
#: What float32 may add to a length that is just at its limit. [d]
ROUNDING_D = 1e-6
#: What the name of an event in `Forecast.detail` begins with: 1 in the draws in which it happens.
EVENT = "event:"


@dataclass(frozen=True)
class LikelyTask:
    """One task of the likely plan. [d]"""

    early_start: float
    early_finish: float
    slack: Slack | None
    kind: str
    wave: str
    dataset: str


@dataclass(frozen=True)
class Path:
    """A quantity over time: the likely plan and quantiles over the first draws. [d] and [PB]"""

    days: NDArray
    likely: NDArray
    p10: NDArray
    p50: NDArray
    p80: NDArray
    p90: NDArray


@dataclass(frozen=True)
class Forecast:
    """Arrays over draws, and what made them.

    Parameters
    ----------
    values
        Each quantity in every draw: days since the start, EUR, PB·days, project-days. What never
        happens is infinite; a cost that never ends is infinite too.
    likely
        Each quantity in the likely plan, which is not one of the draws.
    tasks
        The likely plan, task by task.
    spread
        P10, P50, P80 of start and finish of each task over the first `sampled` draws. [d]
    criticality
        Share of draws in which each task is critical. [1]
    bottleneck
        For each dataset, share of draws in which each limit binds its copy. [1]
    lines
        Cost by budget line in every draw, in the envelope. [EUR]
    detail
        Of the first draws, empty unless asked for: dates of waves, projects without a tool by wave,
        project-days interrupted by wave, the day of the last copy,
        AE and CP by budget year (``ae.2027``, ``cp.2027``), full cost, steady month, spending
        avoided, the last day to turn back, when all services of a wave are qualified (``w.gate``),
        and as events (``event:w.gated``) whether that set its go/no-go. [d], [EUR], [1]
    exposure_path
        Volume still readable at the source, over time. [PB]
    landed_paths
        Volume landed at the target over time, by route; under `exposure.LANDED` that of all routes,
        under `exposure.WHOLE` what is to land in all, every day the same. [PB]
    finishes
        Finish of each task in the first `sampled` draws, as the engine has it: never is `NEVER_DAY`. [d]
    """

    plan: Plan
    seed: int
    draws: int
    values: dict[str, NDArray] = field(repr=False)
    likely: dict[str, float]
    tasks: dict[str, LikelyTask] = field(repr=False)
    spread: dict[str, dict[str, tuple[float, float, float]]] = field(repr=False)
    sampled: int
    criticality: dict[str, float] = field(repr=False)
    bottleneck: dict[str, dict[str, float]]
    lines: dict[str, NDArray] = field(repr=False)
    detail: dict[str, NDArray] = field(repr=False)
    likely_lines: dict[str, float]
    correlation: float
    exposure_path: Path = field(repr=False)
    landed_paths: dict[str, Path] = field(repr=False, default_factory=dict)
    finishes: dict[str, NDArray] = field(repr=False, default_factory=dict)

    @cached_property
    def _sorted(self) -> dict[str, NDArray]:
        return {}

    def sorted(self, quantity: str) -> NDArray:
        """All draws of a quantity in ascending order; of a cost only those that end.

        Of a task that is kept nowhere else, the first `sampled` draws.
        """
        if quantity not in self._sorted:
            values = np.sort(self._kept(quantity))
            if is_money(quantity):
                values = values[: np.searchsorted(values, np.inf)]
            self._sorted[quantity] = values
        return self._sorted[quantity]

    def series(self, quantity: str) -> NDArray:
        """All draws of a quantity, in the order of the draws."""
        group, _, name = quantity.partition(".")
        if group == "line":
            return self.lines[name]
        return self.values[quantity] if quantity in self.values else self.detail[quantity]

    def _kept(self, quantity: str) -> NDArray:
        """Draws of a quantity, or of a task of which only the first are kept."""
        if quantity in self.values or quantity in self.detail or quantity not in self.finishes:
            return self.series(quantity)
        days = self.finishes[quantity]
        return np.where(days < NEVER_DAY / 2, days, np.float32(np.inf))

    def quantile(self, quantity: str, p: float) -> float:
        """Smallest value that at least a share ``p`` of the draws do not exceed; may be infinite."""
        return quantile_of(self.sorted(quantity), p)

    def standard_error(self, quantity: str, p: float) -> float:
        """Monte-Carlo standard error of a quantile, from the order statistics around it."""
        return error_of_quantile(self.sorted(quantity), p)

    def share_never(self, quantity: str) -> float:
        """Share of draws in which it never happens. [1]"""
        return float(np.mean(~np.isfinite(self._kept(quantity))))

    def mean(self, quantity: str) -> float:
        """Mean of a quantity; infinite if a date may never come."""
        values = self.sorted(quantity)
        return float(np.mean(values, dtype=float)) if len(values) else math.inf

    def sd(self, quantity: str) -> float:
        """Standard deviation of a quantity."""
        values = self.sorted(quantity)
        ends = len(values) and np.isfinite(values[-1])
        return float(np.std(values, dtype=float)) if ends else math.inf

    def odds_by(self, quantity: str, day: float) -> float:
        """Share of draws in which a quantity is at most a value. [1]"""
        return float(np.mean(self.series(quantity) <= day + 1e-3))

    @property
    def progress(self) -> Progress | None:
        """What had happened by the data date, and what it taught; None for the plan by itself."""
        return self.plan.progress

    @property
    def _on_time(self) -> NDArray | None:
        target = self.plan.target
        if target is None or target.finish is None:
            return None
        return self.values["finish_day"] <= end_of_day(self.plan, target.finish)

    @property
    def _in_budget(self) -> NDArray | None:
        limit = self.plan.envelope_eur
        return None if limit is None else self.values["cost_eur"] <= limit

    @property
    def _continuous(self) -> NDArray | None:
        limit = self.plan.target.critical_limit if self.plan.target else None
        if limit is None:
            return None
        return self.values["critical_interruption_days"] <= limit.likely + ROUNDING_D

    @property
    def everything(self) -> NDArray | None:
        """Draws that hold the date, the money and continuity."""
        if self.both is None or self._continuous is None:
            return None
        return self.both & self._continuous

    @property
    def both(self) -> NDArray | None:
        """Draws that hold the date and the money."""
        if self._on_time is None or self._in_budget is None:
            return None
        return self._on_time & self._in_budget

    @property
    def p_date(self) -> float | None:
        """Odds of the date. [1]"""
        return _share(self._on_time)

    @property
    def p_budget(self) -> float | None:
        """Odds of the money. [1]"""
        return _share(self._in_budget)

    @property
    def p_both(self) -> float | None:
        """Odds of date and money together. [1]"""
        return _share(self.both)

    @property
    def p_continuity(self) -> float | None:
        """Odds that no critical project is interrupted for longer than it accepts. [1]"""
        return _share(self._continuous)

    @property
    def p_all(self) -> float | None:
        """Odds of date, money and continuity together. [1]"""
        return _share(self.everything)

    @property
    def odds(self) -> dict[str, float | None]:
        """Odds of date, budget, both, continuity, all, and of each promise by its milestone (or id)."""
        found = {
            "date": self.p_date, "budget": self.p_budget, "both": self.p_both,
            "continuity": self.p_continuity, "all": self.p_all,
        }  # fmt: skip
        for promise in self.plan.promises:
            by = end_of_day(self.plan, promise.by)
            found[promise.id or promise.milestone] = self.odds_by(promise.milestone, by)
        return found

    @property
    def met(self) -> dict[str, float]:
        """Odds of meeting each obligation: by its date where there is one, else ever. [1]"""
        found = {}
        for name, duty in self.plan.obligations.items():
            day = end_of_day(self.plan, duty.by) if duty.by else HORIZON_DAYS
            if duty.milestone in self.quantities:  # of some only where details are kept
                found[name] = self.odds_by(duty.milestone, day)
        return found

    def odds_error(self, p: float) -> float:
        """Monte-Carlo standard error of a probability. [1]"""
        return math.sqrt(p * (1 - p) / self.draws)

    @property
    def p_provision(self) -> float | None:
        """Odds that the provision covers what is spent above the likely plan. [1]

        None without a provision, and where the likely plan never ends: nothing is above it.
        """
        provision = self.plan.allocations.get("provision")
        if provision is None or math.isinf(self.likely["cost_eur"]):
            return None
        limit = self.likely["cost_eur"] + provision
        return float(np.mean(self.values["cost_eur"] <= limit + 0.005))

    @property
    def quantities(self) -> tuple[str, ...]:
        """Names of everything that has quantiles: all but events."""
        detail = (name for name in self.detail if not name.startswith(EVENT))
        return (*self.values, *(f"line.{name}" for name in sorted(self.lines)), *detail)

    @property
    def years(self) -> tuple[int, ...]:
        """Budget years in which money is committed or paid."""
        found = {int(name[3:]) for name in self.detail if name[:3] in ("ae.", "cp.")}
        return tuple(sorted(found))

    def by_year(self, kind: str) -> NDArray:
        """Commitments (``ae``) or payments (``cp``) of the first draws: a row for each of `years`. [EUR]"""
        size = len(next(iter(self.detail.values())))
        nothing = np.zeros(size)
        return np.array([self.detail.get(f"{kind}.{year}", nothing) for year in self.years])

    def date_of(self, day: float) -> date | None:
        """Date on which an instant is shown; None if never."""
        return shown_date(day, self.plan.start)

    def start_date_of(self, day: float) -> date | None:
        """Date on which the instant of a start is shown: at midnight, that of the day that begins."""
        return shown_start(day, self.plan.start)

    def money_to_reach(self, odds: float) -> float | None:
        """Money to add so that the cost alone holds with some odds; 0 if it does already. [EUR]"""
        if self.plan.envelope_eur is None:
            return None
        ordered = np.sort(self.values["cost_eur"])
        needed = float(ordered[min(math.ceil(odds * self.draws) - 1, self.draws - 1)])
        return max(needed - self.plan.envelope_eur, 0.0)

    def frontier(self, odds: float, points: int = 40) -> list[tuple[float, float]]:
        """Pairs of day and money that hold together with some odds: the iso-confidence frontier.

        [d] and [EUR]; empty where the odds are out of reach. Neither of a pair can be less.
        """
        if (odds, points) not in self._frontiers:
            self._frontiers[odds, points] = self._frontier(odds, points)
        return self._frontiers[odds, points]

    @cached_property
    def _frontiers(self) -> dict[tuple[float, int], list[tuple[float, float]]]:
        return {}

    def _frontier(self, odds: float, points: int) -> list[tuple[float, float]]:
        order = np.argsort(self.values["finish_day"], kind="stable")
        days, costs = self.values["finish_day"][order], self.values["cost_eur"][order]
        need, ends = math.ceil(odds * self.draws), int(np.isfinite(days).sum())
        pairs = {}
        for k in np.linspace(need, ends, points).astype(int) if need <= ends else ():
            # All draws of that day, then the least money that holds, then the least day for it.
            k = np.searchsorted(days, days[k - 1], side="right")
            money = float(np.partition(costs[:k], need - 1)[need - 1])
            day = float(days[np.flatnonzero(costs[:k] <= money)[need - 1]])
            pairs[day, money] = math.isfinite(money)
        return [pair for pair, finite in pairs.items() if finite]

    def summary(self, quantity: str) -> dict:
        """Quantiles, moments and their errors; None where a number is infinite."""
        row = {f"p{round(p * 100)}": _finite(self.quantile(quantity, p)) for p in PROBABILITIES}
        mean, sd = self.mean(quantity), self.sd(quantity)
        errors = {
            f"p{round(p * 100)}": _finite(self.standard_error(quantity, p)) for p in PROBABILITIES
        }
        errors["mean"] = _finite(sd / math.sqrt(max(len(self.sorted(quantity)), 1)))
        row |= {"mean": _finite(mean), "sd": _finite(sd)}
        return row | {"share_never": self.share_never(quantity), "se": errors}

    def to_frame(self) -> pd.DataFrame:
        """Tidy quantiles: quantity, p, value, standard error, date where it is a day."""
        import pandas as pd

        rows = []
        for quantity in self.quantities:
            for p in PROBABILITIES:
                value = self.quantile(quantity, p)
                day = self.date_of(value) if is_day(self, quantity) else None
                error = self.standard_error(quantity, p)
                rows.append((quantity, p, _finite(value), _finite(error), day))
        return pd.DataFrame(rows, columns=["quantity", "p", "value", "standard_error", "date"])


def end_of_day(plan: Plan, day: date) -> float:
    """Instant at which a date is over, with a thousandth of a day for rounding. [d]"""
    return (day - plan.start).days + 1 + 1e-3


def is_money(quantity: str) -> bool:
    """Whether a quantity is an amount, left out of the draws that never end."""
    return quantity.endswith("_eur") or quantity.partition(".")[0] in ("line", "ae", "cp")


def is_day(forecast: Forecast, quantity: str) -> bool:
    """Whether a quantity is an instant."""
    named = (
        "finish_day",
        "turn_back_day",
        "landed_day",
        *(f"{w}.gate" for w in forecast.plan.waves),
    )
    return quantity in named or quantity in forecast.tasks


def _share(draws: NDArray | None) -> float | None:
    return None if draws is None else float(np.mean(draws))


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
