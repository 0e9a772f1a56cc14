"""Charts of a comparison: dumbbells of dates and costs, and the bridge between two scenarios."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from hdhplan.attribution import Bridge, Share
from hdhplan.comparison import Comparison
from hdhplan.figures.drawing import (
    BETTER,
    GREY,
    INK,
    MAIN,
    WORSE,
    Figure,
    date_axis,
    millions,
    row_names,
)
from hdhplan.forecast import end_of_day
from hdhplan.wording.captions import ALT_LIMIT
from hdhplan.wording.choices import named
from hdhplan.wording.formats import (
    date_known,
    date_short,
    label,
    meur,
    money_unit,
    move_of,
    pick,
    span,
)
from hdhplan.wording.labels import capital, french

#: Moves smaller than this, and than this share of the whole, are one row. [d], [1]
LEAST_DAYS, LEAST_SHARE = 0.5, 0.01
#: Rows of a bridge that are causes.
MOST_CAUSES = 9


def quoted(text: str, lang: str) -> str:
    """A name between the quotation marks of a language."""
    return pick(lang, french(f"« {text} »"), f"“{text}”")


def decision_order(comparison: Comparison, criterion: str) -> list[int]:
    """Scenarios by what is chosen by, the best first; as given where nothing is chosen by."""
    every = range(len(comparison.rows))
    if not criterion:
        return list(every)
    sign = -1 if criterion.startswith("p_") else 1
    return sorted(every, key=lambda i: (sign * comparison.score(i, criterion), i))


def best_at(comparison: Comparison, criterion: str) -> list[int]:
    """Decisions that end and are not beaten at a criterion.

    What never ends is cheap because it never does what is asked: no answer names it, so no mark.
    """
    ends = [i for i in comparison.decisions if comparison.rows[i].never < 1]
    return comparison.leaders(criterion, ends or None)


def vat_basis(comparison: Comparison) -> str | None:
    """VAT basis of all amounts; None where the scenarios have not one and the same."""
    found = {plan.target.vat if plan.target else None for plan in comparison.plans}
    return found.pop() if len(found) == 1 else None


def dates(comparison: Comparison, order: Sequence[int], lang: str) -> Figure | None:
    """Draw P50 and P80 of each scenario's end; nothing if they do not end the same way."""
    if "finish_p80" not in comparison.comparable:
        return None
    start = comparison.plans[0].start
    shifts = [(plan.start - start).days for plan in comparison.plans]
    ends = [[day + shifts[i] for day in comparison.rows[i].finish] for i in order]
    known = [day for pair in ends for day in pair if math.isfinite(day)]
    if not known:
        return None
    target = _one([plan.target.finish if plan.target else None for plan in comparison.plans])
    due = end_of_day(comparison.plans[0], target) if target else None
    shown = [[date_short(comparison.forecasts[i].date_of(day), lang)
              for day in comparison.rows[i].finish] for i in order]  # fmt: skip

    def draw(ax):
        marks = [*known, *([due] if due is not None else [])]
        date_axis(ax, start, min(marks), max(marks), lang)
        _dumbbells(ax, ends, [pair[1] for pair in shown], _names(comparison, order, lang))
        if due is not None:
            text = f"{pick(lang, 'cible', 'target')} {date_short(target, lang)}"
            _limit(ax, due, text)
        return ax

    subtitle = pick(lang, french("Fin de chaque scénario : ○ P50, ◆ P80 (date à droite)"),
                    "End of each scenario: ○ P50, ◆ P80 (date on the right)")  # fmt: skip
    return _dumbbell_figure(
        comparison, "versus_dates", "finish_p80", order, shown, lang, draw, subtitle
    )


