"""What plans have in common, so that they may be compared; and which may be called best."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from hdhplan.differing import causes
from hdhplan.plan import Plan
from hdhplan.quantities import Bilingual

#: What scenarios are judged by: the quantity, or what is held, and whether less of it is better.
CRITERIA = {
    "p_all": ("p_all", False),
    "p_both": ("p_both", False),
    "p_date": ("p_date", False),
    "p_budget": ("p_budget", False),
    "p_continuity": ("p_continuity", False),
    "finish_p80": ("finish_day", True),
    "cost_p80": ("cost_eur", True),
    "exposure_p80": ("exposure_pb_days", True),
    "project_days_p80": ("project_days_interrupted", True),
    "tools_p80": ("projects_without_tool", True),
    "share_never": ("finish_day", True),
}
ODDS = ("p_all", "p_both", "p_date", "p_budget", "p_continuity")
#: Criteria that rest on prices.
PRICED = ("p_all", "p_both", "p_budget", "cost_p80")


def comparable(plans: Sequence[Plan]) -> tuple[str, ...]:
    """Criteria that mean the same in all plans: one milestone, one date, one amount, one basis."""
    asked = [_asked(plan) for plan in plans]
    one = {key: len({a[key] for a in asked}) == 1 for key in asked[0]}
    has = {key: all(a[key] is not None for a in asked) for key in asked[0]}
    date = one["milestone"] and one["finish"] and has["finish"]
    money = one["vat"] and one["cost_eur"] and has["cost_eur"]
    unbroken = one["critical_limit"] and has["critical_limit"]
    means = dict.fromkeys(CRITERIA, True) | {
        "p_all": date and money and unbroken,
        "p_continuity": unbroken,
        "tools_p80": all(any(c.is_open for c in p.capabilities.values()) for p in plans),
        "p_both": date and money,
        "p_date": date,
        "p_budget": money,
        "cost_p80": one["vat"],
    }
    return tuple(name for name in CRITERIA if one["milestone"] and means[name])


def _asked(plan: Plan) -> dict:
    keys = ("milestone", "finish", "cost_eur", "vat")
    asked = {key: getattr(plan.target, key) if plan.target else None for key in keys}
    limit = plan.target.critical_limit if plan.target else None
    return asked | {"critical_limit": limit.likely if limit else None}


def not_comparable(names: Sequence[str], plans: Sequence[Plan]) -> Iterator[Bilingual]:
    """What the plans do not have in common, and what is therefore not compared."""
    asked = [_asked(plan) for plan in plans]
    words = {
        "milestone": ("jalons", "milestones", "rien ne se compare", "nothing compares"),
        "finish": ("dates cibles", "target dates", "les chances de la date ne se comparent pas",
                   "the odds of the date do not compare"),
        "cost_eur": ("montants cibles", "target amounts",
                     "les chances du budget ne se comparent pas",
                     "the odds of the budget do not compare"),
        "critical_limit": ("limites de continuité (jours)", "limits of continuity (days)",
                           "les chances de la continuité ne se comparent pas",
                           "the odds of continuity do not compare"),
        "vat": ("bases de TVA", "VAT bases", "ni coûts ni chances du budget ne se comparent",
                "neither costs nor odds of the budget compare"),
    }  # fmt: skip
    for key, (fr, en, so, thus) in words.items():
        if len({a[key] for a in asked}) > 1:
            said = ", ".join(f"{n}: {_shown(a[key])}" for n, a in zip(names, asked, strict=True))
            yield Bilingual(
                fr=f"{fr} différents ({said}) : {so}", en=f"different {en} ({said}): {thus}"
            )


def _shown(value: Any) -> str:
    return f"{value:,.0f}".replace(",", " ") if isinstance(value, float) else str(value or "–")


def guesses(plans: Sequence[Plan]) -> list[tuple[str, ...]]:
    """Prices of each plan that are guesses: of grade D where another, of the same end, knows better."""
    known = {
        (name, _asked(plan)["milestone"])
        for plan in plans
        for name, rate in plan.rates.items()
        if rate.amount_eur.grade in ("A", "B", "C")
    }
    return [
        tuple(
            name
            for name, rate in plan.rates.items()
            if (name, _asked(plan)["milestone"]) in known and rate.amount_eur.grade == "D"
        )
        for plan in plans
    ]


def assumed(reference: Plan, plan: Plan) -> bool:
    """Whether a plan differs only by drivers, and not only by those that we can act on."""
    found = causes([reference, plan])
    if not found or not all(cause.startswith("drivers.") for cause in found):
        return False
    drivers = [p.drivers.get(c.split(".")[1]) for c in found for p in (reference, plan)]
    return not all(driver.lever for driver in drivers if driver)


def caveats(
    names: Sequence[str], guessed: Sequence[tuple[str, ...]], worlds: Sequence[bool]
) -> Iterator[Bilingual]:
    """Scenarios that are never called best, and why."""
    for name, prices, world in zip(names, guessed, worlds, strict=True):
        if prices:
            which = ", ".join(prices)
            yield Bilingual(
                fr=f"{name} : prix supposés ({which}), jamais dit le meilleur sur les coûts",
                en=f"{name}: guessed prices ({which}), never called best on costs",
            )
        if world:
            yield Bilingual(
                fr=f"{name} : une autre hypothèse, pas une décision ; jamais dit le meilleur",
                en=f"{name}: another assumption, not a decision; never called best",
            )
