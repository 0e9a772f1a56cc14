"""Behind page one of a week: the rules, the decisions, the money, earned value, what is known."""

from __future__ import annotations

from markupsafe import Markup

from hdhplan.earned import Earned, earned_value
from hdhplan.figures.spending import spent_and_to_come
from hdhplan.page.sections import (
    NOTHING,
    Section,
    figure,
    from_data,
    items,
    prose,
    section,
    table,
)
from hdhplan.page.spending_tables import spending_table, spending_years_table
from hdhplan.page.tables import millions, vat_of
from hdhplan.past import Past
from hdhplan.progress import Progress
from hdhplan.status import StatusFact, said
from hdhplan.weekly import Week
from hdhplan.wording.formats import (
    NBSP,
    date_short,
    money_unit,
    number,
    percent,
    pick,
)
from hdhplan.wording.labels import capital, french, task_label
from hdhplan.wording.labels import known as line_label
from hdhplan.wording.progress import progress_sentences
from hdhplan.wording.spending import since_sentence, spending_sentence
from hdhplan.wording.standing import SHAPES, area_name, colour_word, day_or_never, rules

_STATES = {
    "asked": ("demandée", "asked"), "taken": ("prise", "taken"),
    "effect": ("effet constaté", "effect seen"),
}  # fmt: skip


def rules_section(week: Week, lang: str) -> Section:
    """The rules of each status, and what each week's was computed as."""
    columns = [
        pick(lang, "Domaine", "Area"),
        *(colour_word(c, lang) for c in ("green", "amber", "red")),
    ]
    heading = pick(lang, "Les règles des statuts", "The rules of the statuses")
    note = pick(
        lang,
        "Le statut d'ensemble est le pire. Une couleur se dégrade aussitôt et ne s'améliore qu'après "
        "deux semaines. Une personne peut la changer avec nom, date et raison : les deux sont montrées. "
        "« Action requise » veut dire qu'une décision est nécessaire à ce niveau, rien d'autre.",
        "The overall status is the worst one. A colour gets worse at once and better only after two "
        "weeks. A person may override it with name, date and reason: both are shown. “Action needed” "
        "means that a decision is needed at this level, nothing else.",
    )  # fmt: skip
    rows = rules(week.plan, lang)
    fr, en = "Règles, appliquées aux chiffres de la semaine", "Rules, applied to the week's numbers"
    caption = pick(lang, fr, en)
    return section(
        "rules",
        heading,
        table(caption, columns, rows),
        prose("p", french(note) if lang == "fr" else note, style="note"),
        _history(week, lang),
        lines=(" | ".join(row) for row in rows),
    )  # fmt: skip


def _history(week: Week, lang: str) -> Markup:
    """Computed and shown status of every week, in shapes whose words stand above."""
    names = [area.name for area in week.areas]
    columns = [pick(lang, "Semaine", "Week"), *(area_name(name, lang) for name in names)]
    rows = [
        (k.week, *(_shape(k, name, lang) for name in names)) for k in week.weeks
    ]  # fmt: skip
    caption = pick(
        lang,
        "Statut de chaque semaine ; entre parenthèses ce qui a été calculé, où il diffère",
        "Status of each week; in brackets what was computed, where that differs",
    )
    return table(french(caption) if lang == "fr" else caption, columns, rows)


def _shape(past: Past, area: str, lang: str) -> str:
    if area not in past.colours:
        return "–"
    computed, steady = past.colours[area]
    return SHAPES[steady] if steady == computed else f"{SHAPES[steady]} ({SHAPES[computed]})"


def decisions(week: Week, more: Markup, lang: str) -> Section:
    """Every decision that the status files know, the latest first."""
    progress: Progress | None = week.forecast.progress
    facts = [f for f in (progress.state.live if progress else ()) if f.kind == "decisions"]
    rows = [_decision(fact, lang) for fact in reversed(facts)]
    columns = pick(
        lang,
        ("Date", "Décision", "État", "Effet attendu", "Effet constaté"),
        ("Date", "Decision", "State", "Effect expected", "Effect seen"),
    )
    none = pick(lang, "Aucune décision à ce jour.", "No decision so far.")
    colon = pick(lang, f"{NBSP}: ", ": ")
    refused = [f"{one.id}{colon}{one.refused}" for one in week.decisions if one.refused]
    return section(
        "decisions",
        pick(lang, "Le journal des décisions", "The decision log"),
        more,
        table(pick(lang, "Décisions", "Decisions"), columns, rows) if rows else prose("p", none),
        prose("p", *(from_data(text) for text in refused), style="note"),
        lines=[" | ".join(map(str, row[:3])) for row in rows] or [none],
    )


def _decision(fact: StatusFact, lang: str) -> tuple:
    given = {key: said(str(value), lang) for key, value in fact.given.items()}
    state = pick(lang, *_STATES[str(fact.given["state"])])
    return (
        date_short(fact.date, lang),
        from_data(given.get("what", fact.subject.replace("_", " ")), 200),
        state,
        from_data(given.get("effect_expected", "–"), 200),
        from_data(given.get("effect_seen", "–"), 200),
    )


