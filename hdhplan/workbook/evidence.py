"""Sheets that back the others: scenarios side by side, all quantiles, the facts behind."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from hdhplan.forecast import PROBABILITIES
from hdhplan.page.claims import claim_text, used_facts
from hdhplan.wording.choices import named
from hdhplan.wording.formats import BASIS
from hdhplan.workbook.cells import FORMULA, INPUT, As, Column, Expr, long_text, name_text
from hdhplan.workbook.contents import Contents
from hdhplan.workbook.sheet import Sheet

_ODDS = {
    "date": ("Date", "Date"), "budget": ("Montant", "Amount"), "both": ("Les deux", "Both"),
    "continuity": ("Continuité", "Continuity"), "all": ("Tout", "All"),
}  # fmt: skip

_BESIDE = {
    "exposure": ("Lisible sous droit extra-européen, P80", "Readable under foreign law, P80",
                 "Po·j", "PB·d"),
    "project_days": ("Projets interrompus, P80", "Projects interrupted, P80",
                     "j·projets", "project-days"),
    "projects_without_tool": ("Projets sans équivalent d'un outil, P80", "Projects without a tool, P80",
                              "projets", "projects"),
}  # fmt: skip


def scenarios_sheet(c: Contents, page: Any) -> None:
    """Write the decision table: scenarios on common draws; then what differs between them."""
    rows = c.comparison.rows
    warned = [long_text(warning.in_(c.lang)) for warning in c.comparison.warnings]
    sheet = Sheet(
        c.book, page, c.say("Scénarios : table de décision", "Scenarios: decision table"),
        c.say("Mêmes tirages pour tous ; écarts au premier, la référence. ± : erreur type.",
              "Common draws for all; gaps to the first, the reference. ±: standard error.")
        if len(rows) > 1
        else c.say("Un seul scénario : en ajouter par --compare NOM.",
                   "One scenario only: add others with --compare NAME."),
        *warned,
    )  # fmt: skip
    columns = [
        Column("name", c.say("Mesure", "Measure"), "note", 36),
        Column("unit", c.say("Unité", "Unit"), "text", 14),
    ]
    for i, name in enumerate(c.comparison.names):
        # A plan's name is harmless; its number makes heads differ whatever their letters.
        columns.append(Column(f"v{i}", f"{i + 1}. {name}", "note", 24))
        columns.append(Column(f"se{i}", f"± {i + 1}.", "any", 10))
    sheet.table("T_Scenarios", columns, list(_decision_rows(c)), frozen=1)
    if len(rows) > 1:
        _differences(c, sheet)


def _decision_rows(c: Contents) -> Iterator[dict[str, Any]]:
    """One row a measure: who, when, for how much, how surely, at what cost to others."""
    rows, day, days = c.comparison.rows, c.say("date", "date"), c.say("j", "d")
    bases = [plan.target.vat if plan.target else None for plan in c.comparison.plans]

    def across(fr: str, en: str, unit: str, cells: list[tuple[Any, Any]]) -> dict[str, Any]:
        row: dict[str, Any] = {"name": c.say(fr, en), "unit": unit}
        for i, (value, error) in enumerate(cells):
            row |= {f"v{i}": value, f"se{i}": error}
        return row

    titles = [named(c.comparison, row.name, c.lang) for row in rows]
    yield across("Scénario", "Scenario", "", [(As(name_text(t), role=INPUT), None) for t in titles])
    yield across("À savoir", "To be known", "", [(_notes(c, i), None) for i in range(len(rows))])
    shown = [BASIS[c.lang].get(vat or "") for vat in bases]
    yield across("Base de TVA", "VAT basis", "", [(As(vat, role=INPUT), None) for vat in shown])
    for k, p in enumerate(("P50", "P80")):
        cells = [_instant(c, i, k, f"finish.{p}.{i}") for i in range(len(rows))]
        yield across(f"Fin {p}", f"Finish {p}", day, cells)
    if len(rows) > 1:
        yield across(
            "Écart de fin P80", "Gap of P80 finish", days, _gaps(rows, "finish.P80", "whole")
        )
    for k, p in enumerate(("P50", "P80")):
        cells = [(As(c.money(row.cost[k]), "money", mark=f"cost.{p}.{i}"),
                  As(c.money(row.errors["cost"][k]), "error")) for i, row in enumerate(rows)]  # fmt: skip
        unit = c.book.money if len(set(bases)) == 1 else c.book.currency
        yield across(f"Coût {p}", f"Cost {p}", unit, cells)
    if len(rows) > 1 and len(set(bases)) == 1:
        gaps = _gaps(rows, "cost.P80", "money")
        yield across("Écart de coût P80", "Gap of P80 cost", c.book.money, gaps)
    yield from _odds_rows(c, across)
    for key, (fr, en, *unit) in _BESIDE.items():
        pairs = [row.beside.get(key) or getattr(row, key, None) for row in rows]
        cells = [(As(pair[1], "number"), As(row.errors[key][1], "number")) if pair else (None, None)
                 for pair, row in zip(pairs, rows, strict=True)]  # fmt: skip
        yield across(fr, en, c.say(*unit), cells)
    cells = [(As(row.never, "share"), None) for row in rows]
    yield across("Sans fin, part des tirages", "Endless, share of draws", "%", cells)


def _odds_rows(c: Contents, across: Any) -> Iterator[dict[str, Any]]:
    """Odds of each thing that is asked, and below them the chances in 20."""
    for key, (fr, en) in _ODDS.items():
        shares, chances = [], []
        for i, row in enumerate(c.comparison.rows):
            p, mark = row.odds[key], f"odds.{key}.{i}"
            error = None if p is None else As(row.odds_errors[key], "share_error")
            shares.append((As(p, "share", mark=mark), error))
            chances.append((None if p is None else As(Expr("*", 20.0, mark), "twenty"), None))
        yield across(f"Probabilité : {fr}", f"Probability: {en}", "%", shares)
        yield across(f"Chances : {fr}", f"Chances: {en}", c.say("sur 20", "in 20"), chances)


def _instant(c: Contents, i: int, k: int, mark: str) -> tuple[As, As]:
    """P50 or P80 of a scenario's finish, counted from its own start."""
    row, forecast = c.comparison.rows[i], c.comparison.forecasts[i]
    day = forecast.date_of(row.finish[k])
    shown = math.inf if day is None else day
    return As(shown, "date", mark=mark), As(row.errors["finish"][k], "days")


