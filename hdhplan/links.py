"""What another rate of the main link would change: date, cost and limits, on common draws."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from hdhplan.errors import InputError
from hdhplan.forecast import Forecast
from hdhplan.paired import Move, around_p80, difference, forecast_moves, in_parts
from hdhplan.plan import Plan
from hdhplan.reading import load_plan
from hdhplan.result import safe
from hdhplan.simulation import simulate
from hdhplan.volumes import moved

#: Rates that carriers sell. [Gbit/s]
RATES_GBPS = (2, 5, 10, 25, 40, 100)


@dataclass(frozen=True)
class OtherLink:
    """A plan whose main link has another rate, and what that changes on common draws.

    ``finish`` [d] and ``cost`` [EUR] are differences of P80 with the plan as it is, ``both`` [1] that
    of the odds of date and money; ``binds`` is the share of the copied volume and of the draws that
    each limit holds. [1] No forecast: the rate was refused, rewrites outrun it in every draw.
    """

    rate_gbps: float
    forecast: Forecast | None = field(repr=False)
    finish: Move | None = None
    cost: Move | None = None
    both: Move | None = None
    binds: dict[str, float] = field(default_factory=dict)

    @property
    def never(self) -> float:
        """Share of draws that never end. [1]"""
        return 1.0 if self.forecast is None else self.forecast.share_never("finish_day")


@dataclass(frozen=True)
class Links:
    """The main link of a plan, its own rate [Gbit/s], and others in ascending order."""

    route: str
    own_gbps: float
    others: tuple[OtherLink, ...]

    @property
    def enough(self) -> float | None:
        """Lowest of the rates that no faster one beats at the P80 date, beyond error. [Gbit/s]"""
        made = [other for other in self.others if other.forecast is not None]
        parts = [in_parts(o.forecast.values["finish_day"], around_p80) for o in made]
        for i, other in enumerate(made):
            faster = (difference(after, parts[i]) for after in parts[i + 1 :])
            if math.isfinite(parts[i][0]) and not any(m.clear and m.value < 0 for m in faster):
                return other.rate_gbps
        return None

    def as_data(self) -> dict:
        """All numbers as plain values."""
        rows = [_row(other) for other in self.others]
        return safe(
            {
                "route": self.route,
                "rate_gbps": self.own_gbps,
                "enough_gbps": self.enough,
                "others": rows,
            }
        )


def main_link(plan: Plan) -> str | None:
    """The link that carries most of the likely volume; None where nothing goes over a link."""
    carried: dict[str, float] = {}
    for data in moved(plan):
        if plan.routes[data.route].rate_gbps is not None:
            carried[data.route] = carried.get(data.route, 0.0) + data.volume_tb.likely
    return max(sorted(carried), key=carried.get) if carried else None


def other_links(scenario: str, base: Forecast, route: str | None = None) -> Links | None:
    """Give the main link of a scenario each of `RATES_GBPS`; None where it has no link.

    Parameters
    ----------
    scenario
        Where the plan of ``base`` came from; its own settings are kept.
    """
    plan = base.plan
    route = route or main_link(plan)
    if route is None:
        return None
    settings = plan.origin.overrides
    rates = (
        _other(base, route, rate, lambda text: load_plan(scenario, [*settings, text]))
        for rate in RATES_GBPS
    )
    return Links(route, plan.routes[route].rate_gbps.likely, tuple(rates))


def _other(base: Forecast, route: str, rate: float, load: Callable[[str], Plan]) -> OtherLink:
    try:
        made = simulate(load(f"routes.{route}.rate_gbps={rate:g}"), base.draws, base.seed)
    except InputError:  # refused as hopeless; the plan itself was accepted
        return OtherLink(rate, None)

    moves = forecast_moves(made, base)
    three = (moves.get(name) for name in ("finish_days", "cost_eur", "p_both"))
    return OtherLink(rate, made, *three, _binds(made, route))


def _binds(forecast: Forecast, route: str) -> dict[str, float]:
    """Share of copied volume and draws that each limit holds, the largest first. [1]"""
    found: dict[str, float] = {}
    plan = forecast.plan
    data = [d for d in moved(plan) if d.route == route and forecast.bottleneck.get(d.id)]
    whole = sum(d.volume_tb.likely for d in data)
    for one in data if whole else ():
        for limit, part in forecast.bottleneck[one.id].items():
            found[limit] = found.get(limit, 0.0) + part * one.volume_tb.likely / whole
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _row(other: OtherLink) -> dict:
    row: dict = {"rate_gbps": other.rate_gbps, "share_never": other.never, "binds": other.binds}
    if other.forecast is not None:
        row["p80_finish_day"] = other.forecast.quantile("finish_day", 0.8)
        row["p80_cost_eur"] = other.forecast.quantile("cost_eur", 0.8)
    for name in ("finish", "cost", "both"):
        move = getattr(other, name)
        row[name] = None if move is None else {"value": move.value, "se": move.se}
    return row
