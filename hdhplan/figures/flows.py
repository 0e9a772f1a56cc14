"""Charts of what goes over: the volume landed by route, and the calendar of continuity."""

from __future__ import annotations

import math
from collections import Counter
from types import SimpleNamespace

from hdhplan.crossing import standstills
from hdhplan.exposure import WHOLE
from hdhplan.figures.dates import fitting, right_labels
from hdhplan.figures.drawing import (
    GREY,
    INK,
    LIGHT,
    MAIN,
    SECOND,
    THIRD,
    WORSE,
    Figure,
    date_axis,
    row_names,
)
from hdhplan.figures.rollup import finish_of
from hdhplan.forecast import Forecast
from hdhplan.wording.captions import captions
from hdhplan.wording.formats import (
    NARROW,
    date_known,
    date_short,
    label,
    month_year,
    number,
    percent,
    pick,
    supported,
    volume,
)
from hdhplan.wording.labels import capital, known, wave_label

#: Routes that one chart shows: those that carry most.
ROUTES = 4
_STYLES = ((MAIN, "-"), (SECOND, "--"), (THIRD, "-."), (INK, ":"))
#: Rounding steps of project-days.
_STEPS = (1.0, 10.0, 100.0, 1_000.0, 10_000.0)


def landed(forecast: Forecast, lang: str) -> Figure | None:
    """Draw the volume landed by route over time, against all there is to land."""
    paths = forecast.landed_paths
    routes = [r for r in paths if r != WHOLE and paths[r].p80[-1] > 0]
    routes = sorted(routes, key=lambda r: (-paths[r].p50[-1], r))[:ROUTES]
    if not routes:
        return None
    whole, days = float(paths[WHOLE].p50[0]), paths[WHOLE].days
    names = {r: _route_name(forecast, r, lang) for r in routes}
    limits = {r: _limit_of(forecast, r, lang) for r in routes}

    def draw(ax):
        for route, (color, style) in zip(routes, _STYLES, strict=False):
            path = paths[route]
            ax.fill_between(days, path.p10, path.p80, facecolor=color, alpha=0.18, lw=0)
            ax.plot(days, path.p50, color=color, ls=style, lw=2,
                    label=f"{names[route]}, {limits[route]}")  # fmt: skip
        ax.axhline(whole, color=GREY, lw=1.2, ls="--")
        text = f"{volume(whole, lang)} {pick(lang, 'à copier (P50)', 'to copy (P50)')}"
        ax.annotate(text, (0, whole), xycoords=("axes fraction", "data"), xytext=(4, 2),
                    textcoords="offset points", va="bottom")  # fmt: skip
        date_axis(ax, forecast.plan.start, float(days[0]), float(days[-1]), lang)
        top = max(whole, *(float(paths[r].p80.max()) for r in routes))
        ax.set_ylim(0, 1.12 * top)
        ax.set_ylabel(pick(lang, "Po", "PB"))
        ax.yaxis.set_major_formatter(lambda x, _: number(x, lang, 0 if x == round(x) else 1))
        ax.grid(axis="y", visible=True)
        ax.figure.legend(loc="outside lower left", ncols=1)
        return ax

    day50, day80 = (forecast.quantile("landed_day", p) for p in (0.5, 0.8))
    f = SimpleNamespace(day50=day50, day80=day80)
    words = {"unit": pick(lang, "Po", "PB"), "whole": volume(whole, lang)}
    for name, p in (("day50", 0.5), ("day80", 0.8)):
        error = forecast.standard_error("landed_day", p)
        words[name] = date_known(forecast.date_of(getattr(f, name)), error, lang)
    words["list"] = fitting([f"{names[r]} {volume(float(paths[r].p50[-1]), lang)}, {limits[r]}"
                             for r in routes], 130, pick(lang, f"{NARROW}; ", "; "))  # fmt: skip
    heads = pick(lang, "route;limite;date;P10;P50;P80", "route;limit;date;P10;P50;P80")
    return Figure("landed", draw, **captions("landed", f, lang, words),
                  columns=tuple(heads.split(";")),
                  rows=_landed_rows(forecast, names, limits, words["whole"], lang),
                  height_in=3.3 + 0.2 * len(routes))  # fmt: skip


def _route_name(forecast: Forecast, route: str, lang: str) -> str:
    name = forecast.plan.routes[route].name
    return label(name.in_(lang) if name else route, 40)


