"""What a plan file says for a lever: a number where people decide, a span where nobody knows yet."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from hdhplan.errors import Fault, InputError
from hdhplan.plan import Plan
from hdhplan.quantities import Range

#: Values of all levers that have been moved.
Asked = Mapping[str, Any]
#: Low, likely and high of what nobody knows.
Span = tuple[float, float, float]
#: How many sold ports a link takes: they come as 10 Gbit/s (fact interlink-self).
PORT_GBPS = 10
#: Day from which leaving is free in the base plan (fact egress-free).
FREE_FROM = "2027-01-12"
_DECISION = "decision taken in the explorer"
_ASSUMED = "assumption made in the explorer"


def scaled(
    known: Range, value: float | Span, unit: str, source: str, most: float = math.inf
) -> dict:
    """Say a range anew: with another likely value, its ends in proportion, or as a span of its own."""
    if isinstance(value, tuple):
        low, likely, high = value
    else:
        by = value / known.likely if known.likely else 1.0
        low, likely, high = known.low * by, value, known.high * by
        low, high = (low, high) if known.likely else (value, value)
    found: dict[str, Any] = {"low": low, "likely": likely, "high": min(high, most)}
    law = known.law if known.law != "fixed" else "pert"
    found |= {"law": law if low < high else "fixed"}
    return {**found, **({"unit": unit} if unit else {}), "source": source, "grade": "D", "fact": ""}


def _times(value: float | Span, by: float) -> float | Span:
    return tuple(by * part for part in value) if isinstance(value, tuple) else by * value


def likely(value: float | Span) -> float:
    """The likely value of what was asked."""
    return value[1] if isinstance(value, tuple) else value


def link(value: float, plan: Plan, asked: Asked) -> dict:
    """More ports are paid for: none was found cheaper by the dozen."""
    price, now = plan.rates["interconnect"].amount_eur, plan.routes["azure"].rate_gbps.likely
    ports = math.ceil(value / PORT_GBPS) / math.ceil(now / PORT_GBPS)
    rate = {"likely": value, "source": _DECISION, "grade": "D", "fact": ""}
    cost = scaled(price, price.likely * ports, "", f"{_DECISION}: by the port")
    return {
        "routes": {"azure": {"rate_gbps": rate}},
        "rates": {"interconnect": {"id": "interconnect", "amount_eur": cost}},
    }


def dual(value: float, plan: Plan, asked: Asked) -> dict:
    """How long Azure stands by after each cutover."""
    now = plan.waves["w1"].dual_running
    return {"defaults": {"wave": {"dual_running": scaled(now, value, "d", _DECISION)}}}


def team(value: float, plan: Plan, asked: Asked) -> dict:
    """Developers who port, and what they are paid."""
    by = value / plan.resources["tool_developer"]
    rates = {
        key: {"id": key, "quantity": plan.rates[key].quantity * by}
        for key in ("tools_first", "tools_rest")
    }
    return {"resources": {"tool_developer": int(value)}, "rates": rates}


def _projects(plan: Plan) -> int:
    return sum(wave.projects for wave in plan.waves.values())


def _all_projects(plan: Plan) -> int:
    root = plan.origin.root if plan.origin else None
    return _projects(root or plan)


def ported_share(plan: Plan) -> float:
    """Projects that are ported, of those of the reference. [%]"""
    return round(100 * _projects(plan) / _all_projects(plan))


def frozen_share(plan: Plan) -> float:
    """Projects that stand still until Azure is left, of those of the reference. [%]"""
    stopped = plan.interruptions.get("frozen")
    return round(100 * stopped.projects / _all_projects(plan)) if stopped else 0.0


def ported(value: float, plan: Plan, asked: Asked) -> dict:
    """The others are closed before their wave; critical projects always go over.

    Raises
    ------
    InputError
        Where more than all are ported or frozen.
    """
    if value + asked.get("frozen", 0.0) > 100:
        raise InputError(Fault("explorer", None, "projects", "ported and frozen are more than all",
                               "100 % together"))  # fmt: skip
    by = value / ported_share(plan)
    kept = {
        key: max(wave.critical_projects, round(wave.projects * by))
        for key, wave in plan.waves.items()
    }
    return {"waves": {key: {"id": key, "projects": n} for key, n in kept.items()}}


def frozen(value: float, plan: Plan, asked: Asked) -> dict:
    """Projects that stop when the service was to open and are ported after Azure is left, not by this plan."""
    opens = next((p.by for p in plan.promises if p.milestone == "service_open"), plan.start)
    count = round(_all_projects(plan) * value / 100)
    name = {"fr": "Projets gelés", "en": "Frozen projects"}
    stopped = {"id": "frozen", "name": name, "from": opens.isoformat(), "until": "left_azure",
               "projects": count, "source": _DECISION, "grade": "D"}  # fmt: skip
    return {"interruptions": {"frozen": stopped}}


def money(value: float, plan: Plan, asked: Asked) -> dict:
    """Envelope and provision go together: the other lines share what the provision leaves."""
    whole = asked.get("envelope", plan.envelope_eur / 1e6) * 1e6
    now = dict(plan.allocations)
    part = asked.get("provision", 100 * now["provision"] / plan.envelope_eur) / 100
    return {"target": {"cost_eur": whole}, "allocations": _shared(now, whole, round(whole * part))}


def _shared(now: dict[str, float], whole: float, provision: float) -> dict[str, float]:
    """Share an envelope out: the provision first, the other lines as they stand to one another."""
    others = {key: eur for key, eur in now.items() if key != "provision"}
    left, total = whole - provision, sum(others.values())
    found = {key: float(round(eur / total * left)) for key, eur in others.items()}
    first = next(iter(found))
    found[first] += left - sum(found.values())
    return found | {"provision": float(provision)}


def finish(value: float, plan: Plan, asked: Asked) -> dict:
    """The date that is asked for."""
    return {"target": {"finish": (plan.start + timedelta(days=int(value))).isoformat()}}


def platform_pb(plan: Plan) -> float:
    """Likely volume that lies at the source, what is rebuilt included. [PB]"""
    held = sum(d.volume_tb.likely for d in plan.datasets.values() if d.at_source)
    return round(held * plan.drivers["volume"].factor.likely / 1000, 9)


def volume(value: float | Span, plan: Plan, asked: Asked) -> dict:
    """What lies at the source, by the driver that all datasets share."""
    factor = plan.drivers["volume"].factor
    known = scaled(factor, _times(value, factor.likely / platform_pb(plan)), "", _ASSUMED)
    return {"drivers": {"volume": {"id": "volume", "factor": known}}}


def volume_span(plan: Plan) -> Span:
    """Low, likely and high of what lies at the source. [PB]"""
    factor = plan.drivers["volume"].factor
    return _of(factor, platform_pb(plan) / factor.likely)


def _of(known: Range, by: float = 1.0) -> Span:
    low, middle, high = (round(by * part, 9) for part in (known.low, known.likely, known.high))
    return low, middle, high


def qualified(value: float | Span, plan: Plan, asked: Asked) -> dict:
    """How long the qualification takes."""
    work = scaled(plan.tasks["B1"].work, value, "wd", _ASSUMED)
    return {"tasks": {"B1": {"id": "B1", "work": work}}}


def qualified_span(plan: Plan) -> Span:
    """Low, likely and high of the qualification. [wd]"""
    return _of(plan.tasks["B1"].work)


def efficiency(value: float | Span, plan: Plan, asked: Asked) -> dict:
    """The driver's spread stays, or is that of the span; cut where the link would carry more than it is."""
    part, factor = likely(value) / 100, plan.drivers["route_efficiency"].factor
    share = {"likely": part, "source": _ASSUMED, "grade": "D", "fact": ""}
    spread = factor.likely
    if isinstance(value, tuple):
        spread = _times(value, 1 / likely(value))
    known = scaled(factor, spread, "", _ASSUMED, most=1 / part)
    return {
        "routes": {"azure": {"usable_share": share}},
        "drivers": {"route_efficiency": {"id": "route_efficiency", "factor": known}},
    }


