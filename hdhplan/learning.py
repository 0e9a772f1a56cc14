"""A plan as of a date: what happened is laid over it, and what that teaches is learned.

Two shared causes are learned: how fast a route really is, from what landed between two facts, and
how much work tasks really are, from those that are finished and those that last longer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np

from hdhplan.hauling import Hauling
from hdhplan.inputs import Sample, draw_whole, likely_sample
from hdhplan.lessons import teach
from hdhplan.model import Model, make_model
from hdhplan.network import expand
from hdhplan.plan import Plan
from hdhplan.posterior import Learned, Measured, learn
from hdhplan.progress import Progress, day_after, progress_of
from hdhplan.status import State

#: Draws and seed from which the prior of a shared factor is tabulated.
PRIOR_DRAWS, PRIOR_SEED = 16_384, 1
#: Standard deviation of the logarithm of a week's rate around the route's own: a judgement, grade D.
WEEK_NOISE = 0.10
_WEEK_DAYS = 7.0


def as_of(plan: Plan, day: dt.date) -> Plan:
    """Lay over a plan what was known by the end of a day; the plan itself where nothing was.

    The fields of the plan stay as they are; `Plan.progress` is set.
    """
    state = plan.status.as_of(day) if plan.status else None
    return laid_over(taught(plan, state)) if state and state.facts else plan


def taught(plan: Plan, state: State) -> Progress:
    """What is known of a plan, and what that teaches."""
    # The network of the plan itself, not of an earlier data date.
    plain = plan.progress.plain if plan.progress else plan
    progress = progress_of(plain, expand(plain), state)
    model = make_model(laid_over(progress))
    drawn = draw_whole(model.inputs, PRIOR_SEED, PRIOR_DRAWS)
    routes = dict(_routes(model, drawn))
    work = teach(make_model(plain), progress, drawn)
    return replace(progress, routes=routes, work=work)


def laid_over(progress: Progress) -> Plan:
    """The plan that progress was laid over, its fields untouched, with what has happened beside them."""
    found = progress.plain.model_copy()
    found._progress = progress
    return found


def carried(plan: Plan, taught: Plan) -> Plan:
    """Lay over a plan what was known of another as of a date, and what that one has learned.

    A decision changes what comes, not what was measured: a faster link does not make the speed seen
    so far a bad one.
    """
    known: Progress | None = taught.progress
    if known is None:
        return plan
    progress = progress_of(plan, expand(plan), known.state)
    model = make_model(laid_over(progress))
    hauling = Hauling(model, likely_sample(model.inputs), {})
    routes = {
        route: (last, float(hauling.net_tb_per_day(last)[0]), learned)
        for route, (last, _, learned) in known.routes.items()
        if last in model.network.copies.get(route, ())
    }
    return laid_over(replace(progress, routes=routes, work=known.work))


def _routes(model: Model, drawn: Sample) -> Iterator[tuple[str, tuple[str, float, Learned]]]:
    """What the landings on each link teach: by route the last dataset, its likely rate, its speed."""
    haulings = [Hauling(model, sample, {}) for sample in (likely_sample(model.inputs), drawn)]
    for route, names in model.network.copies.items():
        if model.plan.routes[route].appliance_tb is not None:
            continue
        measured, last = [], ""
        for name in names:
            likely = float(haulings[0].net_tb_per_day(name)[0])
            for days, tb in _landings(model, name):
                flows = _reserved(model, haulings[0], name)
                noise = WEEK_NOISE * float(np.sqrt(_WEEK_DAYS / days))
                measured.append(((tb / days + flows) / likely, noise, False))
                last = name
        if last:
            likely = float(haulings[0].net_tb_per_day(last)[0])
            ratio = haulings[1].net_tb_per_day(last) / likely
            yield route, (last, likely, learn(f"routes.{route}", ratio, Measured.of(measured)))


def _landings(model: Model, name: str) -> Iterator[tuple[float, float]]:
    """Days of copying and what landed in them, from one fact to the next. [d], [TB]

    Days in which nothing landed count with the next that did, or with the last.
    """
    progress, task = model.progress, f"{name}.copy"
    known = {**progress.running, **progress.done}.get(task)
    if known is None:
        return
    begin = known[0] if isinstance(known, tuple) else known.start
    end = known[1] if isinstance(known, tuple) else progress.now
    clock = model.calendars[
        model.plan.routes[model.plan.datasets[name].route].calendar or "continuous"
    ]
    points = {begin: 0.0}
    for fact in progress.state.live:
        if fact.kind == "datasets" and fact.subject == name and "landed_tb" in fact.given:
            points[min(day_after(model.plan, fact.date), end)] = float(fact.given["landed_tb"])
    found: list[list[float]] = []
    waited = 0.0
    for (first, before), (then, after) in pairwise(points.items()):
        worked = clock.worked(np.array([first, then]))
        waited += float(worked[1] - worked[0])
        if after > before and waited > 0:
            found.append([waited, after - before])
            waited = 0.0
    if found:
        found[-1][0] += waited
    yield from ((days, tb) for days, tb in found)


def _reserved(model: Model, hauling: Hauling, name: str) -> float:
    """Flow that datasets copied before keep for their rewrites, likely. [TB/day]"""
    done = model.progress.done
    return sum(
        float(np.mean(hauling.kept(earlier) * hauling.rate[earlier]))
        for earlier, cutover in model.freezes[name].items()
        if f"{earlier}.copy" in done and cutover not in done
    )
