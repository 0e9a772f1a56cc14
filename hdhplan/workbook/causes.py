"""Sheets of causes: what drives date and cost, and every assumption with its source."""

from __future__ import annotations

from datetime import date
from typing import Any

from hdhplan.plan import Driver
from hdhplan.quantities import Range, shown_points
from hdhplan.sensitivity import DriverEffect
from hdhplan.wording.conditions import UNITS, with_unit
from hdhplan.wording.formats import label, number
from hdhplan.wording.labels import field_label
from hdhplan.workbook.cells import FORMULA, INPUT, As, Column, Expr, long_text, name_text
from hdhplan.workbook.contents import Contents
from hdhplan.workbook.sheet import Sheet

_LAWS = {
    "pert": "PERT", "triangular": ("triangulaire", "triangular"), "uniform": ("uniforme", "uniform"),
    "lognormal": ("lognormale", "lognormal"), "fixed": ("certaine", "certain"),
    "choice": ("choix", "choice"),
}  # fmt: skip
_MOST_NAMED = 12
#: Units that the name of a field says.
_ENDINGS = {
    "_eur": ("€", "€"), "_tb": ("To", "TB"), "_gbps": ("Gbit/s", "Gbit/s"), "_mb": ("Mo", "MB"),
    "_tb_per_day": ("To/j", "TB/d"), "_tb_per_year": ("To/an", "TB/year"),
    "_share": ("part de 1", "share of 1"), "factor": ("facteur", "factor"),
    "objects": ("objets", "objects"),
}  # fmt: skip


def risks_sheet(c: Contents, page: Any) -> None:
    """Write every driver with its odds, its effect, and what date and cost gain without it."""
    sheet = Sheet(
        c.book, page, c.say("Risques : facteurs et leviers", "Risks: drivers and levers"),
        c.say("Effet : le plan avec le facteur moins le même plan sans lui, sur les mêmes tirages "
              f"({c.study.draws}). Positif : il retarde ou renchérit. Les effets ne s'ajoutent pas.",
              "Effect: the plan with the driver less the same plan without it, on the same draws "
              f"({c.study.draws}). Positive: later or dearer. Effects do not add up."),
    )  # fmt: skip
    days = c.say("j", "d")
    columns = [
        Column("id", c.say("Repère", "Id"), "code", 18, INPUT),
        Column("name", c.say("Facteur", "Driver"), "note", 36, INPUT),
        Column("p", c.say("Probabilité (%)", "Probability (%)"), "share", 11, INPUT),
        Column("p_20", c.say("Chances", "Chances"), "twenty", 12, FORMULA),
        Column("effect", c.say("Effet (bas / probable / haut)", "Effect (low / likely / high)"),
               "note", 30, INPUT),
        Column("on", c.say("Agit sur", "Acts on"), "note", 30, INPUT),
        Column("finish", c.say(f"Effet sur la date P80 ({days})", f"Effect on P80 date ({days})"),
               "days", 12),
        Column("finish_se", c.say(f"± date ({days})", f"± date ({days})"), "days", 9),
        Column("cost", c.say(f"Effet sur le coût P80 ({c.book.money})",
                             f"Effect on P80 cost ({c.book.money})"), "money", 13),
        Column("cost_se", c.say(f"± coût ({c.book.money})", f"± cost ({c.book.money})"), "error", 11),
        Column("both", c.say("Chances sur 20 gagnées sans lui", "Chances in 20 gained without it"),
               "gain", 12),
        Column("lever", c.say("Levier", "Lever"), "text", 9, INPUT),
        Column("grade", c.say("Preuve", "Evidence"), "text", 9, INPUT),
        Column("ask", c.say("À demander à", "Whom to ask"), "note", 28, INPUT),
        Column("source", c.say("Source", "Source"), "note", 40, INPUT),
    ]  # fmt: skip
    effects = {effect.id: effect for effect in c.study.drivers}
    names = [*effects, *(k for k in c.plan.drivers if k not in effects)]
    rows = [_driver_row(c, c.plan.drivers[k], effects.get(k)) for k in names]
    sheet.table("T_Risques", columns, rows, frozen=2)


def _driver_row(c: Contents, driver: Driver, effect: DriverEffect | None) -> dict[str, Any]:
    quantity = driver.factor or driver.delay or driver.cost
    ask = driver.ask or (quantity.ask if quantity else None) or c.plan.ask
    source = driver.source or (quantity.source if quantity else "") or c.plan.judgement
    row = {
        "id": name_text(driver.id), "name": name_text(driver.name.in_(c.lang) if driver.name else ""),
        "p": driver.p, "p_20": Expr("*", 20.0, "p") if 0 < driver.p < 1 else None, "effect": _effect(c, driver),
        "on": _on(c, driver), "lever": driver.lever, "ask": long_text(ask.in_(c.lang) if ask else ""),
        "grade": driver.grade or (quantity.grade if quantity else "") or "D",
        "source": long_text(source),
    }  # fmt: skip
    if effect is None:
        return row
    both = None if effect.p_both is None else 20 * effect.p_both
    return row | {
        "finish": effect.finish_days, "finish_se": effect.finish_se, "cost": c.money(effect.cost_eur),
        "cost_se": c.money(effect.cost_se), "both": both,
    }  # fmt: skip


