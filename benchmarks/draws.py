"""Standard error of the difference that one lever makes: common draws against independent ones.

Differences of dates are taken as reports take them, averaged around P80; beside it, the sample's
bare P80, and settings that the programme may choose: larger changes than a driver switched off.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import Check, Row
from hdhplan.paired import around_p80, p80
from hdhplan.plan import Plan
from hdhplan.reading import load_plan
from hdhplan.simulation import draw_values

_DRAWS, _REPEATS = 4_096, 32
#: What is reported; the last one is not, and shows why.
_ANSWERS = {
    "mean date": ("finish_day", np.mean),
    "P80 date": ("finish_day", around_p80),
    "mean cost": ("cost_eur", np.mean),
    "P80 cost": ("cost_eur", p80),
    "bare P80 date": ("finish_day", p80),
}
_SETTINGS = (
    "routes.azure.rate_gbps=25",
    "resources.tool_developer=10",
    "defaults.wave.dual_running=15/30/45 d",
    "waves.w4.projects=14",
    "waves.w4.port.work=2/4/10 wd",
)


def answers(plan: Plan, seeds: range, without: tuple[str, ...] = ()) -> dict[str, NDArray]:
    """Mean and P80 of date and cost, one value a seed. [d] and [EUR]"""
    found: dict[str, list[float]] = {}
    for seed in seeds:
        values = draw_values(plan, _DRAWS, seed, without)
        for name, (quantity, statistic) in _ANSWERS.items():
            number = float(statistic(values[quantity].astype(float)))
            found.setdefault(name, []).append(number)
    return {name: np.array(series) for name, series in found.items()}


def error_ratio(base: NDArray, changed: NDArray) -> float:
    """Standard error of a difference on common draws over that on independent ones. [1]"""
    common = np.var(base - changed, ddof=1)
    return float(np.sqrt(common / (np.var(base, ddof=1) + np.var(changed, ddof=1))))


def _levers(plan: Plan) -> Iterator[str]:
    return (name for name, driver in plan.drivers.items() if driver.lever and driver.p > 0)


def run(count: int, say) -> tuple[list[Row], list[Check]]:
    """Switch each lever of the base plan off, then change settings; extremes are over them."""
    del count
    plan, seeds = load_plan("base"), range(1, _REPEATS + 1)
    say(f"differences at {_DRAWS:,} draws, {_REPEATS} seeds")
    base = answers(plan, seeds)
    levers = {name: answers(plan, seeds, (name,)) for name in _levers(plan)}
    settings = {asked: answers(load_plan("base", [asked]), seeds) for asked in _SETTINGS}
    rows = [
        *_rows("lever", _ratios(base, levers, say), 0.5),
        *_rows("setting", _ratios(base, settings, say), None),
    ]
    return rows, []


def _ratios(base: dict, changes: dict[str, dict], say) -> dict[str, list[float]]:
    """Ratios of every answer that a change moves."""
    found: dict[str, list[float]] = {}
    for change, changed in changes.items():
        for name, series in changed.items():
            if not np.array_equal(series, base[name]):
                ratio = error_ratio(base[name], series)
                found.setdefault(name, []).append(ratio)
                say(f"{change}, {name}: {ratio:.2f}")
    return found


def _rows(kind: str, ratios: dict[str, list[float]], limit: float | None) -> Iterator[Row]:
    for name, values in ratios.items():
        what = f"{name}, one {kind}: error on common over independent draws, {len(values)} {kind}s"
        reported = limit if not name.startswith("bare") else None
        yield Row("draws", what, tuple(values), at_most=reported)
