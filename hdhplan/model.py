"""A plan made ready to run: network, calendars, inputs, bills and who reserves a route until when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from hdhplan.calendars import Calendar, Period, build_calendar, continuous
from hdhplan.capabilities import gap_groups, holding
from hdhplan.costs import Bill, make_bills, vat_factor
from hdhplan.errors import Fault, InputError, nearest
from hdhplan.gating import gate_links, matching
from hdhplan.inputs import Inputs, gather
from hdhplan.network import Network, expand
from hdhplan.plan import CalendarSpec, Plan
from hdhplan.progress import Progress
from hdhplan.timeline import Schedule, make_schedule, topological
from hdhplan.volumes import objects_and_requests

#: Kinds of task whose finish is kept of the first draws, beside milestones in all: dates of a wave.
_DETAILED = ("cutover", "dual_running", "erase", "qualified", "close")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class Model:
    """A plan made ready.

    ``kept`` names the tasks whose finish is kept in every draw, ``detailed`` those of which it is
    kept in the first ones, ``ends`` those that nothing follows; ``counts`` holds objects and
    requests of each dataset that moves; ``freezes`` says, for each dataset, until which cutover
    those copied before it keep their share of the route (None: throughout); ``stores`` holds for
    each wave the tasks that qualify what holds its data, ``gaps`` its projects by the tasks that
    may close their gaps after its cutover.
    """

    plan: Plan
    network: Network
    schedule: Schedule
    inputs: Inputs
    bills: tuple[Bill, ...]
    kept: tuple[str, ...]
    detailed: tuple[str, ...]
    ends: tuple[str, ...]
    counts: dict[str, tuple[float, float]]
    freezes: dict[str, dict[str, str | None]]
    calendars: dict[str, Calendar]
    risk_vat: dict[str, float]
    stores: dict[str, tuple[str, ...]]
    gaps: dict[str, dict[tuple[str, ...], int]]

    @property
    def progress(self) -> Progress | None:
        """What has happened by the data date; None where nothing is known."""
        return self.plan.progress

    @property
    def computed_first(self) -> dict[str, set[str]]:
        """Tasks that are worked out before others without being waited for.

        Cutovers come before each copy, because they free a share of its route; a copy comes before
        what it sets the work of, which waits for nobody once it has started.
        """
        found = {
            f"{x}.copy": {cut for cut in kept.values() if cut} for x, kept in self.freezes.items()
        }
        tails = (f"{x}.{kind}" for x in self.freezes for kind in ("verify", "repair", "delta"))
        return found | {task: {f"{task.rpartition('.')[0]}.copy"} for task in tails}


def make_model(plan: Plan, without: Iterable[str] = ()) -> Model:
    """Make a plan ready, its tasks in topological order; refuse what does not hold together."""
    faults: list[Fault] = []
    network, progress = expand(plan, faults), plan.progress
    if progress is not None:
        network = progress.network(network, plan.resources)
    with collecting(faults):
        if progress is None:
            inputs = gather(plan, network, without)
        else:
            newer = gather(plan, network, estimates=progress.estimates)
            inputs = progress.inputs(newer).without(without)
    with collecting(faults):
        bills = make_bills(plan, network)
    with collecting(faults):
        calendars = make_calendars(plan)
    with collecting(faults):
        _check_names(plan, network)
    with collecting(faults):
        risk_vat = _risk_vat(plan)
    if faults:
        raise InputError(faults)
    moved = sorted(name for names in network.copies.values() for name in names)
    counts = {name: objects_and_requests(plan, plan.datasets[name]) for name in moved}
    nodes = network.nodes
    kept = {k for k, n in nodes.items() if n.is_milestone}
    # A promise may be about any task: it needs the task's finish in every draw.
    kept |= {p.milestone for p in plan.promises} & nodes.keys()
    if plan.target and plan.target.erased:
        kept |= {plan.target.erased.milestone} & nodes.keys()
    detailed = {k for k, n in nodes.items() if n.kind in _DETAILED} | _asked_of(plan, network)
    detailed |= {duty.milestone for duty in plan.obligations.values()} & nodes.keys()
    schedule = make_schedule(network, calendars, plan.resources, ())
    model = Model(
        plan, network, schedule, inputs, bills, tuple(sorted(kept)), tuple(sorted(detailed - kept)),
        _ends(network), counts, _freezes(plan, network), calendars, risk_vat,
        {w: matching(holding(plan, w), nodes) for w in plan.waves},
        {w: _open_at_cutover(plan, network, w) for w in plan.waves},
    )  # fmt: skip
    return with_order(model, {})


def _open_at_cutover(plan: Plan, network: Network, wave: str) -> dict[tuple[str, ...], int]:
    """Projects of a wave by the tasks that may close their gaps after its cutover.

    What the cutover waits for to its finish is closed by then, and left out.
    """
    waited, pending = set(), [f"{wave}.cutover"]
    while pending:
        for link in network.nodes[pending.pop()].links:
            if link.kind == "FS" and link.lag >= 0 and link.task not in waited:
                waited.add(link.task)
                pending.append(link.task)
    found: dict[tuple[str, ...], int] = {}
    for tasks, count in gap_groups(plan, wave).items():
        late = tuple(task for task in tasks if task not in waited)
        if late:
            found[late] = found.get(late, 0) + count
    return found


def _asked_of(plan: Plan, network: Network) -> set[str]:
    """Tasks that qualify a service, close a gap or end an interruption."""
    gates = (link.task for w in plan.waves for link in gate_links(plan, network, w))
    closing = (c.closing for c in plan.capabilities.values() if c.is_open)
    return {*gates, *closing, *(gap.until for gap in plan.interruptions.values())}


def without_drivers(model: Model, names: Iterable[str]) -> Model:
    """The same model with some drivers switched off; the order of its tasks stays."""
    return Model(**{**model.__dict__, "inputs": model.inputs.without(names)})


@contextmanager
def collecting(faults: list[Fault]) -> Iterator[None]:
    """Take up what is refused, so that what comes after can add to it."""
    try:
        yield
    except InputError as error:
        faults += error.faults


def with_order(model: Model, rank: Mapping[str, float]) -> Model:
    """Order a model's tasks by a rank, predecessors first."""
    order = topological(model.network.nodes, rank, model.computed_first)
    schedule = Schedule(**{**model.schedule.__dict__, "order": order})
    return Model(**{**model.__dict__, "schedule": schedule})


