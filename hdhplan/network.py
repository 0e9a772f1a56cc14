"""Datasets and waves expanded, once, into one network of tasks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from graphlib import CycleError, TopologicalSorter

from hdhplan.capabilities import capability_faults, needing
from hdhplan.capabilities import gates as qualification
from hdhplan.errors import Fault, InputError, nearest
from hdhplan.plan import Plan
from hdhplan.quantities import Range
from hdhplan.scope import Capability, Dataset, Link, Step, Task, Wave, ported_extra

MAX_TASKS = 5_000
#: Kinds of task that run on the calendar of their route.
_ROUTED = ("copy", "delta", "haul")


@dataclass(frozen=True)
class Node:
    """A task of the expanded network.

    Parameters
    ----------
    kind
        ``work``, ``span``, or what a dataset or wave brings: ``prepare``, ``rehydrate``, ``copy``,
        ``verify``, ``repair``, ``delta``, ``port``, ``train``, ``rehearsal``, ``go``, ``cutover``,
        ``hypercare``, ``dual_running``, ``erase``, ``certificate``; of a capability ``close`` and
        ``qualified``.
    quantity, path
        The work and its path in the plan, which names its stream; None where the model works it out.
    scale
        Multiplies the work: of a crew of three, a third.
    """

    id: str
    kind: str
    calendar: str = "continuous"
    quantity: Range | None = None
    path: str = ""
    scale: float = 1.0
    links: tuple[Link, ...] = ()
    uses: dict[str, int] = field(default_factory=dict)
    dataset: str = ""
    wave: str = ""
    route: str = ""
    unsplit: bool = False
    only_if: str = ""
    unless: str = ""
    fixed_day: float = 0.0
    span: tuple[str, str] | None = None

    @property
    def is_milestone(self) -> bool:
        """Whether it is a task of no work."""
        return self.kind == "work" and self.quantity is None


@dataclass(frozen=True)
class Network:
    """All tasks, and the copies of each route in their order."""

    nodes: dict[str, Node]
    copies: dict[str, tuple[str, ...]]

    @property
    def logic(self) -> dict[str, tuple[Link, ...]]:
        """Links of each task, hammocks left out: the network's own logic."""
        return {k: node.links for k, node in self.nodes.items() if node.span is None}


def expand(plan: Plan, found: list[Fault] | None = None) -> Network:
    """Expand a plan into its network; refuse what does not hold together, all at once.

    Parameters
    ----------
    found
        Takes up what is wrong instead of raising it, for others to add to.
    """
    faults: list[Fault] = []
    nodes: dict[str, Node] = {}
    copies = _copy_order(plan)
    for node in _all_nodes(plan, copies):
        if node.id in nodes:
            faults.append(_fault(plan, node.path or f"tasks.{node.id}", f"{node.id} exists twice"))
        nodes[node.id] = node
    nodes = {k: _resolve(plan, node, nodes, faults) for k, node in nodes.items()}
    faults += [fault for fault in _route_faults(plan, nodes) if fault not in faults]
    _check(plan, nodes, faults)
    faults += capability_faults(plan, {k for k, node in nodes.items() if not node.span})
    faults += _cycles(plan, nodes)
    if found is not None:
        found += faults
    elif faults:
        raise InputError(faults)
    return Network(nodes, copies)


def _fault(plan: Plan, path: str, found: str, limit: str = "", fix: str = "") -> Fault:
    return Fault(f"plan {plan.name}", None, path, found, limit, fix)


def _copy_order(plan: Plan) -> dict[str, tuple[str, ...]]:
    """Datasets of each route: by an explicit priority, else by wave and then file order."""
    waves = {name: i for i, name in enumerate(plan.waves)}
    files = {name: i for i, name in enumerate(plan.datasets)}
    asked = {name: i for i, name in enumerate(plan.priority or ())}

    def key(name: str) -> tuple:
        wave = plan.datasets[name].wave
        return asked.get(f"{name}.copy", len(asked)), waves.get(wave, len(waves)), files[name]

    moved = [name for name, data in plan.datasets.items() if not data.excluded and data.route]
    return {
        route: tuple(sorted((n for n in moved if plan.datasets[n].route == route), key=key))
        for route in plan.routes
    }


