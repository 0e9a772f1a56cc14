"""Capabilities: who needs which service, what qualifies it, and what closes its gap.

Projects are numbered from 1 through the waves in their order: wave 1 of six projects holds 1 to 6,
the next begins at 7. A capability names those who need it by their numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from hdhplan.errors import Fault, nearest
from hdhplan.plan import Plan
from hdhplan.scope import Capability, Link


def first_and_last(plan: Plan, wave: str) -> tuple[int, int]:
    """Numbers of a wave's first and last project; the last is below the first where it has none."""
    before = 0
    for name, known in plan.waves.items():
        if name == wave:
            return before + 1, before + known.projects
        before += known.projects
    raise KeyError(wave)


def needing(plan: Plan, capability: Capability, wave: str) -> range | tuple[int, ...]:
    """Numbers of a wave's projects that need a capability."""
    first, last = first_and_last(plan, wave)
    found: set[int] = set()
    for low, high in capability.projects:
        found |= set(range(max(low, first), min(high, last) + 1))
    return tuple(sorted(found))


def needed(plan: Plan, wave: str) -> list[Capability]:
    """Capabilities that some project of a wave needs."""
    return [c for c in plan.capabilities.values() if needing(plan, c, wave)]


def gap_groups(
    plan: Plan, wave: str, without: str | None = None
) -> dict[tuple[str, ...], int]:  # fmt: skip
    """Projects of a wave by the tasks that close their gaps: groups that have an equivalent together.

    Parameters
    ----------
    without
        A capability whose gap is taken for none.
    """
    open_ = [c for c in plan.capabilities.values() if c.is_open and c.id != without]
    users = [(c.closing, set(needing(plan, c, wave))) for c in open_]
    first, last = first_and_last(plan, wave)
    groups: Counter[tuple[str, ...]] = Counter()
    for project in range(first, last + 1):
        tasks = {task for task, numbers in users if project in numbers}
        if tasks:
            groups[tuple(sorted(tasks))] += 1
    return dict(sorted(groups.items()))


def has_sensitive(plan: Plan, wave: str) -> bool:
    """Whether sensitive data cuts over with a wave."""
    return any(d.wave == wave and d.sensitive and not d.excluded for d in plan.datasets.values())


def qualifying(plan: Plan, capability: Capability) -> tuple[Link, ...]:
    """Links to what qualifies a service: a date of its own, and the plan's own tasks."""
    own = (Link(f"{capability.id}.qualified"),) if capability.qualified_on else ()
    return own or capability.qualified_after


def gates(plan: Plan, wave: str) -> tuple[Link, ...]:
    """What the cutover of a wave waits for: the qualification of each service that it needs."""
    if not has_sensitive(plan, wave):
        return ()
    links = [link for c in needed(plan, wave) for link in qualifying(plan, c)]
    return tuple(dict.fromkeys(links))


def holding(plan: Plan, wave: str) -> tuple[str, ...]:
    """Tasks that qualify what holds a wave's data; all its services where none is said to hold any."""
    services = needed(plan, wave) if has_sensitive(plan, wave) else []
    stores = [c for c in services if c.holds_data] or services
    links = [link for c in stores for link in qualifying(plan, c)]
    return tuple(dict.fromkeys(link.task for link in links))


def capability_faults(plan: Plan, tasks: set[str]) -> Iterator[Fault]:
    """What is unknown in a capability, and services that are never qualified."""

    def fault(path: str, found: str, limit: str = "", fix: str = "") -> Fault:
        return Fault(f"plan {plan.name}", None, f"capabilities.{path}", found, limit, fix)

    stated = any(c.qualified_on or c.qualified_after for c in plan.capabilities.values())
    for c in plan.capabilities.values():
        if c.is_open and c.closing not in tasks:
            limit = "a gap has a task that closes it"
            yield fault(
                f"{c.id}.closed_by", f"unknown task {c.closing!r}", limit, nearest(c.closing, tasks)
            )
        if c.unless and c.unless not in plan.drivers:
            yield fault(
                f"{c.id}.unless",
                f"unknown driver {c.unless!r}",
                "",
                nearest(c.unless, plan.drivers),
            )
        waves = [w for w in plan.waves if has_sensitive(plan, w) and needing(plan, c, w)]
        if stated and waves and not (c.qualified_on or c.qualified_after):
            found = f"a service of {', '.join(waves)} that is never qualified"
            limit = "a date in `qualified_on`, or tasks in `qualified_after`"
            yield fault(c.id, found, limit, "say when, or take its projects away")
