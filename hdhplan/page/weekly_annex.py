"""Behind page one of a week: what changed, dates and volumes over the weeks, rules, decisions, value."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from markupsafe import Markup

from hdhplan.earned import Earned, earned_value
from hdhplan.figures import Figure
from hdhplan.figures.spending import spent_and_to_come
from hdhplan.moved import MODEL, Moved, Row
from hdhplan.page.sections import (
    NOTHING,
    Section,
    figure,
    from_data,
    items,
    prose,
    section,
    table,
    with_error,
)
from hdhplan.page.spending_tables import spending_table, spending_years_table
from hdhplan.page.tables import error_of, millions, vat_of
from hdhplan.page.weekly_sheet import side_by_side
from hdhplan.paired import Move
from hdhplan.past import Past
from hdhplan.progress import Progress
from hdhplan.status import StatusFact, said
from hdhplan.weekly import Week, references
from hdhplan.wording.formats import (
    BASIS,
    NBSP,
    date_short,
    label,
    money_unit,
    move_of,
    number,
    percent,
    pick,
    signed,
    twenty,
    volume,
)
from hdhplan.wording.labels import capital, french, task_label
from hdhplan.wording.labels import known as line_label
from hdhplan.wording.moved import cause_label, moved_sentences, row_label
from hdhplan.wording.progress import progress_sentences
from hdhplan.wording.sentences import AVERAGED
from hdhplan.wording.spending import since_sentence, spending_sentence
from hdhplan.wording.standing import SHAPES, area_name, colour_word, rules

#: Facts named for a group of causes.
MOST_CAUSES = 3
_STATES = {
    "asked": ("demandée", "asked"), "taken": ("prise", "taken"),
    "effect": ("effet constaté", "effect seen"),
}  # fmt: skip


def changed(week: Week, drawn: Iterable[Figure], lang: str) -> Section:
    """The bridges and their table: what each group of causes moved, and by which facts."""
    moved: Moved = week.moved
    unit = money_unit(lang, vat_of(week.plan))
    columns = pick(
        lang,
        ("Cause", "#Date P80, j", f"#Coût P80, {unit}", "#Chances des deux, sur 20",
         "Faits"),
        ("Cause", "#P80 date, d", f"#P80 cost, {unit}", "#Chances of both, in 20", "Facts"),
    )  # fmt: skip
    rows = [_group(moved, row, week, lang) for row in moved.rows]
    rows.append((pick(lang, "Reste (interactions)", "Residual (interactions)"),
                 *_move_cells(moved.residual, lang), "–"))  # fmt: skip
    rows.append((pick(lang, "En tout", "In all"), *_move_cells(moved.total, lang), "–"))
    caption = pick(
        lang,
        french(
            f"Du {date_short(moved.days[0], lang)} au {date_short(moved.days[1], lang)} : ce qui a bougé"
        ),
        f"From {date_short(moved.days[0], lang)} to {date_short(moved.days[1], lang)}: what moved",
    )
    note = pick(
        lang,
        "Moyenne sur tous les ordres dans lesquels les causes peuvent changer, sur les mêmes tirages. "
        "Un changement de méthode a sa propre ligne : il ne passe jamais pour un progrès.",
        "Average over all the orders in which the causes may change, on the same draws. A change of "
        "method has a row of its own: it never passes for progress.",
    )  # fmt: skip
    texts = list(moved_sentences(moved, lang).values())
    return section(
        "changed",
        pick(lang, "Ce qui a changé", "What changed"),
        items(texts),
        side_by_side(drawn, "behind"),
        table(caption, columns, rows, total=True),
        prose("p", note, french(AVERAGED[0]) if lang == "fr" else AVERAGED[1], style="note"),
        lines=(caption, *texts),
    )


def _group(moved: Moved, row: Row, week: Week, lang: str) -> tuple:
    named = [cause_label(moved, cause, lang) for cause in row.causes[:MOST_CAUSES]]
    if MODEL in row.groups:
        named = [week.own.version]
    return (
        row_label(row, lang),
        *_move_cells(row.moves, lang),
        from_data("; ".join(named), 240) or "–",
    )


def _move_cells(moves: Mapping[str, Move], lang: str) -> list[Markup | str]:
    """Moves of P80 date [d], P80 cost [M€] and chances in 20, each with its error."""
    scales = {"finish_days": (1.0, 1), "cost_eur": (1e-6, 2), "p_both": (20.0, 1)}
    cells = []
    for name, (scale, digits) in scales.items():
        move = moves.get(name)
        if move is None or not math.isfinite(move.value):
            cells.append("–")
            continue
        value = signed(move.value * scale, lang, digits)
        cells.append(with_error(value, error_of(move.se * scale, lang)))
    return cells


def milestones(week: Week, drawn: Figure | None, lang: str) -> Section:
    """Forecast dates of all weeks, the references among them marked."""
    rows = [_past_row(week, past, lang) for past in week.weeks]
    unit = money_unit(lang, vat_of(week.plan))
    columns = pick(
        lang,
        ("Semaine", "Date P80", f"#Coût P80, {unit}", "#Date, sur 20",
         "#Montant, sur 20", "#Les deux, sur 20", "Modèle"),
        ("Week", "P80 date", f"#P80 cost, {unit}", "#Date, in 20", "#Amount, in 20", "#Both, in 20",
         "Model"),
    )  # fmt: skip
    fr, en = "Ce que chaque semaine a dit, tel que publié", "What each week said, as published"
    caption = pick(lang, fr, en)
    text = _since_references(week, lang)
    return section(
        "milestones",
        pick(lang, "Les jalons de semaine en semaine", "Milestones week by week"),
        figure(drawn, lang),
        items(text) if text else "",
        table(caption, columns, rows),
        lines=(*text, *(" | ".join(map(str, row)) for row in rows)),
    )


def _past_row(week: Week, past: Past, lang: str) -> tuple:
    names = [name for name, of in references(week.forecast).items() if of == past.week]
    shown = f"{past.week} ({', '.join(map(label, names))})" if names else past.week
    odds = [past.odds.get(k) for k in ("date", "budget", "both")]
    return (
        shown,
        _day(week, past.p80_day, lang),
        millions(past.p80_eur, lang),
        *("–" if p is None else twenty(p) for p in odds),
        past.version,
    )


def _day(week: Week, day: float | None, lang: str) -> str:
    return date_short(week.forecast.date_of(float("inf") if day is None else day), lang)


def _since_references(week: Week, lang: str) -> list[str]:
    """How far the prudent date and cost are from each reference."""
    weeks, found = {past.week: past for past in week.weeks}, []
    vat, now = vat_of(week.plan), week.own
    for name, of in references(week.forecast).items():
        ref = weeks.get(of)
        if of == now.week:
            continue
        current = pick(lang, "la référence en vigueur", "the current reference")
        shown = current if name == "current" else label(name)
        if ref is None or None in (ref.p80_day, now.p80_day, ref.p80_eur, now.p80_eur):
            fr, en = f"{shown} ({of}) : non comparable.", f"{shown} ({of}): not comparable."
        else:
            # Of the dates as they are shown, so that the difference is theirs.
            dates = [week.forecast.date_of(one.p80_day) for one in (ref, now)]
            days = move_of((dates[1] - dates[0]).days, "days", lang, error=1.0)
            money = move_of(now.p80_eur - ref.p80_eur, "eur", lang)
            money = f"{money} {BASIS[lang].get(vat or '', '')}".strip().replace(" ", NBSP)
            fr = f"Depuis {shown} ({of}) : date P80 {days}, coût P80 {money}."
            en = f"Since {shown} ({of}): P80 date {days}, P80 cost {money}."
        found.append(pick(lang, french(fr), en))
    return found


def landed(week: Week, drawn: Sequence[Figure | None], lang: str) -> Section:
    """Volumes landed and verified, projects moved, with what is to come."""
    own = week.own
    if not own.scope_tb and not own.projects:
        return NOTHING
    text = pick(
        lang,
        french(
            f"Arrivé : {volume(own.landed_tb / 1e3, lang)} sur {volume(own.scope_tb / 1e3, lang)}, dont "
            f"vérifié : {volume(own.verified_tb / 1e3, lang)} ; projets basculés : {own.moved} sur "
            f"{own.projects}."
        ),
        f"Landed: {volume(own.landed_tb / 1e3, lang)} of {volume(own.scope_tb / 1e3, lang)}, of which "
        f"verified: {volume(own.verified_tb / 1e3, lang)}; projects moved: {own.moved} of "
        f"{own.projects}.",
    )  # fmt: skip
    return section(
        "landed",
        pick(lang, "Données et projets", "Data and projects"),
        prose("p", text),
        *(figure(one, lang) for one in drawn),
        lines=(text, *(one.title for one in drawn if one)),
    )


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
    texts = [
        pick(
            lang,
            french(f"Calendrier acquis (ES) : {number(one.es, lang)} j sur {number(one.at, lang)} j écoulés ; "
                   f"SPI(t) {_ratio(one.spi_t, lang)} ; fin à cette allure (IEAC(t)) : "
                   f"{_day(week, one.ieac_t, lang)}."),
            f"Earned schedule (ES): {number(one.es, lang)} d of {number(one.at, lang)} d elapsed; SPI(t) "
            f"{_ratio(one.spi_t, lang)}; end at that pace (IEAC(t)): {_day(week, one.ieac_t, lang)}.",
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
