"""Scenarios side by side on common draws: what each gives, who is better at what, beyond error."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from numpy.typing import NDArray

from hdhplan.basis import (
    CRITERIA,
    ODDS,
    PRICED,
    assumed,
    caveats,
    comparable,
    guesses,
    not_comparable,
)
from hdhplan.differing import Difference, differing_inputs
from hdhplan.forecast import Forecast
from hdhplan.paired import Move, around_p80, difference, held, in_parts, p80, p80_of_ended, share
from hdhplan.plan import Plan
from hdhplan.quantities import Bilingual
from hdhplan.simulation import simulate

#: What goes with a scenario beside what it is judged by.
BESIDE = (
    "full_cost_eur", "steady_month_eur", "avoided_eur", "unqualified_pb_days",
    "double_held_pb_days", "projects_without_tool", "project_days_without_tool",
    "critical_days_interrupted",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One scenario; ``never`` is the share of draws without an end, ``guessed`` its guessed prices.

    ``assumed`` says that it is no decision: it differs from the reference by drivers that nobody
    can pull, so it is another state of the world, neither best nor recommended.

    Quantiles are pairs of P50 and P80, ``errors`` their standard errors; days count from the
    scenario's own start. ``beside`` holds pairs of what goes with it (see `BESIDE`), ``turn_back``
    P10 and P50 of the last day to turn back, ``years`` the P80 of commitments by budget year,
    ``laws`` the odds of meeting each obligation. [d], [EUR], [PB·days], [project-days], [1]
    """

    name: str
    title: Bilingual | None
    finish: tuple[float, float]
    cost: tuple[float, float]
    exposure: tuple[float, float]
    project_days: tuple[float, float]
    errors: dict[str, tuple[float, float]]
    odds: dict[str, float | None]
    odds_errors: dict[str, float]
    beside: dict[str, tuple[float, float]]
    turn_back: tuple[float, float]
    laws: dict[str, float]
    years: dict[int, float]
    never: float
    guessed: tuple[str, ...]
    assumed: bool