def costs(comparison: Comparison, order: Sequence[int], lang: str) -> Figure | None:
    """Draw P50 and P80 of each scenario's cost; nothing if they have no common VAT basis."""
    pairs = [comparison.rows[i].cost for i in order]
    known = [eur for pair in pairs for eur in pair if math.isfinite(eur)]
    if "cost_p80" not in comparison.comparable or not any(known):
        return None
    limit = _one([plan.target.cost_eur if plan.target else None for plan in comparison.plans])
    vat = vat_basis(comparison)
    shown = [[meur(eur, lang, vat) for eur in pair] for pair in pairs]

    def draw(ax):
        marks = [*known, *([limit] if limit is not None else [])]
        pad = max(0.06 * (max(marks) - min(marks)), 1e-3 * max(marks))
        ax.set_xlim(min(marks) - pad, max(marks) + pad)
        ax.xaxis.set_major_formatter(millions(lang))
        ax.set_xlabel(money_unit(lang, vat))
        ax.grid(axis="x", visible=True)
        right = [meur(pair[1], lang) for pair in pairs]
        _dumbbells(ax, pairs, right, _names(comparison, order, lang))
        if limit is not None:
            _limit(ax, limit, f"{pick(lang, 'montant', 'amount')} {meur(limit, lang)}")
        return ax

    unit = money_unit(lang, vat)
    subtitle = pick(lang, french(f"Coût de chaque scénario, {unit} : ○ P50, ◆ P80 (à droite)"),
                    f"Cost of each scenario, {unit}: ○ P50, ◆ P80 (on the right)")  # fmt: skip
    return _dumbbell_figure(
        comparison, "versus_costs", "cost_p80", order, shown, lang, draw, subtitle
    )


def _one(values: Sequence):
    """The value that all have in common, else None."""
    return values[0] if len(set(values)) == 1 else None


def _names(comparison: Comparison, order: Sequence[int], lang: str) -> list[str]:
    return [named(comparison, comparison.names[i], lang) for i in order]


def _limit(ax, x: float, text: str) -> None:
    ax.axvline(x, color=GREY, lw=1.2, ls="--", zorder=1)
    ax.annotate(text, (x, 1), xycoords=("data", "axes fraction"), xytext=(0, 3),
                textcoords="offset points", ha="center", va="bottom")  # fmt: skip


def _dumbbells(ax, pairs: Sequence, right: Sequence[str], names: Sequence[str]) -> None:
    """Draw a line from P50 to P80; what has no end runs to the edge of the chart."""
    edge = ax.get_xlim()[1]
    for y, (p50, p80) in enumerate(pairs):
        if math.isfinite(p50):
            ax.plot([p50, min(p80, edge)], [y, y], color=MAIN, lw=2.4, zorder=2)
            ax.plot([p50], [y], "o", ms=8, color="white", mec=MAIN, mew=1.8, zorder=3)
        if math.isfinite(p80):
            ax.plot([p80], [y], "D", ms=7, color=MAIN, mec="white", zorder=4)
    row_names(ax, list(names))
    at_right(ax, right)


def at_right(ax, texts: Sequence[str]) -> None:
    """Write a text at the right end of each row."""
    for y, text in enumerate(texts):
        ax.annotate(text, (1, y), xycoords=("axes fraction", "data"), xytext=(6, 0),
                    textcoords="offset points", ha="left", va="center")  # fmt: skip


def _dumbbell_figure(
    comparison: Comparison, key: str, criterion: str, order: Sequence[int], shown: Sequence,
    lang: str, draw, subtitle: str,
) -> Figure:  # fmt: skip
    """A dumbbell chart with its finding, its numbers in words and in a table."""
    names = _names(comparison, order, lang)
    rows = tuple((name, *pair) for name, pair in zip(names, shown, strict=True))
    listed = " ; ".join(f"{name} {p50}, {p80}" for name, p50, p80 in rows)
    name, p50, p80 = rows[0]
    who = quoted(name, lang)
    lecture = pick(
        lang,
        french(f"Lecture : pour {who}, P50 {p50}, tenu une fois sur deux ; P80 {p80}, tenu quatre "
               "fois sur cinq."),
        f"How to read it: for {who}, P50 {p50}, held one time in two; P80 {p80}, held four times in "
        "five.",
    )  # fmt: skip
    return Figure(
        key, draw, title=_finding(comparison, criterion, lang), subtitle=subtitle,
        alt=label(pick(lang, french(f"P50 et P80 : {listed}"), f"P50 and P80: {listed}"), ALT_LIMIT),
        lecture=lecture, columns=(pick(lang, "scénario", "scenario"), "P50", "P80"), rows=rows,
        height_in=1.45 + 0.46 * len(rows),
    )  # fmt: skip