def _limit_of(forecast: Forecast, route: str, lang: str) -> str:
    """The limit that binds most on a route, by volume copied, and how often."""
    found: Counter[str] = Counter()
    for name, shares in forecast.bottleneck.items():
        data = forecast.plan.datasets[name]
        if data.route == route:
            found.update({k: v * data.volume_tb.likely for k, v in shares.items()})
    if not found.total():
        return pick(lang, "sans limite nommée", "no named limit")
    limit, weight = max(sorted(found.items()), key=lambda item: item[1])
    how = percent(weight / found.total(), lang)
    return f"{known(limit, lang)} ({how})"


def _landed_rows(forecast: Forecast, names, limits, whole: str, lang: str):
    """One point in three of each route, its last, and the whole."""
    rows = []
    for route, name in names.items():
        path = forecast.landed_paths[route]
        last = len(path.days) - 1
        for i in range(last + 1):
            if i % 3 == 0 or i == last:
                day = forecast.date_of(float(path.days[i]))
                shown = (volume(float(line[i]), lang) for line in (path.p10, path.p50, path.p80))
                rows.append((name, limits[route], month_year(day, lang), *shown))
    return (*rows, (pick(lang, "à copier", "to copy"), "", "", "", whole, ""))


def continuity(forecast: Forecast, lang: str) -> Figure | None:
    """Draw when each wave is interrupted and until when it can go back."""
    plan = forecast.plan
    waves = [w for w in plan.waves if f"{w}.cutover" in forecast.spread]
    gaps = standstills(forecast) if forecast.detail else ()
    if not waves or f"{waves[0]}.interrupted_days" not in forecast.detail:
        return None
    names = [*(_wave_row(forecast, w, lang) for w in waves),
             *(_gap_row(forecast, gap.id, lang) for gap in gaps)]  # fmt: skip
    days80, shown = _project_days(forecast, waves, gaps, lang)
    ends = {w: finish_of(forecast, f"{w}.cutover") for w in waves}
    back = {w: _back(forecast, w) for w in waves}

    def draw(ax):
        begins = {g.id: float((plan.interruptions[g.id].from_ - plan.start).days) for g in gaps}
        known_days = [x for w in waves for x in (*ends[w], back[w]) if math.isfinite(x)]
        known_days += [x for g in gaps for x in (begins[g.id], g.over.p80) if math.isfinite(x)]
        date_axis(ax, plan.start, min(known_days, default=0.0), max(known_days, default=1.0), lang)
        for y, w in enumerate(waves):
            _draw_wave(ax, y, plan.waves[w], ends[w], back[w], lang)
        for y, gap in enumerate(gaps, len(waves)):
            _draw_gap(ax, y, begins[gap.id], gap.over, lang)
        row_names(ax, names)
        right_labels(ax, shown)
        found = dict(zip(*reversed(ax.get_legend_handles_labels()), strict=True))
        ax.figure.legend(found.values(), found.keys(), loc="outside lower left", ncols=2)
        return ax

    total = forecast.quantile("project_days_interrupted", 0.8)
    f = SimpleNamespace(total80=total)
    top = max(range(len(names)), key=lambda i: (days80[i], -i))
    error = forecast.standard_error("project_days_interrupted", 0.8)
    flat = [name.replace("\n", " ") for name in names]
    words = {
        "total": _count(total, error, lang),
        "top": names[top].partition("\n")[0],
        "top80": shown[top],
    }
    said = [f"{n.split(chr(10))[0]} {d}" for n, d in zip(names, shown, strict=True)]
    words["list"] = fitting(said, 140)
    rows = [(n, *(date_short(forecast.date_of(x), lang) for x in (*ends[w], back[w])), d)
            for n, w, d in zip(flat, waves, shown, strict=False)]  # fmt: skip
    rows += [(n, *(date_short(forecast.date_of(x), lang) for x in (g.over.p10, g.over.p50, g.over.p80)),
              "", d) for n, g, d in zip(flat[len(waves):], gaps, shown[len(waves):], strict=True)]  # fmt: skip
    rows.append((pick(lang, "tout", "all"), "", "", "", "", words["total"]))
    heads = pick(lang, "ligne;fin P10;fin P50;fin P80;retour jusqu'au P50;jours·projet P80",
                 "row;end P10;end P50;end P80;back until P50;project-days P80")  # fmt: skip
    return Figure("continuity", draw, **captions("continuity", f, lang, words),
                  columns=tuple(heads.split(";")), rows=tuple(rows),
                  height_in=1.9 + 0.42 * len(names))  # fmt: skip