def _all_nodes(plan: Plan, copies: dict) -> Iterable[Node]:
    for task in plan.tasks.values():
        yield _own_node(plan, task)
    for names in copies.values():
        queue: dict[str, str] = {}
        for name in names:
            yield from _dataset_nodes(plan, plan.datasets[name], queue)
    previous = None
    for wave in plan.waves.values():
        yield from _wave_nodes(plan, wave, previous)
        previous = wave
    for capability in plan.capabilities.values():
        yield from _capability_nodes(plan, capability)
    if plan.waves and "service_open" not in plan.tasks:
        first = next(iter(plan.waves))
        yield Node("service_open", "work", links=(Link(f"{first}.cutover"),))


def calendar_of(plan: Plan, unit: str, named: str | None) -> str:
    """Name the calendar on which a work runs: a named one, else the one its unit means.

    ``d`` is elapsed; ``wd`` runs on the plan's calendar, or on ``france`` where that is continuous.
    """
    if named or not unit:
        return named or "continuous"
    if unit == "wd":
        return plan.calendar if plan.calendar != "continuous" else "france"
    return "continuous" if unit == "d" else plan.calendar


def _own_node(plan: Plan, task: Task) -> Node:
    quantity = task.work
    unit = quantity.unit if quantity else ""
    fixed = float((task.fixed - plan.start).days) if task.fixed else 0.0
    kind = "span" if task.span else "work"
    calendar = calendar_of(plan, unit, task.calendar)
    if unit == "TB" and task.route in plan.routes:
        kind, calendar = "haul", plan.routes[task.route].calendar or "continuous"
    return Node(
        task.id, kind, calendar, quantity, f"tasks.{task.id}.work", 1.0, task.after,
        dict(task.uses), route=task.route or "", unsplit=task.unsplit,
        only_if=task.only_if or "", fixed_day=fixed, span=task.span,
    )  # fmt: skip


def _dataset_nodes(plan: Plan, data: Dataset, queue: dict[str, str]) -> Iterable[Node]:
    """What a dataset that moves brings: prepare, rehydrate, copy, verify, repair, delta.

    ``queue`` holds the last task so far of each kind on the route: copies, rehydrations and second
    reads each go one at a time, in the order of the copies.
    """
    x, route = data.id, plan.routes[data.route]
    common = {"dataset": x, "route": data.route, "wave": data.wave or ""}
    ready = list(data.after) + list(route.after) + list(route.sensitive_after * data.sensitive)
    if data.prepare:
        yield _step_node(plan, f"{x}.prepare", "prepare", data.prepare, (), "datasets", **common)
        ready.append(Link(f"{x}.prepare"))
    if route.rehydrate_tb_per_day and data.tiers and data.tiers.archive > 0:
        after = [Link(f"{x}.prepare")] * bool(data.prepare)
        links = (*after, *_behind(queue, "rehydrate", f"{x}.rehydrate"))
        yield Node(f"{x}.rehydrate", "rehydrate", links=links, **common)
        ready.append(Link(f"{x}.rehydrate"))
    calendar, catches_up = route.calendar or "continuous", _has_delta(plan, x)
    ready += _behind(queue, "copy", f"{x}.delta" if catches_up else f"{x}.copy")
    yield Node(f"{x}.copy", "copy", calendar, links=tuple(ready), **common)
    if data.verify:
        start, end = (lag.likely if lag else 0.0 for lag in _verify_lags(data))
        overlap = (Link(f"{x}.copy", "SS", start), Link(f"{x}.copy", "FF", end))
        links = (*overlap, *_behind(queue, "verify", f"{x}.verify"))
        yield Node(f"{x}.verify", "verify", links=links, **common)
    if data.repair_share:
        after = (Link(f"{x}.verify" if data.verify else f"{x}.copy"),)
        yield Node(f"{x}.repair", "repair", links=after, **common)
    if catches_up:
        yield Node(f"{x}.delta", "delta", calendar, links=(Link(f"{x}.copy"),), **common)


