"""A Plan becomes a Forecast: the four models run together in every draw."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hdhplan.exposure import WHOLE
from hdhplan.floats import slacks
from hdhplan.forecast import Forecast, LikelyTask, Path, is_money
from hdhplan.inputs import BLOCK, Sample, draw, likely_sample
from hdhplan.learning import as_of as at_date
from hdhplan.model import Model, without_drivers
from hdhplan.outcome import Extent, Outcome, run_block
from hdhplan.plan import Plan
from hdhplan.priority import prepare
from hdhplan.transfer import LIMITS
from hdhplan.uncertainty import SUPER_BLOCK
from hdhplan.units import NEVER_DAY

#: Draws of which every task is kept, for whiskers and criticality.
SAMPLED = 8_192
#: Draws of which dates of waves, budget years and perimeters are kept.
DETAILED = SUPER_BLOCK // 2
_WHISKERS = (0.10, 0.50, 0.80)
_PATHS = (*_WHISKERS, 0.90)
#: Days on which the exposure is drawn: every half month for eight years. [d]
_PATH_DAYS = np.arange(0, 8 * 365, 15.22)
#: Days on which the volume landed is drawn: every month for eight years. [d]
_LANDED_DAYS = _PATH_DAYS[::2]


def simulate(
    plan: Plan,
    draws: int = 10_000,
    seed: int = 1,
    *,
    as_of: dt.date | None = None,
    without: Iterable[str] = (),
    detail: bool = False,
    block: int = BLOCK,
    workers: int = 1,
    progress: Callable[[int], None] | None = None,
) -> Forecast:
    """Simulate a plan.

    Parameters
    ----------
    draws
        Draws 1…n are the first n of any longer run.
    as_of
        Data date: what the plan's status facts say by its end has happened, and teaches. Before the
        first of them, the plan as it is.
    without
        Drivers to switch off, on the same draws.
    detail
        Also keep, of the first `DETAILED` draws, dates of waves, budget years and perimeters, and
        follow the exposure over time.
    block, workers
        How the work is cut up; they change no bit.
    progress
        Called with the draws done so far.

    Raises
    ------
    InputError
        If the network, the drivers or the rates do not hold together.
    """
    if draws < 1:
        raise ValueError(f"{draws} draws; at least 1")
    plan = plan if as_of is None else at_date(plan, as_of)
    model = prepare(plan, without)
    how = _How(seed, "detail" if detail else "whole", block)
    pooled = workers > 1 and draws > SUPER_BLOCK
    made = (
        _pooled(plan, tuple(without), draws, how, workers)
        if pooled
        else _all_blocks(model, draws, how)
    )
    return _assemble(model, _collect(made, draws, progress), draws, seed)


@dataclass
class Part:
    """What is kept of some draws, one after the other."""

    size: int
    values: dict[str, NDArray]
    lines: dict[str, NDArray]
    detail: dict[str, NDArray]
    binds: dict[str, NDArray]
    critical: dict[str, int]
    spread: dict[str, NDArray]
    readable: dict[str, NDArray]
    landed: dict[str, NDArray]
    sampled: int


@dataclass(frozen=True)
class _How:
    """How draws are made and what is kept of them; only the seed changes their values."""

    seed: int
    extent: Extent = "whole"
    block: int = BLOCK
    sampled: int = SAMPLED


def draw_values(
    plan: Plan, draws: int, seed: int = 1, without: Iterable[str] = ()
) -> dict[str, NDArray]:
    """Draw dates, money and interruptions of a plan and nothing else, for comparisons on common draws."""
    parts = _all_blocks(prepare(plan, without), draws, _How(seed, "bare", sampled=0))
    return _collect(parts, draws).values


def values_of(model: Model, outcome: Outcome) -> dict[str, NDArray]:
    """Dates, money and interruptions of draws that are worked out already."""
    return _collect([_part(model, outcome, 0, False, 0)], outcome.size).values


def forecast_of(model: Model, outcome: Outcome, seed: int, quick: bool = False) -> Forecast:
    """Forecast from draws that are worked out already, as far as they are; the first ones of a seed.

    A ``quick`` one leaves out what costs as much again: floats, what is followed over time, and of
    the likely plan all but its dates.
    """
    part = _part(model, outcome, min(outcome.size, SAMPLED), not quick, DETAILED)
    return _assemble(model, _collect([part], outcome.size), outcome.size, seed, quick)


def redraw(
    model: Model, drawn: Sample, without: Iterable[str], chosen: NDArray
) -> dict[str, NDArray]:  # fmt: skip
    """Work dates, money and interruptions out again without some drivers, in some of the draws.

    Parameters
    ----------
    drawn
        Draws of the inputs of the model with all its drivers.
    chosen
        Positions of the draws to work out.
    """
    model = without_drivers(model, without)
    parts = []
    for begin in range(0, len(chosen), BLOCK):
        sample = drawn.at(model.inputs, chosen[begin : begin + BLOCK])
        parts.append(_part(model, run_block(model, sample, "bare"), 0, False, 0))
    return _collect(parts, len(chosen)).values


def _all_blocks(model: Model, draws: int, how: _How) -> Iterator[Part]:
    for number, size in _sizes(draws):
        yield from _blocks(model, how, number, size)


def _sizes(draws: int) -> list[tuple[int, int]]:
    """Number and size of each super-block."""
    starts = range(0, draws, SUPER_BLOCK)
    return [(number, min(SUPER_BLOCK, draws - i)) for number, i in enumerate(starts)]


def _pooled(plan: Plan, without: tuple, draws: int, how: _How, workers: int) -> Iterator[Part]:
    """Run the super-blocks in a pool of processes, and give them back in order."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        jobs = [pool.submit(_remote, plan, without, how, *job) for job in _sizes(draws)]
        for job in jobs:
            yield job.result()


