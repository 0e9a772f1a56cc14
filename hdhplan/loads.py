"""What there is to move: how much each dataset holds and how long its copy takes, draw by draw."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hdhplan.inputs import draw_whole
from hdhplan.outcome import run_block
from hdhplan.plan import Plan
from hdhplan.priority import prepare
from hdhplan.scope import Dataset
from hdhplan.simulation import SAMPLED
from hdhplan.spread import Spread, spread_of
from hdhplan.units import NEVER_DAY
from hdhplan.volumes import tier_share

#: Where a dataset stands: it moves off the source, it stays behind, it never was at the source.
LOTS = ("moves", "stays", "elsewhere")
TIERS = ("hot", "cool", "archive")


@dataclass(frozen=True)
class Loads:
    """Volume of each dataset on the first day [TB], and length of its copy [d], in the first draws.

    A copy that never ends is infinitely long; a dataset that does not move has none.
    """

    plan: Plan
    volume_tb: dict[str, NDArray] = field(repr=False)
    copy_days: dict[str, NDArray] = field(repr=False)
    draws: int

    def total(self, names: Iterable[str], tier: str = "") -> Spread:
        """Spread of the volume of some datasets together, or of their part in a tier. [TB]"""
        tiers = (tier,) if tier else ()
        parts = (self.volume_tb[k] * tier_share(self.plan.datasets[k], tiers) for k in names)
        return spread_of(sum(parts, np.zeros(self.draws)))

    def copy(self, name: str) -> Spread:
        """Spread of the length of a dataset's copy. [d]"""
        return spread_of(self.copy_days[name])

    def as_data(self) -> dict[str, dict]:
        """Volume and length of the copy of each dataset that is copied, as plain values."""
        return {
            name: {"volume_tb": as_numbers(self.total([name])), "days": as_numbers(self.copy(name))}
            for name in self.copy_days
        }

    def lot(self, lot: str) -> list[str]:
        """Datasets of a lot, in file order."""
        return [name for name, data in self.plan.datasets.items() if lot_of(data) == lot]


def lot_of(data: Dataset) -> str:
    """Where a dataset stands, one of `LOTS`."""
    if not data.at_source:
        return "elsewhere"
    return "stays" if data.excluded or not data.route else "moves"


def weigh(plan: Plan, draws: int = SAMPLED, seed: int = 1) -> Loads:
    """Weigh the datasets of a plan and time their copies, in the first draws of its forecast."""
    size, model = min(draws, SAMPLED), prepare(plan)
    outcome = run_block(model, draw_whole(model.inputs, seed, size))
    stocks = outcome.stocks
    lengths = {
        name: np.where(stock.end < NEVER_DAY / 2, stock.end - stock.begin, np.inf)
        for name, stock in stocks.items()
        if f"{name}.copy" in outcome.dates.finish
    }
    return Loads(plan, {k: stock.volume for k, stock in stocks.items()}, lengths, size)


def as_numbers(spread: Spread) -> dict:
    """A spread as plain values, with its errors; infinite ones are left so."""
    points = ("p10", "p50", "p80")
    errors = {p: getattr(spread, f"se{p[1:]}") for p in points}
    return {p: getattr(spread, p) for p in points} | {"never": spread.never, "se": errors}
