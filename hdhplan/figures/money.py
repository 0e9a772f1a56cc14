"""Charts of money and causes: cost by line, drivers, exposure."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np

from hdhplan.figures.drawing import (
    BETTER,
    INK,
    LIGHT,
    MAIN,
    SECOND,
    WORSE,
    Figure,
    date_axis,
    fitting,
    millions,
    row_names,
)
from hdhplan.forecast import Forecast, Path
from hdhplan.sensitivity import DriverEffect, Study
from hdhplan.wording.captions import captions
from hdhplan.wording.conditions import three_points
from hdhplan.wording.formats import (
    label,
    meur,
    money_unit,
    month_year,
    number,
    out_of_20,
    pick,
    signed,
    volume,
)
from hdhplan.wording.labels import capital, goal_label, known
from hdhplan.wording.sentences import days_of, driver_label, significant

#: Rows of a tornado.
DRIVERS = 8
#: An alternative text names as many rows as fit. [characters]
LISTED = 150


def _vat(forecast: Forecast) -> str | None:
    return forecast.plan.target.vat if forecast.plan.target else None


def _money_rows(forecast: Forecast, lang: str) -> list[tuple]:
    """Name, likely, P50, P80 and allocation of each line, then of the whole. [EUR]"""
    plan = forecast.plan
    rows = [
        (capital(known(line, lang)), forecast.likely_lines.get(line, 0.0),
         forecast.quantile(f"line.{line}", 0.5), forecast.quantile(f"line.{line}", 0.8),
         plan.allocations.get(line))
        for line in sorted(forecast.lines, key=lambda k: (-forecast.likely_lines.get(k, 0.0), k))
    ]  # fmt: skip
    whole = [forecast.quantile("cost_eur", p) for p in (0.5, 0.8)]
    total = pick(lang, "Total (enveloppe)", "Total (envelope)")
    rows.append((total, forecast.likely["cost_eur"], *whole, plan.envelope_eur))
    return [row for row in rows if math.isfinite(row[3])]


def money_by_line(forecast: Forecast, lang: str) -> Figure | None:
    """Draw each budget line against its allocation."""
    rows = _money_rows(forecast, lang)
    if not forecast.lines or len(rows) < 2:
        return None

    def draw(ax):
        for y, (_, likely, p50, p80, asked) in enumerate(rows):
            ax.barh(y, p50, height=0.5, color=MAIN)
            ax.plot([p50, p80], [y, y], color=INK, lw=1.4)
            ax.plot([p80], [y], "D", ms=7, color=INK, mec="white", zorder=4)
            if math.isfinite(likely):
                ax.plot([likely], [y], "o", ms=7, color="white", mec=INK, mew=1.4, zorder=5)
            if asked is not None:
                ax.plot([asked, asked], [y - 0.38, y + 0.38], color=WORSE, lw=3.5, zorder=3)
        row_names(ax, [row[0] for row in rows])
        money_axis(ax.xaxis, lang, _vat(forecast))
        largest = max(x for row in rows for x in row[1:] if x and math.isfinite(x))
        ax.set_xlim(0, 1.06 * largest)
        ax.grid(axis="x", visible=True)
        return ax

    vat = _vat(forecast)
    table = tuple(
        (name, *(meur(x, lang, vat) if x is not None else "" for x in numbers))
        for name, *numbers in rows
    )
    over = [(row[3] - row[4], row[0]) for row in rows[:-1] if row[4] is not None]
    worst = max(over, default=(0.0, ""))
    total = rows[-1][3] - rows[-1][4] if rows[-1][4] is not None else 0.0
    top = max(rows[:-1], key=lambda row: row[3])
    f = SimpleNamespace(over=worst[0], allocated=bool(over), total=total)
    f.count = sum(excess > 0 for excess, _ in over)
    words = {"Worst": worst[1], "over": meur(worst[0], lang, vat), "top": top[0]}
    words |= {"total": meur(total, lang, vat), "count": str(f.count), "lines": str(len(rows) - 1)}
    words |= {"top80": meur(top[3], lang, vat), "unit": money_unit(lang, vat)}
    words["list"] = fitting([f"{row[0]} ({row[2]}, {row[3]})" for row in table], LISTED)
    words |= {"row": f"« {table[0][0]} »" if lang == "fr" else f"“{table[0][0]}”"}
    words |= {"row50": table[0][2], "row80": table[0][3]}
    columns = pick(lang, "ligne;probable;P50;P80;allocation", "line;likely;P50;P80;allocation")
    return Figure("money_by_line", draw, **captions("money_by_line", f, lang, words),
                  columns=tuple(columns.split(";")), rows=table,
                  height_in=1.7 + 0.42 * len(rows))  # fmt: skip


def money_axis(axis, lang: str, vat: str | None) -> None:
    """Make an axis one of money, in millions."""
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(6))
    axis.set_major_formatter(millions(lang))
    axis.set_label_text(money_unit(lang, vat))


def drivers(forecast: Forecast, study: Study, lang: str) -> Figure | None:
    """Draw how far each driver moves the P80 date."""
    found = [e for e in study.drivers if math.isfinite(e.finish_days)]
    found = sorted(found, key=lambda e: (-abs(e.finish_days), e.id))
    rows = ([e for e in found if significant(e)] or found)[:DRIVERS]
    if not rows:
        return None

    def draw(ax):
        for y, effect in enumerate(rows):
            late = effect.finish_days > 0
            style = {"facecolor": "white", "edgecolor": WORSE, "hatch": "////"}
            style = style if late else {"color": BETTER}
            ax.barh(y, effect.finish_days, height=0.55, lw=1.2, **style)
            ax.annotate(signed(effect.finish_days, lang), (effect.finish_days, y),
                        xytext=(5 if late else -5, 0), textcoords="offset points",
                        ha="left" if late else "right", va="center", weight="bold")  # fmt: skip
        row_names(ax, [_driver_row(effect, lang) for effect in rows])
        _days_axis(ax, [e.finish_days for e in rows], lang)
        return ax

    first = rows[0]
    f = SimpleNamespace(count=sum(map(significant, rows)), days=first.finish_days)
    table = tuple(
        (
            driver_label(e, lang),
            _when(e, lang),
            _values(e, lang),
            _lever(e, lang),
            signed(e.finish_days, lang),
        )
        for e in rows
    )
    words = {"goal": goal_label(forecast.plan, lang), "top": table[0][0], "row": table[0][0]}
    words["days"] = words["row_days"] = days_of(first, lang)
    unit = pick(lang, "j", "d")
    words["list"] = fitting([f"{row[0]} {row[-1]} {unit}" for row in table], LISTED)
    columns = pick(
        lang,
        "facteur;survient;bas / probable / haut;levier;jours sur P80",
        "driver;happens;low / likely / high;lever;days on P80",
    )
    return Figure("drivers", draw, **captions("drivers", f, lang, words),
                  columns=tuple(columns.split(";")), rows=table,
                  height_in=1.6 + 0.42 * len(rows))  # fmt: skip


def _days_axis(ax, days: list[float], lang: str) -> None:
    """Make the x axis one of days, from zero both ways, with room for the numbers at the bars."""
    low, high = min(*days, 0.0), max(*days, 0.0)
    room = 0.14 * (high - low)
    ax.set_xlim(low - room if low else 0.0, high + room if high else 0.0)
    ax.axvline(0, color=INK, lw=1)
    ax.set_xlabel(pick(lang, "jours", "days"))
    ax.grid(axis="x", visible=True)


def _when(effect: DriverEffect, lang: str) -> str:
    if effect.p >= 1:
        return pick(lang, "toujours", "always")
    return out_of_20(effect.p, lang, "fois", "time", "fois")


def _lever(effect: DriverEffect, lang: str) -> str:
    return pick(lang, "levier", "lever") if effect.lever else "–"


def _driver_row(effect: DriverEffect, lang: str) -> str:
    said = [_when(effect, lang)] if effect.p < 1 else []
    said += [_values(effect, lang), *([_lever(effect, lang)] if effect.lever else [])]
    return f"{label(driver_label(effect, lang), 34)}\n({' · '.join(filter(None, said))})"


def _values(effect: DriverEffect, lang: str) -> str:
    """Low, likely and high of what a driver does: days, or a factor; empty where it has no range."""
    found = effect.range
    if found is None:
        return ""
    text = three_points(found.low, found.likely, found.high, found.unit, lang)
    return text if found.unit else f"× {text}"


def exposure(forecast: Forecast, lang: str) -> Figure | None:
    """Draw the volume still readable at the source."""
    path = _moving(forecast.exposure_path)
    if not len(path.days) or max(path.p80.max(), path.likely.max()) <= 0:
        return None

    def draw(ax):
        days = path.days
        ax.fill_between(days, path.p10, path.p80, facecolor=LIGHT, edgecolor=SECOND, lw=0.8)
        ax.plot(days, path.p50, color=MAIN, lw=1.8, ls="--")
        ax.plot(days, path.likely, color=INK, lw=1.8)
        date_axis(ax, forecast.plan.start, float(days[0]), float(days[-1]), lang)
        ax.set_ylim(0, 1.08 * max(path.p80.max(), path.likely.max()))
        ax.set_ylabel(pick(lang, "Po", "PB"))
        ax.yaxis.set_major_formatter(lambda x, _: number(x, lang, 0 if x == round(x) else 1))
        ax.grid(axis="y", visible=True)
        return ax

    gone50, gone80 = (_gone(path.days, line) for line in (path.p50, path.p80))
    f = SimpleNamespace(gone50=gone50, gone80=gone80)
    words = {"start": volume(path.p50[0], lang), "left": volume(path.p50[-1], lang)}
    for name, day in (("gone50", gone50), ("gone80", gone80)):
        when = forecast.date_of(day)
        words[name] = month_year(when, lang) if when else pick(lang, "jamais", "never")
    left = pick(lang, "il reste {left}", "{left} are left").format(**words)
    gone = pick(lang, "nul en {gone50}, {gone80} en P80", "none by {gone50}, {gone80} at P80")
    words["end"] = left if math.isinf(gone50) else gone.format(**words)
    words["unit"] = pick(lang, "Po", "PB")
    columns = (pick(lang, "date", "date"), pick(lang, "probable", "likely"), "P10", "P50", "P80")
    return Figure("exposure", draw, **captions("exposure", f, lang, words), columns=columns,
                  rows=_path_rows(forecast, path, (gone50, gone80), lang),
                  height_in=3.4)  # fmt: skip


def _gone(days, line) -> float:
    """First day from which nothing is left; infinite if some is at the end. [d]"""
    left = np.flatnonzero(line > 1e-9)
    if not left.size:
        return float(days[0])
    return float(days[left[-1] + 1]) if left[-1] + 1 < len(days) else math.inf


def _moving(path: Path) -> Path:
    """The part of a path that changes, and a little of what follows."""
    lines = (path.likely, path.p10, path.p50, path.p80)
    still = [int(np.flatnonzero(line != line[-1])[-1]) for line in lines if np.ptp(line) > 0]
    last = max(still, default=0) + 7
    return Path(path.days[:last], *(line[:last] for line in (*lines, path.p90)))


def _path_rows(
    forecast: Forecast, path: Path, gone: tuple[float, float], lang: str
) -> tuple[tuple[str, ...], ...]:
    """One point in six, and those at which nothing is left."""
    last = len(path.days) - 1
    keep = [i for i, day in enumerate(path.days) if i % 6 == 0 or day in gone or i == last]
    return tuple(
        (month_year(forecast.date_of(float(path.days[i])), lang),
         *(volume(float(line[i]), lang) for line in (path.likely, path.p10, path.p50, path.p80)))
        for i in keep
    )  # fmt: skip