def efficiency_span(plan: Plan) -> Span:
    """Low, likely and high of the copy's efficiency. [%]"""
    share = plan.routes["azure"].usable_share.likely
    low, middle, high = _of(plan.drivers["route_efficiency"].factor, 100 * share)
    return round(low, 2), middle, round(high, 2)


def effort(value: float | Span, plan: Plan, asked: Asked) -> dict:
    """What projects spend themselves follows the effort."""
    work, price = plan.waves["w1"].port.work, plan.rates["porting"].amount_eur
    cost = scaled(price, price.likely * likely(value) / work.likely, "", _ASSUMED)
    port = {"work": scaled(work, value, "wd", _ASSUMED)}
    return {
        "defaults": {"wave": {"port": port}},
        "rates": {"porting": {"id": "porting", "amount_eur": cost}},
    }


def effort_span(plan: Plan) -> Span:
    """Low, likely and high of a project's porting. [wd]"""
    return _of(plan.waves["w1"].port.work)


def fees(value: float | Span, plan: Plan, asked: Asked) -> dict:
    """What leaving costs after it was to be free."""
    price = scaled(plan.rates["egress"].prices[0].amount_eur, value, "", _ASSUMED)
    prices = [{"from": FREE_FROM, "amount_eur": price}]
    return {"rates": {"egress": {"id": "egress", "prices": prices}}}


def fees_span(plan: Plan) -> Span:
    """Low, likely and high of the exit fees from 2027 on. [EUR/TB]"""
    return _of(plan.rates["egress"].prices[0].amount_eur)


def target_date(plan: Plan, days: float) -> date:
    """Date of a target that is given in days from the start."""
    return plan.start + timedelta(days=int(days))
