"""Sovereignty on a page: gates of each wave, what the law asks for, where data is meanwhile."""

from __future__ import annotations

from markupsafe import Markup

from hdhplan.forecast import Forecast
from hdhplan.page.cells import quantity_cells, spread_day, wide
from hdhplan.page.sections import as_entered, folded, from_data, prose, table
from hdhplan.page.tables import odds_cell
from hdhplan.sovereignty import (
    HELD,
    Duty,
    Gate,
    Service,
    duties,
    refusals,
    services,
    wave_gates,
)
from hdhplan.wording.formats import date_short, number, pick, share
from hdhplan.wording.labels import capability_label, capital, task_label, wave_label
from hdhplan.wording.sovereignty import (
    draws_in_20,
    duties_sentences,
    gates_sentence,
    qualifier_label,
    refusal_sentence,
)


def sovereignty_parts(forecast: Forecast, lang: str) -> tuple[list, list[str]]:
    """What the section shows, and its lines; both empty where a plan says nothing of it."""
    gates, asked = wave_gates(forecast), duties(forecast)
    if not gates and not asked:
        return [], []
    said = [gates_sentence(forecast, gates, lang)]
    said += [refusal_sentence(forecast, r, lang) for r in refusals(forecast)]
    law = duties_sentences(forecast, asked, lang)
    parts = [
        prose("p", *said),
        gates_table(forecast, gates, lang) if gates else "",
        _services(forecast, lang) if gates else "",
        prose("p", *law),
        duties_table(forecast, asked, lang) if asked else "",
        held_table(forecast, lang),
    ]
    return parts, [*said, *law]


def gates_table(forecast: Forecast, gates: tuple[Gate, ...], lang: str) -> Markup:
    """For each wave: when all its services are qualified, which is last, what that holds up."""
    plan = forecast.plan
    rows = [
        (
            capital(wave_label(plan, gate.wave, lang)),
            number(len(gate.services), lang),
            Markup("{} <small>{}</small>").format(
                capital(qualifier_label(plan, gate.last, lang)), share(gate.last_share, lang)
            ),
            gate.grade or "–",
            spread_day(forecast, gate.day, 0.5, lang),
            spread_day(forecast, gate.day, 0.8, lang),
            spread_day(forecast, gate.cutover, 0.5, lang),
            draws_in_20(gate.sets_go, lang),
        )
        for gate in gates
    ]
    caption = pick(
        lang,
        "Quand tous les services dont une vague a besoin sont qualifiés",
        "When all services that a wave needs are qualified",
    )
    columns = pick(
        lang,
        ("Vague", "#Services", "Le plus souvent le dernier, part des tirages", "Preuve",
         "Qualifiés P50", "Qualifiés P80", "Bascule P50", "Fixe le go/no-go dans"),
        ("Wave", "#Services", "Most often the last, share of draws", "Evidence",
         "Qualified P50", "Qualified P80", "Cutover P50", "Sets the go/no-go in"),
    )  # fmt: skip
    return table(caption, columns, rows)


def _services(forecast: Forecast, lang: str) -> Markup:
    """Every service that gates a wave; those qualified by the same tasks of the plan share a row."""
    found = services(forecast)
    grouped: dict[tuple[str, ...], list[Service]] = {}
    for service in found:
        grouped.setdefault(service.tasks, []).append(service)
    rows = [_service_row(forecast, group, lang) for group in grouped.values()]
    caption = pick(lang, "Qualification, service par service", "Qualification, service by service")
    columns = pick(
        lang,
        ("Services", "Qualifiés par", "P50", "P80", "Vagues", "Preuve", "#Critique dans"),
        ("Services", "Qualified by", "P50", "P80", "Waves", "Evidence", "#Critical in"),
    )
    return folded(f"{caption} ({number(len(found), lang)})", table(caption, columns, rows))


