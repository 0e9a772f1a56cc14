"""Tables of what differs between scenarios: inputs, causes, and each scenario less the first."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup

from hdhplan.attribution import Bridge
from hdhplan.comparison import Comparison
from hdhplan.figures.versus import share_label, vat_basis
from hdhplan.page.sections import from_data, table, with_error
from hdhplan.page.tables import MOST_ROWS, error_of
from hdhplan.paired import Move
from hdhplan.wording.choices import named
from hdhplan.wording.formats import NBSP, money_unit, pick, signed


def inputs_table(comparison: Comparison, lang: str) -> Markup:
    """Only the inputs that differ: the first scenario's value, and that of those who have another."""
    first, *others = (from_data(name, 40) for name in comparison.names)
    rows = []
    for item in comparison.inputs[:MOST_ROWS]:
        here, *there = (from_data(v, 60) if v is not None else "–" for v in item.values)
        who: dict[str, list[str]] = {}
        for name, value in zip(others, there, strict=True):
            if value != here:
                who.setdefault(value, []).append(name)
        # Of two plans the head of the column says whose value it is.
        said = (v if len(others) == 1 else f"{v} ({', '.join(names)})" for v, names in who.items())
        rows.append((from_data(item.path, 80), here, Markup("<br>").join(said)))
    more = len(comparison.inputs) - len(rows)
    caption = pick(lang, "Données qui diffèrent", "Inputs that differ")
    if more:
        caption += pick(
            lang, f" ({more} de plus dans result.json)", f" ({more} more in result.json)"
        )
    other = others[0] if len(others) == 1 else pick(lang, "Ailleurs", "Elsewhere")
    return table(caption, (pick(lang, "Donnée", "Input"), first, other), rows)


def bridge_table(comparison: Comparison, made: Bridge, ends: tuple[int, int], lang: str) -> Markup:
    """What each cause contributes to date, cost and odds; then the residual and the whole."""
    scales = {"finish_days": (1, 1), "cost_eur": (1e6, 2), "p_both": (0.05, 1)}
    unit = money_unit(lang, vat_basis(comparison))
    heads = {
        "finish_days": pick(lang, "#Date P80, jours", "#P80 date, days"),
        "cost_eur": pick(lang, f"#Coût P80, {unit}", f"#P80 cost, {unit}"),
        "p_both": _both_head(lang),
    }
    shown = [measure for measure in scales if measure in made.total]
    named_moves = [(share_label(s, lang), s.moves) for s in made.shares]
    named_moves.append((pick(lang, "Reste", "Residual"), made.residual))
    named_moves.append((pick(lang, "Différence", "Difference"), made.total))
    rows = [
        (name, *(moved(moves[m], lang, *scales[m]) for m in shown)) for name, moves in named_moves
    ]
    here, there = (named(comparison, comparison.names[i], lang) for i in ends)
    caption = pick(lang, f"De {here} à {there}", f"From {here} to {there}")
    return table(
        caption, (pick(lang, "Cause", "Cause"), *(heads[m] for m in shown)), rows, total=True
    )


def _both_head(lang: str) -> str:
    return pick(lang, f"#Les deux, sur{NBSP}20", f"#Both, in{NBSP}20")


def moved(move: Move, lang: str, scale: float = 1.0, digits: int = 1) -> Markup | str:
    """A difference with its sign and its error."""
    if not math.isfinite(move.value):
        return "–"
    return with_error(signed(move.value / scale, lang, digits), error_of(move.se / scale, lang))


def gains_table(comparison: Comparison, order: Sequence[int], lang: str) -> Markup:
    """What each scenario has more or less of than the first, on common draws."""
    unit = money_unit(lang, vat_basis(comparison))
    measures = {
        "finish_p80": (pick(lang, "#Date P80, jours", "#P80 date, days"), 1.0, 1),
        "cost_p80": (pick(lang, f"#Coût P80, {unit}", f"#P80 cost, {unit}"), 1e6, 2),
        "p_both": (_both_head(lang), 0.05, 1),
        "exposure_p80": (pick(lang, "#Po·jours P80", "#PB·days P80"), 1.0, 0),
    }
    shown = [c for c in measures if c in comparison.comparable]
    rows = [
        (named(comparison, comparison.names[i], lang),
         *(moved(comparison.move(i, 0, c), lang, *measures[c][1:]) for c in shown))
        for i in order if i
    ]  # fmt: skip
    first = named(comparison, comparison.names[0], lang)
    caption = pick(lang, f"Écart de chaque scénario avec {first}", f"Each scenario less {first}")
    columns = (pick(lang, "Scénario", "Scenario"), *(measures[c][0] for c in shown))
    return table(caption, columns, rows)
