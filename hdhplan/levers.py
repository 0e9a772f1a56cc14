"""What the explorer lets people move: decisions apart from assumptions, each as a change of a plan file."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from hdhplan.plan import Plan
from hdhplan.quantities import Range

#: What people decide, what nobody knows yet, and what is asked of the plan.
Group = Literal["lever", "assumption", "target"]
#: Values of all levers that have been moved.
Asked = Mapping[str, Any]
#: How many sold ports a link takes: they come as 10 Gbit/s (fact interlink-self).
PORT_GBPS = 10
#: Least porting team: tool development seizes three at a time.
LEAST_TEAM, MOST_TEAM = 3, 15
#: Day from which leaving is free in the base plan (fact egress-free).
FREE_FROM = "2027-01-12"
#: Farthest target date, from the start of the plan. [d]
MOST_DAYS = 2_000
_DECISION = "decision taken in the explorer"
_ASSUMED = "assumption made in the explorer"


@dataclass(frozen=True)
class Choice:
    """One of the ways to decide: its name, and the scenario file whose changes it takes over."""

    fr: str
    en: str
    scenario: str = ""


@dataclass(frozen=True)
class Lever:
    """One control.

    Parameters
    ----------
    unit
        In French and English.
    low, high, step
        Bounds of a number; a choice has none.
    read
        Where a plan stands.
    change
        What a plan file says for a number, given the plan as it stands without any, and all that
        is asked beside it.
    known
        The quantity that stands behind it, for source and grade.
    """

    key: str
    group: Group
    fr: str
    en: str
    unit: tuple[str, str]
    read: Callable[[Plan], Any]
    low: float = 0.0
    high: float = 0.0
    step: float = 1.0
    stops: tuple[float, ...] = ()
    change: Callable[[float, Plan, Asked], dict] | None = None
    choices: dict[str, Choice] | None = None
    known: Callable[[Plan], Range] | None = None

    def name(self, lang: str) -> str:
        """Name in a language."""
        return self.en if lang == "en" else self.fr


def scaled(known: Range, value: float, unit: str, source: str, most: float = math.inf) -> dict:
    """Say a range anew with another likely value, its ends in proportion."""
    by = value / known.likely if known.likely else 1.0
    ends = (known.low * by, known.high * by) if known.likely else (value, value)
    found: dict[str, Any] = {"low": ends[0], "likely": value, "high": min(ends[1], most)}
    found |= {"law": known.law if ends[0] < ends[1] else "fixed"}
    return {**found, **({"unit": unit} if unit else {}), "source": source, "grade": "D", "fact": ""}


def _link(value: float, plan: Plan, asked: Asked) -> dict:
    """More ports are paid for: none was found cheaper by the dozen."""
    price, now = plan.rates["interconnect"].amount_eur, plan.routes["azure"].rate_gbps.likely
    ports = math.ceil(value / PORT_GBPS) / math.ceil(now / PORT_GBPS)
    rate = {"likely": value, "source": _DECISION, "grade": "D", "fact": ""}
    cost = scaled(price, price.likely * ports, "", f"{_DECISION}: by the port")
    return {
        "routes": {"azure": {"rate_gbps": rate}},
        "rates": {"interconnect": {"id": "interconnect", "amount_eur": cost}},
    }


def _dual(value: float, plan: Plan, asked: Asked) -> dict:
    now = plan.waves["w1"].dual_running
    return {"defaults": {"wave": {"dual_running": scaled(now, value, "d", _DECISION)}}}


def _team(value: float, plan: Plan, asked: Asked) -> dict:
    by = value / plan.resources["tool_developer"]
    rates = {
        key: {"id": key, "quantity": plan.rates[key].quantity * by}
        for key in ("tools_first", "tools_rest")
    }
    return {"resources": {"tool_developer": int(value)}, "rates": rates}


def _projects(plan: Plan) -> int:
    return sum(wave.projects for wave in plan.waves.values())


def _ported_share(plan: Plan) -> float:
    """Projects that are ported, of those of the reference. [%]"""
    root = plan.origin.root if plan.origin else None
    return round(100 * _projects(plan) / _projects(root or plan))


def _ported(value: float, plan: Plan, asked: Asked) -> dict:
    """The others are closed before their wave; critical projects always go over."""
    by = value / _ported_share(plan)
    kept = {
        key: max(wave.critical_projects, round(wave.projects * by))
        for key, wave in plan.waves.items()
    }
    return {"waves": {key: {"id": key, "projects": n} for key, n in kept.items()}}


def _money(value: float, plan: Plan, asked: Asked) -> dict:
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


def _volume(value: float, plan: Plan, asked: Asked) -> dict:
    factor = plan.drivers["volume"].factor
    by = value / platform_pb(plan)
    known = scaled(factor, factor.likely * by, "", _ASSUMED)
    return {"drivers": {"volume": {"id": "volume", "factor": known}}}


def platform_pb(plan: Plan) -> float:
    """Likely volume that lies at the source, what is rebuilt included. [PB]"""
    held = sum(d.volume_tb.likely for d in plan.datasets.values() if d.at_source)
    return round(held * plan.drivers["volume"].factor.likely / 1000, 9)


def _qualified(value: float, plan: Plan, asked: Asked) -> dict:
    work = scaled(plan.tasks["B1"].work, value, "wd", _ASSUMED)
    return {"tasks": {"B1": {"id": "B1", "work": work}}}


def _efficiency(value: float, plan: Plan, asked: Asked) -> dict:
    """The driver's spread stays, cut where the link would carry more than it is."""
    part, factor = value / 100, plan.drivers["route_efficiency"].factor
    share = {"likely": part, "source": _ASSUMED, "grade": "D", "fact": ""}
    most = scaled(factor, factor.likely, "", _ASSUMED, most=1 / part)
    return {
        "routes": {"azure": {"usable_share": share}},
        "drivers": {"route_efficiency": {"id": "route_efficiency", "factor": most}},
    }


