"""Charts of how good the kept forecasts have been: coverage, PITs, the finish week by week."""

from __future__ import annotations

import math
from types import SimpleNamespace

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
    date_ticks,
    row_names,
)
from hdhplan.plan import Plan
from hdhplan.scoring import BINS, ENOUGH, Coverage, Finish, Scores
from hdhplan.wording.captions import captions
from hdhplan.wording.formats import date_short, number, pick, plural
from hdhplan.wording.labels import capital, goal_label
from hdhplan.wording.scoring import day_of, level_name, unexplained

#: All chances of a share.
_ALL = 20


def score_figures(scores: Scores, plan: Plan, lang: str) -> dict[str, Figure]:
    """Every chart that there is something to show in, by its key."""
    made = (coverage(scores, lang), pits(scores, lang), finish_by_week(scores, plan, lang))
    return {figure.key: figure for figure in made if figure}


def coverage(scores: Scores, lang: str) -> Figure | None:
    """Draw how often the dates of each level were kept, and what luck gives; None without any."""
    shown = [one for one in scores.coverage if one.tasks]
    if not shown:
        return None

    def draw(ax):
        for i, one in enumerate(shown):
            low, high, given, share = (_ALL * x for x in (one.low, one.high, one.given, one.share))
            ax.barh(i, high - low, left=low, height=0.36, color=LIGHT, edgecolor=SECOND, lw=0.8)
            ax.plot([given, given], [i - 0.3, i + 0.3], color=INK, lw=2)
            fill = "white" if one.holds is None else MAIN if one.holds else WORSE
            ax.plot(share, i, marker="s" if one.holds is False else "o", ms=9, color=fill,
                    markeredgecolor=WORSE if one.holds is False else MAIN, markeredgewidth=1.6,
                    zorder=4)  # fmt: skip
        row_names(ax, [_row_name(one, lang) for one in shown])
        ax.set_xlim(0, _ALL + 0.2)
        ax.set_xticks(range(0, _ALL + 1, 5))
        ax.set_xlabel(pick(lang, "fois sur 20", "times in 20"))
        ax.grid(axis="x", visible=True)
        return ax

    rows = tuple(_coverage_row(one, lang) for one in shown)
    worst = unexplained(scores)
    off = None if worst is None else worst.share - worst.given
    words = _few_words(scores, lang)
    if worst:
        words |= {"level": level_name(worst), "share": number(_ALL * worst.share, lang, 1),
                  "given": number(_ALL * worst.given, lang, 1)}  # fmt: skip
    against = pick(lang, "contre", "against")
    said = [
        f"{level_name(one)} {row[2]} {against} {row[3]}"
        for one, row in zip(shown, rows, strict=True)
    ]
    f = SimpleNamespace(few=not scores.enough, off=off)
    columns = pick(
        lang,
        "niveau;tâches échues;tenu (fois sur 20);annoncé (fois sur 20);hasard, de;à",
        "level;tasks due;kept (times in 20);claimed (times in 20);luck, from;to",
    )
    made = captions("coverage", f, lang, words | {"list": ", ".join(said)})
    return Figure(
        "coverage", draw, **made, columns=tuple(columns.split(";")), rows=rows, height_in=3.4
    )


def _row_name(one: Coverage, lang: str) -> str:
    return f"{level_name(one)}\n{plural(one.tasks, lang, 'tâche', 'task')}"


def _coverage_row(one: Coverage, lang: str) -> tuple[str, ...]:
    numbers = (_ALL * x for x in (one.share, one.given, one.low, one.high))
    return (level_name(one), number(one.tasks, lang), *(number(x, lang, 1) for x in numbers))


def _few_words(scores: Scores, lang: str) -> dict[str, str]:
    done = plural(scores.done, lang, "tâche finie", "task done", "tâches finies", "tasks done")
    return {"tasks": done, "least": str(ENOUGH)}


def pits(scores: Scores, lang: str) -> Figure | None:
    """Draw tasks by the odds that they were given of ending when they did; None without any."""
    if not scores.tasks:
        return None
    step = _ALL // BINS
    names = [pick(lang, f"{i * step} à {(i + 1) * step}", f"{i * step} to {(i + 1) * step}")
             for i in range(BINS)]  # fmt: skip

    def draw(ax):
        x = range(BINS)
        ax.bar(x, scores.pit, width=0.8, color=MAIN, label=pick(lang, "finies", "done"))
        ax.bar(x, scores.pit_open, width=0.8, bottom=scores.pit, facecolor=LIGHT, edgecolor=MAIN,
               hatch="///", label=pick(lang, "encore ouvertes", "still open"))  # fmt: skip
        right = pick(lang, "ce qui serait juste", "what would be right")
        ax.axhline(scores.tasks / BINS, color=INK, lw=1.4, ls="--", label=right)
        ax.set_xticks(list(x), names)
        ax.tick_params(axis="x", length=0)
        ax.set_xlabel(pick(lang, "chances données d'avoir fini ce jour-là, sur 20",
                           "odds given of being done that day, in 20"))  # fmt: skip
        ax.set_ylabel(pick(lang, "tâches", "tasks"))
        ax.set_ylim(0, 1.1 * max(scores.tasks / BINS, *map(sum, zip(scores.pit, scores.pit_open,
                                                                     strict=True))))  # fmt: skip
        ax.figure.legend(loc="outside lower center", ncols=3)
        return ax

    rows = tuple(
        (name, number(done, lang, 1), number(left, lang, 1))
        for name, done, left in zip(names, scores.pit, scores.pit_open, strict=True)
    )
    f = SimpleNamespace(few=not scores.enough, lean=scores.lean)
    said = ", ".join(f"{name} : {done} + {left}" if lang == "fr" else f"{name}: {done} + {left}"
                     for name, done, left in rows)  # fmt: skip
    columns = pick(lang, "chances sur 20;finies;encore ouvertes", "odds in 20;done;still open")
    made = captions("pit", f, lang, _few_words(scores, lang) | {"list": said})
    return Figure("pit", draw, **made, columns=tuple(columns.split(";")), rows=rows, height_in=3.8)