def _behind(queue: dict[str, str], kind: str, task: str) -> list[Link]:
    """Link to the last task of a kind, and take its place."""
    before = queue.get(kind)
    queue[kind] = task
    return [Link(before)] if before else []


def _verify_lags(data: Dataset) -> tuple[Range | None, Range | None]:
    return data.verify.start_lag, data.verify.finish_lag


def _has_delta(plan: Plan, name: str) -> bool:
    """Whether a catch-up follows the copy: something is rewritten, grows or is to be repaired."""
    data = plan.datasets[name]
    flows = (data.rewritten_tb_per_day, data.growth_tb_per_year, data.repair_share)
    return any(flow is not None and flow.high > 0 for flow in flows)


def _step_node(plan: Plan, node: str, kind: str, step: Step, after, group: str, **common) -> Node:
    owner = node.split(".")[0]
    calendar = calendar_of(plan, step.work.unit, step.calendar)
    path = f"{group}.{owner}.{kind}.work"
    links = (*after, *step.after)
    return Node(node, kind, calendar, step.work, path, 1.0, links, dict(step.uses), **common)


def _wave_nodes(plan: Plan, wave: Wave, previous: Wave | None) -> Iterable[Node]:
    """What a wave brings, from porting to the certificate of erasure."""
    w = wave.id
    own = {"wave": w}
    landed = tuple(Link(t) for t in _landed(plan, w))
    gates = [*landed, *wave.after]
    gates += [link for link in qualification(plan, w) if link not in gates]
    if wave.port and wave.projects:
        yield _port_node(plan, wave)
        gates.append(Link(f"{w}.port"))
    if wave.train:
        yield _step_node(plan, f"{w}.train", "train", wave.train, (), "waves", **own)
        gates.append(Link(f"{w}.train"))
    if wave.rehearsal:
        after = (*landed, *[Link(f"{w}.port")] * bool(wave.port and wave.projects))
        yield _step_node(plan, f"{w}.rehearsal", "rehearsal", wave.rehearsal, after, "waves", **own)
        gates.append(Link(f"{w}.rehearsal"))
    if previous and wave.follows == "cutover":
        gates.append(Link(f"{previous.id}.cutover"))
    yield Node(f"{w}.go", "go", links=tuple(gates), **own)
    yield _cutover_node(plan, wave)
    yield from _after_cutover(plan, wave, own)


def _cutover_node(plan: Plan, wave: Wave) -> Node:
    cut, w = wave.cutover, wave.id
    calendar = calendar_of(plan, cut.work.unit, cut.calendar)
    path = f"waves.{w}.cutover.work"
    after = (Link(f"{w}.go"),)
    return Node(
        f"{w}.cutover", "cutover", calendar, cut.work, path, 1.0, after, wave=w, unsplit=True
    )


def _port_node(plan: Plan, wave: Wave) -> Node:
    """Support of a wave's projects: a sum of independent draws, shared out to the crew seized."""
    port = wave.port
    crew = max(port.uses.values(), default=1)
    extra = 1 + ported_extra(wave) / wave.projects
    quantity = port.work.model_copy(update={"count": wave.projects})
    calendar = calendar_of(plan, "wd", port.calendar)
    path = f"waves.{wave.id}.port.work"
    scale = extra / crew
    return Node(
        f"{wave.id}.port", "port", calendar, quantity, path, scale, port.after, dict(port.uses),
        wave=wave.id,
    )  # fmt: skip


