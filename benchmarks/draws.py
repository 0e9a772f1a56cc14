"""Standard error of the difference that one lever makes: common draws against independent ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import Check, Row
from hdhplan.reading import load_plan
from hdhplan.simulation import draw_values

#: Levers of the base plan, as ``--set`` says them.
LEVERS = {
    "link of 25 Gbit/s": "routes.azure.rate_gbps=25",
    "ten tool developers": "resources.tool_developer=10",
    "a third fewer projects in w4": "waves.w4.projects=18",
}
_DRAWS, _REPEATS, _RESAMPLED = 4_096, 48, 400


def _p80s(overrides: list[str], seeds: range) -> NDArray:
    """P80 of date and cost by seed, one row each. [d] and [EUR]"""
    plan, rows = load_plan("base", overrides), []
    for seed in seeds:
        values = draw_values(plan, _DRAWS, seed)
        rows.append([np.sort(values[k])[int(0.8 * _DRAWS)] for k in ("finish_day", "cost_eur")])
    return np.array(rows, dtype=float).T


def error_ratio(base: NDArray, changed: NDArray) -> float:
    """Standard error of a difference on common draws over that on independent ones. [1]"""
    common = np.var(base - changed, ddof=1)
    apart = np.var(base, ddof=1) + np.var(changed, ddof=1)
    return float(np.sqrt(common / apart))


def run(count: int, say) -> tuple[list[Row], list[Check]]:
    """Measure over seeds; the extremes are the 5th and 95th percentile of resampled seeds."""
    del count
    say(f"differences of P80 at {_DRAWS:,} draws, {_REPEATS} seeds")
    seeds = range(1, _REPEATS + 1)
    base, rng, rows = _p80s([], seeds), np.random.default_rng(1), []
    picks = rng.integers(0, _REPEATS, (_RESAMPLED, _REPEATS))
    for lever, setting in LEVERS.items():
        changed = _p80s([setting], seeds)
        for name, a, b in zip(("date", "cost"), base, changed, strict=True):
            spread = [error_ratio(a[pick], b[pick]) for pick in picks]
            low, high = np.quantile(spread, (0.05, 0.95))
            what = f"P80 {name}, {lever}: error, common over independent draws"
            values = (float(low), error_ratio(a, b), float(high))
            rows.append(Row("draws", what, values, at_most=0.5))
    return rows, []