def _effort(value: float, plan: Plan, asked: Asked) -> dict:
    """What projects spend themselves follows the effort."""
    work, price = plan.waves["w1"].port.work, plan.rates["porting"].amount_eur
    cost = scaled(price, price.likely * value / work.likely, "", _ASSUMED)
    port = {"work": scaled(work, value, "wd", _ASSUMED)}
    return {
        "defaults": {"wave": {"port": port}},
        "rates": {"porting": {"id": "porting", "amount_eur": cost}},
    }


def _fees(value: float, plan: Plan, asked: Asked) -> dict:
    price = {"likely": value, "source": _ASSUMED, "grade": "D", "fact": ""}
    prices = [{"from": FREE_FROM, "amount_eur": price}]
    return {"rates": {"egress": {"id": "egress", "prices": prices}}}


def _finish(value: float, plan: Plan, asked: Asked) -> dict:
    return {"target": {"finish": (plan.start + timedelta(days=int(value))).isoformat()}}


def _strategy(plan: Plan) -> str:
    if "w2" not in plan.waves:
        return "one"
    return "five" if plan.waves["w2"].follows else "overlapping"


def _host(plan: Plan) -> str:
    name = plan.routes["azure"].name
    return (name.en if name else "").rpartition("→ ")[2].strip().lower() or "scaleway"


def _rule(plan: Plan) -> str:
    return "wait" if "B1" in {link.task for link in plan.routes["azure"].sensitive_after} else "go"


_WAVES = {
    "five": Choice("cinq vagues, l'une après l'autre", "five waves, one after the other"),
    "one": Choice("une seule bascule", "one single cutover", "big_bang"),
    "overlapping": Choice("vagues qui se chevauchent", "waves that overlap"),
}
_HOSTS = {
    "scaleway": Choice("Scaleway", "Scaleway"),
    "ovhcloud": Choice("OVHcloud (prix supposés)", "OVHcloud (guessed prices)", "ovhcloud"),
    "outscale": Choice("Outscale (prix supposés)", "Outscale (guessed prices)", "outscale"),
}
_RULES = {
    "go": Choice("copier avant la qualification", "copy ahead of the qualification"),
    "wait": Choice(
        "attendre la qualification", "wait for the qualification", "wait_for_qualification"
    ),
}
_NONE = ("", "")
_PERCENT = ("%", "%")

