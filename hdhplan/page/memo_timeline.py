"""Sections of the memo on the timeline: the path, the gates, what has room."""

from __future__ import annotations

import math

from markupsafe import Markup

from hdhplan.forecast import Forecast
from hdhplan.page.sections import Section, from_data, items, prose, section, table, with_error
from hdhplan.page.tables import task_day
from hdhplan.plan import Plan
from hdhplan.quantities import Bilingual
from hdhplan.wording.formats import number, percent, pick, share
from hdhplan.wording.labels import capital, french, task_label
from hdhplan.wording.memos import gates, path_sentences, working
from hdhplan.wording.sentences import promise_sentences

#: Tasks that a table shows.
MOST = 15


def answer(forecast: Forecast, lang: str) -> Section:
    """What lies on the path, what has room, which gate holds up, and the promises."""
    said = [*path_sentences(forecast, lang), *promise_sentences(forecast, lang)]
    heading = pick(lang, "La réponse", "The answer")
    return section("path", heading, items(said, style="lead"), lines=said)


def critical(forecast: Forecast, lang: str) -> Section:
    """The tasks that are on the path most often."""
    part = forecast.criticality
    names = [name for name in working(forecast) if part.get(name, 0.0)][:MOST]
    few = number(forecast.sampled, lang)
    note = pick(
        lang,
        french(f"Sur les {few} premiers tirages : une tâche est sur le chemin si elle ne peut "
               "durer un instant de plus sans retarder la fin, équipes comprises. Marge : celle du "
               "plan probable jusqu'à sa toute fin, sur la seule logique, en jours du calendrier "
               "de la tâche."),
        f"Over the first {few} draws: a task is on the path if it cannot last an instant longer "
        "without delaying the end, teams included. Float: that of the likely plan until its very end, on "
        "logic alone, in days of the task's own calendar.",
    )  # fmt: skip
    none = pick(lang, "Rien n'est sur le chemin.", "Nothing is on the path.")
    caption = pick(lang, "Le plus souvent sur le chemin", "Most often on the path")
    return section(
        "critical",
        pick(lang, "Le chemin", "The path"),
        _tasks(forecast, caption, names, lang) if names else prose("p", none),
        prose("p", note, style="note"),
        lines=[f"{name}: {share(part[name], lang)}" for name in names] or [none],
    )


def gated(forecast: Forecast, lang: str) -> Section:
    """The gates: when they open, how often they are on the path, whom to ask."""
    names, part = gates(forecast), forecast.criticality
    none = pick(lang, "Le plan n'a pas de porte.", "The plan has no gate.")
    caption = pick(lang, "Les portes", "The gates")
    return section(
        "gates",
        pick(lang, "Les portes", "The gates"),
        _tasks(forecast, caption, names, lang, ask=True) if names else prose("p", none),
        lines=[f"{name}: {share(part.get(name, 0.0), lang)}" for name in names] or [none],
    )


def roomy(forecast: Forecast, lang: str) -> Section:
    """The tasks with the longest floats: who could wait, or lend people."""
    tasks = forecast.tasks
    named = [
        k for k in working(forecast)
        if tasks[k].early_finish > tasks[k].early_start and math.isfinite(tasks[k].slack.total_float)
    ]  # fmt: skip
    named.sort(key=lambda k: (-forecast.tasks[k].slack.total_float, k))
    tight = sum(forecast.tasks[k].slack.total_float < 1 for k in named)
    count, whole = number(tight, lang), number(len(named), lang)
    text = pick(
        lang,
        f"Sans marge d'un jour dans le plan probable, sur la seule logique : {count} sur {whole}.",
        f"Without a day of float in the likely plan, on logic alone: {count} of {whole}.",
    )
    caption = pick(lang, "Les plus longues marges", "The longest floats")
    shown = named[:MOST]
    lines = [f"{k}: {number(forecast.tasks[k].slack.total_float, lang)}" for k in shown]
    text = french(text) if lang == "fr" else text
    return section(
        "floats",
        pick(lang, "Les marges", "The floats"),
        prose("p", text),
        _tasks(forecast, caption, shown, lang) if shown else "",
        lines=(text, *lines),
    )


def _tasks(
    forecast: Forecast, caption: str, names: list[str], lang: str, ask: bool = False
) -> Markup:
    """Dates, criticality and floats of some tasks."""
    rows = [_task(forecast, name, ask, lang) for name in names]
    columns = pick(
        lang,
        ("Tâche", "Fin, P50", "Fin, P80", "#Sur le chemin", "#Marge totale", "#Marge libre"),
        ("Task", "End, P50", "End, P80", "#On the path", "#Total float", "#Free float"),
    )
    return table(caption, (*columns, *[pick(lang, "À demander à", "Ask")] * ask), rows)


def _task(forecast: Forecast, name: str, ask: bool, lang: str) -> tuple:
    plan, part = forecast.plan, forecast.criticality.get(name, 0.0)
    error = math.sqrt(part * (1 - part) / forecast.sampled) if forecast.sampled else math.inf
    slack = forecast.tasks[name].slack
    whom = _whom(plan, name) if ask else None
    return (
        capital(task_label(plan, name, lang)),
        *(task_day(forecast, name, p, lang) for p in (0.5, 0.8)),
        with_error(share(part, lang), percent(error, lang, 1))
        if 0.005 <= part < 1
        else share(part, lang),
        *(_float(x, lang) for x in (slack.total_float, slack.free_float)),
        *[from_data(whom.in_(lang)) if whom else "–"] * ask,
    )


def _whom(plan: Plan, name: str) -> Bilingual | None:
    """Who can say more of a task: of its length, of itself, else of the plan."""
    task = plan.tasks[name]
    return (task.work.ask if task.work else None) or task.ask or plan.ask


def _float(days: float, lang: str) -> str:
    return number(days, lang) if math.isfinite(days) else pick(lang, "sans fin", "endless")
