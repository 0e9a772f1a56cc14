"""Tools on a page: who goes over without an equivalent of a tool, and which gap weighs most."""

from __future__ import annotations

from markupsafe import Markup

from hdhplan.capabilities import needing
from hdhplan.forecast import Forecast
from hdhplan.page.cells import amount_cell, quantity_cells, spread_day, wide
from hdhplan.page.sections import folded, from_data, prose, table
from hdhplan.tooling import Gap, closed, gaps
from hdhplan.wording.continuity import tools_sentence, weight_sentence
from hdhplan.wording.formats import NBSP, number, pick, plural
from hdhplan.wording.labels import capability_label, capital, french, task_label, wave_label

#: A mean of projects below this is not shown. [1]
_LEAST = 0.1
#: How far the target's answer is from what the source gives today.
GAPS = {"partial": ("partiel", "partial"), "none_yet": ("pas encore d'équivalent", "none yet")}


def tools_parts(forecast: Forecast, lang: str) -> tuple[list, list[str]]:
    """What the section shows, and its lines; both empty where no project needs a service."""
    found, without = gaps(forecast), closed(forecast)
    if not found and not without:
        return [], []
    said = [tools_sentence(forecast, lang), weight_sentence(forecast, found, lang)]
    parts = [prose("p", *said)]
    if found:
        summary = plural(len(found), lang, "manque à combler", "gap to close", "manques à combler",
                         "gaps to close")  # fmt: skip
        note = pick(
            lang,
            french(
                "Preuve : de la réponse de la cible. Le service d'aujourd'hui n'a pas de source dans "
                "le plan : à lire comme une hypothèse (D). Dernier ouvert : moyenne, et P80, des "
                "projets pour lesquels ce manque est le seul encore ouvert à leur bascule ; le combler "
                "tout de suite leur rendrait leurs outils, les autres dates étant tenues."
            ),
            "Evidence: of the target's answer. The plan gives no source for today's service: read "
            "it as an assumption (D). Last open: mean, and P80, of the projects for which it is "
            "the only gap still open at their cutover; closing it now would give them their tools, "
            "all other dates held.",
        )
        inside = gaps_table(forecast, found, lang), prose("p", note, style="note")
        parts += [by_wave_table(forecast, lang), folded(summary, *inside)]
    if without:
        names = ", ".join(capability_label(forecast.plan, c, lang) for c in without)
        count = number(len(without), lang)
        head = pick(lang, french(f"Sans manque ({count}) : "), f"Without a gap ({count}): ")
        parts.append(prose("p", head + from_data(names, 1_200) + ".", style="note"))
    return parts, said


def by_wave_table(forecast: Forecast, lang: str) -> Markup:
    """Projects of each wave without an equivalent of a tool, and for how many project-days."""
    plan = forecast.plan
    rows = [
        (
            capital(wave_label(plan, name, lang)),
            number(wave.projects, lang),
            *quantity_cells(forecast, f"{name}.without_tool", lang),
            *quantity_cells(forecast, f"{name}.without_tool_days", lang),
        )
        for name, wave in plan.waves.items()
    ]
    rows.append((
        pick(lang, "Ensemble", "All"),
        number(sum(wave.projects for wave in plan.waves.values()), lang),
        *quantity_cells(forecast, "projects_without_tool", lang),
        *quantity_cells(forecast, "project_days_without_tool", lang),
    ))  # fmt: skip
    caption = pick(
        lang,
        "Projets qui basculent sans équivalent d'un outil (les P50 et P80 ne s'ajoutent pas)",
        "Projects that go over without an equivalent of a tool (P50s and P80s do not add up)",
    )
    columns = pick(
        lang,
        ("Vague", "#Projets", "#Sans outil P50", "#Sans outil P80", "#Jours·projet P50",
         "#Jours·projet P80"),
        ("Wave", "#Projects", "#Without a tool P50", "#Without a tool P80", "#Project-days P50",
         "#Project-days P80"),
    )  # fmt: skip
    return table(caption, columns, rows, total=True)


def gaps_table(forecast: Forecast, found: tuple[Gap, ...], lang: str) -> Markup:
    """Every gap: today's service, the target's answer, what closes it and when, who needs it."""
    rows = [_gap_row(forecast, gap, lang) for gap in found]
    caption = pick(
        lang,
        "Les manques, celui qui pèse le plus d'abord",
        "The gaps, the one that weighs most first",
    )
    columns = pick(
        lang,
        ("Besoin", "Aujourd'hui → cible", "Preuve", "Manque", "Comblé par", "P50", "P80",
         "#Projets", "#Dernier ouvert"),
        ("Need", "Today → target", "Evidence", "Gap", "Closed by", "P50", "P80", "#Projects",
         "#Last open"),
    )  # fmt: skip
    return table(caption, columns, rows)


def _gap_row(forecast: Forecast, gap: Gap, lang: str) -> tuple:
    plan = forecast.plan
    c = plan.capabilities[gap.id]
    today, target = (text.in_(lang) if text else "–" for text in (c.today, c.target))
    by_itself = pick(lang, "un travail à part", "work of its own")
    return (
        capability_label(plan, gap.id, lang),
        Markup("{}{}").format(wide(today, lang), wide(f"→ {target}", lang)),
        c.grade or "D",
        pick(lang, *GAPS[c.gap]),
        from_data(task_label(plan, gap.task, lang)) if c.closed_by else by_itself,
        spread_day(forecast, gap.day, 0.5, lang),
        spread_day(forecast, gap.day, 0.8, lang),
        number(sum(len(needing(plan, c, w)) for w in plan.waves), lang),
        _weight(gap, lang),
    )


def _weight(gap: Gap, lang: str) -> Markup | str:
    """Projects whose last open gap it is: the mean, and P80; a dash where it never is."""
    if gap.mean_last_open == 0:
        return "–"
    mean = amount_cell(gap.mean_last_open, gap.se_mean_last_open, lang)
    if gap.mean_last_open < _LEAST:
        mean = f"<{NBSP}{number(_LEAST, lang, 1)}"
    return Markup("{}<br>P80 {}").format(
        mean, amount_cell(gap.last_open.p80, gap.last_open.se80, lang)
    )
