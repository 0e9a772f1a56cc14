"""Sections on how good the kept forecasts have been, and what must hold of their scores."""

from __future__ import annotations

import math

from markupsafe import Markup

from hdhplan.figures.scores import score_figures
from hdhplan.page.sections import Section, figure, from_data, items, prose, section, table
from hdhplan.pairing import Pair
from hdhplan.plan import Plan
from hdhplan.scoring import BINS, Scores, Skill
from hdhplan.wording.formats import chances, date_short, meur, number, percent, pick
from hdhplan.wording.labels import capital, french, task_label
from hdhplan.wording.scoring import (
    cost_name,
    counted,
    day_of,
    level_name,
    score_sentences,
    verdict_word,
)

_CLOSE = 1e-6


def answer(scores: Scores, plan: Plan, kept: str, draws: int, lang: str) -> Section:
    """Whether the forecasts can be trusted, whether there is enough to say so, and which they are.

    ``kept`` names the folder that they were kept in; empty where each week was forecast again.
    """
    said = score_sentences(scores, lang)
    banner = pick(
        lang,
        french("Illustratif : ce suivi est inventé, ce n'est pas l'état réel du programme."),
        "Illustrative: this status is made up, it is not the programme's real one.",
    )
    again = pick(
        lang,
        f"Chaque semaine a été prévue de nouveau, comme elle l'aurait été ce jour-là ({number(draws, lang)} "
        "tirages) : ce ne sont pas des prévisions conservées, et le modèle est celui d'aujourd'hui.",
        f"Each week was forecast again, as it would have been that day ({number(draws, lang)} draws): "
        "these are not kept forecasts, and the model is today's.",
    )
    as_kept = pick(
        lang,
        "Les prévisions sont celles qui furent conservées, telles quelles.",
        "The forecasts are those that were kept, unchanged.",
    )
    note = as_kept if kept else again
    note = french(note) if lang == "fr" else note
    made_up = plan.status.as_of(scores.day).illustrative
    heading = pick(lang, "La réponse", "The answer")
    return section(
        "scores", heading, prose("p", banner if made_up else "", style="banner"),
        items(said, style="lead"), prose("p", note, style="note"), lines=[*said, note],
    )  # fmt: skip


def coverage(scores: Scores, plan: Plan, lang: str) -> Section:
    """How often the dates of each level were kept."""
    rows = [
        (level_name(c), number(c.tasks, lang), *counted(c, lang), verdict_word(c, lang))
        for c in scores.coverage
    ]
    columns = pick(
        lang,
        ("Niveau", "#Tâches échues", "#Tenues", "#Annoncées", "#Au hasard", "Verdict"),
        ("Level", "#Tasks due", "#Kept", "#Claimed", "#By luck", "Verdict"),
    )
    note = pick(
        lang,
        "Les semaines d'une tâche ne sont pas indépendantes : chaque tâche compte une fois, et le "
        "hasard est celui d'autant de tâches (loi binomiale, 19 fois sur 20). Des causes communes à "
        "plusieurs tâches l'élargiraient encore.",
        "The weeks of a task are not independent: each task counts once, and luck is that of as many "
        "tasks (binomial law, 19 times in 20). Causes that tasks share would widen it further.",
    )
    caption = pick(lang, "Dates tenues", "Dates kept")
    return section(
        "coverage",
        pick(lang, french("Les dates tiennent-elles ?"), "Are dates kept?"),
        figure(score_figures(scores, plan, lang).get("coverage"), lang),
        table(caption, columns, rows),
        prose("p", french(note) if lang == "fr" else note, style="note"),
        lines=[" · ".join(row) for row in rows],
    )


def lean(scores: Scores, plan: Plan, lang: str) -> Section:
    """Whether tasks end earlier or later than forecast."""
    drawn = score_figures(scores, plan, lang).get("pit")
    none = pick(lang, "Rien n'est encore échu.", "Nothing has fallen due yet.")
    return section(
        "lean",
        pick(lang, french("Trop tôt, trop tard, trop sûr ?"), "Too early, too late, too sure?"),
        figure(drawn, lang) if drawn else prose("p", none),
        lines=[drawn.title, drawn.alt] if drawn else [none],
    )