def _capability_nodes(plan: Plan, capability: Capability) -> Iterable[Node]:
    """Work of its own that closes a gap, and the day on which a service is qualified.

    That day is an elapsed length from the start; what qualifies it besides may only make it later.
    A gap belongs to the first wave that needs it: so it comes by its people in that order.
    """
    c = capability.id
    first = next((w for w in plan.waves if needing(plan, capability, w)), "")
    if capability.is_open and not capability.closed_by:
        calendar = calendar_of(plan, capability.effort.unit, capability.calendar)
        path = f"capabilities.{c}.effort"
        yield Node(
            f"{c}.close", "close", calendar, capability.effort, path, 1.0, capability.after,
            dict(capability.uses), wave=first,
        )  # fmt: skip
    if date := capability.qualified_on:
        begin = plan.start.toordinal() - 1  # a date counts as reached when its day is over
        points = {k: max(getattr(date, k) - begin, 0.0) for k in ("low", "likely", "high")}
        quantity = date.model_copy(update=points | {"unit": "d"})
        links = tuple(Link(x.task, "FF", x.lag, x.unit) for x in capability.qualified_after)
        yield Node(
            f"{c}.qualified", "qualified", "continuous", quantity,
            f"capabilities.{c}.qualified_on", links=links, unless=capability.unless or "",
        )  # fmt: skip


def _after_cutover(plan: Plan, wave: Wave, own: dict) -> Iterable[Node]:
    w = wave.id
    last = f"{w}.cutover"
    if wave.hypercare:
        after = (Link(last),)
        yield _step_node(plan, f"{w}.hypercare", "hypercare", wave.hypercare, after, "waves", **own)
    for kind in ("dual_running", "erase"):
        quantity = getattr(wave, kind)
        if quantity is not None:
            path = f"waves.{w}.{kind}"
            yield Node(
                f"{w}.{kind}", kind, "continuous", quantity, path, links=(Link(last),), **own
            )
            last = f"{w}.{kind}"
    if wave.certificate:
        after = (Link(last),)
        step = wave.certificate
        yield _step_node(plan, f"{w}.certificate", "certificate", step, after, "waves", **own)


def _landed(plan: Plan, wave: str) -> list[str]:
    """Last tasks of every dataset that cuts over with a wave."""
    last = []
    for x, data in plan.datasets.items():
        if data.wave != wave or data.excluded or data.route not in plan.routes:
            continue
        last.append(f"{x}.delta" if _has_delta(plan, x) else f"{x}.copy")
        if data.repair_share or data.verify:
            last.append(f"{x}.repair" if data.repair_share else f"{x}.verify")
    return last


def _resolve(plan: Plan, node: Node, nodes: dict[str, Node], faults: list[Fault]) -> Node:
    """Replace patterns in links by the tasks they match."""
    links: list[Link] = []
    for link in node.links:
        if link.task in nodes and nodes[link.task].span:
            found, fix = f"{link.task} is a span", "name the task that the span ends with"
            faults.append(_fault(plan, _links_of(plan, node, link), found, "tasks only", fix))
            continue
        if link.task in nodes:
            links.append(link)
            continue
        matches = [
            k for k, n in nodes.items() if fnmatchcase(k, link.task) and k != node.id and not n.span
        ]
        links += [Link(k, link.kind, link.lag, link.unit) for k in matches]
        if not matches:
            found, fix = f"unknown task {link.task!r}", nearest(link.task, nodes)
            faults.append(_fault(plan, _links_of(plan, node, link), found, "", fix))
    return Node(**{**node.__dict__, "links": tuple(links)})


def _route_faults(plan: Plan, nodes: dict[str, Node]) -> Iterable[Fault]:
    """What is unknown in a route, whether anything moves on it or not."""
    tasks = [k for k, node in nodes.items() if not node.span]
    known = _calendars(plan)
    for name, route in plan.routes.items():
        if route.calendar and route.calendar not in known:
            fix = nearest(route.calendar, known)
            found = f"unknown calendar {route.calendar!r}"
            yield _fault(plan, f"routes.{name}.calendar", found, "", fix)
        for part in ("after", "sensitive_after"):
            for link in getattr(route, part):
                span = link.task in nodes and nodes[link.task].span
                if not span and not any(fnmatchcase(k, link.task) for k in tasks):
                    found, fix = f"unknown task {link.task!r}", nearest(link.task, nodes)
                    yield _fault(plan, f"routes.{name}.{part}", found, "", fix)


