"""Whether status facts fit the plan, and one another: names, order of dates, volumes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

from pydantic import ValidationError

from hdhplan.costs import vat_factor
from hdhplan.errors import Fault, nearest
from hdhplan.inputs import drivers_on
from hdhplan.network import Network
from hdhplan.plan import Plan
from hdhplan.progress import ends_of, estimates_of, newer
from hdhplan.rates import PROVISION
from hdhplan.status import Known, State, Status, StatusFact

#: Tasks whose rest is what has not landed.
_CARRIED = ("copy", "delta")
#: Amounts closer than this are equal. [EUR]
_CENT = 0.005


def misfits(plan: Plan, network: Network, status: Status) -> list[Fault]:
    """List all that is wrong with status facts once the plan is known, each once, in file order.

    What facts say together is not asked where a row about the same thing was refused already.
    """
    names = list(_unknown(plan, network, status))
    told = {(fault.file, fault.line) for fault in names}
    fitting = [fact for fact in status.facts if (fact.file, fact.line) not in told]
    rest = replace(status, facts=tuple(fitting))
    found = [*_contradictions(rest), *_shrinking(rest), *_second_reference(rest)]
    for day in sorted({fact.date for fact in fitting}):
        state = rest.as_of(day)
        found += [
            *_task_faults(plan, network, state), *_dataset_faults(plan, state),
            *_unfinished(plan, state), *_overpaid(plan, state),
        ]  # fmt: skip
    about = {(fact.file, fact.line): fact.subject.partition(".")[0] for fact in fitting}
    sure = [f for f in found if status.whole and about[f.file, f.line] not in status.unread]
    return sorted(dict.fromkeys([*names, *sure]), key=lambda fault: (fault.file, fault.line or 0))


def _fault(fact: StatusFact, field: str, found: str, limit: str = "", fix: str = "") -> Fault:
    return Fault(fact.file, fact.line, field, found, limit, fix)


def _unknown(plan: Plan, network: Network, status: Status) -> Iterator[Fault]:
    """Names that the plan does not have, and units that are not its own."""
    ranges = dict(plan.ranges())
    lines = {rate.line for rate in plan.rates.values()} | set(plan.allocations)
    known: dict[str, Iterable[str]] = {
        "tasks": [k for k, node in network.nodes.items() if not node.span],
        "datasets": [name for names in network.copies.values() for name in names],
        "invoices": lines,
        "risks": [k for k, driver in plan.drivers.items() if driver.p < 1],
        "estimates": ranges,
    }
    what = {"invoices": "budget line", "risks": "driver that may or may not happen"}
    for fact in status.facts:
        if fact.kind == "invoices" and fact.subject == PROVISION:
            limit, fix = "it is drawn on, never spent by itself", "name the line that it covers"
            yield _fault(fact, "line", "an invoice on the provision", limit, fix)
        elif fact.kind in known and fact.subject not in known[fact.kind]:
            found = f"unknown {what.get(fact.kind, fact.kind[:-1])} {fact.subject[:60]!r}"
            if fact.kind == "estimates":
                found = f"unknown quantity {fact.subject[:60]!r}"
            yield _fault(fact, fact.kind[:-1], found, "", nearest(fact.subject, known[fact.kind]))
        elif fact.kind == "estimates" and fact.given.get("unit", "") != ranges[fact.subject].unit:
            limit = f"the plan's unit, {ranges[fact.subject].unit or 'none'}"
            yield _fault(fact, "unit", f"found {fact.given.get('unit', '')!r}", limit, "convert it")
        elif fact.kind == "estimates":
            yield from _bound_faults(plan, fact)
        elif fact.kind == "tasks":
            yield from _measure_faults(network, fact)
        elif fact.kind == "invoices":
            yield from _basis_faults(plan, fact)


def _basis_faults(plan: Plan, fact: StatusFact) -> Iterator[Fault]:
    """An amount in a VAT basis that the plan cannot convert."""
    try:
        vat_factor(plan, str(fact.given["vat"]))
    except ValueError as error:
        limit, fix = "one VAT basis, or a vat_rate", "add `vat_rate: 0.20` to the plan"
        yield _fault(fact, "vat", str(error), limit, fix)


def _bound_faults(plan: Plan, fact: StatusFact) -> Iterator[Fault]:
    """An estimate that the plan itself could not say: beyond the bounds of its field."""
    try:
        newer(plan, fact)
    except ValidationError as error:
        for wrong in error.errors(include_url=False):
            says = wrong.get("ctx", {})
            found, limit = says.get("found", wrong["msg"]), says.get("limit", "")
            yield _fault(fact, "likely", found, limit, says.get("fix", ""))


def _measure_faults(network: Network, fact: StatusFact) -> Iterator[Fault]:
    """A measure of what is left in a unit that is not the task's, or of what a route carries."""
    node = network.nodes[fact.subject]
    measured = next((name for name in ("remaining", "percent") if name in fact.given), "")
    if measured and node.kind in _CARRIED:
        fix = "give landed_tb in datasets.csv"
        yield _fault(fact, measured, f"a measure of {node.id}", "what is left has not landed", fix)
    if "remaining" in fact.given and node.kind == "haul":
        found, limit = f"a length of {node.id}", "its work is in TB"
        yield _fault(fact, "remaining", found, limit, "give the percent that is done")
        return
    unit = node.quantity.unit if node.quantity else "d"
    if "unit" in fact.given and fact.given["unit"] != unit and node.kind not in _CARRIED:
        yield _fault(fact, "unit", f"found {fact.given['unit']!r}", f"{node.id} is in {unit}")


