"""Sentences of copies: which is longest, whether all end, what a faster link would change."""

from __future__ import annotations

import math
from types import SimpleNamespace

from hdhplan.forecast import Forecast
from hdhplan.links import Links, OtherLink
from hdhplan.loads import Loads
from hdhplan.wording.formats import days, rate
from hdhplan.wording.labels import Template, goal_label, say, task_label
from hdhplan.wording.sentences import never_sentence
from hdhplan.wording.volumes import cheaper, earlier

LONGEST = (
    Template(lambda f: f.name is None, "Le plan ne copie aucune donnée.", "The plan copies no data."),
    Template(
        lambda f: math.isinf(f.p80),
        "La plus longue copie, « {name} », n'aboutit pas dans un tirage sur cinq ou plus.",
        "The longest copy, “{name}”, does not end in one draw in five or more.",
    ),
    Template(
        lambda f: math.isfinite(f.p80),
        "La plus longue copie, « {name} », dure {p50} (P50), {p80} (P80).",
        "The longest copy, “{name}”, takes {p50} (P50), {p80} (P80).",
    ),
)  # fmt: skip
ENDS = (
    Template(
        lambda f: f.never == 0,
        "Aucun tirage n'est sans fin : « {goal} » est atteint dans tous.",
        "No draw is endless: “{goal}” is reached in all.",
    ),
    Template(lambda f: f.never > 0, "", ""),
)
FASTER = (
    Template(
        lambda f: f.links is None,
        "Aucune donnée ne passe par un lien : il n'y a pas de débit à changer.",
        "No data goes over a link: there is no rate to change.",
    ),
    Template(
        lambda f: f.first is None,
        "Un lien plus rapide que {own} n'avance pas la date prudente (P80) au-delà des erreurs.",
        "A link faster than {own} does not bring the prudent date (P80) forward beyond error.",
    ),
    Template(
        lambda f: f.first is not None,
        "{rate} au lieu de {own} : date prudente (P80) {moved}, coût prudent {money}, au prix "
        "actuel du lien.",
        "{rate} instead of {own}: prudent date (P80) {moved}, prudent cost {money}, at the link's "
        "present price.",
    ),
)
ENOUGH = (
    Template(
        lambda f: f.enough is None or f.enough <= f.own,
        "", "",
    ),
    Template(
        lambda f: f.enough > f.own,
        "Au-delà de {enough}, la date prudente (P80) ne bouge plus : autre chose limite.",
        "Beyond {enough} the prudent date (P80) moves no more: something else limits.",
    ),
)  # fmt: skip


def transfer_sentences(
    loads: Loads, forecast: Forecast, links: Links | None, lang: str
) -> list[str]:
    """Say which copy is longest, whether all draws end, and what a faster link would change."""
    plan = forecast.plan
    spreads = {name: loads.copy(name) for name in loads.copy_days}
    name = max(spreads, key=lambda k: spreads[k].p50, default=None)
    found = spreads.get(name)
    longest = SimpleNamespace(name=name, p80=found.p80 if found else 0.0)
    words = {"name": task_label(plan, f"{name}.copy", lang)} if found else {}
    for p in (0.5, 0.8) if found else ():
        words[f"p{p * 100:.0f}"] = days(*found.at(p)[:1], lang)
    never = SimpleNamespace(never=forecast.share_never("finish_day"))
    said = [
        say(LONGEST, longest, lang, **words),
        say(ENDS, never, lang, goal=goal_label(plan, lang)) or never_sentence(forecast, lang),
    ]
    return [*filter(None, said), *_faster(forecast, links, lang)]


def _faster(forecast: Forecast, links: Links | None, lang: str) -> list[str]:
    f = SimpleNamespace(links=links, first=None)
    if links is None:
        return [say(FASTER, f, lang)]
    f.first, f.own, f.enough = first_faster(links), links.own_gbps, links.enough
    words = {"own": rate(links.own_gbps, lang), "enough": rate(f.enough or 0.0, lang)}
    if f.first is not None:
        target = forecast.plan.target
        words |= {
            "rate": rate(f.first.rate_gbps, lang),
            "moved": earlier(f.first.finish, lang),
            "money": cheaper(f.first.cost, lang, target.vat if target else None),
        }
    said = [say(FASTER, f, lang, **words), say(ENOUGH, f, lang, **words) if f.first else ""]
    return [*filter(None, said)]


def first_faster(links: Links) -> OtherLink | None:
    """The lowest rate above the plan's own that clearly brings the P80 date forward."""
    faster = (o for o in links.others if o.rate_gbps > links.own_gbps and o.finish is not None)
    return next((o for o in faster if o.finish.clear and o.finish.value < 0), None)
