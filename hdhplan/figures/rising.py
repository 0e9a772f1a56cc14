"""Burn-up charts: the volume that has landed and the projects that have moved, and what is to come."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
from numpy.typing import NDArray

from hdhplan.exposure import LANDED
from hdhplan.figures.drawing import (
    GREY,
    LIGHT,
    MAIN,
    SECOND,
    Figure,
    date_axis,
    is_half,
    room_for_dates,
)
from hdhplan.figures.weeks import instant
from hdhplan.forecast import Forecast
from hdhplan.past import Past
from hdhplan.units import PB_PER_TB
from hdhplan.wording.captions import captions
from hdhplan.wording.formats import date_known, date_short, label, number, pick, volume
from hdhplan.wording.labels import capital, wave_label

#: Probabilities of the fan: 16 times in 20 between the first and the last.
_FAN = (0.10, 0.50, 0.90)
#: Line and mark of each series of what is done.
_DONE = ((MAIN, "-", "o"), (SECOND, "-.", "s"))
#: Room for what has no end. [d]
_BEYOND = 180.0
#: A point in so many of the forecast is in the table.
_EVERY = 3


@dataclass(frozen=True)
class _Rise:
    """What has gone over by week, all there is to move, and the fan of what is to come, at ``days``.

    Lines of ``done`` and ``scope`` go with the weeks' ends ``x``; with ``steps`` the fan jumps. [d]
    """

    start: dt.date
    x: NDArray
    done: dict[str, NDArray]
    scope: NDArray
    scope_name: str
    days: NDArray
    fan: tuple[NDArray, NDArray, NDArray]
    steps: bool


def burn_up(past: Sequence[Past], forecast: Forecast, lang: str) -> Figure | None:
    """Draw the volume landed and verified by week, the scope as it moved, and the forecast.

    The last of ``past`` is the week of the forecast.
    """
    path, last = forecast.landed_paths.get(LANDED), past[-1]
    if path is None or last.scope_tb <= 0:
        return None
    big = last.scope_tb * PB_PER_TB >= 1
    unit, factor = (pick(lang, "Po", "PB"), PB_PER_TB) if big else (pick(lang, "To", "TB"), 1.0)
    rise = _volumes(past, forecast, factor, lang)

    def draw(ax):
        ax.set_ylabel(unit)
        return _draw(ax, rise, lang)

    f = SimpleNamespace(landed=last.landed_tb, verified=last.verified_tb, scope=last.scope_tb)
    words = {k: volume(v * PB_PER_TB, lang) for k, v in vars(f).items()}
    words |= {"unit": unit, "day": date_short(last.day, lang)}
    for p in _FAN:
        day, error = (ask("landed_day", p) for ask in (forecast.quantile, forecast.standard_error))
        words[f"day{round(100 * p)}"] = date_known(forecast.date_of(day), error, lang)
    heads = pick(lang, "au;copié;vérifié;à déplacer;P10;P50;P90",
                 "as of;copied;verified;to move;P10;P50;P90")  # fmt: skip
    rows = _volume_rows(past, forecast, rise, PB_PER_TB / factor, lang)
    end = pick(lang, "dernière copie", "last copy")
    rows.append((end, "", "", "", *(words[f"day{k}"] for k in (10, 50, 90))))
    return Figure("burn_up", draw, **captions("burn_up", f, lang, words),
                  columns=tuple(heads.split(";")), rows=tuple(rows), height_in=3.8)  # fmt: skip


def _volumes(past: Sequence[Past], forecast: Forecast, factor: float, lang: str) -> _Rise:
    """The weeks and the forecast path from the data date on, in one unit."""
    path, start = forecast.landed_paths[LANDED], forecast.plan.start
    x = np.array([instant(week, start) for week in past])
    landed, verified, scope = (
        np.array([getattr(week, name) for week in past]) * factor
        for name in ("landed_tb", "verified_tb", "scope_tb")
    )
    lines = [line * (factor / PB_PER_TB) for line in (path.p10, path.p50, path.p90)]
    # Where the slow line has reached its end, nothing more is to be seen.
    moving = np.flatnonzero(lines[0] < lines[0][-1] * (1 - 1e-6))
    until = path.days[min(moving.max(initial=0) + 2, len(path.days) - 1)]
    ahead = (path.days > x[-1]) & (path.days <= max(until, x[-1] + _BEYOND))
    fan = tuple(np.concatenate([landed[-1:], line[ahead]]) for line in lines)
    done = {pick(lang, "copié", "copied"): landed, pick(lang, "vérifié", "verified"): verified}
    name = pick(lang, "à déplacer", "to move")
    days = np.concatenate([x[-1:], path.days[ahead]])
    return _Rise(start, x, done, scope, name, days, fan, steps=False)


def _volume_rows(
    past: Sequence[Past], forecast: Forecast, rise: _Rise, pb: float, lang: str
) -> list[tuple[str, ...]]:
    """Each week, then one point in three of the forecast and its last; a unit is so many PB."""
    rows = [
        (date_short(week.day, lang), *(volume(float(line[i]) * pb, lang)
                                       for line in (*rise.done.values(), rise.scope)), "", "", "")
        for i, week in enumerate(past)
    ]  # fmt: skip
    last = len(rise.days) - 1
    for i in range(1, last + 1):
        if i % _EVERY == 0 or i == last:
            cells = (volume(float(line[i]) * pb, lang) for line in rise.fan)
            rows.append(
                (date_short(forecast.date_of(float(rise.days[i])), lang), *[""] * 3, *cells)
            )
    return rows


def projects_up(past: Sequence[Past], forecast: Forecast, lang: str) -> Figure | None:
    """Draw the projects moved by week, how many there are, and the forecast, wave by wave.

    The last of ``past`` is the week of the forecast.
    """
    waves = [w for w in forecast.plan.waves if f"{w}.cutover" in forecast.quantities]
    last = past[-1]
    if not waves or not last.projects:
        return None
    ends = np.array([[forecast.quantile(f"{w}.cutover", p) for p in _FAN] for w in waves])
    rise = _projects(past, forecast, waves, ends, lang)

    def draw(ax):
        return _draw(ax, rise, lang)

    f = SimpleNamespace(moved=last.moved, projects=last.projects)
    words = {k: number(v, lang) for k, v in vars(f).items()} | {"day": date_short(last.day, lang)}
    shown = [[date_short(forecast.date_of(day), lang) for day in row] for row in ends]
    names = [label(capital(wave_label(forecast.plan, w, lang)), 30) for w in waves]
    words |= dict(zip(("day10", "day50", "day90"), shown[int(ends[:, 1].argmax())], strict=True))
    coming = next((i for i, row in enumerate(ends) if row[1] > rise.x[-1]), len(waves) - 1)
    words |= {"row": names[coming], "between": _between(shown[coming], ends[coming], lang)}
    rows = [(date_short(week.day, lang), number(week.moved, lang), number(week.projects, lang),
             "", "", "") for week in past]  # fmt: skip
    sizes = [number(forecast.plan.waves[w].projects, lang) for w in waves]
    rows += [(n, "", size, *row) for n, size, row in zip(names, sizes, shown, strict=True)]
    heads = pick(lang, "au, ou vague;basculés;projets;P10;P50;P90",
                 "as of, or wave;moved;projects;P10;P50;P90")  # fmt: skip
    return Figure("projects_up", draw, **captions("projects_up", f, lang, words),
                  columns=tuple(heads.split(";")), rows=tuple(rows), height_in=3.8)  # fmt: skip


def _between(shown: Sequence[str], ends: NDArray, lang: str) -> str:
    """From when to when a wave cuts over 16 times in 20, as far as it has such dates."""
    first, _, last = shown
    if math.isinf(ends[0]):
        return pick(lang, "ne bascule presque jamais", "almost never cuts over")
    if math.isinf(ends[2]):
        return pick(lang, f"bascule au plus tôt vers le {first} (P10), et pas toujours",
                    f"cuts over from about {first} on (P10), and not always")  # fmt: skip
    return pick(lang, f"bascule entre le {first} et le {last} 16 fois sur 20",
                f"cuts over between {first} and {last} 16 times in 20")  # fmt: skip


def _projects(past, forecast: Forecast, waves: Sequence[str], ends: NDArray, lang: str) -> _Rise:
    """The weeks, and the steps of the waves from the data date on."""
    start = forecast.plan.start
    x = np.array([instant(week, start) for week in past])
    sizes = np.array([forecast.plan.waves[w].projects for w in waves])
    some = ends[np.isfinite(ends)]
    close = max(some.max(initial=x[-1]), x[-1]) + (_BEYOND if len(some) < ends.size else 14.0)
    days = np.unique([x[-1], close, *some[some > x[-1]]])
    # The slowest line first: what is late in nine draws of ten.
    fan = tuple((sizes[:, None] * (ends[:, [k]] <= days)).sum(axis=0) for k in (2, 1, 0))
    moved, scope = (np.array([getattr(w, k) for w in past]) for k in ("moved", "projects"))
    name = pick(lang, "projets", "projects")
    return _Rise(start, x, {pick(lang, "basculés", "moved"): moved}, scope, name, days, fan, True)


def _draw(ax, rise: _Rise, lang: str):
    """Draw steps of what is done, the scope as it moved, and the fan of what is to come."""
    date_axis(ax, rise.start, rise.x[0], rise.days[-1], lang, room_for_dates(ax))
    low, middle, high = rise.fan
    ax.fill_between(rise.days, low, high, step="post" if rise.steps else None, facecolor=LIGHT,
                    edgecolor=MAIN, lw=0.5, label=pick(lang, "P10 à P90", "P10 to P90"))  # fmt: skip
    ax.plot(rise.days, middle, drawstyle="steps-post" if rise.steps else "default", color=MAIN,
            ls="--", lw=1.8, label="P50")  # fmt: skip
    for (name, line), (color, style, mark) in zip(rise.done.items(), _DONE, strict=False):
        ax.plot(rise.x, line, drawstyle="steps-post", color=color, ls=style, lw=2, zorder=4)
        ax.plot(rise.x[-1:], line[-1:], ls=style, marker=mark, ms=5, color=color, mfc="white",
                label=name, zorder=5, clip_on=False)  # fmt: skip
    ax.plot(np.append(rise.x, rise.days[-1]), np.append(rise.scope, rise.scope[-1]),
            drawstyle="steps-post", color=GREY, ls=":", lw=1.8, label=rise.scope_name)  # fmt: skip
    ax.axvline(rise.x[-1], color=GREY, lw=0.8)
    ax.set_ylim(0, 1.08 * max(rise.scope.max(), high.max()))
    ax.locator_params(axis="y", nbins=4 if is_half(ax) else 6)
    ax.yaxis.set_major_formatter(lambda v, _: number(v, lang, 0 if v == round(v) else 1))
    ax.grid(axis="y", visible=True)
    ax.figure.legend(loc="outside lower left", ncols=3 if is_half(ax) else 5, columnspacing=1.2)
    return ax
