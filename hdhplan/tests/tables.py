"""Comparisons made of chosen draws: the tables that a choice must not contradict."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from small import plan_of, range_of

from hdhplan.basis import comparable
from hdhplan.comparison import Comparison, _row, compare
from hdhplan.forecast import Forecast
from hdhplan.inputs import draw_whole, gather
from hdhplan.network import expand

QUANTITIES = ("finish_day", "cost_eur", "exposure_pb_days", "project_days_interrupted")
#: The target of each table: day 90, a million.
DAY, MONEY = 90.0, 1e6
_TARGETS = {
    "both": {"finish": "2026-04-04", "cost_eur": MONEY, "vat": "HT"},
    "date": {"finish": "2026-04-04"},
    "none": None,
}


@lru_cache
def forecast_of(target: str, draws: int) -> Forecast:
    """The forecast of a small plan with two inputs and an event."""
    ask = {"fr": "l'équipe", "en": "the team"}
    plan = plan_of(
        tasks=[{"id": "A", "name": "Survey", "work": range_of(10, 20, 40, "d"), "ask": ask},
               {"id": "B", "work": range_of(10, 30, 60, "d", "uniform")}],
        drivers=[{"id": "late", "name": "Late permit", "p": 0.4,
                  "delay": range_of(5, 5, 5, "d"), "on": {"A": 1}}],
        **({"target": _TARGETS[target]} if _TARGETS[target] else {}),
    )  # fmt: skip
    return compare([plan], draws).forecasts[0]


def inputs_of(target: str = "both", draws: int = 1_000) -> dict[str, NDArray]:
    """What the small plan draws, by path."""
    plan = forecast_of(target, draws).plan
    drawn = draw_whole(gather(plan, expand(plan)), 1, draws)
    return drawn.values | {f"drivers.{name}.p": x for name, x in drawn.happens.items()}


def table_of(
    scenarios: Sequence[Sequence[NDArray]],
    target: str = "both",
    guessed: Sequence[int] = (),
    assumed: Sequence[int] = (),
) -> Comparison:
    """Make a comparison of given draws of the four `QUANTITIES`, one row a scenario."""
    made = forecast_of(target, len(scenarios[0][0]))
    forecasts, rows = [], []
    for i, drawn in enumerate(scenarios):
        values = {q: np.asarray(x, float) for q, x in zip(QUANTITIES, drawn, strict=True)}
        plan = made.plan.model_copy(update={"name": "abcdefgh"[i]})
        # What is worked out beside the four quantities would not be theirs.
        detail = {"turn_back_day": made.detail["turn_back_day"]}
        forecasts.append(
            dataclasses.replace(made, plan=plan, values=made.values | values, detail=detail)
        )
        prices = ("crew",) if i in guessed else ()
        rows.append(_row(plan.name, forecasts[-1], prices, i in assumed))
    plans = [forecast.plan for forecast in forecasts]
    draws = len(scenarios[0][0])
    return Comparison(tuple(forecasts), tuple(rows), comparable(plans), (), (), draws, 1)


@dataclass(frozen=True)
class Asked:
    """A random table, told by few numbers so that a failure can be read."""

    seed: int
    target: str
    #: Of each scenario: days and share of the money on average, what it leans on, and how often not ending.
    scenarios: tuple[tuple[float, float, int, float, float], ...]
    guessed: tuple[int, ...] = ()
    assumed: tuple[int, ...] = ()

    def made(self, draws: int = 1_000) -> Comparison:
        """The comparison: days of each scenario lean on an input or on none."""
        rng = np.random.default_rng(self.seed)
        drawn = inputs_of(self.target, draws)
        inputs = (drawn["tasks.A.work"] - 21, 8 * (drawn["drivers.late.p"] - 0.4), np.zeros(draws))
        found, spread = [], rng.normal(0, 8, draws)
        for shift, share, which, weight, never in self.scenarios:
            days = DAY + shift + weight * inputs[which] + spread + rng.normal(0, 3, draws)
            days = np.where(rng.random(draws) < never, np.inf, days)
            costs = MONEY * (share + rng.normal(0, 0.1, draws))
            others = rng.gamma(4, 10 + shift / 5, draws), rng.gamma(2, 5, draws)
            found.append((days, costs, *others))
        return table_of(found, self.target, self.guessed, self.assumed)


def random_tables(whole: bool = True) -> st.SearchStrategy[Asked]:
    """Random tables; not ``whole`` ones may have no target, guesses, other worlds and no end."""
    scenario = st.tuples(
        st.sampled_from([-12.0, -4.0, 0.0, 4.0, 12.0]), st.sampled_from([0.8, 0.95, 1.0, 1.2]),
        st.integers(0, 2), st.sampled_from([-1.5, 0.0, 1.5]),
        st.just(0.0) if whole else st.sampled_from([0.0, 0.0, 0.1, 0.3, 1.0]),
    )  # fmt: skip
    some = st.just(()) if whole else st.sets(st.integers(0, 3), max_size=2).map(tuple)
    return st.builds(
        Asked,
        st.integers(0, 2**32 - 1),
        st.just("both") if whole else st.sampled_from(["both", "both", "date", "none"]),
        st.lists(scenario, min_size=2, max_size=4).map(tuple),
        some,
        some.map(lambda which: tuple(i for i in which if i)),
    )