def _calendars(plan: Plan) -> set[str]:
    return {"continuous", "france", *plan.calendars}


def _links_of(plan: Plan, node: Node, link: Link | None = None) -> str:
    """Path of the field that gives a task its links, or this one of them."""
    if node.kind == "qualified":
        return f"{node.path.rsplit('.', 1)[0]}.qualified_after"
    if node.path:
        return f"{node.path.rsplit('.', 1)[0]}.after"
    if node.kind == "go":
        for capability in plan.capabilities.values():
            if link in capability.qualified_after:
                return f"capabilities.{capability.id}.qualified_after"
    if node.dataset:
        route = plan.routes.get(node.route)
        for name in ("after", "sensitive_after"):
            if route and link in getattr(route, name):
                return f"routes.{node.route}.{name}"
        return f"datasets.{node.dataset}.after"
    return f"waves.{node.wave}.after" if node.wave else f"tasks.{node.id}.after"


def _check(plan: Plan, nodes: dict[str, Node], faults: list[Fault]) -> None:
    if len(nodes) > MAX_TASKS:
        faults.append(_fault(plan, "tasks", f"{len(nodes)} tasks", f"at most {MAX_TASKS}"))
    if not nodes:
        faults.append(_fault(plan, "tasks", "no task and no dataset that moves", "one at least"))
    known = _calendars(plan)
    if plan.calendar not in known:
        found, fix = f"unknown calendar {plan.calendar!r}", nearest(plan.calendar, known)
        faults.append(_fault(plan, "calendar", found, "", fix))
    for node in nodes.values():
        where = node.path.rsplit(".", 1)[0] if node.path else f"tasks.{node.id}"
        # The plan's and a route's calendar are refused where they are named.
        if node.calendar not in known | {plan.calendar} and node.kind not in _ROUTED:
            found = f"unknown calendar {node.calendar!r}"
            faults.append(
                _fault(plan, f"{where}.calendar", found, "", nearest(node.calendar, known))
            )
        for name, units in node.uses.items():
            _check_use(plan, f"{where}.uses.{name}", name, units, faults)
        for end in node.span or ():
            if end not in nodes or nodes[end].span:
                found = f"unknown task {end!r}" if end not in nodes else f"{end} is itself a span"
                faults.append(_fault(plan, f"{where}.span", found, "", nearest(end, nodes)))
        if node.only_if and node.only_if not in plan.drivers:
            found = f"unknown driver {node.only_if!r}"
            fix = nearest(node.only_if, plan.drivers)
            faults.append(_fault(plan, f"{where}.only_if", found, "", fix))
        if node.quantity is not None and node.quantity.unit == "TB" and node.kind != "haul":
            found = f"a work in TB on route {node.route!r}"
            fix = nearest(node.route, plan.routes)
            faults.append(_fault(plan, f"{where}.route", found, "a route of the plan", fix))


def _check_use(plan: Plan, where: str, name: str, units: int, faults: list) -> None:
    if name not in plan.resources:
        found = f"unknown resource {name!r}"
        faults.append(_fault(plan, where, found, "", nearest(name, plan.resources)))
    elif units > plan.resources[name]:
        limit = f"at most the {plan.resources[name]} there are"
        fix = f"lower the demand or raise resources.{name}"
        faults.append(_fault(plan, where, f"a demand of {units} {name}", limit, fix))


def _cycles(plan: Plan, nodes: dict[str, Node]) -> Iterable[Fault]:
    """Name a cycle, if there is one."""
    graph = {k: {link.task for link in node.links} for k, node in nodes.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        cycle = list(reversed(error.args[1]))
        own = next((k for k in cycle if k in plan.tasks), cycle[0])
        where = _links_of(plan, nodes[own])
        found = f"a cycle: {' → '.join(cycle)}"
        yield _fault(plan, where, found, "no cycles", "remove one of its links")
