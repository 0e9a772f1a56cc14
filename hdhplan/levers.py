"""What the explorer lets people move: decisions apart from assumptions, each as a change of a plan file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from hdhplan.lever_changes import (
    Asked,
    Span,
    dual,
    efficiency,
    efficiency_span,
    effort,
    effort_span,
    fees,
    fees_span,
    finish,
    frozen,
    frozen_share,
    link,
    money,
    platform_pb,
    ported,
    ported_share,
    qualified,
    qualified_span,
    team,
    volume,
    volume_span,
)
from hdhplan.plan import Plan
from hdhplan.quantities import Range

#: What people decide, what nobody knows yet, and what is asked of the plan.
Group = Literal["lever", "assumption", "target"]
#: Least porting team: tool development seizes three at a time.
LEAST_TEAM, MOST_TEAM = 3, 15
#: Farthest target date, from the start of the plan. [d]
MOST_DAYS = 2_000


@dataclass(frozen=True)
class Choice:
    """One of the ways to decide: its name, and the scenario files whose changes it takes over.

    ``takes`` names scenarios, whole or some paths of one: ``accelerated:waves,rates.compute.on``.
    """

    fr: str
    en: str
    takes: tuple[str, ...] = ()


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
    span
        Low, likely and high of what nobody knows: an assumption may be moved as one.
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
    change: Callable[[Any, Plan, Asked], dict] | None = None
    choices: dict[str, Choice] | None = None
    known: Callable[[Plan], Range] | None = None
    span: Callable[[Plan], Span] | None = None

    def name(self, lang: str) -> str:
        """Name in a language."""
        return self.en if lang == "en" else self.fr


def _strategy(plan: Plan) -> str:
    if "w2" not in plan.waves:
        return "one"
    way = "five" if plan.waves["w2"].follows else "overlapping"
    if plan.waves["w1"].cutover.mode == "dual_write":
        return f"{way}_dual"
    again = plan.waves["w1"].rehearsal
    return f"{way}_rehearsed" if again and again.work.count > 1 else way


def _host(plan: Plan) -> str:
    name = plan.routes["azure"].name
    return (name.en if name else "").rpartition("→ ")[2].strip().lower() or "scaleway"


def _rule(plan: Plan) -> str:
    return "wait" if "B1" in {link.task for link in plan.routes["azure"].sensitive_after} else "go"


_OVERLAP = "accelerated:defaults,waves,tasks,rates.interconnect.on,rates.compute.on,rates.azure_dual_running.on"
_AGAIN = "zero_interruption:defaults.wave.rehearsal,defaults.wave.cutover.dual_write"
_WAVES = {
    "five": Choice("cinq vagues, l'une après l'autre", "five waves, one after the other"),
    "five_rehearsed": Choice(
        "cinq vagues, chacune répétée deux fois", "five waves, each rehearsed twice", (_AGAIN,)
    ),
    "five_dual": Choice(
        "cinq vagues, double écriture pour tous", "five waves, dual write for all",
        (_AGAIN, "zero_interruption:defaults.wave.cutover"),
    ),
    "overlapping": Choice("vagues qui se chevauchent", "waves that overlap", (_OVERLAP,)),
    "overlapping_rehearsed": Choice(
        "vagues qui se chevauchent, répétées deux fois", "waves that overlap, rehearsed twice",
        (_OVERLAP, _AGAIN),
    ),
    "one": Choice("une seule bascule", "one single cutover", ("big_bang",)),
}  # fmt: skip
_HOSTS = {
    "scaleway": Choice("Scaleway", "Scaleway"),
    "ovhcloud": Choice("OVHcloud (prix supposés)", "OVHcloud (guessed prices)", ("ovhcloud",)),
    "outscale": Choice("Outscale (prix supposés)", "Outscale (guessed prices)", ("outscale",)),
}
_RULES = {
    "go": Choice("copier avant la qualification", "copy ahead of the qualification"),
    "wait": Choice(
        "attendre la qualification", "wait for the qualification", ("wait_for_qualification",)
    ),
}
_NONE = ("", "")
_PERCENT = ("%", "%")

LEVERS: tuple[Lever, ...] = (
    Lever(
        "waves", "lever", "Stratégie de vagues", "Wave strategy", _NONE, _strategy, choices=_WAVES,
        known=lambda p: p.waves["w1"].cutover.dual_write,
    ),
    Lever(
        "link", "lever", "Débit souscrit", "Subscribed link", ("Gbit/s", "Gbit/s"),
        lambda p: p.routes["azure"].rate_gbps.likely, 1, 40, 1, (2, 5, 10, 20, 40), link,
        known=lambda p: p.routes["azure"].rate_gbps,
    ),
    Lever(
        "dual", "lever", "Double hébergement par vague", "Dual running of a wave", ("j", "d"),
        lambda p: p.waves["w1"].dual_running.likely, 14, 112, 1, (30, 45, 75), dual,
        known=lambda p: p.waves["w1"].dual_running,
    ),
    Lever(
        "team", "lever", "Équipe de portage", "Porting team", ("ETP", "FTE"),
        lambda p: float(p.resources["tool_developer"]), LEAST_TEAM, MOST_TEAM, 1, (3, 6, 9, 12),
        team, known=lambda p: p.rates["tools_first"].amount_eur,
    ),
    Lever(
        "projects", "lever", "Projets portés", "Projects ported", _PERCENT, ported_share,
        30, 100, 1, (50, 80), ported, known=lambda p: p.rates["porting"].amount_eur,
    ),
    Lever(
        "frozen", "lever", "Projets gelés", "Projects frozen", _PERCENT, frozen_share,
        0, 70, 1, (), frozen, known=lambda p: p.rates["porting"].amount_eur,
    ),
    Lever(
        "rule", "lever", "Règle de démarrage", "Start rule", _NONE, _rule, choices=_RULES,
        known=lambda p: p.tasks["B1"].work,
    ),
    Lever(
        "host", "lever", "Hébergeur", "Host", _NONE, _host, choices=_HOSTS,
        known=lambda p: p.rates["storage"].amount_eur,
    ),
    Lever(
        "volume", "assumption", "Volume à quitter Azure", "Volume to leave Azure", ("Po", "PB"),
        platform_pb, 0.3, 25, 0.1, (0.9, 10, 20), volume,
        known=lambda p: p.drivers["volume"].factor, span=volume_span,
    ),
    Lever(
        "qualification", "assumption", "Qualification SecNumCloud, après l'attribution",
        "SecNumCloud qualification, after the award", ("j ouvrés", "working days"),
        lambda p: p.tasks["B1"].work.likely, 0, 400, 5, (), qualified,
        known=lambda p: p.tasks["B1"].work, span=qualified_span,
    ),
    Lever(
        "efficiency", "assumption", "Efficacité de copie (utile sur souscrit)",
        "Copy efficiency (usable over subscribed)", _PERCENT,
        lambda p: round(100 * p.routes["azure"].usable_share.likely, 9), 20, 85, 1, (),
        efficiency, known=lambda p: p.drivers["route_efficiency"].factor,
        span=efficiency_span,
    ),
    Lever(
        "effort", "assumption", "Effort de réécriture par projet", "Porting effort of a project",
        ("j ouvrés", "working days"), lambda p: p.waves["w1"].port.work.likely, 1, 30, 1, (),
        effort, known=lambda p: p.waves["w1"].port.work, span=effort_span,
    ),
    Lever(
        "fees", "assumption", "Frais de sortie d'Azure dès 2027", "Azure exit fees from 2027",
        ("€/To", "EUR/TB"), lambda p: p.rates["egress"].prices[0].amount_eur.likely, 0, 80, 1, (),
        fees, known=lambda p: p.rates["egress"].prices[0].amount_eur, span=fees_span,
    ),
    Lever(
        "finish", "target", "Date cible", "Target date", ("j", "d"),
        lambda p: float((p.target.finish - p.start).days), 180, MOST_DAYS, 1, (), finish,
    ),
    Lever(
        "envelope", "target", "Enveloppe", "Envelope", ("M€", "€M"),
        lambda p: p.envelope_eur / 1e6, 5, 60, 0.5, (), money,
    ),
    Lever(
        "provision", "lever", "Provision, part de l'enveloppe", "Provision, share of the envelope",
        _PERCENT, lambda p: 100 * p.allocations["provision"] / p.envelope_eur, 0, 30, 1, (),
        money, known=lambda p: p.drivers["outside_view_cost"].factor,
    ),
)  # fmt: skip
BY_KEY = {lever.key: lever for lever in LEVERS}
#: Levers that share one control: what is ported, what is frozen, and the rest is closed.
TOGETHER = {"projects": "frozen", "frozen": "projects"}