LEVERS: tuple[Lever, ...] = (
    Lever("waves", "lever", "Stratégie de vagues", "Wave strategy", _NONE, _strategy, choices=_WAVES),
    Lever(
        "link", "lever", "Débit souscrit", "Subscribed link", ("Gbit/s", "Gbit/s"),
        lambda p: p.routes["azure"].rate_gbps.likely, 1, 40, 1, (2, 5, 10, 20, 40), _link,
        known=lambda p: p.routes["azure"].rate_gbps,
    ),
    Lever(
        "dual", "lever", "Double hébergement par vague", "Dual running of a wave", ("j", "d"),
        lambda p: p.waves["w1"].dual_running.likely, 14, 112, 1, (30, 45, 75), _dual,
        known=lambda p: p.waves["w1"].dual_running,
    ),
    Lever(
        "team", "lever", "Équipe de portage", "Porting team", ("ETP", "FTE"),
        lambda p: float(p.resources["tool_developer"]), LEAST_TEAM, MOST_TEAM, 1, (), _team,
        known=lambda p: p.rates["tools_first"].amount_eur,
    ),
    Lever(
        "projects", "lever", "Projets portés (les autres sont clos)",
        "Projects ported (the others close)", _PERCENT,
        _ported_share, 30, 100, 1, (), _ported,
    ),
    Lever("rule", "lever", "Règle de démarrage", "Start rule", _NONE, _rule, choices=_RULES),
    Lever(
        "provision", "lever", "Provision", "Provision", _PERCENT,
        lambda p: 100 * p.allocations["provision"] / p.envelope_eur, 0, 30, 1, (), _money,
    ),
    Lever("host", "lever", "Hébergeur", "Host", _NONE, _host, choices=_HOSTS),
    Lever(
        "volume", "assumption", "Volume à quitter Azure", "Volume to leave Azure", ("Po", "PB"),
        platform_pb, 0.3, 25, 0.1, (0.9, 10, 20), _volume, known=lambda p: p.drivers["volume"].factor,
    ),
    Lever(
        "qualification", "assumption", "Qualification SecNumCloud, après l'attribution",
        "SecNumCloud qualification, after the award", ("j ouvrés", "working days"),
        lambda p: p.tasks["B1"].work.likely, 0, 400, 5, (), _qualified,
        known=lambda p: p.tasks["B1"].work,
    ),
    Lever(
        "efficiency", "assumption", "Efficacité de copie (utile sur souscrit)",
        "Copy efficiency (usable over subscribed)", _PERCENT,
        lambda p: round(100 * p.routes["azure"].usable_share.likely, 9), 20, 85, 1, (), _efficiency,
        known=lambda p: p.drivers["route_efficiency"].factor,
    ),
    Lever(
        "effort", "assumption", "Effort de réécriture par projet", "Porting effort of a project",
        ("j ouvrés", "working days"), lambda p: p.waves["w1"].port.work.likely, 1, 30, 1, (), _effort,
        known=lambda p: p.waves["w1"].port.work,
    ),
    Lever(
        "fees", "assumption", "Frais de sortie d'Azure dès 2027", "Azure exit fees from 2027",
        ("€/To", "EUR/TB"), lambda p: p.rates["egress"].prices[0].amount_eur.likely, 0, 80, 1, (),
        _fees, known=lambda p: p.rates["egress"].prices[0].amount_eur,
    ),
    Lever(
        "finish", "target", "Date cible", "Target date", ("j", "d"),
        lambda p: float((p.target.finish - p.start).days), 180, MOST_DAYS, 1, (), _finish,
    ),
    Lever(
        "envelope", "target", "Enveloppe", "Envelope", ("M€", "€M"),
        lambda p: p.envelope_eur / 1e6, 5, 60, 0.5, (), _money,
    ),
)  # fmt: skip
BY_KEY = {lever.key: lever for lever in LEVERS}


def target_date(plan: Plan, days: float) -> date:
    """Date of a target that is given in days from the start. [d]"""
    return plan.start + timedelta(days=int(days))