def against(scores: Scores, plan: Plan, lang: str) -> Section:
    """The forecasts beside the first plan, the earned schedule and promises; then costs."""
    rows = [
        _skill_row(name, found, unit, lang)
        for name, found, unit in (
            (pick(lang, "Fins de tâches, premier plan", "Task finishes, first plan"),
             scores.versus_first, pick(lang, "CRPS, j", "CRPS, d")),
            (pick(lang, "Fins de tâches, IEAC(t)", "Task finishes, IEAC(t)"),
             scores.versus_ieac, pick(lang, "CRPS, j", "CRPS, d")),
            (pick(lang, "Promesses, premier plan", "Promises, first plan"), scores.brier, "Brier"),
        )
    ]  # fmt: skip
    columns = pick(
        lang,
        ("Comparé à", "Mesure", "#Prévision", "#Référence", "#Gain", "#Tâches ou promesses"),
        ("Compared with", "Measure", "#Forecast", "#Reference", "#Skill", "#Tasks or promises"),
    )
    note = pick(
        lang,
        "CRPS : l'erreur d'une prévision entière, en jours ; celle d'une date seule est son écart. "
        "Elle compte jusqu'à la date des données, tâches encore ouvertes comprises. IEAC(t) : dates du "
        "plan probable divisées par le SPI(t) du moment. Gain : part d'erreur en moins, 1 parfait. "
        "Aucun seuil de signification n'est revendiqué. Ce que nul n'a signalé n'est pas arrivé ; un jalon "
        "compte une fois signalé.",
        "CRPS: the error of a whole forecast, in days; that of a single date is its distance. It counts "
        "up to the data date, tasks still open included. IEAC(t): dates of the likely plan over the "
        "SPI(t) of the time. Skill: share of the error that is gone, 1 is perfect. No significance is "
        "claimed. What nobody reported has not happened; milestones count once they are reported.",
    )
    caption = pick(lang, "Face à plus simple", "Beside what is simpler")
    return section(
        "against",
        pick(lang, "Face à plus simple", "Beside what is simpler"),
        table(caption, columns, rows),
        _promises(scores, plan, lang),
        _costs(scores, lang),
        prose("p", french(note) if lang == "fr" else note, style="note"),
        lines=[" · ".join(row) for row in rows],
    )


def _skill_row(name: str, found: Skill, unit: str, lang: str) -> tuple[str, ...]:
    digits = 3 if unit == "Brier" else 2
    numbers = (
        "–" if x is None else number(x, lang, digits) for x in (found.score, found.reference)
    )
    gain = "–" if found.value is None else percent(found.value, lang)
    return (name, unit, *numbers, gain, number(found.tasks, lang))


def _promises(scores: Scores, plan: Plan, lang: str) -> Markup:
    """Each event that is decided, as it was forecast first and last."""
    by_event: dict[str, list] = {}
    for one in scores.events:
        by_event.setdefault(one.event, []).append(one)
    rows = [
        (
            from_data(group[0].event),
            number(len(group), lang),
            chances(group[0].odds, lang),
            chances(group[-1].odds, lang),
            pick(lang, "oui", "yes") if group[0].happened else pick(lang, "non", "no"),
        )
        for group in by_event.values()
    ]
    columns = pick(
        lang,
        ("Promesse", "#Prévisions", "La première", "La dernière", "Tenue"),
        ("Promise", "#Forecasts", "The first", "The last", "Kept"),
    )
    caption = pick(lang, "Promesses échues", "Promises that are due")
    return table(caption, columns, rows) if rows else Markup("")


