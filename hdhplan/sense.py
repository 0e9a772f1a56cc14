"""Whether a plan makes sense as a whole: what no field can tell by itself."""

from __future__ import annotations

from collections.abc import Iterator

from hdhplan.errors import Fault, nearest
from hdhplan.facts import Fact, Facts
from hdhplan.plan import Plan
from hdhplan.transfer import best_tb_per_day


def fact_of(facts: Facts, name: str) -> Fact | None:
    """Return the fact of an id; None where there is none."""
    return facts.by_id(name) if facts.knows(name) else None


def senseless(plan: Plan) -> list[Fault]:
    """What no field can tell by itself: dates, allocations, hopeless rewrites, facts."""
    found = (*_early(plan), *_unallocated(plan), *_hopeless(plan), *_unfounded(plan))
    return [Fault(f"plan {plan.name}", None, *words) for words in found]


def _early(plan: Plan) -> Iterator[tuple[str, ...]]:
    """Dates before the start."""
    dates = {f"promises.{p.id or i}.by": p.by for i, p in enumerate(plan.promises)}
    dates |= {f"tasks.{k}.fixed": t.fixed for k, t in plan.tasks.items() if t.fixed}
    dates |= {f"interruptions.{k}.from": g.from_ for k, g in plan.interruptions.items()}
    dates |= {f"obligations.{k}.by": o.by for k, o in plan.obligations.items() if o.by}
    if plan.target and plan.target.finish:
        dates["target.finish"] = plan.target.finish
    for path, day in dates.items():
        if day < plan.start:
            yield path, f"{day}", f"not before the start, {plan.start}"


def _unallocated(plan: Plan) -> Iterator[tuple[str, ...]]:
    """Allocations that miss the target, and lines of the envelope that have none."""
    total = sum(plan.allocations.values())
    if (
        plan.allocations
        and plan.envelope_eur is not None
        and abs(total - plan.envelope_eur) > 0.005
    ):
        limit = f"as much as target.cost_eur, {plan.envelope_eur:,.0f} EUR; provision included"
        yield "allocations", f"they add up to {total:,.0f} EUR", limit
    spent = {f"rates.{k}": rate.line for k, rate in plan.rates.items() if rate.envelope}
    spent |= {f"drivers.{k}": driver.line for k, driver in plan.drivers.items() if driver.cost}
    lines = plan.allocations.keys() - {"provision"}
    for path, line in spent.items() if lines else ():
        line = line or "other"
        if line not in lines:
            limit = "a line of `allocations`, but for the provision"
            yield f"{path}.line", f"line {line[:60]!r}", limit, nearest(line, lines)


def _hopeless(plan: Plan) -> Iterator[tuple[str, ...]]:
    """Rewrites that no draw of their route can catch up."""
    for name, data in plan.datasets.items():
        if data.rewritten_tb_per_day and data.route in plan.routes and not data.excluded:
            best = best_tb_per_day(plan, data.route)
            least = data.rewritten_tb_per_day.probability_law.smallest
            if least > best:
                found = f"{least:g} TB/day rewritten"
                limit = f"below the {best:.4g} TB/day that route {data.route} carries at best"
                yield f"datasets.{name}.rewritten_tb_per_day", found, limit


def _unfounded(plan: Plan) -> Iterator[tuple[str, ...]]:
    """Facts that do not exist, and claims that are about something else than what retains them."""
    cited = {f"retains.{key}.fact": kept.fact for key, kept in plan.retains.items()}
    cited |= {f"promises.{p.id or i}.fact": p.fact for i, p in enumerate(plan.promises)}
    cited |= {"target.fact": plan.target.fact if plan.target else ""}
    cited |= {f"obligations.{k}.fact": duty.fact for k, duty in plan.obligations.items()}
    cited |= {f"capabilities.{k}.fact": c.fact for k, c in plan.capabilities.items()}
    for path, name in cited.items():
        fact = fact_of(plan.facts, name)
        if fact is None and (name or path.startswith(("retains", "obligations"))):
            near = nearest(name, [fact.id for fact in plan.facts])
            yield path, f"unknown fact {name!r}", "a fact of data/facts", near
        elif fact and path.startswith("retains") and path != f"retains.{fact.key}.fact":
            key = path.removeprefix("retains.").removesuffix(".fact")
            near = nearest(key, [other.id for other in plan.facts.of(key)] or plan.facts.keys())
            yield path, f"fact {name} is about {fact.key}", f"a fact about {key}", near