def _contradictions(status: Status) -> Iterator[Fault]:
    """Two facts of one day that say different things of one field."""
    said: dict[tuple, StatusFact] = {}
    corrected = {fact.corrects for fact in status.facts}
    for fact in status.facts:
        if fact.id in corrected or fact.kind == "invoices":
            continue  # invoices add up
        for field, value in fact.given.items():
            first = said.setdefault((fact.kind, fact.subject, field, fact.date), fact)
            if first.given[field] != value:
                limit = f"{first.given[field]} in {first.file}, line {first.line}, for that day"
                yield _fault(fact, field, f"found {value}", limit, "correct one by the other")


def _shrinking(status: Status) -> Iterator[Fault]:
    """Volumes that fall from one fact to the next without a correction."""
    if not status.facts:
        return
    last = status.as_of(max(fact.date for fact in status.facts))
    for name in {fact.subject for fact in last.live if fact.kind == "datasets"}:
        for field in ("landed_tb", "landed_objects", "verified_tb"):
            facts = [f for f in last.live if f.kind == "datasets" and f.subject == name]
            for old, new in pairwise(fact for fact in facts if field in fact.given):
                if new.given[field] < old.given[field]:
                    found = f"{new.given[field]:g}, after {old.given[field]:g} on {old.date}"
                    fix = f"name {old.id} under corrects if it was wrong"
                    yield _fault(new, field, found, "what has landed stays", fix)


def _task_faults(plan: Plan, network: Network, state: State) -> Iterator[Fault]:
    tasks, datasets = state.of("tasks"), state.of("datasets")
    for task, known in tasks.items():
        start, finish = known.get("start"), known.get("finish")
        any_ = next(iter(known.values()))
        if start is None:
            fix = "add the day on which it started"
            yield _fault(any_.fact, "start", f"{task} has none", "what goes on has started", fix)
        elif start.value < plan.start:
            limit = f"not before the plan's start, {plan.start}"
            yield _fault(start.fact, "start", f"found {start.value}", limit)
        elif finish and finish.value < start.value:
            limit = f"not before its start, {start.value}"
            yield _fault(finish.fact, "finish", f"found {finish.value}", limit)
        if finish:
            yield from _too_early(network, task, finish, tasks)
    for name, known in datasets.items():
        if known.get("landed_tb") and known["landed_tb"].value and f"{name}.copy" not in tasks:
            fact, fix = known["landed_tb"].fact, f"add the start of {name}.copy to tasks.csv"
            yield _fault(fact, "landed_tb", f"{name}.copy has not started", "what landed", fix)


def _too_early(network: Network, task: str, finish: Known, tasks: dict) -> Iterator[Fault]:
    """A task that is finished while one that holds its finish goes on."""
    for link in ends_of(network.nodes[task]):
        if link.kind == "FF" and link.lag >= 0 and "finish" not in tasks.get(link.task, {}):
            limit = f"not before {link.task} is finished"
            yield _fault(finish.fact, "finish", f"found {finish.value}", limit, f"add {link.task}")


