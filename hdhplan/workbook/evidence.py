"""Sheets that back the others: scenarios side by side, all quantiles, the facts behind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hdhplan.forecast import PROBABILITIES
from hdhplan.page.claims import claim_text, used_facts
from hdhplan.wording.choices import named
from hdhplan.wording.formats import BASIS
from hdhplan.workbook.book import Sheet
from hdhplan.workbook.cells import FORMULA, INPUT, As, Column, Expr, long_text, name_text
from hdhplan.workbook.contents import Contents

_ODDS = {
    "date": ("Date", "Date"), "budget": ("Montant", "Amount"), "both": ("Les deux", "Both"),
    "continuity": ("Continuité", "Continuity"), "all": ("Tout", "All"),
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
    bases = {plan.target.vat if plan.target else None for plan in c.comparison.plans}
    table = [_scenario_row(c, i, len(bases) == 1) for i in range(len(rows))]
    sheet.table("T_Scenarios", list(_scenario_columns(c, len(bases) == 1)), table, frozen=1)
    if len(rows) > 1:
        _differences(c, sheet)


def _scenario_columns(c: Contents, one_basis: bool) -> Iterator[Column]:
    unit = c.book.money if one_basis else c.book.currency + c.say(" base ci-contre", " as stated")
    days = c.say("j", "d")
    yield Column("name", c.say("Scénario", "Scenario"), "note", 36, INPUT)
    yield Column("notes", c.say("À savoir", "To be known"), "note", 26)
    yield Column("vat", c.say("Base de TVA", "VAT basis"), "text", 10, INPUT)
    yield from c.date_columns(
        {"p50": c.say("Fin P50", "Finish P50"), "p80": c.say("Fin P80", "Finish P80")}
    )
    yield Column("later", c.say(f"Écart de fin P80 ({days})", f"Gap of P80 finish ({days})"),
                 "whole", 11, FORMULA)  # fmt: skip
    for key in ("cost50", "cost80"):
        head = c.say(f"Coût P{key[-2:]}", f"Cost P{key[-2:]}")
        yield Column(key, f"{head} ({unit})", "money", 13)
        yield Column(f"{key}_se", f"± {head} ({unit})", "error", 12)
    yield Column("dearer", c.say(f"Écart de coût P80 ({unit})", f"Gap of P80 cost ({unit})"),
                 "money", 13, FORMULA)  # fmt: skip
    for key, words in _ODDS.items():
        yield from c.odds_columns(key, *words)
    for key, fr, en in (("exposure", "Exposition P80 (Po·j)", "Exposure P80 (PB·d)"),
                        ("project_days", "Interruption P80 (j·projets)", "Interruption P80 (project-days)"),
                        ("projects_without_tool", "Sans outil P80 (projets)", "Without a tool P80 (projects)")):  # fmt: skip
        yield Column(key, c.say(fr, en), "number", 13)
        yield Column(f"{key}_se", f"± {c.say(fr, en)}", "number", 12)
    yield Column("never", c.say("Sans fin (% des tirages)", "Endless (% of draws)"), "share", 10)


def _scenario_row(c: Contents, i: int, one_basis: bool) -> dict[str, Any]:
    found, forecast = c.comparison.rows[i], c.comparison.forecasts[i]
    vat = forecast.plan.target.vat if forecast.plan.target else None
    values: dict[str, Any] = {
        "name": As(name_text(named(c.comparison, found.name, c.lang))), "notes": _notes(c, i),
        "vat": BASIS[c.lang].get(vat or ""), "never": found.never,
    }  # fmt: skip
    for key, day, error in zip(("p50", "p80"), found.finish, found.errors["finish"], strict=True):
        values |= c.instant(key, day, error)
        values[key] = forecast.date_of(day) or values[key]
    for key, eur, error in zip(("cost50", "cost80"), found.cost, found.errors["cost"], strict=True):
        values |= {key: c.money(eur), f"{key}_se": c.money(error)}
    if i == 0:
        values["p80"] = As(values["p80"], name="Reference_date_P80")
        values["cost80"] = As(values["cost80"], name="Reference_cout_P80")
    elif one_basis:
        values["dearer"] = Expr("-", "cost80", "Reference_cout_P80")
    if i:
        values["later"] = Expr("-", "p80", "Reference_date_P80")
    for key in _ODDS:
        values |= c.odds(key, found.odds[key])
    for key in ("exposure", "project_days", "projects_without_tool"):
        pair = found.beside.get(key) or getattr(found, key, None)
        if pair:
            values |= {key: pair[1], f"{key}_se": found.errors[key][1]}
    return values


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
    sheet.head(c.say("Ce qui diffère", "What differs"))
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