def _finding(comparison: Comparison, criterion: str, lang: str) -> str:
    """Who is best at a criterion, or that nobody is beyond drawing error."""
    date = criterion == "finish_p80"
    what = pick(
        lang, *(("date prudente", "prudent date") if date else ("coût prudent", "prudent cost"))
    )
    leaders = best_at(comparison, criterion)
    if len(leaders) != 1:
        return pick(lang, f"Aucun scénario ne se détache seul aux erreurs près ({what}, P80)",
                    f"No scenario stands out alone beyond error ({what}, P80)")  # fmt: skip
    row, forecast = comparison.rows[leaders[0]], comparison.forecasts[leaders[0]]
    name = quoted(named(comparison, row.name, lang), lang)
    scores = [comparison.score(i, criterion) for i in range(len(comparison.rows))]
    if min(scores) < scores[leaders[0]]:  # what never ends, an assumption, or a guess
        name = (
            pick(lang, "Parmi les décisions qui aboutissent, ", "Of the decisions that end, ")
            + name
        )
    if date:
        value = date_known(forecast.date_of(row.finish[1]), row.errors["finish"][1], lang)
        return pick(lang, french(f"{name} finit le premier : {what} {value}"),
                    f"{name} ends first: {what} {value}")  # fmt: skip
    value = meur(row.cost[1], lang, vat_basis(comparison), row.errors["cost"][1])
    return pick(lang, french(f"{name} coûte le moins : {what} {value}"),
                f"{name} costs least: {what} {value}")  # fmt: skip


def share_label(share: Share, lang: str) -> str:
    """Name of a cause, or of several that make no sense alone."""
    pairs = zip(share.causes, share.names, strict=True)
    found = [name.in_(lang) if name else c.partition(".")[2] or c for c, name in pairs]
    return capital(label(" + ".join(dict.fromkeys(found)), 70))


def bridge_rows(bridge: Bridge, measure: str, lang: str) -> list[tuple[str, float]]:
    """Causes and their moves, the greatest first; the small ones as one, the residual last."""
    sized = [(share_label(s, lang), s.moves[measure].value) for s in bridge.shares]
    sized.sort(key=lambda row: -abs(row[1]))
    least = LEAST_SHARE * abs(bridge.total[measure].value)
    least = max(least, LEAST_DAYS if measure == "finish_days" else 0.0)
    kept = [row for row in sized if abs(row[1]) >= least][:MOST_CAUSES]
    small = sized[len(kept) :]
    if small:
        text = (f"Autres causes ({len(small)})", f"Other causes ({len(small)})")
        kept.append((pick(lang, *text), sum(row[1] for row in small)))
    return [*kept, (pick(lang, "Reste", "Residual"), bridge.residual[measure].value)]


def bridge_measure(bridge: Bridge) -> str:
    """The date where it can be shared out, else the cost; empty where neither can."""
    for measure in ("finish_days", "cost_eur"):
        if measure in bridge.total:
            shares = [s.moves[measure].value for s in bridge.shares]
            if all(map(math.isfinite, [*shares, bridge.before[measure], bridge.after[measure]])):
                return measure
    return ""


def bridge(comparison: Comparison, made: Bridge, ends: tuple[int, int], lang: str) -> Figure | None:
    """Draw the way from one scenario to another as arrows, a row a cause."""
    measure = bridge_measure(made)
    if not measure or not made.shares:
        return None
    date, vat = measure == "finish_days", vat_basis(comparison)
    names = [named(comparison, comparison.names[i], lang) for i in ends]
    before, after = made.before[measure], made.after[measure]
    rows, start = bridge_rows(made, measure, lang), comparison.plans[ends[0]].start

    def at(value: float) -> str:
        day = comparison.forecasts[ends[0]].date_of(value)
        return date_short(day, lang) if date else meur(value, lang)

    moves = [move_of(move, "days" if date else "eur", lang) for _, move in rows]

    def draw(ax):
        steps = [before]
        for _, move in rows:
            steps.append(steps[-1] + move)
        if date:
            date_axis(ax, start, min(*steps, after), max(*steps, after), lang)
        else:
            pad = 0.06 * max(max(steps) - min(steps), 1.0)
            ax.set_xlim(min(*steps, after) - pad, max(*steps, after) + pad)
            ax.xaxis.set_major_formatter(millions(lang))
            ax.set_xlabel(money_unit(lang, vat))
            ax.grid(axis="x", visible=True)
        _arrows(ax, steps, after)
        row_names(ax, [names[0], *(name for name, _ in rows), names[1]])
        at_right(ax, [at(before), *moves, at(after)])
        return ax

    table = ((names[0], at(before)), *zip([r[0] for r in rows], moves, strict=True),
             (names[1], at(after)), (pick(lang, "Écart", "Move"), _size(made, measure, lang)))  # fmt: skip
    words = _bridge_words(made, names, rows, moves, measure, lang)
    columns = pick(lang, ("cause", "P80 ou écart"), ("cause", "P80 or move"))
    return Figure("versus_bridge", draw, **words, columns=columns, rows=tuple(table),
                  height_in=1.1 + 0.4 * len(table))  # fmt: skip