def _remote(plan: Plan, without: tuple, how: _How, number: int, size: int) -> Part:
    return _collect(_blocks(prepare(plan, without), how, number, size), size)


def _blocks(model: Model, how: _How, number: int, size: int) -> Iterator[Part]:
    seen = number * SUPER_BLOCK
    for sample in draw(model.inputs, how.seed, number, size, how.block):
        keep = max(min(how.sampled - seen, sample.size), 0)
        extent = "whole" if how.extent == "detail" and seen >= DETAILED else how.extent
        most = max(DETAILED - seen, 0)
        # The outcome has no name here: it is gone before the next one is made.
        yield _part(model, run_block(model, sample, extent), keep, how.extent == "detail", most)
        seen += sample.size


def _part(model: Model, outcome: Outcome, keep: int, paths: bool, most: int) -> Part:
    """Keep what is asked of a block: every task only of the first draws, details of at most ``most``."""
    values = {
        name: array if array.dtype == np.float64 and name == "cost_eur" else array.astype("f4")
        for name, array in outcome.values.items()
    }
    binds = {
        name: np.bincount(which, minlength=len(LIMITS)) for name, which in outcome.binds.items()
    }
    detail = {
        name: array[:most].astype("f8" if is_money(name) else "f4")
        for name, array in outcome.detail.items()
    }
    spread, counts, readable, landed = {}, {}, {}, {}
    if keep:
        readable = {WHOLE: outcome.readable_pb(model, _PATH_DAYS, keep)} if paths else {}
        landed = outcome.landed_pb(model, _LANDED_DAYS, keep) if paths else {}
        counts = {k: int(np.sum(v[:keep])) for k, v in outcome.critical().items()}
        dates = outcome.dates
        spread = {
            k: np.stack([dates.start_day(k)[:keep], dates.finish_day(k)[:keep]]).astype("f4")
            for k in dates.finish
        }
    return Part(
        outcome.size, values, outcome.lines, detail, binds, counts, spread, readable, landed, keep
    )  # fmt: skip


_ARRAYS, _COUNTS = ("values", "lines", "detail"), ("binds", "critical")


def _collect(
    parts: Iterable[Part], draws: int, progress: Callable[[int], None] | None = None
) -> Part:
    """Put parts one behind the other as they come, so that no draw is held twice.

    A year that none of a part's draws reaches costs nothing there.
    """
    whole = Part(0, {}, {}, {}, {}, {}, {}, {}, {}, 0)
    room = dict.fromkeys(_ARRAYS, draws) | {"detail": min(draws, DETAILED)}
    for part in parts:
        for name, size in room.items():
            into = getattr(whole, name)
            for key, array in getattr(part, name).items():
                if key not in into:
                    into[key] = np.zeros(size, array.dtype)
                into[key][whole.size : whole.size + len(array)] = array
        for name in _COUNTS:
            into = getattr(whole, name)
            for key, count in getattr(part, name).items():
                into[key] = into.get(key, 0) + count
        whole.spread = _behind(whole.spread, part.spread)
        whole.readable = _behind(whole.readable, part.readable)
        whole.landed = _behind(whole.landed, part.landed)
        whole.size += part.size
        whole.sampled += part.sampled
        if progress:
            progress(whole.size)
    return whole


def _behind(first: dict, then: dict) -> dict:
    """Arrays, or pairs of arrays, of what is kept of the first draws only."""
    if not first or not then:
        return first or then
    return {key: np.concatenate([first[key], then[key]], axis=-1) for key in first}


