"""The engine against its peers at 100,000 draws, and where its time goes; answers checked first."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from benchmarks import peers
from benchmarks.cut import Activity, activities, as_plan, durations
from benchmarks.measure import Check, Row, ratios, rounds
from benchmarks.split import split
from hdhplan.inputs import Sample, draw, likely_sample
from hdhplan.model import Model
from hdhplan.outcome import Outcome, run_block
from hdhplan.plan import Plan
from hdhplan.priority import prepare
from hdhplan.reading import load_plan
from hdhplan.simulation import simulate
from hdhplan.uncertainty import SUPER_BLOCK

DRAWS = 100_000
#: Two answers from draws of their own may differ by so many standard errors.
_ERRORS = 3.0


def run_cut(plan: Plan, draws: int, seed: int = 1):
    """Finish in every draw, and the share of draws in which each task is critical. [d] and [1]"""
    model, counts = prepare(plan), dict.fromkeys(plan.tasks, 0)
    finish = [_counted(run_block(model, one), counts) for one in _samples(model, draws, seed)]
    return np.concatenate(finish), {task: n / draws for task, n in counts.items()}


def _counted(outcome: Outcome, counts: dict[str, int]) -> NDArray:
    """Count the draws in which each task is critical, and give the finish. [d]"""
    for task, here in outcome.critical().items():
        counts[task] += int(np.count_nonzero(here))
    return outcome.values["finish_day"]


def forward(model: Model, draws: int, seed: int = 1) -> NDArray:
    """Finish in every draw of a plan made ready, as numpy's program is given its order. [d]"""
    samples = _samples(model, draws, seed)
    return np.concatenate([run_block(model, one).values["finish_day"] for one in samples])


def _samples(model: Model, draws: int, seed: int) -> Iterator[Sample]:
    for number, begin in enumerate(range(0, draws, SUPER_BLOCK)):
        yield from draw(model.inputs, seed, number, min(SUPER_BLOCK, draws - begin))


def p80(finish: NDArray) -> tuple[float, float]:
    """P80 and its standard error, from the order statistics around it."""
    ordered, n = np.sort(finish), len(finish)
    spread = np.sqrt(n * 0.8 * 0.2)
    low, middle, high = (
        float(ordered[min(max(int(np.ceil(0.8 * n + k * spread)) - 1, 0), n - 1)])
        for k in (-1, 0, 1)
    )
    return middle, (high - low) / 2


def check_cut(tasks: list[Activity], draws: int, pmcontrols: bool = True) -> Iterator[Check]:
    """Compare hdhplan on the cut with float64 oracles, and with pmcontrols where it is asked for."""
    plan = as_plan(tasks)
    model = prepare(plan)
    certain = {task.id: np.array([task.likely]) for task in tasks}
    likely = run_block(model, likely_sample(model.inputs)).values["finish_day"]
    longest = peers.latest(peers.forward(tasks, certain))
    yield Check("finish of the likely cut [d]", float(likely[0]), float(longest[0]), 1e-6)
    sample = next(draw(model.inputs, 1, 0, min(draws, 8_192)))
    slack = peers.criticality(tasks, durations(model, tasks, sample))
    ours = {k: float(v.mean()) for k, v in run_block(model, sample).critical().items()}
    yield _furthest("criticality of every task, same draws, late-finish pass", ours, slack, 2e-3)
    finish, shares = run_cut(plan, draws)
    here, error = p80(finish)
    there, other = p80(peers.beta_finish(tasks, draws))
    limit = _ERRORS * float(np.hypot(error, other))
    yield Check("P80 of the cut, numpy's beta [d]", here, there, limit)
    if pmcontrols:
        there, theirs = peers.pmcontrols_pert(tasks, draws)
        yield Check("P80 of the cut, pmcontrols [d]", here, there, _ERRORS * error * np.sqrt(2))
        # Half a share has the greatest error; one task in some hundred may stray to four of them.
        limit = 4 * float(np.sqrt(2 * 0.25 / draws)) + 1e-3
        yield _furthest("criticality of every task, pmcontrols", shares, theirs, limit)


def _furthest(what: str, ours: dict, other: dict, limit: float) -> Check:
    task = max(other, key=lambda k: abs(ours.get(k, 0.0) - other[k]))
    return Check(f"{what} (furthest: {task})", ours.get(task, 0.0), other[task], limit)


def check_base(plan: Plan, draws: int) -> Iterator[Check]:
    """Compare the base plan with itself: other blocks and a longer run change no bit."""
    one = simulate(plan, draws)
    small = simulate(plan, draws, block=1_024)
    longer = simulate(plan, draws + 4_096)
    for quantity in ("finish_day", "cost_eur"):
        for what, other in (("in blocks of 1,024", small), ("as first of a longer run", longer)):
            same = np.array_equal(one.values[quantity], other.values[quantity][:draws])
            yield Check(f"{quantity} of every draw, {what}", float(same), 1.0, 0.0)


def run(count: int, say) -> tuple[list[Row], list[Check]]:
    """Check the answers, then measure; pmcontrols is left out by name where it is missing."""
    base = load_plan("base")
    tasks = activities(base)
    fixed = activities(base, computed=False)
    there = peers.pmcontrols_version()
    checks = [*check_cut(tasks, DRAWS, bool(there)), *check_base(base, 16_384)]
    for check in checks:
        say(str(check))
    sampled = sum(not task.certain for task in tasks)
    links = sum(len(task.after) for task in tasks)
    say(f"cut: {len(tasks)} tasks, {links} links, {sampled} sampled; {DRAWS:,} draws")
    plan, other = as_plan(tasks), as_plan(fixed)
    for warm in (plan, other):  # tables and orders are made once
        run_cut(warm, 4_096)
    candidates = {
        "cut": partial(run_cut, plan, DRAWS),
        "forward": partial(forward, prepare(plan), DRAWS),
        "fixed": partial(run_cut, other, DRAWS),
        "base": partial(simulate, base, DRAWS),
        "beta": partial(peers.beta_finish, tasks, DRAWS),
    }
    if there:
        candidates["pmcontrols"] = partial(peers.pmcontrols_pert, tasks, DRAWS)
        candidates["pmcontrols fixed"] = partial(peers.pmcontrols_pert, fixed, DRAWS)
    else:
        say("pmcontrols: not installed, skipped (see benchmarks/requirements.txt)")
    times = rounds(candidates, count)
    return [*_rows(times, there), *split(base, DRAWS, count, say)], checks


def _rows(times: dict, there: str) -> Iterator[Row]:
    if there:
        name, bare = f"pmcontrols {there}", ratios(times, "pmcontrols fixed", "fixed")
        yield Row(
            "engine", f"cut with criticality, {name}",
            ratios(times, "pmcontrols", "cut"), at_least=9,
        )  # fmt: skip
        yield Row("engine", f"the same, computed lengths held certain, {name}", bare)
    yield Row(
        "engine", "cut, forward with sampling, Generator.beta + np.maximum",
        ratios(times, "beta", "forward"), at_least=10,
    )  # fmt: skip
    if there:
        yield Row(
            "engine", f"whole base plan, {name} on its bare network",
            ratios(times, "pmcontrols", "base"), at_least=2,
        )  # fmt: skip
    for name, what in (("cut", "cut with criticality"), ("base", "whole base plan")):
        micro = tuple(t / DRAWS * 1e6 for t in times[name])
        yield Row("engine", f"{what}, CPU per draw", micro, "µs")
