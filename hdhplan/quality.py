"""What is weak in a plan, and what the facts say: for `hdhplan check` and `hdhplan facts`."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from hdhplan.errors import Fault, InputError, nearest
from hdhplan.facts import Fact, Facts, data_folder, load_facts
from hdhplan.network import Network, expand
from hdhplan.plan import Plan

#: Days after which a price is said to be old.
OLD_PRICE_DAYS = 180


@dataclass(frozen=True)
class Findings:
    """Lines for a person, data for a program, and what to be warned of."""

    lines: list[str]
    data: Any
    warnings: list[str] = field(default_factory=list)
    meta: dict = field(default_factory=dict)
    ok: bool = True


def evidence(plan: Plan) -> dict[str, Any]:
    """How the plan's quantities are known: by grade, by fact, by judgement, or bare numbers."""
    grades: Counter = Counter()
    kinds: Counter = Counter()
    for _, quantity in plan.ranges():
        grades[quantity.grade or "none"] += 1
        if quantity.fact:
            kinds["fact"] += 1
        elif quantity.grade == "D":
            kinds["judgement"] += 1
        else:
            kinds["sourced" if quantity.source else "bare"] += 1
    return {"grades": dict(sorted(grades.items())), "kinds": dict(sorted(kinds.items()))}


def schedule_findings(plan: Plan, network: Network) -> dict[str, list[str]]:
    """Points of the schedule that a reviewer would question, by kind, each with its tasks."""
    followed = {link.task for node in network.nodes.values() for link in node.links}
    followed |= {end for node in network.nodes.values() for end in node.span or ()}
    followed |= {name for rate in plan.rates.values() for name in (*rate.on, rate.until or "")}
    followed |= {promise.milestone for promise in plan.promises}
    followed |= {c.closing for c in plan.capabilities.values() if c.is_open}
    followed |= {plan.target.milestone} if plan.target and plan.target.milestone else set()
    found: dict[str, list[str]] = {
        "nothing follows": [
            k for k, n in network.nodes.items() if k not in followed and not n.span and n.quantity
        ],
        "nothing before": [
            k
            for k, n in network.nodes.items()
            if not n.links and not n.span and n.quantity and not n.fixed_day
        ],
        "leads (negative lags)": [
            k for k, n in network.nodes.items() if any(link.lag < 0 for link in n.links)
        ],
        "fixed dates": [k for k, n in network.nodes.items() if n.fixed_day],
    }
    return {kind: sorted(tasks) for kind, tasks in found.items() if tasks}


def examine(plan: Plan) -> Findings:
    """Examine a plan that has been accepted: its size, its evidence, its schedule, its prices."""
    network = expand(plan)
    known, points = evidence(plan), schedule_findings(plan, network)
    moved = [d for d in plan.datasets.values() if not d.excluded and d.route]
    volume = sum(d.volume_tb.likely for d in moved)
    lines = [
        f"{plan.name}: accepted. {len(network.nodes)} tasks, {len(moved)} datasets that move "
        f"({volume:,.0f} TB), {len(plan.waves)} waves, {len(plan.drivers)} drivers, "
        f"{len(plan.rates)} rates.",
        "Evidence by grade: " + ", ".join(f"{k} {n}" for k, n in known["grades"].items()) + ".",
        "Evidence by kind: " + ", ".join(f"{k} {n}" for k, n in known["kinds"].items()) + ".",
    ]
    lines += [f"{kind}: {', '.join(tasks)}" for kind, tasks in points.items()]
    data = {
        "tasks": len(network.nodes),
        "datasets": len(moved),
        "volume_tb": volume,
        "evidence": known,
        "schedule": points,
    }
    warnings = _price_warnings(plan)
    if plan.status is not None:
        last = max((fact.date for fact in plan.status.facts), default=plan.start)
        state, weeks = plan.status.as_of(last), plan.status.files
        corrected = len(state.facts) - len(state.live)
        made_up = "; illustrative, not the real status" if state.illustrative else ""
        lines.append(
            f"Status: {len(state.facts)} facts, {corrected} corrected since, in {len(weeks)} weeks, "
            f"{min(weeks)} to {max(weeks)}, the last of {last}{made_up}."
        )
        data["status"] = {
            "facts": len(state.facts), "weeks": sorted(weeks), "as_of": last,
            "missing": state.missing, "illustrative": state.illustrative,
        }  # fmt: skip
        warnings += [f"status file {name} is missing" for name in state.missing]
    return Findings(lines, data, warnings, _meta(plan))


def _meta(plan: Plan) -> dict:
    origin = plan.origin
    return {"inputs": dict(origin.inputs), "overrides": list(origin.overrides)} if origin else {}


def _price_warnings(plan: Plan) -> list[str]:
    """Prices of the plan whose fact is older than `OLD_PRICE_DAYS` on the day of the newest fact."""
    if plan.facts is None or not len(plan.facts):
        return []
    today = max(fact.date for fact in plan.facts)
    used = {q.fact for path, q in plan.ranges() if q.fact and path.startswith("rates.")}
    facts = sorted((plan.facts.by_id(name) for name in used), key=lambda fact: fact.id)
    return [
        f"price {fact.id} is of {fact.date}, {(today - fact.date).days} days before the newest fact"
        for fact in facts
        if (today - fact.date).days > OLD_PRICE_DAYS
    ]


def list_facts(key: str | None, contradictions: bool, as_of: str | None) -> Findings:
    """List facts: all quantities, one of them, or those that contradict."""
    facts = load_facts(data_folder() / "facts", _day(as_of))
    against = facts.contradictions()
    known = facts.keys()
    if key is not None and key not in known:
        fix = nearest(key, known)
        raise InputError(Fault("data/facts", None, key, "no fact of this quantity", "", fix))
    keys = [key] if key else sorted(against if contradictions else known)
    lines: list[str] = []
    for name in keys:
        lines.append(f"{name}{'  (contradicted)' if name in against else ''}")
        lines += [f"  {_shown(fact)}" for fact in facts.of(name)]
    data = {name: [_row(fact) for fact in facts.of(name)] for name in keys}
    return Findings(lines, data, [], {"as_of": as_of, "facts": len(facts)})


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InputError(
            Fault("--as-of", None, "", f"{text!r} is not a date", "2026-11-20")
        ) from None


def _shown(fact: Fact) -> str:
    return f"{fact.date} [{fact.grade}] {fact.text}: {fact.source} ({fact.publisher}), {fact.id}"


def _row(fact: Fact) -> dict:
    names = (
        "id", "date", "value", "low", "likely", "high", "unit", "source", "address", "publisher",
        "grade", "note",
    )  # fmt: skip
    return {name: getattr(fact, name) for name in names}


def judged(facts: Facts, plan: Plan) -> dict[str, tuple[Fact, list[Fact]]]:
    """For each quantity the plan retains a claim of: that claim, and the claims that lost."""
    found = {}
    for key, kept in plan.retains.items():
        fact = facts.by_id(kept.fact)
        found[key] = fact, [other for other in facts.of(key) if other.id != fact.id]
    return found
