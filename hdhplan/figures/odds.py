"""Charts of odds: the S-curve of date and of cost, and the same as twenty dots."""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from hdhplan.figures.drawing import GREY, INK, MAIN, WORSE, Figure, date_axis, millions
from hdhplan.forecast import Forecast, end_of_day
from hdhplan.spread import quantile_of
from hdhplan.wording.captions import captions
from hdhplan.wording.conditions import quoted
from hdhplan.wording.formats import (
    FEW_DRAWS,
    NARROW,
    NBSP,
    amount,
    chances,
    date_known,
    date_short,
    days,
    label,
    meur,
    money_unit,
    number,
    out_of_20,
    pick,
    plural,
)
from hdhplan.wording.labels import capital, goal_label

#: Dots, and the draws of a curve that are drawn: of more than these none would be seen.
DOTS, SHOWN = 20, 400
#: Width of a stack of dots, the same every week. [d], [EUR]
DATE_BIN, COST_BIN = 14.0, 0.5e6
#: So many stacks fit side by side and so few say nothing: there a stack is twice or half as wide.
_STACKS, _FEWEST = 52, 4
#: Room for the axes, and the widest dot. [pt]
_WIDE, _DOT = 440.0, 13.0
_PS = (0.10, 0.50, 0.80, 0.90)


@dataclass(frozen=True)
class _Asked:
    """A quantity, how it is written, and the value that is asked of it."""

    key: str
    quantity: str
    limit: float | None
    odds: float | None
    target: str
    unit: str
    bin: float


def _asked(forecast: Forecast, lang: str) -> tuple[_Asked, _Asked]:
    """Date and cost."""
    plan, target = forecast.plan, forecast.plan.target
    by, vat = (target.finish, target.vat) if target else (None, None)
    limit = plan.envelope_eur
    date = _Asked(
        "date", "finish_day", end_of_day(plan, by) if by else None, forecast.p_date,
        date_short(by, lang) if by else "", quoted(label(goal_label(plan, lang), 40), lang), DATE_BIN,
    )  # fmt: skip
    money = meur(limit, lang, vat) if limit is not None else ""
    cost = _Asked(
        "cost", "cost_eur", limit, forecast.p_budget, money, money_unit(lang, vat), COST_BIN
    )
    return date, cost


def _written(forecast: Forecast, asked: _Asked, value: float, lang: str, error: float = 0.0) -> str:
    """A value of the quantity, no finer than its error."""
    if asked.key == "date":
        day = forecast.date_of(value)
        return date_known(day, error, lang) if error else date_short(day, lang)
    return meur(value, lang, None, error)


def odds_charts(forecast: Forecast, lang: str) -> list[Figure | None]:
    """Draw the S-curve and the twenty dots of the date and of the cost."""
    both = _asked(forecast, lang)
    return [*(curve(forecast, a, lang) for a in both), *(dots(forecast, a, lang) for a in both)]


def curve(forecast: Forecast, asked: _Asked, lang: str) -> Figure | None:
    """Draw all draws of a quantity in ascending order; nothing where it is the same in all."""
    values = forecast.sorted(asked.quantity)
    values = values[: np.searchsorted(values, np.inf)]
    if not len(values) or values[0] == values[-1]:
        return None
    marks = {p: forecast.quantile(asked.quantity, p) for p in (0.5, 0.8)}
    marks = {p: (x, _share(values, x, forecast.draws)) for p, x in marks.items() if x < math.inf}
    rows = _curve_rows(forecast, asked, lang)
    names = {p: f"P{round(100 * p)} {_written(forecast, asked, marks[p][0], lang)}" for p in marks}

    def draw(ax):
        at = np.unique(np.linspace(0, len(values) - 1, SHOWN).astype(int))
        ax.plot(values[at], DOTS * (at + 1) / forecast.draws, color=MAIN, lw=2)
        _scale(ax, forecast, asked, float(values[0]), float(np.quantile(values, 0.998)), lang)
        ax.set_ylim(0, DOTS)
        ax.set_yticks(range(0, DOTS + 1, 5))
        ax.set_ylabel(pick(lang, "chances sur 20", "chances in 20"))
        ax.grid(axis="y", visible=True)
        for p, (x, share) in marks.items():
            _dropped(ax, x, DOTS * share, names[p])
        if asked.limit is not None:
            odds = f"{NBSP}: {out_of_20(asked.odds, lang)}" if asked.odds is not None else ""
            _asked_line(ax, asked, odds if forecast.draws >= FEW_DRAWS else "", lang)
        return ax

    few, never = forecast.draws < FEW_DRAWS, len(values) < forecast.draws
    f = SimpleNamespace(few=few, odds=asked.odds, p80=forecast.quantile(asked.quantity, 0.8))
    words = {"draws": number(forecast.draws, lang), "unit": asked.unit, "target": asked.target}
    words |= {"odds": chances(asked.odds, lang), "goal": goal_label(forecast.plan, lang)}
    words["p80"] = rows[2][1]
    ended = pick(lang, " (P50 et P80 du coût : ceux qui aboutissent)",
                 " (P50 and P80 of the cost: those that end)")  # fmt: skip
    words["ended"] = ended if never and asked.key == "cost" else ""
    words["list"] = ", ".join(f"{name} {text}" for name, text, *_ in (rows[1], rows[2], *rows[4:]))
    columns = pick(lang, ("part des tirages", "valeur"), ("share of draws", "value"))
    return Figure(f"curve_{asked.key}", draw, **captions(f"curve_{asked.key}", f, lang, words),
                  columns=columns, rows=rows, height_in=3.3)  # fmt: skip