def _gaps(rows: Any, mark: str, form: str) -> list[tuple[Any, None]]:
    """Gaps to the reference, as formulas."""
    return [
        (As(Expr("-", f"{mark}.{i}", f"{mark}.0"), form) if i else None, None)
        for i in range(len(rows))
    ]


def _notes(c: Contents, i: int) -> str:
    """What is to be known of a scenario before it is chosen."""
    found = c.comparison.rows[i]
    by = c.comparison.dominated.get(found.name)
    notes = [
        found.name,
        c.say("référence", "reference") if i == 0 else "",
        c.say(f"dominé par {by}", f"dominated by {by}") if by else "",
        c.say("prix supposés", "guessed prices") if found.guessed else "",
        c.say("une hypothèse, pas une décision", "an assumption, not a decision") if found.assumed else "",
    ]  # fmt: skip
    return name_text(", ".join(filter(None, notes)))


def _differences(c: Contents, sheet: Sheet) -> None:
    """Every input that differs, with its value in each scenario."""
    sheet.print_so_far()  # as many rows as inputs that differ, times scenarios
    sheet.head(c.say("Ce qui diffère (non imprimé)", "What differs (not printed)"))
    columns = [
        Column("path", c.say("Chemin dans le plan", "Path in the plan"), "note", 36, INPUT),
        Column("name", c.say("Nom", "Name"), "note", 26, INPUT),
        Column("scenario", c.say("Scénario", "Scenario"), "note", 10, INPUT),
        Column("value", c.say("Valeur", "Value"), "note", 13, INPUT),
    ]
    rows = [
        {
            "path": name_text(item.path), "scenario": name_text(name), "value": long_text(value or "–"),
            "name": name_text(item.name.in_(c.lang) if item.name else ""),
        }
        for item in c.comparison.inputs
        for name, value in zip(c.comparison.names, item.values, strict=True)
    ]  # fmt: skip
    sheet.table("T_Differences", columns, rows)