def _risk_vat(plan: Plan) -> dict[str, float]:
    """Factor from the VAT basis of each driver's cost to the plan's. [1]"""
    found, faults = {}, []
    for name, driver in plan.drivers.items():
        try:
            found[name] = vat_factor(plan, driver.vat)
        except ValueError as error:
            fix = "add `vat_rate: 0.20` to the plan"
            limit = "one VAT basis, or a vat_rate"
            faults.append(
                Fault(f"plan {plan.name}", None, f"drivers.{name}.vat", str(error), limit, fix)
            )
    if faults:
        raise InputError(faults)
    return found


def _ends(network: Network) -> tuple[str, ...]:
    """Tasks whose finish no successor's finish covers.

    A finish-to-finish link does not: on a calendar of its own the successor may end the Friday
    before.
    """
    nodes = [node for node in network.nodes.values() if not node.span]
    links = [link for node in nodes for link in node.links]
    covered = {link.task for link in links if link.kind == "FS" and link.lag >= 0}
    return tuple(sorted(node.id for node in nodes if node.id not in covered))


def _check_names(plan: Plan, network: Network) -> None:
    """Refuse milestones, waves and routes that do not exist, all at once."""
    faults: list[Fault] = []

    def known(path: str, kind: str, name: str | None, things: Iterable[str]) -> None:
        if name is not None and name not in things:
            fix = nearest(name, things)
            faults.append(
                Fault(f"plan {plan.name}", None, path, f"unknown {kind} {name!r}", "", fix)
            )

    tasks = network.nodes
    if plan.target:
        known("target.milestone", "task", plan.target.milestone, tasks)
        if plan.target.erased:
            known("target.erased.milestone", "task", plan.target.erased.milestone, tasks)
    for i, promise in enumerate(plan.promises):
        step = promise.id or str(i)
        known(f"promises.{step}.milestone", "task", promise.milestone, tasks)
    for name, duty in plan.obligations.items():
        known(f"obligations.{name}.milestone", "task", duty.milestone, tasks)
    for name, data in plan.datasets.items():
        known(f"datasets.{name}.route", "route", data.route, plan.routes)
        known(f"datasets.{name}.wave", "wave", data.wave, plan.waves)
        known(f"datasets.{name}.erased_with", "wave", data.erased_with, plan.waves)
    for name, gap in plan.interruptions.items():
        known(f"interruptions.{name}.until", "task", gap.until, tasks)
    for i, name in enumerate(plan.priority or ()):
        known(f"priority.{i}", "task", name, tasks)
        if name in plan.priority[:i]:
            found, fix = f"{name!r} is listed twice", "keep one of them"
            faults.append(
                Fault(f"plan {plan.name}", None, f"priority.{i}", found, "once each", fix)
            )
    if faults:
        raise InputError(faults)


