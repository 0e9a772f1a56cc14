"""Sheets of money: lines against their allocations, what covers them, budget years, perimeters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hdhplan.budget import (
    PERIMETERS,
    PROVISION,
    by_year,
    cover,
    drawn_above_likely,
    measure,
    overrun_odds,
    perimeters,
    total_overrun_odds,
)
from hdhplan.wording.formats import BASIS
from hdhplan.wording.labels import capital, known
from hdhplan.wording.money import closings_sentence
from hdhplan.workbook.cells import FORMULA, INPUT, Column, Expr, Running, Sum
from hdhplan.workbook.contents import Contents
from hdhplan.workbook.sheet import Sheet

_QUANTILES = ("mean", "p50", "p80")


def costs_sheet(c: Contents, page: Any) -> None:
    """Write the cost by line, what covers overruns, the provision and the perimeters."""
    sheet = Sheet(
        c.book, page, c.say("Coûts : postes, provision, périmètres", "Costs: lines, provision, perimeters"),
        c.say(f"Montants en {c.book.money}. Les moyennes et le plan probable s'ajoutent ; les P50 et "
              "P80 d'une somme ne sont pas la somme des P50 et P80. ± : erreur type.",
              f"Amounts in {c.book.money}. Means and the likely plan add up; P50 and P80 of a sum "
              "are not the sum of P50s and P80s. ±: standard error."),
    )  # fmt: skip
    sheet.head(c.say("Coût par poste, dans l'enveloppe", "Cost by line, in the envelope"))
    sheet.table("T_Couts", list(_line_columns(c)), _line_rows(c), _line_total(c))
    _cover_table(c, sheet)
    _provision_table(c, sheet)
    sheet.head(c.say("Périmètres", "Perimeters"))
    columns = [
        Column("name", c.say("Périmètre", "Perimeter"), "note", 40),
        Column("likely", f"{c.say('Plan probable', 'Likely plan')} ({c.book.money})", "money", 13),
        *c.money_columns({"p10": "P10"} | _heads(c)),
        *_other_column(c, "p80_other", "P80"),
    ]
    rows = [
        {"name": c.quantity(PERIMETERS[name])[0], "likely": c.money(c.forecast.likely[PERIMETERS[name]]),
         "p80_other": c.converted("p80")} | c.spread("", found, ("p10", *_QUANTILES))
        for name, found in perimeters(c.forecast).items()
        if _priced(c, name)
    ]  # fmt: skip
    sheet.table("T_Perimetres", columns, rows)


def _priced(c: Contents, perimeter: str) -> bool:
    """Whether the plan has prices for a perimeter: without any it would be 0, which says nothing."""
    rates = c.plan.rates.values()
    asked = {"avoided": "avoided", "steady_month": "running"}.get(perimeter)
    return asked is None or any(getattr(rate, asked) for rate in rates)


def _heads(c: Contents) -> dict[str, str]:
    return {"mean": c.say("Moyenne", "Mean"), "p50": "P50", "p80": "P80"}


def _other_column(c: Contents, key: str, head: str) -> Iterator[Column]:
    """The same amount on the other VAT basis, where a rate is known."""
    if c.other_vat:
        yield Column(key, f"{head} ({c.book.unit_of(c.other_vat)})", "money", 13, FORMULA)


def _line_columns(c: Contents) -> Iterator[Column]:
    unit = c.book.money
    yield Column("name", c.say("Poste", "Line"), "note", 40)
    yield Column("allocated", f"{c.say('Alloué', 'Allocated')} ({unit})", "money", 13, INPUT)
    yield Column("likely", f"{c.say('Plan probable', 'Likely plan')} ({unit})", "money", 13)
    yield from c.money_columns(_heads(c))
    yield Column(
        "gap", f"{c.say('Alloué − P80', 'Allocated − P80')} ({unit})", "money", 13, FORMULA
    )
    yield from _other_column(c, "mean_other", c.say("Moyenne", "Mean"))
    yield from _other_column(c, "p80_other", "P80")
    yield from c.odds_columns("over", "Dépasse l'alloué", "Exceeds it")


def _line_rows(c: Contents) -> list[dict[str, Any]]:
    """Lines by their mean, then allocations of which nothing is spent by itself."""
    forecast, given, odds = c.forecast, c.plan.allocations, overrun_odds(c.forecast)
    rows = []
    for name in sorted(forecast.lines, key=lambda n: (-forecast.mean(f"line.{n}"), n)):
        row = {
            "name": capital(known(name, c.lang)), "allocated": c.money(given.get(name)),
            "likely": c.money(forecast.likely_lines.get(name, 0.0)),
        }  # fmt: skip
        row |= c.spread("", measure(forecast.lines[name]), _QUANTILES)
        rows.append(row | _derived(c) | c.odds("over", odds.get(name)))
        if name not in given:
            rows[-1].pop("gap")
    for name, eur in given.items():
        if name not in forecast.lines:
            rows.append({"name": capital(known(name, c.lang)), "allocated": c.money(eur)})
    return rows


def _derived(c: Contents) -> dict[str, Any]:
    return {
        "gap": Expr("-", "allocated", "p80"),
        "mean_other": c.converted("mean"),
        "p80_other": c.converted("p80"),
    }


def _line_total(c: Contents) -> dict[str, Any]:
    """Sums where amounts add up; quantiles of the whole as they came out."""
    found = c.spread("", measure(c.forecast.values["cost_eur"]), _QUANTILES)
    sums = {"allocated": Sum(), "likely": Sum(), "mean": Sum()}
    derived = _derived(c)
    if not c.plan.allocations:
        derived.pop("gap")
        sums.pop("allocated")
    odds = c.odds("over", total_overrun_odds(c.forecast))
    return {"name": "Total"} | found | sums | derived | odds


def _cover_table(c: Contents, sheet: Sheet) -> None:
    """What covers lines that exceed their allocations, in each draw; means add up."""
    found = cover(c.forecast)
    if found is None:
        return
    sheet.head(c.say("Ce qui couvre les dépassements de postes", "What covers overruns of lines"))
    names = {
        "transferred": c.say("Couvert par virement entre postes", "Covered by transfers"),
        "from_provision": c.say("Puis couvert par la provision", "Then covered by the provision"),
        "uncovered": c.say("Non couvert", "Uncovered"),
    }
    columns = [
        Column("name", c.say("Part", "Part"), "note", 40),
        *c.money_columns(_heads(c)),
        *c.odds_columns("any", "Arrive", "Happens"),
    ]
    measures = found.measures
    rows = [
        {"name": name} | c.spread("", measures[key], _QUANTILES) | c.odds("any", measures[key].odds)
        for key, name in names.items()
    ]
    total = c.spread("", measures["overrun"], _QUANTILES) | {"mean": Sum()}
    total |= {"name": c.say("Dépassement des postes", "Overrun of the lines")}
    sheet.table("T_Couverture", columns, rows, total | c.odds("any", measures["overrun"].odds))


def _provision_table(c: Contents, sheet: Sheet) -> None:
    """What is spent above the likely plan, as a share of the provision."""
    drawn = drawn_above_likely(c.forecast)
    if drawn is None:
        return
    unit = c.book.money
    sheet.head(
        c.say(
            "Provision : ce qui dépasse le plan probable",
            "Provision: what exceeds the likely plan",
        )
    )
    columns = [
        Column("name", c.say("Mesure", "Measure"), "note", 40),
        Column("whole", f"Provision ({unit})", "money", 13, INPUT),
        Column("drawn", f"{c.say('Consommé', 'Used')} ({unit})", "money", 13),
        Column("drawn_se", f"± {c.say('Consommé', 'Used')} ({unit})", "error", 12),
        Column("part", c.say("Part consommée (%)", "Share used (%)"), "share", 13, FORMULA),
        Column("left", f"{c.say('Reste', 'Left')} ({unit})", "money", 12, FORMULA),
    ]
    rows = [
        {
            "name": head, "whole": c.money(c.plan.allocations[PROVISION]),
            "drawn": c.money(getattr(drawn, key)), "drawn_se": c.money(drawn.se[key]),
            "part": Expr("/", "drawn", "whole"), "left": Expr("-", "whole", "drawn"),
        }
        for key, head in _heads(c).items()
    ]  # fmt: skip
    sheet.table("T_Provision", columns, rows)


def years_sheet(c: Contents, page: Any) -> None:
    """Write commitments and payments by budget year, and what is still to be paid."""
    size = len(next(iter(c.forecast.detail.values()), ()))
    sheet = Sheet(
        c.book, page, c.say("AE-CP : engagements et paiements par exercice",
                            "AE-CP: commitments and payments by budget year"),
        closings_sentence(c.plan, c.lang),
        c.say(f"Montants en {c.book.money}, sur les {size} premiers tirages ; les moyennes "
              "s'ajoutent. Reste à payer : AE cumulées − CP cumulés. ± : erreur type.",
              f"Amounts in {c.book.money}, over the first {size} draws; means add up. Still to be "
              "paid: cumulated AE − cumulated CP. ±: standard error."),
    )  # fmt: skip
    kinds = {kind: by_year(c.forecast, kind) for kind in ("ae", "cp")}
    rows = [_year_row(c, kinds, year) for year in c.forecast.years]
    whole = measure(c.forecast.by_year("cp").sum(axis=0)) if rows else None
    total: dict[str, Any] = {"year": "Total", "gap": Expr("-", "ae_mean", "cp_mean")}
    for kind in kinds if whole else ():
        total |= c.spread(f"{kind}_", whole, _QUANTILES)
        total |= {f"{kind}_mean": Sum(), f"{kind}_other": c.converted(f"{kind}_mean")}
    sheet.table("T_AE_CP", list(_year_columns(c)), rows, total, frozen=1)


def _year_columns(c: Contents) -> Iterator[Column]:
    unit, mean = c.book.money, c.say("moyenne", "mean")
    yield Column("year", c.say("Exercice", "Budget year"), "year", 11)
    for kind in ("ae", "cp"):
        heads = {"mean": mean, "p50": "P50", "p80": "P80"}
        yield from c.money_columns({f"{kind}_{k}": f"{kind.upper()} {h}" for k, h in heads.items()})
    yield Column("gap", f"AE − CP {mean} ({unit})", "money", 13, FORMULA)
    yield Column("ae_sum", f"{c.say('AE cumulées', 'AE cumulated')} ({unit})", "money", 13, FORMULA)
    yield Column("cp_sum", f"{c.say('CP cumulés', 'CP cumulated')} ({unit})", "money", 13, FORMULA)
    yield Column("due", f"{c.say('Reste à payer', 'Still to pay')} ({unit})", "money", 13, FORMULA)
    for kind in ("ae", "cp"):
        yield from _other_column(c, f"{kind}_other", f"{kind.upper()} {mean}")


def _year_row(c: Contents, kinds: dict, year: int) -> dict[str, Any]:
    row: dict[str, Any] = {"year": year}
    for kind, found in kinds.items():
        row |= c.spread(f"{kind}_", found[year], _QUANTILES)
        row |= {
            f"{kind}_sum": Running(f"{kind}_mean"),
            f"{kind}_other": c.converted(f"{kind}_mean"),
        }
    return row | {
        "gap": Expr("-", "ae_mean", "cp_mean"), "due": Expr("-", "ae_sum", "cp_sum")
    }  # fmt: skip


def vat_words(c: Contents) -> str:
    """How amounts go from one VAT basis to the other, in words."""
    if not c.other_vat:
        return c.say("Le plan ne donne pas de taux de TVA : rien n'est converti.",
                     "The plan gives no VAT rate: nothing is converted.")  # fmt: skip
    basis, other = (BASIS[c.lang][vat] for vat in (c.book.vat, c.other_vat))
    sign = "×" if c.other_vat == "TTC" else "÷"
    return f"{other} = {basis} {sign} (1 + Taux_TVA)"