def quantiles_sheet(c: Contents, page: Any) -> None:
    """Write every quantity with its quantiles and their errors, one a row."""
    sheet = Sheet(
        c.book, page, c.say("Quantiles : tout ce qui est simulé", "Quantiles: all that is simulated"),
        c.say("± : erreur type, en jours pour une date. Les tirages sans fin sont hors des montants ; "
              "leur part est en dernière colonne.",
              "±: standard error, in days for a date. Draws without an end are left out of amounts; "
              "their share is in the last column."),
    )  # fmt: skip
    heads = {f"p{round(100 * p)}": f"P{round(100 * p)}" for p in PROBABILITIES}
    columns = [
        Column("id", c.say("Repère", "Id"), "code", 28),
        Column("name", c.say("Grandeur", "Quantity"), "note", 50),
        Column("unit", c.say("Unité", "Unit"), "text", 12),
        Column("likely", c.say("Plan probable", "Likely plan"), "any", 13),
    ]
    for key, head in (heads | {"mean": c.say("Moyenne", "Mean")}).items():
        columns += [Column(key, head, "any", 13), Column(f"{key}_se", f"± {head}", "any", 10)]
    columns += [
        Column("width", "P80 − P10", "any", 12, FORMULA),
        Column("never", c.say("Jamais (% des tirages)", "Never (% of draws)"), "share", 11),
    ]
    rows = [_quantity_row(c, name, list(heads)) for name in c.forecast.quantities]
    sheet.table("T_Quantiles", columns, rows, frozen=2)


def _quantity_row(c: Contents, name: str, heads: list[str]) -> dict[str, Any]:
    forecast = c.forecast
    shown, unit, form = c.quantity(name)
    error_form = {"date": "days", "money": "error"}.get(form, form)
    found = {key: forecast.quantile(name, int(key[1:]) / 100) for key in heads}
    errors = {key: forecast.standard_error(name, int(key[1:]) / 100) for key in heads}
    found["mean"] = forecast.mean(name)
    errors["mean"] = forecast.sd(name) / max(len(forecast.sorted(name)), 1) ** 0.5
    likely = forecast.likely.get(name, forecast.likely_lines.get(name.removeprefix("line.")))
    if likely is None and name in forecast.tasks:
        likely = forecast.tasks[name].early_finish

    def cell(value: float | None) -> As:
        if form == "date" and value is not None:
            value = c.instant("x", value, 0.0)["x"]
        return As(c.money(value) if form == "money" else value, form)

    row: dict[str, Any] = {
        "id": name_text(name),
        "name": shown,
        "unit": unit,
        "likely": cell(likely),
    }
    for key, value in found.items():
        error = c.money(errors[key]) if form == "money" else errors[key]
        row |= {key: cell(value), f"{key}_se": As(error, error_form)}
    width = {"date": "whole"}.get(form, form)
    return row | {
        "width": As(Expr("-", "p80", "p10"), width), "never": forecast.share_never(name)
    }  # fmt: skip


def sources_sheet(c: Contents, page: Any) -> None:
    """Write the facts that the plan rests on, with who says so, when and how well it is known."""
    sheet = Sheet(
        c.book, page, c.say("Sources : faits cités par le plan", "Sources: facts that the plan cites"),
        c.say("Un fait est une affirmation datée. Les adresses sont du texte : les vérifier avant de "
              "les ouvrir.", "A fact is a dated claim. Addresses are text: check before you open one."),
    )  # fmt: skip
    columns = [
        Column("id", c.say("Fait", "Fact"), "code", 26, INPUT),
        Column("key", c.say("Grandeur", "Quantity"), "code", 28, INPUT),
        Column("claim", c.say("Affirmation", "Claim"), "note", 34, INPUT),
        Column("low", c.say("Bas", "Low"), "any", 12, INPUT),
        Column("likely", c.say("Probable", "Likely"), "any", 12, INPUT),
        Column("high", c.say("Haut", "High"), "any", 12, INPUT),
        Column("unit", c.say("Unité", "Unit"), "text", 12, INPUT),
        Column("date", c.say("Date", "Date"), "date", 13, INPUT),
        Column("publisher", c.say("Éditeur", "Publisher"), "note", 26, INPUT),
        Column("grade", c.say("Preuve", "Evidence"), "text", 9, INPUT),
        Column("kept", c.say("Retenu", "Retained"), "text", 9, INPUT),
        Column("source", c.say("Source", "Source"), "note", 50, INPUT),
        Column("address", c.say("Adresse", "Address"), "note", 44, INPUT),
        Column("note", c.say("Remarque", "Remark"), "note", 50, INPUT),
    ]
    kept = {retained.fact for retained in c.plan.retains.values()}
    rows = [
        {
            "id": name_text(fact.id), "key": name_text(fact.key), "low": fact.low,
            "claim": long_text(claim_text(fact, c.lang)), "likely": fact.likely, "high": fact.high,
            "unit": fact.unit, "date": fact.date, "publisher": long_text(fact.publisher),
            "grade": fact.grade, "kept": fact.id in kept, "source": long_text(fact.source),
            "address": long_text(fact.address), "note": long_text(fact.note),
        }
        for fact in sorted(used_facts(c.plan), key=lambda f: f.id)
    ]  # fmt: skip
    sheet.table("T_Sources", columns, rows, frozen=1)