def finish_by_week(scores: Scores, plan: Plan, lang: str) -> Figure | None:
    """Draw the target's finish as each forecast saw it; None for fewer than two of them."""
    shown = [one for one in scores.finishes if math.isfinite(one.quantiles[0.5])]
    if len(shown) < 2:
        return None

    def draw(ax):
        x = [(one.as_of - scores.start).days + 1 for one in shown]
        _fan(ax, x, shown, lang)
        top = _asked_lines(ax, scores, lang)
        ends = [one.quantiles[p] for one in shown for p in (0.1, 0.8)]
        ends = [day for day in (*ends, *top, *(one.ieac_t for one in shown)) if _ends(day)]
        _date_rows(ax, scores, min(ends), max(ends), lang)
        date_axis(ax, scores.start, x[0], x[-1], lang)
        ax.figure.legend(loc="outside lower center", ncols=5)
        return ax

    rows = tuple(_finish_row(scores, one, lang) for one in scores.finishes)
    last = scores.finishes[-1]
    f = SimpleNamespace(finished=scores.finished is not None, last80=last.quantiles[0.8])
    words = {"goal": capital(goal_label(plan, lang)), "asked": _asked(scores, lang)}
    words |= {"from": rows[0][0], "to": rows[-1][0], "last80": rows[-1][3]}
    words |= {
        "first50": rows[0][2],
        "first80": rows[0][3],
        "finished": _day(scores, scores.finished, lang),
    }
    said = [f"{row[0]} : {row[2]}, {row[3]}" if lang == "fr" else f"{row[0]}: {row[2]}, {row[3]}"
            for row in (rows[0], rows[-1])]  # fmt: skip
    made = captions("finish_by_week", f, lang, words | {"list": "; ".join(said)})
    columns = (
        "prévision du" if lang == "fr" else "forecast of",
        "P10",
        "P50",
        "P80",
        "P90",
        "IEAC(t)",
    )
    return Figure("finish_by_week", draw, **made, columns=columns, rows=rows, height_in=4.4)


def _fan(ax, x: list[int], shown: list[Finish], lang: str) -> None:
    """Band, median and the pace of the earned schedule; a level that never ends is left out."""
    p10, p50, p80 = (
        [one.quantiles[p] if math.isfinite(one.quantiles[p]) else math.nan for one in shown]
        for p in (0.1, 0.5, 0.8)
    )
    band = pick(lang, "P10 à P80", "P10 to P80")
    ax.fill_between(x, p10, p80, facecolor=LIGHT, edgecolor=MAIN, lw=0.8, label=band)
    ax.plot(x, p50, color=MAIN, lw=1.8, marker="o", ms=5, label="P50")
    pace = [(day, one.ieac_t) for day, one in zip(x, shown, strict=True) if one.ieac_t]
    if pace:
        ax.plot(
            *zip(*pace, strict=True), color=THIRD, lw=1.2, ls=":", marker="s", ms=5, label="IEAC(t)"
        )


def _asked_lines(ax, scores: Scores, lang: str) -> list[float]:
    """What is asked, and what came: lines over the whole width."""
    found = []
    if scores.target_day:
        ax.axhline(
            scores.target_day, color=WORSE, lw=1.6, ls="--", label=pick(lang, "demandé", "asked")
        )
        found.append(scores.target_day)
    if scores.finished is not None:
        ax.axhline(scores.finished, color=INK, lw=1.6, label=pick(lang, "fini", "finished"))
        found.append(scores.finished)
    return found


def _date_rows(ax, scores: Scores, low: float, high: float, lang: str) -> None:
    """Make the y axis one of dates."""
    room = max(0.05 * (high - low), 3.0)
    marks, labels = date_ticks(scores.start, low - room, high + room, lang, 5)
    ax.set_ylim(low - room, high + room)
    ax.set_yticks(marks, labels)
    ax.grid(axis="y", visible=True)
    ax.tick_params(axis="y", color=GREY)


def _ends(day: float | None) -> bool:
    return day is not None and math.isfinite(day)


def _day(scores: Scores, day: float | None, lang: str) -> str:
    """A date, never, or nothing known."""
    if day is None:
        return "–"
    return date_short(day_of(scores, day) if math.isfinite(day) else None, lang)


def _asked(scores: Scores, lang: str) -> str:
    none = pick(lang, "rien n'est demandé", "nothing is asked")
    by = _day(scores, scores.target_day, lang)
    return pick(lang, f"demandé le {by}", f"asked by {by}") if scores.target_day else none


def _finish_row(scores: Scores, one: Finish, lang: str) -> tuple[str, ...]:
    days = (*one.quantiles.values(), one.ieac_t)
    return (date_short(one.as_of, lang), *(_day(scores, day, lang) for day in days))