def _costs(scores: Scores, lang: str) -> Markup:
    rows = [
        (
            capital(cost_name(cost.quantity, lang)),
            *(meur(x, lang, scores.vat) for x in (cost.actual, cost.crps, cost.first)),
            number(cost.forecasts, lang),
        )
        for cost in scores.costs
    ]
    columns = pick(
        lang,
        ("Ligne", "#Payé", "#CRPS", "#CRPS du premier plan", "#Prévisions"),
        ("Line", "#Paid", "#CRPS", "#CRPS of the first plan", "#Forecasts"),
    )
    return table(pick(lang, "Coûts connus", "Costs known"), columns, rows) if rows else Markup("")


def finishes(scores: Scores, plan: Plan, lang: str) -> Section:
    """The target's finish as each forecast saw it."""
    drawn = score_figures(scores, plan, lang).get("finish_by_week")
    none = pick(lang, "Moins de deux prévisions.", "Fewer than two forecasts.")
    rows = [" · ".join(row) for row in drawn.rows] if drawn else []
    return section(
        "finishes",
        pick(lang, "La fin, semaine après semaine", "The finish, week by week"),
        figure(drawn, lang) if drawn else prose("p", none),
        lines=[drawn.title, *rows] if drawn else [none],
    )


def tasks(scores: Scores, plan: Plan, lang: str) -> Section:
    """Each task that is done: what the first forecast of it said, when it was done, the mean error."""
    groups: dict[str, list[Pair]] = {}
    for pair in scores.each:
        if pair.actual is not None:
            groups.setdefault(pair.task, []).append(pair)
    rows = [_task(scores, plan, group, lang) for group in groups.values()]
    rows.sort(key=lambda row: row[-1])
    columns = pick(
        lang,
        ("Tâche", "Prévue le", "P10", "P50", "P90", "Finie", "#CRPS (j)", "#Prévisions"),
        ("Task", "Forecast on", "P10", "P50", "P90", "Done", "#CRPS (d)", "#Forecasts"),
    )
    none = pick(lang, "Aucune tâche prévue n'est finie.", "No task that was forecast is done.")
    caption = pick(lang, "Tâches finies", "Tasks that are done")
    return section(
        "tasks",
        pick(lang, "Tâche par tâche", "Task by task"),
        table(caption, columns, [row[:-1] for row in rows]) if rows else prose("p", none),
        lines=[f"{row[0]}: {row[5]}, {row[6]}" for row in rows] or [none],
    )


def _task(scores: Scores, plan: Plan, group: list[Pair], lang: str) -> tuple:
    """One row, and what sorts it: the day, then the name."""
    first = group[0]
    days = [first.shown[first.levels.index(p)] for p in (0.1, 0.5, 0.9)]
    shown = [
        date_short(day_of(scores, day) if math.isfinite(day) else None, lang)
        for day in (*days, first.actual)
    ]
    error = number(sum(pair.score for pair in group) / len(group), lang, 1)
    name = capital(task_label(plan, first.task, lang))
    numbers = (error, number(len(group), lang))
    return (name, date_short(first.as_of, lang), *shown, *numbers, (first.actual, first.task))


def check_scores(scores: Scores) -> tuple[str, ...]:
    """Check what must hold of any scores, and say what was checked.

    Raises
    ------
    AssertionError
        Naming what does not hold.
    """
    whole = sum(scores.pit) + sum(scores.pit_open)
    due = [c for c in scores.coverage if c.tasks]
    laws = {
        "bars of all tasks add up to the tasks": abs(whole - scores.tasks) < _CLOSE * max(whole, 1),
        f"there are {BINS} bars": len(scores.pit) == len(scores.pit_open) == BINS,
        "only what came after a forecast is scored": all(p.as_of < scores.day for p in scores.each),
        "nothing is done after the data date": all(p.actual is None or p.actual <= p.now for p in scores.each),
        "a date that is past holds what it claims or not": all(
            0 <= c.share <= 1 and c.p - _CLOSE <= c.given <= 1 and 0 <= c.low <= c.high <= 1
            for c in due
        ),
        "errors are never negative": all(p.score >= 0 for p in scores.each),
        "no task counts twice": all(c.tasks <= scores.tasks for c in due),
    }  # fmt: skip
    for what, holds in laws.items():
        if not holds:
            raise AssertionError(f"broken: {what}")
    return tuple(laws)