def _arrows(ax, steps: Sequence[float], after: float) -> None:
    for y, (x, to) in enumerate(pairwise(steps), 1):
        ax.plot([x, x], [y - 1, y], color=GREY, lw=0.8, ls=":", zorder=1)
        color = WORSE if to > x else BETTER
        # An arrow head would make a small move look larger than it is.
        low, high = ax.get_xlim()
        if abs(to - x) > 0.02 * (high - low):
            style = {"arrowstyle": "-|>", "color": color, "lw": 2.4, "shrinkA": 0, "shrinkB": 0}
            ax.annotate("", (to, y), (x, y), arrowprops=style, zorder=3)
        else:
            ax.plot([to], [y], "|", color=INK, ms=9, mew=1.4)
    ax.plot([after, after], [len(steps) - 1, len(steps)], color=GREY, lw=0.8, ls=":", zorder=1)
    for x, y in ((steps[0], 0), (after, len(steps))):
        ax.plot([x], [y], "D", ms=8, color=MAIN, mec="white", zorder=4)


def _size(made: Bridge, measure: str, lang: str) -> str:
    """The whole move without its sign, no finer than its error."""
    total = made.total[measure]
    if measure == "finish_days":
        return span(total.value, total.se, lang)
    return meur(abs(total.value), lang, None, total.se)


def _bridge_words(
    made: Bridge, names: Sequence[str], rows: Sequence, moves: Sequence[str], measure: str,
    lang: str,
) -> dict[str, str]:  # fmt: skip
    """What is said around a bridge: its finding, its measure, its text for who cannot see it."""
    date, total = measure == "finish_days", made.total[measure]
    here, there = (quoted(name, lang) for name in names)
    size = _size(made, measure, lang)
    fr, en = (
        ("sans écart net au P80", "no clear move of the P80")
        if not total.clear
        else (f"la date prudente {'avance' if total.value < 0 else 'recule'} de {size}",
              f"the prudent date comes {size} {'earlier' if total.value < 0 else 'later'}")
        if date
        else (f"le coût prudent {'baisse' if total.value < 0 else 'monte'} de {size}",
              f"the prudent cost {'falls' if total.value < 0 else 'rises'} by {size}")
    )  # fmt: skip
    listed = ", ".join(f"{r[0]} {move}" for r, move in zip(rows, moves, strict=True))
    what = pick(lang, *(("Date P80", "P80 date") if date else ("Coût P80", "P80 cost")))
    return {
        "title": pick(lang, french(f"De {here} à {there} : {fr}"), f"From {here} to {there}: {en}"),
        "subtitle": pick(lang, french(f"{what} : part de chaque cause, en moyenne sur les ordres"),
                         f"{what}: share of each cause, on average over the orders"),
        "alt": label(pick(lang, french(f"{what}, {fr} : {listed}"), f"{what}, {en}: {listed}"),
                     ALT_LIMIT),
        "lecture": pick(
            lang,
            french(f"Lecture : ◆ P80 des deux scénarios{', en moyenne de P75 à P85' * date} ; "
                   f"« {rows[0][0]} » y compte pour {moves[0]}. "
                   "Une flèche vers la gauche améliore, vers la droite dégrade."),
            f"How to read it: ◆ P80 of both scenarios{', averaged from P75 to P85' * date}; "
            f"“{rows[0][0]}” accounts for {moves[0]}. An arrow to the left is better, to the right worse.",
        ),
    }  # fmt: skip