def _assemble(model: Model, whole: Part, draws: int, seed: int, quick: bool = False) -> Forecast:
    likely = run_block(model, likely_sample(model.inputs), "bare" if quick else "detail")
    spread = _spread(whole.spread)
    criticality = {k: whole.critical.get(k, 0) / whole.sampled for k in spread}
    return Forecast(
        plan=model.plan,
        seed=seed,
        draws=draws,
        values=whole.values,
        likely={k: float(v[0]) for k, v in (likely.values | likely.detail).items()},
        tasks=_likely_tasks(model, likely, not quick),
        spread=spread,
        sampled=whole.sampled,
        criticality=criticality,
        bottleneck={k: _shares(v) for k, v in whole.binds.items()},
        lines=whole.lines,
        detail=whole.detail,
        likely_lines={k: float(v[0]) for k, v in likely.lines.items()},
        correlation=rank_correlation(whole.values["finish_day"], whole.values["cost_eur"]),
        exposure_path=_exposure_path(model, likely, whole),
        landed_paths=_landed_paths(model, likely, whole),
        finishes={task: both[1] for task, both in whole.spread.items()},
    )


def _spread(kept: dict[str, NDArray]) -> dict[str, dict[str, tuple[float, ...]]]:
    """P10, P50 and P80 of the start and the finish of every task. [d]"""
    if not kept:
        return {}
    both = _quantiles(np.stack(list(kept.values())), _WHISKERS)
    return {
        task: {"start": tuple(start), "finish": tuple(finish)}
        for task, (start, finish) in zip(kept, both.tolist(), strict=True)
    }


def _exposure_path(model: Model, likely: Outcome, whole: Part) -> Path:
    """Exposure over time, until it is over in nine draws of ten."""
    if not whole.readable:
        return Path(*[np.empty(0)] * 6)
    rows = np.array([_quantiles(row, _PATHS) for row in whole.readable[WHOLE]])
    own = likely.readable_pb(model, _PATH_DAYS, 1)[:, 0]
    alive = np.flatnonzero((rows[:, 2] > 1e-9) | (own > 1e-9))
    last = min(int(alive[-1]) + 3 if alive.size else 2, len(_PATH_DAYS))
    return Path(_PATH_DAYS[:last], own[:last], *rows[:last].T)


def _landed_paths(model: Model, likely: Outcome, whole: Part) -> dict[str, Path]:
    """Volume landed over time by route, until nothing more lands, and what is to land in all."""
    if not whole.landed:
        return {}
    own = {k: rows[:, 0] for k, rows in likely.landed_pb(model, _LANDED_DAYS, 1).items()}
    lines = {
        route: np.array([_quantiles(row, _PATHS) for row in rows]).T
        for route, rows in whole.landed.items()
    }
    moves = [own[k] != own[k][-1] for k in own if k != WHOLE]
    moves += [(v != v[:, -1:]).any(axis=0) for k, v in lines.items() if k != WHOLE]
    last = int(np.flatnonzero(np.any(moves, axis=0)).max(initial=0)) + 3
    days = _LANDED_DAYS[:last]
    flat = np.ones(len(days))
    return {
        route: Path(days, *(line[:last] if len(line) > 1 else line * flat
                            for line in (own[route], *lines[route])))
        for route in lines
    }  # fmt: skip


def _quantiles(values: NDArray, probabilities: Sequence[float]) -> NDArray:
    """Quantiles along the last axis; never is infinite."""
    picks = [max(int(np.ceil(p * values.shape[-1])) - 1, 0) for p in probabilities]
    found = np.partition(values, picks, axis=-1)[..., picks].astype(float)
    return np.where(found < NEVER_DAY / 2, found, np.inf)


def _shares(counts: NDArray) -> dict[str, float]:
    total = counts.sum()
    return {LIMITS[i]: float(n / total) for i, n in enumerate(counts) if n}


def _likely_tasks(model: Model, likely: Outcome, floats: bool) -> dict[str, LikelyTask]:
    slack: dict = {}
    if floats:
        logic = run_block(model, likely_sample(model.inputs), levelling="none")
        slack = slacks(model.schedule, logic.dates, likely.dates)
    found = {}
    for task in model.schedule.order:
        node, dates = model.schedule.nodes[task], likely.dates
        start, finish = float(dates.start_day(task)[0]), float(dates.finish_day(task)[0])
        kind = "milestone" if node.is_milestone else node.kind
        found[task] = LikelyTask(
            _surface(start), _surface(finish), slack.get(task), kind, node.wave, node.dataset
        )
    return found


def _surface(day: float) -> float:
    return day if day < NEVER_DAY / 2 else np.inf


def rank_correlation(x: NDArray, y: NDArray) -> float:
    """Spearman's correlation of two series, over the first draws in which both are finite; nan if flat."""
    x, y = x[:SUPER_BLOCK], y[:SUPER_BLOCK]
    keep = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    if len(keep) < 3 or np.ptp(x[keep]) == 0 or np.ptp(y[keep]) == 0:
        return float("nan")
    return float(np.corrcoef(_ranks(x[keep]), _ranks(y[keep]))[0, 1])


def _ranks(values: NDArray) -> NDArray:
    ranks = np.empty(len(values))
    ranks[np.argsort(values)] = np.arange(len(values))
    return ranks