def _dataset_faults(plan: Plan, state: State) -> Iterator[Fault]:
    for name, known in state.of("datasets").items():
        landed, verified = known.get("landed_tb"), known.get("verified_tb")
        most = _reach_tb(plan, name, state)
        if landed and landed.value > most:
            found, limit = f"{landed.value:g} TB", f"at most the {most:g} TB that {name} can hold"
            yield _fault(landed.fact, "landed_tb", found, limit, "re-estimate its volume first")
        if verified and verified.value > (landed.value if landed else 0):
            limit = f"at most the {landed.value if landed else 0:g} TB landed"
            yield _fault(verified.fact, "verified_tb", f"{verified.value:g} TB", limit)


def _unfinished(plan: Plan, state: State) -> Iterator[Fault]:
    """A copy or a second read that one file says is finished and another says is not."""
    tasks = state.of("tasks")
    for name, known in state.of("datasets").items():
        landed, verified = known.get("landed_tb"), known.get("verified_tb")
        copied = tasks.get(f"{name}.copy", {}).get("finish")
        read = tasks.get(f"{name}.verify", {}).get("finish")
        if copied and landed and landed.value < (least := _reach_tb(plan, name, state, least=True)):
            at = f"{landed.value:g} TB landed in {landed.fact.file}, line {landed.fact.line}"
            limit, fix = (
                f"at least the {least:g} TB that {name} holds",
                "give what had landed by then",
            )
            yield _fault(copied.fact, "finish", f"{name}.copy finished, {at}", limit, fix)
        if read and landed and verified and verified.value < landed.value:
            at = (
                f"{verified.value:g} TB verified in {verified.fact.file}, line {verified.fact.line}"
            )
            limit, fix = f"the {landed.value:g} TB landed", "give what was verified by then"
            yield _fault(read.fact, "finish", f"{name}.verify finished, {at}", limit, fix)


def _overpaid(plan: Plan, state: State) -> Iterator[Fault]:
    """A line of which more is paid than committed, in the plan's VAT basis."""
    sums: dict[str, dict[str, float]] = {}
    last: dict[str, StatusFact] = {}
    for fact in state.live:
        if fact.kind == "invoices":
            into = sums.setdefault(fact.subject, {"committed_eur": 0.0, "paid_eur": 0.0})
            for name in into.keys() & fact.given.keys():
                into[name] += float(fact.given[name]) * vat_factor(plan, str(fact.given["vat"]))
            last[fact.subject] = fact if "paid_eur" in fact.given else last.get(fact.subject, fact)
    for line, eur in sums.items():
        if eur["paid_eur"] > eur["committed_eur"] + _CENT:
            found = f"{eur['paid_eur']:,.2f} EUR paid in all for {line}"
            limit = f"at most the {eur['committed_eur']:,.2f} EUR committed"
            yield _fault(
                last[line], "paid_eur", found, limit, "add the order, or correct the payment"
            )


def _second_reference(status: Status) -> Iterator[Fault]:
    """A first reference that is given anew: it is kept, and only corrected."""
    corrected = {fact.corrects for fact in status.facts}
    facts = [f for f in status.facts if f.kind == "references" and f.subject == "R0"]
    first, *others = [fact for fact in facts if fact.id not in corrected] or [None]
    for fact in others:
        found, limit = f"R0 anew: {fact.given['week']}", f"R0 is {first.given['week']} and is kept"
        yield _fault(fact, "week", found, limit, "name it current")


def _reach_tb(plan: Plan, name: str, state: State, least: bool = False) -> float:
    """Most (or least) that a dataset can hold in any draw, by the latest estimate. [TB]

    The most is infinite where it grows.
    """
    data, factor, end = plan.datasets[name], 1.0, "smallest" if least else "greatest"
    if data.growth_tb_per_year and not least:
        return math.inf
    pick = min if least else max
    for driver, exposure in drivers_on(plan, "datasets", name):
        if driver.factor:
            reach = getattr(driver.factor.probability_law, end)
            factor *= pick(1 + exposure * (reach - 1), 1)
    newer = estimates_of(plan, state).get(f"datasets.{name}.volume_tb", data.volume_tb)
    return getattr(newer.probability_law, end) * factor