def _wave_row(forecast: Forecast, wave: str, lang: str) -> str:
    projects = number(forecast.plan.waves[wave].projects, lang)
    name = label(capital(wave_label(forecast.plan, wave, lang)), 30)
    return f"{name}\n({projects} {pick(lang, 'projets', 'projects')})"


def _gap_row(forecast: Forecast, gap: str, lang: str) -> str:
    known_gap = forecast.plan.interruptions[gap]
    name = label(known_gap.name.in_(lang) if known_gap.name else gap, 30)
    return f"{name}\n({number(known_gap.projects, lang)} {pick(lang, 'projets', 'projects')})"


def _back(forecast: Forecast, wave: str) -> float:
    """P50 of the end of a wave's dual running, until which it can go back; its cutover without one."""
    task = f"{wave}.dual_running"
    return finish_of(forecast, task if task in forecast.spread else f"{wave}.cutover")[1]


def _project_days(forecast: Forecast, waves, gaps, lang: str) -> tuple[list[float], list[str]]:
    """P80 of the project-days of each row, as numbers and as they are written."""
    known_days = []
    for w in waves:
        name = f"{w}.interrupted_days"
        known_days.append((forecast.quantile(name, 0.8), forecast.standard_error(name, 0.8)))
    for gap in gaps:
        projects = forecast.plan.interruptions[gap.id].projects
        pair = (gap.length.p80, gap.length.se80) if projects else (0.0, 0.0)
        known_days.append(tuple(projects * x if projects else 0.0 for x in pair))
    return [x for x, _ in known_days], [_count(*pair, lang) for pair in known_days]


def _count(value: float, error: float, lang: str) -> str:
    """A number of project-days, no finer than its error."""
    if not math.isfinite(value):
        return pick(lang, "sans fin", "endless")
    return number(supported(value, error, _STEPS), lang)


def _draw_wave(ax, y: int, wave, ends: tuple[float, float, float], back: float, lang: str) -> None:
    """The window of a cutover, the way it goes over, and how long it can go back."""
    edge = ax.get_xlim()[1]
    p10, p50, p80 = (min(x, edge) for x in ends)
    if math.isfinite(ends[1]):
        label_ = pick(lang, "retour arrière possible, P50", "can go back, P50")
        ax.barh(y, max(min(back, edge) - p50, 0), left=p50, height=0.5, facecolor=LIGHT, lw=0.8,
                edgecolor=MAIN, hatch="\\\\\\", label=label_)  # fmt: skip
    if math.isfinite(ends[0]):
        ax.plot([p10, p80], [y, y], color=INK, lw=1.6, zorder=3,
                label=pick(lang, "fenêtre P10 à P80 de la bascule", "cutover, P10 to P80"))  # fmt: skip
    if not math.isfinite(ends[1]):
        return
    cut = wave.cutover
    critical = wave.critical_projects
    modes = {cut.mode} if wave.projects > critical or not critical else set()
    modes |= {cut.critical or cut.mode} if critical else set()
    marks = {
        "freeze": ("X", MAIN, pick(lang, "gel (lecture seule)", "freeze (read-only)")),
        "dual_write": ("o", "white", pick(lang, "double écriture", "dual write")),
    }
    for mode in sorted(modes, reverse=True):
        mark, face, name = marks[mode]
        shift = 0.0 if len(modes) == 1 else -0.2 if mode == "freeze" else 0.2
        ax.plot([p50], [y + shift], ls="", marker=mark, ms=8, color=face, mec=INK, mew=1.1,
                zorder=4, label=name)  # fmt: skip


def _draw_gap(ax, y: int, begin: float, over, lang: str) -> None:
    """Projects that stand still from a day until a task is done."""
    edge = ax.get_xlim()[1]
    p50, p80 = (max(min(x, edge), begin) for x in (over.p50, over.p80))
    for end, hatch, name in (
        (p80, "//", pick(lang, "interruption jusqu'au P80", "interruption until P80")),
        (p50, "////////", pick(lang, "interruption jusqu'au P50", "interruption until P50")),
    ):
        ax.barh(y, end - begin, left=begin, height=0.5, facecolor="white", edgecolor=WORSE,
                hatch=hatch, lw=1.1, label=name)  # fmt: skip
