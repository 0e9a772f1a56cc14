"""Page one of a week: what the committee reads, on one sheet."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from markupsafe import Markup

from hdhplan.figures import Figure, to_svg
from hdhplan.page.sections import clean, from_data, items, prose, table, unstyled, with_error
from hdhplan.page.tables import error_of, vat_of
from hdhplan.plan import Plan
from hdhplan.sensitivity import DriverEffect
from hdhplan.status import said
from hdhplan.weekly import Decision, Risk, Week
from hdhplan.wording.formats import NBSP, date_short, number, pick, signed, twenty
from hdhplan.wording.labels import capital, french
from hdhplan.wording.sentences import driver_label
from hdhplan.wording.standing import SHAPES, area_cells, area_name, colour_word, remarks
from hdhplan.wording.weekly import decision_text, effect_text

#: Width of a small figure, two of them side by side on A4, and its height where there is room. [in]
WIDE_IN, HIGH_IN, LEAST_IN = 3.62, 1.95, 1.35
#: Lines of text beside which figures have all their height, and what each further one takes. [in]
FREE_LINES, LINE_IN = 4, 0.075
#: Letters that a line of a decision's widest cell, and of a note on a status, holds.
_CELL, _NOTE = 38, 60
#: Weeks of history that the status table shows.
HISTORY = 12
#: Decisions on page one; the others stand behind it.
MOST_DECISIONS = 3


def height_for(week: Week, lang: str) -> float:
    """Height of the figures of page one: they give way to decisions and notes on statuses. [in]"""
    lines = 0
    for one in week.decisions[:MOST_DECISIONS]:
        cells = (
            decision_text(one, lang),
            said(one.expected, lang)[:120],
            said(one.owner, lang)[:60],
        )
        lines += max(
            math.ceil(len(cell) / width) for cell, width in zip(cells, (_CELL, 30, 26), strict=True)
        )
    notes = (remarks(area, lang) for area in week.areas)
    lines += sum(math.ceil(len(note) / _NOTE) for note in notes)
    return max(HIGH_IN - LINE_IN * max(lines - FREE_LINES, 0), LEAST_IN)


def small_figure(drawn: Figure | None, place: str = "small", high_in: float = HIGH_IN) -> Markup:
    """A figure half as wide: its finding as text, the drawing; its numbers stand behind page one."""
    if drawn is None:
        return Markup("")
    small = replace(drawn, key=f"{drawn.key}-{place}")
    svg = Markup(unstyled(to_svg(small, WIDE_IN, high_in, titled=False)))
    title = prose("p", drawn.title, style="headline")
    measure = prose("p", drawn.subtitle, style="measure")
    return Markup('<figure class="small">{}{}{}</figure>').format(title, measure, svg)


def side_by_side(
    figures: Iterable[Figure | None], place: str = "small", high_in: float = HIGH_IN
) -> Markup:  # fmt: skip
    """Small figures in two columns; ``place`` tells a figure from itself elsewhere on the page."""
    made = Markup("").join(small_figure(drawn, place, high_in) for drawn in figures)
    return Markup('<div class="two">{}</div>').format(made)


def status_line(week: Week, text: str, lang: str) -> Markup:
    """The overall status and its rule: shape and word say it, colour besides."""
    fr, en = "le pire des domaines ci-dessous compte", "the worst of the areas below counts"
    line = Markup('<p class="overall {}">{} <small>({})</small></p>')
    return clean(line.format(week.overall[0], text, pick(lang, fr, en)))


def decisions_table(decisions: Sequence[Decision], plan: Plan, asked: str, lang: str) -> Markup:
    """Decisions asked for: what, effect by the model, who, by when; or that there is none."""
    if not decisions:
        return prose("p", asked, style="asked")
    columns = pick(
        lang,
        ("Décision", "Effet selon le modèle", "Effet annoncé", "Qui", "Avant le"),
        ("Decision", "Effect by the model", "Effect announced", "Who", "By"),
    )
    rows = [
        (
            decision_text(one, lang),
            effect_text(one, vat_of(plan), lang),
            from_data(said(one.expected, lang), 120) or "–",
            from_data(said(one.owner, lang), 60) or pick(lang, "à désigner", "to be named"),
            date_short(one.due, lang) if one.due else pick(lang, "à fixer", "to be set"),
        )
        for one in decisions
    ]
    return table(asked, columns, rows)


def status_table(week: Week, lang: str) -> Markup:
    """Status by area with its numbers and its history, the latest week on the right."""
    columns = pick(
        lang,
        ("Domaine", "Statut", "P50 / P80", "Cible", f"{HISTORY} dernières semaines"),
        ("Area", "Status", "P50 / P80", "Target", f"Last {HISTORY} weeks"),
    )
    rows = []
    for area in week.areas:
        measured, target = area_cells(area, week.forecast, lang)
        shown = Markup('<span class="{}">{}</span>').format(
            area.shown, colour_word(area.shown, lang)
        )
        if note := remarks(area, lang):
            shown += Markup(" <small>({})</small>").format(from_data(note, 200))
        rows.append(
            (area_name(area.name, lang), shown, measured, target, _history(week, area.name))
        )
    return table(pick(lang, "Statut par domaine", "Status by area"), columns, rows)


def _history(week: Week, area: str) -> Markup:
    """Shapes of the last weeks, the latest on the right; a dot where a week did not judge it."""
    weeks = week.weeks[-HISTORY:]
    shapes = " ".join(SHAPES[k.colours[area][1]] if area in k.colours else "·" for k in weeks)
    return Markup('<span class="history">{}</span>').format(shapes)


def risks_table(week: Week, lang: str) -> Markup:
    """The five risks that cost most chances, by the model; or that there is none."""
    if not week.risks:
        none = (
            "Aucun risque ouvert ne retarde ni ne renchérit le plan.",
            "No open risk makes the plan later or dearer.",
        )
        return prose("p", pick(lang, *none), style="note")
    vat = vat_of(week.plan)
    columns = pick(
        lang,
        ("Risque", "#Probabilité, sur 20", "#Date P80", f"#Coût P80, M€ {vat or ''}",
         "#Chances perdues, sur 20", "À qui demander", "Signalé"),
        ("Risk", "#Probability, in 20", "#P80 date", "#P80 cost, €M", "#Chances lost, in 20", "Ask", "Raised"),
    )  # fmt: skip
    rows = [_risk(week, risk, lang) for risk in week.risks]
    fr = "Les risques ouverts qui pèsent le plus, par leur effet dans le modèle"
    caption = pick(lang, fr, "The open risks that weigh most, by their effect in the model")
    return table(caption, [c.strip() for c in columns], rows)


def _risk(week: Week, risk: Risk, lang: str) -> tuple:
    effect: DriverEffect = risk.effect
    driver, day = week.plan.drivers[effect.id], pick(lang, "j", "d")
    ask = driver.ask or week.plan.ask
    return (
        capital(driver_label(effect, lang)),
        twenty(effect.p),
        _effect(effect.finish_days, effect.finish_se, lang, 0, f"{NBSP}{day}"),
        _effect(effect.cost_eur / 1e6, effect.cost_se / 1e6, lang, 2),
        "–" if effect.p_both is None else number(20 * effect.p_both, lang, 1),
        from_data(ask.in_(lang), 40) if ask else "–",
        date_short(risk.raised, lang) if risk.raised else "–",
    )


def _effect(value: float, error: float, lang: str, digits: int, unit: str = "") -> Markup | str:
    """What a risk moves, with its error; a prudent value that it puts out of reach is endless."""
    if not math.isfinite(value):
        return pick(lang, "sans fin", "endless") if value > 0 else "–"
    return with_error(signed(value, lang, digits) + unit, error_of(error, lang))


def next_parts(texts: Sequence[str], mind: str, lang: str) -> Markup:
    """What is due in two weeks, and what would change our mind."""
    stop = pick(lang, french(" ; "), "; ")
    lead = pick(lang, french("Deux semaines à venir : "), "The next two weeks: ")
    return prose("p", lead + stop.join(texts) + ".", mind, style="next")


def overflow(decisions: Sequence[Decision], lang: str) -> Markup:
    """Decisions that have no room on page one."""
    more = decisions[MOST_DECISIONS:]
    return items(decision_text(one, lang) for one in more) if more else Markup("")
