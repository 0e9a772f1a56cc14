"""Charts of what goes over: the volume landed by route, and the calendar of continuity."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from types import SimpleNamespace

from hdhplan.crossing import standstills
from hdhplan.exposure import LANDED, WHOLE
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
from hdhplan.scope import Wave
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
    plural,
    supported,
    volume,
)
from hdhplan.wording.labels import capital, known, name_of, wave_label

#: Routes that one chart shows: those that carry most.
ROUTES = 4
_STYLES = ((MAIN, "-"), (SECOND, "--"), (THIRD, "-."), (INK, ":"))
#: How each way to go over is marked, and its name.
_MARKS = {
    "freeze": ("X", MAIN, "gel (lecture seule), P50", "freeze (read-only), P50"),
    "dual_write": ("o", "white", "double écriture, P50", "dual write, P50"),
}
#: Room for what has no end. [d]
_BEYOND = 180.0
#: Rounding steps of project-days.
_STEPS = (1.0, 10.0, 100.0, 1_000.0, 10_000.0)


def landed(forecast: Forecast, lang: str) -> Figure | None:
    """Draw the volume landed by route over time, against all there is to land."""
    paths = forecast.landed_paths
    routes = [r for r in paths if r not in (WHOLE, LANDED) and paths[r].p80[-1] > 0]
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


@dataclass(frozen=True)
class _Row:
    """A wave, or a standstill that begins on a given day: P10, P50, P80 of its end. [d]"""

    name: str
    projects: int
    ends: tuple[float, float, float]
    wave: Wave | None
    begin: float
    back: float
    days80: float
    shown: str

    def title(self, lang: str) -> str:
        """Its name, and how many projects it stands for."""
        return f"{self.name}\n({plural(self.projects, lang, 'projet', 'project')})"


def continuity(forecast: Forecast, lang: str) -> Figure | None:
    """Draw when each wave is interrupted and until when it can go back."""
    rows = _rows(forecast, lang) if forecast.detail else []
    if not rows:
        return None

    def draw(ax):
        all_days = [x for row in rows for x in (*row.ends, row.begin, row.back)]
        found = [x for x in all_days if math.isfinite(x)] or [0.0]
        endless = _BEYOND if len(found) < len(all_days) else 0.0
        date_axis(ax, forecast.plan.start, min(found), max(found) + endless, lang)
        for y, row in enumerate(rows):
            _draw_wave(ax, y, row, lang) if row.wave else _draw_gap(ax, y, row, lang)
        row_names(ax, [row.title(lang) for row in rows])
        right_labels(ax, [row.shown for row in rows])
        handles = dict(zip(*reversed(ax.get_legend_handles_labels()), strict=True))
        ax.figure.legend(handles.values(), handles.keys(), loc="outside lower left", ncols=2)
        return ax

    total = forecast.quantile("project_days_interrupted", 0.8)
    error = forecast.standard_error("project_days_interrupted", 0.8)
    top = max(rows, key=lambda row: row.days80)
    words = {"total": _count(total, error, lang), "top": top.name, "top80": top.shown}
    words["list"] = fitting([f"{row.name} {row.shown}" for row in rows], 140)
    shown = [(*row.ends, row.back if row.wave else None) for row in rows]
    table = [
        (row.title(lang).replace("\n", " "),
         *("" if x is None else date_short(forecast.date_of(x), lang) for x in days), row.shown)
        for row, days in zip(rows, shown, strict=True)
    ]  # fmt: skip
    table.append((pick(lang, "tout", "all"), "", "", "", "", words["total"]))
    heads = pick(lang, "ligne;fin P10;fin P50;fin P80;retour jusqu'au P50;jours·projet P80",
                 "row;end P10;end P50;end P80;back until P50;project-days P80")  # fmt: skip
    f = SimpleNamespace(total80=total)
    return Figure("continuity", draw, **captions("continuity", f, lang, words),
                  columns=tuple(heads.split(";")), rows=tuple(table),
                  height_in=1.9 + 0.42 * len(rows))  # fmt: skip


def _rows(forecast: Forecast, lang: str) -> list[_Row]:
    """Each wave, then what stands still from a given day."""
    plan, rows = forecast.plan, []
    for w, wave in plan.waves.items():
        if f"{w}.cutover" in forecast.spread:
            days = f"{w}.interrupted_days"
            value, error = forecast.quantile(days, 0.8), forecast.standard_error(days, 0.8)
            name, ends = (
                label(capital(wave_label(plan, w, lang)), 30),
                finish_of(forecast, f"{w}.cutover"),
            )
            back = _back(forecast, w)
            rows.append(_Row(name, wave.projects, ends, wave, ends[0], back, value,
                             _count(value, error, lang)))  # fmt: skip
    for gap in standstills(forecast):
        known_gap, over = plan.interruptions[gap.id], gap.over
        many, begin = known_gap.projects, float((known_gap.from_ - plan.start).days)
        value, error = (many * x if many else 0.0 for x in (gap.length.p80, gap.length.se80))
        name = label(name_of(known_gap, lang), 30)
        ends = (over.p10, over.p50, over.p80)
        rows.append(_Row(name, many, ends, None, begin, begin, value, _count(value, error, lang)))
    return rows


def _back(forecast: Forecast, wave: str) -> float:
    """P50 of the end of a wave's dual running, until which it can go back; its cutover without one."""
    task = f"{wave}.dual_running"
    return finish_of(forecast, task if task in forecast.spread else f"{wave}.cutover")[1]