def make_calendars(plan: Plan) -> dict[str, Calendar]:
    """Tabulate the calendars of a plan; one may build on another."""
    found = {
        "continuous": continuous(),
        "france": build_calendar("france", plan.start, "france"),
    }
    faults: list[Fault] = []
    for name in plan.calendars:
        if name in found:
            limit, fix = f"{name} means the same in every plan", "rename it"
            where = f"plan {plan.name}", None, f"calendars.{name}"
            faults.append(Fault(*where, f"a calendar named {name}", limit, fix))
            continue
        with collecting(faults):
            found[name] = _calendar(plan, name)
    if faults:
        raise InputError(faults)
    return found


def _calendar(plan: Plan, name: str) -> Calendar:
    chain = _chain(plan, name)
    periods = [period for one in chain for period in _periods(plan, one)]
    closed = {WEEKDAYS.index(day) for one in chain for day in one.closed_weekdays}
    hours = next((one.hours for one in chain if one.hours), None)
    found = build_calendar(name, plan.start, chain[-1].base, periods, sorted(closed), hours)
    if not found.rates.any():
        raise _calendar_fault(plan, name, "it is never open", "some open day")
    return found


def closed_periods(plan: Plan, name: str) -> list[tuple[int, int]]:
    """First and last day of each period in which a calendar is closed; none of the built-in ones. [d]"""
    chain = _chain(plan, name) if name in plan.calendars else []
    return sorted({
        days for one in chain for first, last in one.closed for days in _days(plan, first, last)
    })  # fmt: skip


def _chain(plan: Plan, name: str) -> list[CalendarSpec]:
    """A calendar and those it builds on, itself first."""
    chain, seen = [plan.calendars[name]], [name]
    while (base := chain[-1].base) not in ("continuous", "france"):
        if base not in plan.calendars or base in seen:
            found = f"a cycle of bases: {' → '.join([*seen, base])}" if base in seen else ""
            known = ["continuous", "france", *plan.calendars]
            fault = found or f"unknown calendar {base!r}"
            raise _calendar_fault(plan, name, fault, "", "" if found else nearest(base, known))
        chain.append(plan.calendars[base])
        seen.append(base)
    return chain


def _calendar_fault(
    plan: Plan, name: str, found: str, limit: str = "", fix: str = ""
) -> InputError:
    return InputError(Fault(f"plan {plan.name}", None, f"calendars.{name}.base", found, limit, fix))


def _periods(plan: Plan, spec: CalendarSpec) -> Iterator[Period]:
    for first, last in spec.closed:
        yield from (Period(a, b, 0.0) for a, b in _days(plan, first, last))
    for part in spec.capacity:
        yield from (Period(a, b, part.rate) for a, b in _days(plan, part.from_, part.to))


def _days(plan: Plan, first: str, last: str) -> Iterator[tuple[int, int]]:
    """First and last day of a period, in every tabulated year where it names none. [d]"""
    if len(first) > 5:
        begin, end = date.fromisoformat(first), date.fromisoformat(last)
        yield (begin - plan.start).days, (end - plan.start).days
        return
    for year in range(plan.start.year - 1, plan.start.year + 41):
        begin = date.fromisoformat(f"{year}-{first}")
        end = date.fromisoformat(f"{year + (last < first)}-{last}")
        yield (begin - plan.start).days, (end - plan.start).days


def _freezes(plan: Plan, network: Network) -> dict[str, dict[str, str | None]]:
    """Until when datasets copied earlier reserve their flow while each dataset is copied.

    A share is kept until the wave's freeze, or throughout where that freeze waits for this copy. A
    freeze that does not wait is worked out before the copy: an order, not a dependency. A dataset
    without a wave keeps nothing.
    """
    after: dict[str, set[str]] = {k: set() for k in network.nodes}
    for task, node in network.nodes.items():
        for link in node.links:
            after[link.task].add(task)
    freezes: dict[str, dict[str, str | None]] = {}
    for names in network.copies.values():
        for position, name in enumerate(names):
            freezes[name] = {}
            for earlier in names[:position]:
                if plan.datasets[earlier].wave not in plan.waves:
                    continue
                cutover = f"{plan.datasets[earlier].wave}.cutover"
                waits = _reaches(after, f"{name}.copy", cutover)
                freezes[name][earlier] = None if waits else cutover
                if not waits:
                    after[cutover].add(f"{name}.copy")
    return freezes


def _reaches(after: Mapping[str, set[str]], task: str, goal: str) -> bool:
    seen, pending = set(), [task]
    while pending:
        here = pending.pop()
        if here == goal:
            return True
        if here not in seen:
            seen.add(here)
            pending += after[here]
    return False