@dataclass(frozen=True)
class Comparison:
    """Scenarios on common draws; the first is the reference.

    ``comparable`` names the criteria that mean the same in all of them, ``warnings`` says why the
    others do not. ``dominated`` gives for a scenario another that is nowhere worse and somewhere
    better, beyond two standard errors; ``best`` who is not beaten at a criterion.
    """

    forecasts: tuple[Forecast, ...] = field(repr=False)
    rows: tuple[Row, ...]
    comparable: tuple[str, ...]
    inputs: tuple[Difference, ...]
    warnings: tuple[Bilingual, ...]
    draws: int
    seed: int

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the scenarios, each one once."""
        return tuple(row.name for row in self.rows)

    @property
    def plans(self) -> tuple[Plan, ...]:
        """The plans compared."""
        return tuple(forecast.plan for forecast in self.forecasts)

    @cached_property
    def _parts(self) -> dict[tuple[int, str], NDArray]:
        return {}

    def series(self, scenario: int, criterion: str) -> NDArray:
        """What a criterion is taken of, draw by draw; days count from the reference's start."""
        forecast, quantity = self.forecasts[scenario], CRITERIA[criterion][0]
        if criterion in ODDS:
            return held(forecast.plan, forecast.values)[criterion]
        values = forecast.values[quantity]
        if quantity == "finish_day":
            values = values + (forecast.plan.start - self.plans[0].start).days
        return values if criterion != "share_never" else values == math.inf

    def score(self, scenario: int, criterion: str) -> float:
        """The criterion's number for a scenario, as it is shown."""
        if statistic_of(criterion) is not around_p80:
            return float(self._part(scenario, criterion)[0])
        return p80(self.series(scenario, criterion))

    def _part(self, scenario: int, criterion: str) -> NDArray:
        key = scenario, criterion
        if key not in self._parts:
            self._parts[key] = in_parts(self.series(*key), statistic_of(criterion))
        return self._parts[key]

    def move(self, scenario: int, other: int, criterion: str) -> Move:
        """How much more a scenario has of something than another, on common draws."""
        return difference(self._part(scenario, criterion), self._part(other, criterion))

    def beats(self, scenario: int, other: int, criterion: str) -> bool:
        """Whether a scenario is better than another beyond two standard errors."""
        return better(self.move(scenario, other, criterion), criterion)

    @property
    def decisions(self) -> list[int]:
        """Scenarios that one can decide on; the others are other assumptions."""
        return [i for i, row in enumerate(self.rows) if not row.assumed]

    @cached_property
    def dominated(self) -> dict[str, str]:
        """Dominated scenarios, each with one that dominates it."""
        found = {}
        for i in self.decisions:
            by = next((j for j in self.decisions if j != i and self._dominates(j, i)), None)
            if by is not None:
                found[self.names[i]] = self.names[by]
        return found

    def _dominates(self, one: int, other: int) -> bool:
        nowhere = not any(self.beats(other, one, c) for c in self.comparable)
        guess = self.rows[one].guessed and not self.rows[other].guessed
        return nowhere and not guess and any(self.beats(one, other, c) for c in self.comparable)

    @cached_property
    def best(self) -> dict[str, tuple[str, ...]]:
        """Who is not beaten at each criterion; several where their difference is within error.

        A scenario whose prices are guesses is never best at what rests on prices.
        """
        return {c: tuple(self.names[i] for i in self.leaders(c)) for c in self.comparable}

    def leaders(self, criterion: str, among: Sequence[int] | None = None) -> list[int]:
        """Scenarios that the one with the best number does not beat.

        What never ends leads in nothing: its cost stops where its spending is no longer counted.
        """
        every = self.decisions if among is None else among
        ending = [i for i in every if self.rows[i].never < 1]
        fair = [i for i in ending if criterion not in PRICED or not self.rows[i].guessed]
        if not fair:
            return []
        less = CRITERIA[criterion][1]
        top = min(fair, key=lambda i: self._part(i, criterion)[0] * (1 if less else -1))
        return [i for i in fair if not self.beats(top, i, criterion)]


def compare(
    plans: Sequence[Plan],
    draws: int = 10_000,
    seed: int = 1,
    workers: int = 1,
    progress: Callable[[int], None] | None = None,
) -> Comparison:
    """Compare plans on common draws; the first is the reference.

    Parameters
    ----------
    workers
        Processes that run the plans; they change no bit.
    progress
        Called with the plans done so far.
    """
    if not plans:
        raise ValueError("no plans to compare")
    forecasts = []
    for forecast in _forecasts(plans, draws, seed, workers):
        forecasts.append(forecast)
        if progress:
            progress(len(forecasts))
    names = _unique([plan.name for plan in plans])
    guessed = guesses(plans)
    worlds = [assumed(plans[0], plan) for plan in plans]
    rows = tuple(map(_row, names, forecasts, guessed, worlds))
    warnings = (*not_comparable(names, plans), *caveats(names, guessed, worlds))
    return Comparison(
        tuple(forecasts), rows, comparable(plans), differing_inputs(plans), warnings, draws, seed
    )


def _forecasts(plans: Sequence[Plan], draws: int, seed: int, workers: int) -> Iterator[Forecast]:
    if workers < 2 or len(plans) < 2:
        yield from (simulate(plan, draws, seed, detail=True) for plan in plans)
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(min(workers, len(plans)), get_context("spawn")) as pool:
        jobs = [pool.submit(simulate, plan, draws, seed, detail=True) for plan in plans]
        for plan, job in zip(plans, jobs, strict=True):
            made = job.result()
            # The plan itself, not the copy that came back: facts and identity are kept.
            yield Forecast(**{**made.__dict__, "plan": plan})


def statistic_of(criterion: str) -> Callable[[NDArray], float]:
    """What is taken of a criterion's draws, so that a difference of it means something."""
    if criterion in ODDS or criterion == "share_never":
        return share
    return p80_of_ended if criterion == "cost_p80" else around_p80