def _curve_rows(forecast: Forecast, asked: _Asked, lang: str) -> tuple[tuple[str, str], ...]:
    """P10, P50, P80, P90, and what is asked with its odds."""
    known = [(forecast.quantile(asked.quantity, p), forecast.standard_error(asked.quantity, p))
             for p in _PS]  # fmt: skip
    rows = [
        (f"P{round(100 * p)}", _written(forecast, asked, x, lang, error))
        for p, (x, error) in zip(_PS, known, strict=True)
    ]
    if asked.odds is not None:
        rows.append((asked.target, out_of_20(asked.odds, lang)))
    return tuple(rows)


def _share(values, x: float, draws: int) -> float:
    """Share of all draws that are at most a value. [1]"""
    return float(np.searchsorted(values, x, side="right")) / draws


def _scale(ax, forecast: Forecast, asked: _Asked, low: float, high: float, lang: str) -> None:
    """Make the x axis one of dates or of money, with what is asked inside."""
    if asked.limit is not None:
        low, high = min(low, asked.limit), max(high, asked.limit)
    if asked.key == "date":
        date_axis(ax, forecast.plan.start, low, high, lang)
        return
    pad = max(0.03 * (high - low), 1e-3 * high)
    ax.set_xlim(low - pad, high + pad)
    ax.xaxis.set_major_formatter(millions(lang))
    ax.set_xlabel(asked.unit)
    ax.grid(axis="x", visible=True)


def _dropped(ax, x: float, y: float, name: str) -> None:
    """Drop a line from the curve, its name on the side where the axes have room."""
    ax.plot([x, x], [0, y], color=INK, lw=1.1, ls=":")
    ax.plot([x], [y], "o", ms=6, color="white", mec=INK, mew=1.3, zorder=4)
    low, high = ax.get_xlim()
    # The curve rises to the right: over it there is room on the left, under it on the right.
    left = x - low > 0.45 * (high - low)
    ax.annotate(name, (x, y), xytext=(-7 if left else 7, 3 if left else -3), zorder=6,
                textcoords="offset points", ha="right" if left else "left",
                va="bottom" if left else "top",
                bbox={"facecolor": "white", "alpha": 0.85, "edgecolor": "none", "pad": 1})  # fmt: skip


def _asked_line(ax, asked: _Asked, odds: str, lang: str) -> None:
    """Draw what is asked, its odds over the axes on the side where there is room."""
    ax.axvline(asked.limit, color=GREY, lw=1.2, ls="--")
    low, high = ax.get_xlim()
    at = (asked.limit - low) / (high - low)
    side = "left" if at < 0.35 else "right" if at > 0.65 else "center"
    word = pick(lang, "cible", "target") if asked.key == "date" else pick(lang, "montant", "amount")
    odds = odds if lang == "fr" else odds.replace(f"{NBSP}:", ":")
    ax.annotate(f"{word} {asked.target}{odds}", (asked.limit, 1), xycoords=("data", "axes fraction"),
                xytext=(0, 3), textcoords="offset points", ha=side, va="bottom")  # fmt: skip