def money(week: Week, lang: str) -> Section:
    """Committed, paid and to pay, by line and by budget year (AE and CP)."""
    forecast = week.forecast
    texts = [f(forecast, lang) for f in (spending_sentence, since_sentence)]
    if not any(texts):
        return NOTHING
    return section(
        "money",
        pick(lang, "L'argent", "The money"),
        prose("p", *texts),
        figure(spent_and_to_come(forecast, lang), lang),
        spending_table(forecast, lang),
        spending_years_table(forecast, lang),
        lines=texts,
    )


def earned(week: Week, lang: str) -> Section:
    """Earned value and earned schedule, for the programme and by budget line."""
    value = earned_value(week.plan)
    if value is None:
        return NOTHING
    money = money_unit(lang, vat_of(week.plan))
    columns = [
        pick(lang, "Ligne", "Line"), *(f"#{name}, {money}" for name in ("BAC", "PV", "EV", "AC", "EAC")),
        "#CPI", "#SPI", "#TCPI",
    ]  # fmt: skip
    whole = pick(lang, "Programme", "Programme")
    named = {capital(line_label(line, lang)): one for line, one in value.lines.items()}
    rows = [_earned_row(name, one, lang) for name, one in {**named, whole: value.programme}.items()]
    one = value.programme
    end = day_or_never(week.forecast, one.ieac_t, lang)
    texts = [
        pick(
            lang,
            french(f"Calendrier acquis (ES) : {number(one.es, lang)} j sur {number(one.at, lang)} j écoulés ; "
                   f"SPI(t) {_ratio(one.spi_t, lang)} ; fin à cette allure (IEAC(t)) : "
                   f"{end}."),
            f"Earned schedule (ES): {number(one.es, lang)} d of {number(one.at, lang)} d elapsed; SPI(t) "
            f"{_ratio(one.spi_t, lang)}; end at that pace (IEAC(t)): {end}.",
        ),
        pick(
            lang,
            f"Fait : {percent(value.earned_share, lang)} du travail planifié, "
            f"{percent(value.planned_share, lang)} prévus à cette date ; pour les données, le mesuré est "
            "le To vérifié.",
            f"Done: {percent(value.earned_share, lang)} of the planned work, "
            f"{percent(value.planned_share, lang)} planned by now; of data, what counts is the TB verified.",
        ),
    ]  # fmt: skip
    texts = [french(t) if lang == "fr" else t for t in texts]
    caption = pick(lang, "Valeur acquise par ligne de budget", "Earned value by budget line")
    return section(
        "earned",
        pick(lang, "La valeur acquise", "Earned value"),
        items(texts),
        table(caption, columns, rows, total=True),
        lines=(*texts, *(" | ".join(map(str, row)) for row in rows)),
    )  # fmt: skip


def _earned_row(name: str, one: Earned, lang: str) -> tuple:
    money = (millions(x, lang) for x in (one.bac, one.pv, one.ev, one.ac, one.eac))
    return name, *money, *(_ratio(x, lang) for x in (one.cpi, one.spi, one.tcpi))


def _ratio(value: float | None, lang: str) -> str:
    return "–" if value is None else number(value, lang, 2)


def known(week: Week, lang: str) -> Section:
    """Facts of the week: progress and what it taught; estimates changed, corrections, what is missing."""
    texts = list(progress_sentences(week.forecast, week.day, lang))
    progress: Progress | None = week.forecast.progress
    facts = progress.state.facts if progress else ()
    fresh = [f for f in facts if (week.day - f.date).days < 7]
    for fact in fresh:
        if fact.kind == "estimates":
            given = fact.given
            span = " / ".join(_plainly(given[k], lang) for k in ("low", "likely", "high"))
            span += f"{NBSP}{from_data(given.get('unit', ''), 20)}".rstrip(NBSP)
            name = task_label(week.plan, fact.subject.split(".")[1], lang)
            reason = from_data(said(str(given["reason"]), lang), 200)
            texts.append(pick(
                lang,
                french(f"Nouvelle estimation : {name}, {span} ({reason})."),
                f"New estimate: {name}, {span} ({reason}).",
            ))  # fmt: skip
        if fact.corrects:
            note = from_data(said(fact.note, lang), 200)
            texts.append(pick(
                lang,
                french(f"Correction : {fact.id} remplace {fact.corrects} ({note})."),
                f"Correction: {fact.id} replaces {fact.corrects} ({note}).",
            ))  # fmt: skip
    return section(
        "known",
        pick(lang, "Ce que l'on sait à cette date", "What is known at this date"),
        items(texts),
        lines=texts,
    )


def _plainly(value: float, lang: str) -> str:
    """A number as it was given: rounding an estimate could make another one of it."""
    digits = len(f"{value:.6f}".rstrip("0").partition(".")[2])
    return number(value, lang, digits)