def _effect(c: Contents, driver: Driver) -> str:
    """What a driver does, in words and in numbers."""
    kinds = (
        (driver.factor, c.say("facteur", "factor"), ""),
        (driver.delay, c.say("retard", "delay"), ""),
        (driver.cost, c.say("coût", "cost"), "EUR"),
    )
    said = [f"{word} {_points(c, quantity, unit)}" for quantity, word, unit in kinds if quantity]
    said += [f"{label(k)} ≤ {_plain(v, c.lang)}" for k, v in driver.limit.items()]
    return ", ".join(said) or c.say("active une branche", "switches a branch on")


def _points(c: Contents, quantity: Range, unit: str) -> str:
    shown = " / ".join(shown_points(quantity, lambda x: _plain(x, c.lang)))
    return with_unit(shown, quantity.unit or unit, c.lang)


def _plain(value: float, lang: str) -> str:
    """A number with as many decimals as it has, six at most."""
    return number(value, lang, len(f"{value:.6f}".rstrip("0").partition(".")[2]))


def _on(c: Contents, driver: Driver) -> str:
    on = [
        name_text(k) + (f" × {_plain(v, c.lang)}" if v != 1 else "") for k, v in driver.on.items()
    ]
    more = len(on) - _MOST_NAMED
    shown = ", ".join(on[:_MOST_NAMED])
    return shown + (c.say(f", et {more} de plus", f", and {more} more") if more > 0 else "")


def assumptions_sheet(c: Contents, page: Any) -> None:
    """Write every quantity of the plan with its range, law, source and who could make it surer."""
    sheet = Sheet(
        c.book, page, c.say("Hypothèses : chaque valeur du plan", "Assumptions: every value of the plan"),
        c.say("Rang : par où commencer à vérifier (effet sur les chances × faiblesse de la preuve). "
              "Sources et remarques dans la langue où elles ont été saisies.",
              "Rank: where to begin checking (effect on the odds × weakness of the evidence). "
              "Sources and remarks in the language in which they were entered."),
    )  # fmt: skip
    columns = [
        Column("path", c.say("Chemin dans le plan", "Path in the plan"), "code", 34, INPUT),
        Column("name", c.say("Nom", "Name"), "note", 36, INPUT),
        Column("low", c.say("Bas", "Low"), "any", 12, INPUT),
        Column("likely", c.say("Probable", "Likely"), "any", 12, INPUT),
        Column("high", c.say("Haut", "High"), "any", 12, INPUT),
        Column("unit", c.say("Unité", "Unit"), "text", 12, INPUT),
        Column("spread", c.say("Haut ÷ probable", "High ÷ likely"), "number2", 10, FORMULA),
        Column("law", c.say("Loi", "Law"), "text", 12, INPUT),
        Column("count", c.say("Tirages sommés", "Draws summed"), "whole", 9, INPUT),
        Column("rank", c.say("Rang à vérifier", "Rank to check"), "whole", 9),
        Column("grade", c.say("Preuve", "Evidence"), "text", 9, INPUT),
        Column("fact", c.say("Fait", "Fact"), "code", 20, INPUT),
        Column("source", c.say("Source", "Source"), "note", 44, INPUT),
        Column("ask", c.say("À demander à", "Whom to ask"), "note", 28, INPUT),
        Column("note", c.say("Remarque", "Remark"), "note", 40, INPUT),
    ]
    checks = {check.path: (i, check) for i, check in enumerate(c.study.checks, 1)}
    rows = [_range_row(c, path, quantity, checks) for path, quantity in c.plan.ranges()]
    sheet.table("T_Hypotheses", columns, rows, frozen=2)


def _range_row(c: Contents, path: str, quantity: Range, checks: dict) -> dict[str, Any]:
    dated = quantity.unit == "date"
    points = {k: getattr(quantity, k) for k in ("low", "likely", "high")}
    if dated:
        points = {k: As(date.fromordinal(round(x)), "date") for k, x in points.items()}
    rank, _ = checks.get(path, (None, None))
    law = _LAWS[quantity.probability_law.kind]
    ask = quantity.ask or getattr(_thing(c, path), "ask", None) or c.plan.ask
    return points | {
        "path": name_text(path), "name": _named(c, path), "unit": _unit(c, path, quantity),
        "spread": Expr("/", "high", "likely") if not dated and quantity.low < quantity.high else None,
        "law": law if isinstance(law, str) else c.say(*law), "count": quantity.count,
        "rank": rank, "grade": quantity.grade, "fact": name_text(quantity.fact),
        "source": long_text(quantity.source), "note": long_text(quantity.note),
        "ask": long_text(ask.in_(c.lang) if ask and not quantity.bare else ""),
    }  # fmt: skip


def _thing(c: Contents, path: str) -> Any:
    part, _, rest = path.partition(".")
    things = getattr(c.plan, part, None)
    return things.get(rest.split(".")[0]) if isinstance(things, dict) else None


def _named(c: Contents, path: str) -> str:
    """Name of the thing that a quantity belongs to, and which of its quantities it is."""
    name = getattr(_thing(c, path), "name", None)
    field = field_label(path, c.lang)
    return (
        label(name.in_(c.lang), 120) + (f" ({label(field)})" if field else "")
        if name
        else label(field)
    )


def _unit(c: Contents, path: str, quantity: Range) -> str:
    """Unit of a quantity: its own, or the one that the name of its field says."""
    field = path.rsplit(".", 1)[-1]
    said = next((words for end, words in _ENDINGS.items() if field.endswith(end)), ("", ""))
    shown = c.say(*(UNITS.get(quantity.unit, (quantity.unit,) * 2) if quantity.unit else said))
    rate = _thing(c, path) if path.startswith("rates.") else None
    if rate is not None and field == "amount_eur":
        return " ".join(filter(None, (shown, rate.vat or c.book.vat, "/", rate.per)))
    return shown