def _count(value: float, error: float, lang: str) -> str:
    """A number of project-days, no finer than its error."""
    if not math.isfinite(value):
        return pick(lang, "sans fin", "endless")
    return number(supported(value, error, _STEPS), lang)


def _draw_wave(ax, y: int, row: _Row, lang: str) -> None:
    """The window of a cutover, the way it goes over, and how long it can go back."""
    edge = ax.get_xlim()[1]
    p10, p50, p80 = (min(x, edge) for x in row.ends)
    if math.isfinite(row.ends[1]):
        name = pick(lang, "retour arrière possible, P50", "can go back, P50")
        ax.barh(y, max(min(row.back, edge) - p50, 0), left=p50, height=0.5, facecolor=LIGHT, lw=0.8,
                edgecolor=MAIN, hatch="\\\\\\", label=name)  # fmt: skip
    if math.isfinite(row.ends[0]):
        name = pick(lang, "fenêtre de la bascule, P10 à P80", "window of the cutover, P10 to P80")
        ax.plot([p10, p80], [y, y], color=INK, lw=1.6, zorder=3, label=name)
    if not math.isfinite(row.ends[1]):
        return
    modes = _modes(row.wave)
    for mode in modes:
        mark, face, *name = _MARKS[mode]
        shift = 0.0 if len(modes) == 1 else -0.2 if mode == "freeze" else 0.2
        ax.plot([p50], [y + shift], ls="", marker=mark, ms=8, color=face, mec=INK, mew=1.1,
                zorder=4, label=pick(lang, *name))  # fmt: skip


def _modes(wave: Wave) -> tuple[str, ...]:
    """The ways in which the projects of a wave go over."""
    cut, critical = wave.cutover, wave.critical_projects
    modes = [cut.mode] if wave.projects > critical or not critical else []
    return tuple(dict.fromkeys([*modes, *([cut.critical or cut.mode] if critical else [])]))


def _draw_gap(ax, y: int, row: _Row, lang: str) -> None:
    """Projects that stand still from a day until a task is done."""
    edge, begin = ax.get_xlim()[1], row.begin
    p50, p80 = (max(min(x, edge), begin) for x in row.ends[1:])
    for end, hatch, name in (
        (p80, "//", pick(lang, "interruption jusqu'au P80", "interruption until P80")),
        (p50, "////////", pick(lang, "interruption jusqu'au P50", "interruption until P50")),
    ):
        ax.barh(y, end - begin, left=begin, height=0.5, facecolor="white", edgecolor=WORSE,
                hatch=hatch, lw=1.1, label=name)  # fmt: skip
