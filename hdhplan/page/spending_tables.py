"""Tables of spending as of a date: lines with what is committed, paid and to go; years so far."""

from __future__ import annotations

from markupsafe import Markup

from hdhplan.budget import by_year, measure, years_shown
from hdhplan.forecast import Forecast
from hdhplan.page.money_tables import amount_cells, money_unit_of
from hdhplan.page.sections import table
from hdhplan.page.tables import millions
from hdhplan.rates import PROVISION
from hdhplan.spending import TOTAL, LineSpending, spending, years_so_far
from hdhplan.wording.formats import date_short, pick
from hdhplan.wording.labels import capital, known


def spending_table(forecast: Forecast, lang: str) -> Markup:
    """Each line and their sum: allocated, committed, paid up to when, still to pay, in all."""
    found = spending(forecast)
    if not found:
        return Markup("")
    unit = money_unit_of(forecast.plan, lang)
    rows = [_line_row(line, lang) for line in found]
    if (provision := forecast.plan.allocations.get(PROVISION)) is not None:
        name = capital(known(PROVISION, lang))
        rows.insert(-1, (name, millions(provision, lang), *["–"] * 7))
    caption = pick(
        lang,
        f"Ligne budgétaire : alloué, engagé, payé, reste à payer, en {unit}",
        f"Budget line: allocated, committed, paid, still to pay, in {unit}",
    )
    heads = pick(
        lang,
        (
            "Alloué",
            "Engagé (AE)",
            "Payé (CP)",
            "Reste à payer P50",
            "Reste à payer P80",
            "En tout P50",
            "En tout P80",
        ),
        (
            "Allocated",
            "Committed (AE)",
            "Paid (CP)",
            "Still to pay P50",
            "Still to pay P80",
            "In all P50",
            "In all P80",
        ),
    )
    numbers = [f"#{head} ({unit})" for head in heads]
    until = pick(lang, "Dernier paiement", "Last payment")
    columns = (pick(lang, "Poste", "Line"), *numbers[:3], until, *numbers[3:])
    return table(caption, columns, rows, total=True)


def _line_row(line: LineSpending, lang: str) -> tuple:
    name = "Total" if line.name == TOTAL else capital(known(line.name, lang))
    until = date_short(line.paid_until, lang) if line.paid_until else "–"
    return (
        name, millions(line.allocated, lang), millions(line.committed, lang),
        millions(line.paid, lang), until if line.name != TOTAL else "",
        *amount_cells(line.to_pay, lang, ("p50", "p80")),
        *amount_cells(line.whole, lang, ("p50", "p80")),
    )  # fmt: skip


def spending_years_table(forecast: Forecast, lang: str) -> Markup:
    """Commitments and payments by budget year: so far, and at the end of the year; means add up."""
    so_far = {year.year: year for year in years_so_far(forecast)}
    shown = years_shown(forecast)
    if not so_far or not shown:
        return Markup("")
    unit = money_unit_of(forecast.plan, lang)
    kinds = {"ae": "committed", "cp": "paid"}
    rows = []
    for year in shown:
        cells: list = [str(year)]
        for kind, field in kinds.items():
            cells.append(millions(getattr(so_far[year], field) if year in so_far else 0.0, lang))
            cells += amount_cells(by_year(forecast, kind)[year], lang, ("mean", "p80"))
        rows.append(tuple(cells))
    sums = [
        millions(sum(getattr(y, field) for y in so_far.values()), lang) for field in kinds.values()
    ]
    whole = amount_cells(measure(forecast.by_year("cp").sum(axis=0)), lang, ("mean", "p80"))
    rows.append(("Total", sums[0], *whole, sums[1], *whole))
    caption = pick(
        lang,
        f"Exercices : engagé et payé à date, puis à la fin de l'exercice, en {unit}",
        f"Budget years: committed and paid so far, then by the end of the year, in {unit}",
    )
    heads = pick(
        lang,
        ("à date", "en fin, moyenne", "en fin, P80"),
        ("so far", "in all, mean", "in all, P80"),
    )
    columns = [f"#{kind} {head} ({unit})" for kind in ("AE", "CP") for head in heads]
    return table(caption, (pick(lang, "Exercice", "Budget year"), *columns), rows, total=True)
