"""Tables of a comparison: every percentile with its error, every mark in words."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup, escape

from hdhplan.asked import Obligation
from hdhplan.choice import Choice
from hdhplan.comparison import Comparison
from hdhplan.figures.versus import best_at, vat_basis
from hdhplan.page.sections import from_data, table, with_error
from hdhplan.page.tables import day_cell, error_of, millions
from hdhplan.wording.choices import broken_laws, named
from hdhplan.wording.formats import (
    NBSP,
    date_short,
    money_unit,
    number,
    out_of_20,
    pick,
    share,
    twenty,
)
from hdhplan.wording.labels import french

_ODDS = ("date", "budget", "continuity", "all")


def decision_table(
    comparison: Comparison, choice: Choice, order: Sequence[int], lang: str
) -> Markup:
    """Scenarios by what they give; the best of each column and the dominated are told in words."""
    unit = money_unit(lang, vat_basis(comparison))
    columns = pick(
        lang,
        ("Scénario", "#Fin", f"#{unit}", *(f"#{aim}, sur{NBSP}20" for aim in (
            "Date", "Budget", "Continuité", "Tout"))),
        ("Scenario", "#Finish", f"#{unit}", *(f"#{aim}, in{NBSP}20" for aim in (
            "Date", "Budget", "Continuity", "All"))),
    )  # fmt: skip
    rows = [
        (_who(comparison, choice, i, lang), *_asked_cells(comparison, i, lang)) for i in order
    ]  # fmt: skip
    caption = pick(
        lang,
        "Ce que donne chaque scénario : date, coût et chances",
        "What each scenario gives: date, cost and odds",
    )
    return table(caption, columns, rows)


def burden_table(comparison: Comparison, order: Sequence[int], lang: str) -> Markup:
    """The same scenarios by what data and projects bear, and until when one can turn back."""
    columns = pick(
        lang,
        ("Scénario", "#Exposition, Po·jours P80", "#Interruption, jours-projets P80",
         "#Projets sans outil P80", "#Retour possible jusqu'au"),
        ("Scenario", "#Exposure, PB·days P80", "#Interruption, project-days P80",
         "#Projects without a tool P80", "#One can turn back until"),
    )  # fmt: skip
    rows = [
        (named(comparison, comparison.names[i], lang), *_burden_cells(comparison, i, lang))
        for i in order
    ]
    caption = pick(
        lang,
        "Ce qu'il en coûte aux données et aux projets",
        "What it costs data and projects",
    )
    return table(caption, columns, rows)


def _who(comparison: Comparison, choice: Choice, i: int, lang: str) -> Markup:
    """Title of a scenario, its name, and what is to be known of it."""
    row = comparison.rows[i]
    by = comparison.dominated.get(row.name)
    notes = [
        pick(lang, "choisi", "chosen") if row.name == choice.scenario else "",
        pick(lang, "référence", "reference") if i == 0 else "",
        pick(lang, f"dominé par {by}", f"dominated by {by}") if by else "",
        pick(lang, "prix supposés", "guessed prices") if row.guessed else "",
        pick(lang, "une hypothèse, pas une décision", "an assumption, not a decision")
        if row.assumed
        else "",
        pick(lang, f"sans fin dans {share(row.never, lang)} des tirages",
             f"without an end in {share(row.never, lang)} of the draws") if row.never else "",
    ]  # fmt: skip
    if broken := broken_laws(comparison, i, lang):
        notes.append("◆ " + pick(lang, "enfreint : ", "breaks: ") + ", ".join(broken))
    title, name = named(comparison, row.name, lang), from_data(row.name, 60)
    shown = pick(lang, french(title), title)
    top = Markup("<strong>{}</strong>") if row.name == choice.scenario else Markup("{}")
    said = ", ".join(from_data(note, 240) for note in [name * (name != title), *notes] if note)
    return top.format(shown) + (Markup("<br><small>{}</small>").format(said) if said else "")


def _asked_cells(comparison: Comparison, i: int, lang: str) -> list[Markup | str]:
    """Date, cost, and the odds of what is asked."""
    row, forecast = comparison.rows[i], comparison.forecasts[i]
    finish, cost = (zip(getattr(row, k), row.errors[k], strict=True) for k in ("finish", "cost"))
    days = [day_cell(forecast, *pair, lang) for pair in finish]
    money = [_money(*pair, lang) for pair in cost]
    odds = {f"p_{k}": _odds(row.odds[k], row.odds_errors.get(k, 0.0), lang) for k in _ODDS}
    cells = {"finish_p80": stacked(*days), "cost_p80": stacked(*money), **odds}
    return [_mark(comparison, i, c, cell, lang) for c, cell in cells.items()]


def _burden_cells(comparison: Comparison, i: int, lang: str) -> list[Markup | str]:
    """P80 of exposure, interruptions and projects without a tool; the last day to turn back."""
    row, forecast = comparison.rows[i], comparison.forecasts[i]
    tools = row.beside.get("projects_without_tool")
    cells = {
        "exposure_p80": _whole(row.exposure[1], row.errors["exposure"][1], lang),
        "project_days_p80": _whole(row.project_days[1], row.errors["project_days"][1], lang),
        "tools_p80": _whole(tools[1], row.errors["projects_without_tool"][1], lang)
        if tools
        else "–",
    }
    turn = date_short(forecast.date_of(row.turn_back[1]), lang)
    return [*(_mark(comparison, i, c, cell, lang) for c, cell in cells.items()), turn]


def _money(eur: float, error: float, lang: str) -> Markup | str:
    """Millions with their error, where they can be worked out."""
    text = millions(eur, lang)
    return with_error(text, error_of(error / 1e6, lang)) if math.isfinite(eur) else text


def stacked(p50: Markup | str, p80: Markup | str) -> Markup:
    """Two quantiles in one cell, each with its name."""
    line = '<span class="line"><small>{}</small> {}</span>'
    return Markup(f"{line}<br>{line}").format("P50", p50, "P80", p80)


def beside_table(comparison: Comparison, order: Sequence[int], lang: str) -> Markup:
    """What goes with each scenario: the other perimeters, the run afterwards, what is held where."""
    unit = money_unit(lang, vat_basis(comparison))
    heads = {
        "full_cost_eur": pick(lang, f"#Coût complet, {unit}", f"#Full cost, {unit}"),
        "steady_month_eur": pick(
            lang, f"#Ensuite, par mois, {unit}", f"#Afterwards, a month, {unit}"
        ),
        "avoided_eur": pick(lang, f"#Azure évité, {unit}", f"#Azure avoided, {unit}"),
        "unqualified_pb_days": pick(lang, "#Non qualifié, Po·jours", "#Unqualified, PB·days"),
        "double_held_pb_days": pick(lang, "#En double, Po·jours", "#Held twice, PB·days"),
        "project_days_without_tool": pick(
            lang, "#Sans outil, jours-projets", "#Without a tool, project-days"
        ),
    }
    rows = [
        (named(comparison, comparison.names[i], lang),
         *(_beside(comparison, i, quantity, lang) for quantity in heads))
        for i in order
    ]  # fmt: skip
    caption = pick(
        lang,
        "Ce qui va avec : coût complet (construction et deux ans de fonctionnement), suite, données",
        "What goes with it: full cost (build and two years of running), afterwards, data",
    )
    return table(caption, (pick(lang, "Scénario", "Scenario"), *heads.values()), rows)


def _beside(comparison: Comparison, i: int, quantity: str, lang: str) -> Markup | str:
    row = comparison.rows[i]
    if quantity not in row.beside:
        return "–"
    values, errors = row.beside[quantity], row.errors[quantity]
    if not quantity.endswith("_eur"):
        return stacked(*(_whole(v, se, lang) for v, se in zip(values, errors, strict=True)))
    return stacked(*(_money(v, se, lang) for v, se in zip(values, errors, strict=True)))


def laws_table(comparison: Comparison, order: Sequence[int], lang: str) -> Markup:
    """Odds of meeting each obligation, by scenario: a law that staying breaks stands here."""
    duties = {
        name: duty for forecast in comparison.forecasts
        for name, duty in forecast.plan.obligations.items()
    }  # fmt: skip
    if not duties:
        return Markup("")
    names = [named(comparison, comparison.names[i], lang) for i in order]
    rows = [
        (_duty(duty, lang), *(_met(comparison.rows[i].laws.get(name), lang) for i in order))
        for name, duty in duties.items()
    ]  # fmt: skip
    caption = pick(
        lang,
        "Obligations : chances sur 20 de les tenir, à leur date s'il y en a une",
        "Obligations: chances in 20 of meeting them, by their date if there is one",
    )
    return table(caption, (pick(lang, "Obligation", "Obligation"), *(f"#{n}" for n in names)), rows)


def _duty(duty: Obligation, lang: str) -> str:
    day = f" ({date_short(duty.by, lang)})" if duty.by else ""
    return from_data(duty.name.in_(lang), 80) + day


def _met(p: float | None, lang: str) -> str:
    if p is None:
        return "–"
    never = pick(lang, "enfreinte", "broken")
    return twenty(p) if p > 0 else f"◆ {never}"


def _mark(comparison: Comparison, i: int, criterion: str, cell: Markup | str, lang: str) -> Markup:
    """A cell, and below it that its scenario is best or not beaten; nothing where all are level."""
    ahead = best_at(comparison, criterion) if criterion in comparison.comparable else []
    if i not in ahead or len(ahead) == len(comparison.decisions):
        return escape(cell)
    word = ("meilleur", "best") if len(ahead) == 1 else ("non battu", "not beaten")
    return Markup("{}<br><small>★ {}</small>").format(cell, pick(lang, *word))


def _odds(p: float | None, error: float, lang: str) -> Markup | str:
    """17 ± 0,1; both ends as they are said elsewhere, less than 1 and more than 19."""
    if p is None:
        return "–"
    words = out_of_20(p, lang).split()
    sign = {"moins": "<", "less": "<", "plus": ">", "more": ">"}.get(words[0], "")
    figure = next(word for word in words if word.isdigit())
    return with_error(f"{sign}{NBSP * bool(sign)}{figure}", error_of(20 * error, lang))


def _whole(value: float, error: float, lang: str) -> Markup | str:
    if not math.isfinite(value):
        return pick(lang, "sans fin", "endless")
    return with_error(number(value, lang), error_of(error, lang))


def years_table(comparison: Comparison, order: Sequence[int], lang: str) -> Markup:
    """P80 of the commitments of each budget year."""
    years = sorted({year for row in comparison.rows for year in row.years})
    unit = money_unit(lang, vat_basis(comparison))
    rows = [
        (named(comparison, comparison.names[i], lang),
         *(millions(comparison.rows[i].years.get(year, 0.0), lang) for year in years))
        for i in order
    ]  # fmt: skip
    caption = pick(
        lang,
        f"Engagements (AE) P80 par exercice, {unit}",
        f"P80 commitments (AE) by budget year, {unit}",
    )
    columns = (pick(lang, "Scénario", "Scenario"), *(f"#{year}" for year in years))
    return table(caption, columns, rows)
