"""Tables of what explains the answer, and of the plan without its outside view."""

from __future__ import annotations

import math

from markupsafe import Markup

from hdhplan.forecast import Forecast
from hdhplan.page.sections import table, with_error
from hdhplan.page.tables import day_cell, error_of, millions, vat_of
from hdhplan.ranks import Explained
from hdhplan.sensitivity import OutsideView, Study
from hdhplan.wording.formats import FEW_DRAWS, money_unit, number, out_of_20, pick, signed
from hdhplan.wording.labels import capital
from hdhplan.wording.sentences import check_label


def inputs_table(study: Study, lang: str, most: int = 10) -> Markup:
    """The inputs that explain most of the date or of the cost, each by itself."""
    found = [e for e in study.inputs if e.finish.clear or e.cost.clear][:most]
    if not found or study.draws < FEW_DRAWS:
        return Markup("")
    rows = [
        (capital(check_label(e, lang)), *_alone(e.finish, lang), *_alone(e.cost, lang))
        for e in found
    ]
    caption = pick(
        lang,
        "Ce que chaque incertitude explique à elle seule : part de la variance des rangs, et "
        "corrélation de rang (Spearman)",
        "What each uncertainty explains by itself: share of the variance of ranks, and rank "
        "correlation (Spearman)",
    )
    columns = pick(
        lang,
        ("Incertitude", "#Part de la date (%)", "#Corrélation, date", "#Part du coût (%)",
         "#Corrélation, coût"),
        ("Uncertainty", "#Share of the date (%)", "#Correlation, date", "#Share of the cost (%)",
         "#Correlation, cost"),
    )  # fmt: skip
    return table(caption, columns, rows)


def _alone(alone: Explained, lang: str) -> tuple[Markup | str, Markup | str]:
    """A share and a correlation to the digits that their errors support."""
    if not math.isfinite(alone.share):
        return "–", "–"
    share, share_se = 100 * alone.share, 100 * alone.share_se
    shown = number(share, lang, 0 if share_se > 0.1 else 1)
    correlation = signed(alone.spearman, lang, 1 if alone.spearman_se > 0.05 else 2)
    return (
        with_error(shown, error_of(share_se, lang)),
        with_error(correlation, error_of(alone.spearman_se, lang)),
    )


def outside_view_table(forecast: Forecast, view: OutsideView, lang: str) -> Markup:
    """Date, cost and odds with the outside view and without."""
    unit, sides = money_unit(lang, vat_of(forecast.plan)), (view.on, view.off)
    names = {
        "date": pick(lang, "Tenir la date", "Holding the date"),
        "budget": pick(lang, "Tenir le montant", "Holding the amount"),
        "both": pick(lang, "Tenir les deux", "Holding both"),
    }
    rows = []
    for p in ("p50", "p80"):
        cells = (_day_of(forecast, side["finish_day"], p, lang) for side in sides)
        rows.append((f"Date, {p.upper()}", *cells))
    for p in ("p50", "p80"):
        cells = (_money_of(side["cost_eur"], p, lang) for side in sides)
        rows.append((f"{pick(lang, 'Coût', 'Cost')}, {p.upper()} ({unit})", *cells))
    for name, what in names.items():
        if name in view.on["odds"]:
            rows.append((what, *(out_of_20(side["odds"][name], lang) for side in sides)))
    caption = pick(
        lang,
        "Le plan avec le regard extérieur, qui corrige notre optimisme, et sans lui",
        "The plan with the outside view, which corrects our own optimism, and without it",
    )
    columns = pick(lang, ("Mesure", "#Avec", "#Sans"), ("Measure", "#With", "#Without"))
    return table(caption, columns, rows)


def _day_of(forecast: Forecast, row: dict, p: str, lang: str) -> Markup | str:
    day, error = (math.inf if x is None else x for x in (row[p], row["se"][p]))
    return day_cell(forecast, day, error, lang)


def _money_of(row: dict, p: str, lang: str) -> Markup | str:
    if row[p] is None:
        return pick(lang, "non chiffrable", "not computable")
    error = row["se"][p]
    shown = millions(row[p], lang)
    return with_error(shown, error_of(math.inf if error is None else error / 1e6, lang))