def _service_row(forecast: Forecast, group: list[Service], lang: str) -> tuple:
    plan, first = forecast.plan, group[0]
    names = ", ".join(capability_label(plan, s.id, lang) for s in group)
    by = [_own_date(lang) if x.endswith(".qualified") else task_label(plan, x, lang)
          for x in first.tasks]  # fmt: skip
    waves = [w for w in plan.waves if any(w in s.waves for s in group)]
    return (
        wide(names, lang),
        from_data(", ".join(by)),
        spread_day(forecast, first.day, 0.5, lang),
        spread_day(forecast, first.day, 0.8, lang),
        from_data(", ".join(waves)),
        first.grade or "–",
        share(first.critical, lang),
    )


def _own_date(lang: str) -> str:
    return pick(lang, "une date qui lui est propre", "a date of its own")


def duties_table(forecast: Forecast, asked: tuple[Duty, ...], lang: str) -> Markup:
    """What the law, a decision or an agreement asks for, the task that meets it, and when."""
    rows = [_duty_row(forecast, duty, lang) for duty in asked]
    caption = pick(lang, "Obligations, ce qui y répond et quand", "Obligations, what meets them")
    columns = pick(
        lang,
        ("Obligation", "Fait (date, source, preuve)", "Remplie par", "P50", "P80", "Au plus tard",
         "La tenir"),
        ("Obligation", "Fact (date, source, evidence)", "Met by", "P50", "P80", "By", "Holding it"),
    )  # fmt: skip
    return table(caption, columns, rows)


def _duty_row(forecast: Forecast, duty: Duty, lang: str) -> tuple:
    plan = forecast.plan
    known = plan.obligations[duty.id]
    name = Markup("<strong>{}</strong>{}").format(
        from_data(known.name.in_(lang)), wide(known.clause.in_(lang), lang)
    )
    days = [spread_day(forecast, duty.day, p, lang) for p in (0.5, 0.8)]
    if 0 < duty.day.never < 1:
        never = pick(lang, "jamais dans ", "never in ") + draws_in_20(duty.day.never, lang)
        days[1] = Markup("{}<br>{}").format(days[1], never)
    undated = pick(lang, "pas de date connue", "no date known")
    return (
        name,
        _fact(forecast, known.fact, lang),
        capital(task_label(plan, duty.milestone, lang)),
        *days,
        date_short(known.by, lang) if known.by else undated,
        odds_cell(forecast, duty.odds, lang),
    )


def _fact(forecast: Forecast, fact_id: str, lang: str) -> Markup | str:
    """A fact's date, source and grade; its id where the plan carries no facts."""
    facts = forecast.plan.facts
    if not facts:
        return from_data(fact_id)
    fact = facts.by_id(fact_id)
    source = f"{from_data(fact.source, 160)}, {from_data(fact.publisher, 80)}"
    shown = date_short(fact.date, lang), as_entered(source, lang), fact.grade
    return Markup("{}<br>{} ({})").format(*shown)


def held_table(forecast: Forecast, lang: str) -> Markup:
    """Where data is while it moves: readable at the source, unqualified, held twice."""
    names = pick(
        lang,
        ("Lisibles sous droit extra-européen", "Chez le nouvel hébergeur avant qualification",
         "Détenues des deux côtés à la fois"),
        ("Readable under extra-European law", "At the new host before qualification",
         "Held on both sides at once"),
    )  # fmt: skip
    rows = [
        (name, *quantity_cells(forecast, quantity, lang))
        for quantity, name in zip(HELD, names, strict=True)
        if quantity in forecast.values and forecast.plan.datasets
    ]
    unit = pick(lang, "Po·jours", "PB·days")
    caption = pick(lang, "Où sont les données, en Po·jours", "Where data is, in PB·days")
    columns = (pick(lang, "Données", "Data"), f"#P50 ({unit})", f"#P80 ({unit})")
    return table(caption, columns, rows) if rows else Markup("")
