"""Behind page one of a week: what changed, dates and volumes over the weeks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from markupsafe import Markup

from hdhplan.figures import Figure
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
from hdhplan.page.tables import error_of, millions, vat_of
from hdhplan.page.weekly_sheet import side_by_side
from hdhplan.paired import Move
from hdhplan.past import Past
from hdhplan.weekly import Week, references
from hdhplan.wording.formats import (
    BASIS,
    NBSP,
    date_short,
    label,
    money_unit,
    move_of,
    pick,
    signed,
    twenty,
    volume,
)
from hdhplan.wording.labels import french
from hdhplan.wording.moved import cause_label, moved_sentences, row_label
from hdhplan.wording.sentences import AVERAGED
from hdhplan.wording.standing import day_or_never

#: Facts named for a group of causes.
MOST_CAUSES = 3


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
        day_or_never(week.forecast, past.p80_day, lang),
        millions(past.p80_eur, lang),
        *("–" if p is None else twenty(p) for p in odds),
        past.version,
    )


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