def better(move: Move, criterion: str) -> bool:
    """Whether a difference in a criterion is for the better, beyond two standard errors."""
    return move.clear and (move.value < 0) == CRITERIA[criterion][1]


def _row(name: str, forecast: Forecast, guessed: tuple[str, ...], world: bool) -> Row:
    quantities = {
        k: CRITERIA[f"{k}_p80"][0] for k in ("finish", "cost", "exposure", "project_days")
    }

    def pair(of: Callable[[str, float], float], quantity: str) -> tuple[float, float]:
        return of(quantity, 0.5), of(quantity, 0.8)

    odds = {k: forecast.odds[k] for k in ("date", "budget", "both", "continuity", "all")}
    beside = [quantity for quantity in BESIDE if quantity in forecast.quantities]
    errors = {k: pair(forecast.standard_error, q) for k, q in quantities.items()}
    errors |= {q: pair(forecast.standard_error, q) for q in beside}
    turns = [forecast.quantile("turn_back_day", p) for p in (0.1, 0.5)]
    return Row(
        name=name,
        title=forecast.plan.title,
        **{k: pair(forecast.quantile, q) for k, q in quantities.items()},
        errors=errors,
        odds=odds,
        odds_errors={k: forecast.odds_error(p) for k, p in odds.items() if p is not None},
        beside={q: pair(forecast.quantile, q) for q in beside},
        turn_back=(turns[0], turns[1]),
        laws=forecast.met,
        years={
            year: forecast.quantile(f"ae.{year}", 0.8)
            for year in forecast.years
            if f"ae.{year}" in forecast.detail
        },
        never=forecast.share_never("finish_day"),
        guessed=guessed,
        assumed=world,
    )


def _unique(names: Sequence[str]) -> list[str]:
    """Names, numbered where one comes again."""
    found: list[str] = []
    for name in names:
        count = sum(other == name or other.startswith(f"{name} (") for other in found)
        found.append(f"{name} ({count + 1})" if count else name)
    return found


def as_data(comparison: Comparison) -> dict[str, Any]:
    """A comparison as plain values."""
    pairs: Callable[[Sequence[float]], dict] = lambda pair: {"p50": pair[0], "p80": pair[1]}  # noqa: E731

    def row(i: int, r: Row) -> dict:
        forecast = comparison.forecasts[i]
        dates = {k: forecast.date_of(day) for k, day in pairs(r.finish).items()}
        numbers = {k: getattr(r, k, None) or r.beside[k] for k in r.errors}
        shown = {k: pairs(v) | {"se": pairs(r.errors[k])} for k, v in numbers.items()}
        shown["finish"] |= {"dates": dates}
        turn = dict(zip(("p10", "p50"), map(forecast.date_of, r.turn_back), strict=True))
        return {
            "name": r.name, "title": r.title.model_dump() if r.title else None, **shown,
            "odds": r.odds | {"se": r.odds_errors}, "ae_by_year_p80": r.years,
            "last_day_to_turn_back": turn, "laws_met": r.laws,
            "share_never": r.never, "dominated_by": comparison.dominated.get(r.name),
            "guessed_prices": r.guessed, "assumption": r.assumed,
            "vat": forecast.plan.target.vat if forecast.plan.target else None,
        }  # fmt: skip

    def moves(i: int) -> dict:
        found = {c: comparison.move(i, 0, c) for c in comparison.comparable}
        return {c: {"value": m.value, "se": m.se, "clear": m.clear} for c, m in found.items()}

    names = comparison.names
    return {
        "scenarios": [row(i, r) for i, r in enumerate(comparison.rows)],
        "comparable": {c: c in comparison.comparable for c in CRITERIA},
        "best": comparison.best,
        "dominated": comparison.dominated,
        "differences": {names[i]: moves(i) for i in range(1, len(names))},
        "differing_inputs": [
            {"path": d.path, "cause": d.cause, "name": d.name.model_dump() if d.name else None,
             "values": dict(zip(names, d.values, strict=True))}
            for d in comparison.inputs
        ],
    }  # fmt: skip
