"""Standard error of the difference that one lever makes: common draws against independent ones."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import Check, Row
from hdhplan.plan import Plan
from hdhplan.reading import load_plan
from hdhplan.simulation import draw_values

_DRAWS, _REPEATS = 4_096, 32
_NAMES = {"finish_day": "date", "cost_eur": "cost"}


def answers(plan: Plan, seeds: range, without: tuple[str, ...] = ()) -> dict[str, NDArray]:
    """Mean and P80 of date and cost, one value a seed. [d] and [EUR]"""
    found: dict[str, list[float]] = {}
    for seed in seeds:
        values = draw_values(plan, _DRAWS, seed, without)
        for quantity, name in _NAMES.items():
            ordered = np.sort(values[quantity].astype(float))
            found.setdefault(f"mean {name}", []).append(float(ordered.mean()))
            found.setdefault(f"P80 {name}", []).append(float(ordered[int(0.8 * _DRAWS)]))
    return {name: np.array(series) for name, series in found.items()}


def error_ratio(base: NDArray, changed: NDArray) -> float:
    """Standard error of a difference on common draws over that on independent ones. [1]"""
    common = np.var(base - changed, ddof=1)
    return float(np.sqrt(common / (np.var(base, ddof=1) + np.var(changed, ddof=1))))


def _levers(plan: Plan) -> Iterator[str]:
    return (name for name, driver in plan.drivers.items() if driver.lever and driver.p > 0)


def run(count: int, say) -> tuple[list[Row], list[Check]]:
    """Switch each lever of the base plan off; medians and extremes are over the levers."""
    del count
    plan, seeds, ratios = load_plan("base"), range(1, _REPEATS + 1), {}
    say(f"differences at {_DRAWS:,} draws, {_REPEATS} seeds")
    base = answers(plan, seeds)
    for lever in _levers(plan):
        changed = answers(plan, seeds, (lever,))
        for name, series in changed.items():
            if not np.array_equal(series, base[name]):  # it moves that answer
                ratio = error_ratio(base[name], series)
                ratios.setdefault(name, []).append(ratio)
                say(f"{lever}, {name}: {ratio:.2f}")
    what = "one lever: error on common over independent draws"
    rows = [
        Row("draws", f"{name}, {what}, {len(values)} levers", tuple(values), at_most=0.5)
        for name, values in ratios.items()
    ]
    return rows, []