def dots(forecast: Forecast, asked: _Asked, lang: str) -> Figure | None:
    """Draw twenty equally likely futures of a quantity; nothing if none of them ends."""
    found = _futures(forecast, asked.quantity)
    ends = found[np.isfinite(found)]
    if not len(ends):
        return None
    limit, wide, stacked = asked.limit, *_stacks(ends, asked)
    held = None if limit is None else int(np.sum(ends <= limit))
    size = min(_DOT, 0.95 * _WIDE / (np.ptp([x for x, _ in stacked]) / wide + 4))
    tall = max([y for _, y in stacked] + [DOTS - len(ends)]) + 1

    def draw(ax):
        low, high = (end(x for x, _ in stacked) for end in (min, max))
        never = DOTS - len(ends)
        _scale(ax, forecast, asked, low - wide, high + wide * (4 if never else 1), lang)
        for value, (x, y) in zip(ends, stacked, strict=True):
            inside = limit is None or value <= limit
            style = {"marker": "o", "color": MAIN} if inside else {"marker": "s", "color": "white"}
            ax.plot([x], [y + 0.5], ls="", ms=0.8 * size, mec=MAIN if inside else WORSE, mew=1.4,
                    **style)  # fmt: skip
        edge = ax.get_xlim()[1] - 1.2 * wide
        for y in range(never):
            ax.plot([edge], [y + 0.5], "s", ms=0.8 * size, color="white", mec=WORSE, mew=1.4)
        if never:
            ax.annotate(pick(lang, "jamais", "never"), (edge, never), xytext=(0, 2), va="bottom",
                        ha="right", textcoords="offset points")  # fmt: skip
        ax.set_ylim(0, tall + 0.8)
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
        if limit is not None:
            _asked_line(ax, asked, "", lang)
        return ax

    words, rows = _dot_words(forecast, asked, ends, held, wide, lang)
    f = SimpleNamespace(few=forecast.draws < FEW_DRAWS, held=held, never=DOTS - len(ends))
    columns = pick(lang, ("futur", "valeur"), ("future", "value"))
    return Figure(f"dots_{asked.key}", draw, **captions(f"dots_{asked.key}", f, lang, words),
                  columns=columns, rows=rows,
                  height_in=1.35 + max(tall, 3) * size / 72)  # fmt: skip


def _futures(forecast: Forecast, quantity: str) -> np.ndarray:
    """Twenty quantiles over all draws, infinite where it never ends."""
    values = forecast.sorted(quantity)
    ordered = np.full(forecast.draws, np.inf)
    ordered[: len(values)] = values
    return np.array([quantile_of(ordered, (i + 0.5) / DOTS) for i in range(DOTS)])


def _stacks(ends, asked: _Asked) -> tuple[float, list[tuple[float, int]]]:
    """Width of a stack, and the place of each dot: the middle of its stack and how high in it.

    What is asked lies between two stacks, so that none holds circles and squares.
    """
    wide, origin = asked.bin, asked.limit or 0.0
    while np.ptp(ends) / wide > _STACKS:
        wide *= 2
    while 0 < np.ptp(ends) / wide < _FEWEST and wide > asked.bin / 16:
        wide /= 2
    # A value just at the limit is in the stack before it.
    numbers = np.ceil((ends - origin) / wide - 1e-9).astype(int)
    places, seen = [], {}
    for i in numbers.tolist():
        places.append((origin + (i - 0.5) * wide, seen.get(i, 0)))
        seen[i] = seen.get(i, 0) + 1
    return wide, places


def _dot_words(forecast, asked: _Asked, ends, held: int | None, wide: float, lang: str):
    """Words of the captions, and the twenty values as rows."""
    texts = [_written(forecast, asked, float(x), lang) for x in ends]
    never = DOTS - len(ends)
    texts += [pick(lang, "jamais", "never")] * never
    rows = [(f"{i + 1}/{DOTS}", text) for i, text in enumerate(texts)]
    words = {"first": texts[0], "last": texts[len(ends) - 1], "target": asked.target}
    words |= {"draws": number(forecast.draws, lang), "unit": asked.unit, "never": str(never)}
    words["bin"] = _bin_label(asked, wide, lang)
    fr = ("du", "au") if asked.key == "date" else ("de", "à")
    words["range"] = pick(lang, "{} {{first}} {} {{last}}".format(*fr), "from {first} to {last}")
    words["range"] = words["range"].format(**words)
    said = [capital(words["range"])]
    if held is not None:
        words["held"] = str(held)
        goal = pick(lang, f"au plus {asked.target}", f"at most {asked.target}")
        said.append(f"{goal}{NBSP if lang == 'fr' else ''}: {held}")
        rows.append((goal, f"{held}/{DOTS}"))
    if never:
        said.append(f"{pick(lang, 'jamais', 'never')} {never}")
        rows.append((pick(lang, "jamais", "never"), str(never)))
    words["list"] = pick(lang, f"{NARROW}; ", "; ").join(said)
    words["goal"] = goal_label(forecast.plan, lang)
    return words, tuple(rows)


def _bin_label(asked: _Asked, wide: float, lang: str) -> str:
    """Width of a stack in weeks, days or millions."""
    if asked.key == "cost":
        return amount(wide, lang, 1 if wide % 1e5 == 0 else 3)
    whole = wide % 7 == 0
    return plural(round(wide / 7), lang, "semaine", "week") if whole else days(wide, lang)
