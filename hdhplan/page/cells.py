"""Cells that several tables share: quantiles of a spread as dates, lengths and counts, with errors."""

from __future__ import annotations

import math

from markupsafe import Markup

from hdhplan.forecast import Forecast
from hdhplan.page.sections import from_data, with_error
from hdhplan.page.tables import day_cell, error_of
from hdhplan.spread import Spread
from hdhplan.wording.continuity import HOURS, IN_HOURS
from hdhplan.wording.formats import number, pick
from hdhplan.wording.labels import french

#: Longest text of a cell that lists names.
_LONG = 1_200


def spread_day(forecast: Forecast, spread: Spread | None, p: float, lang: str) -> Markup | str:
    """A quantile of an instant as a date; a dash where there is none."""
    return "–" if spread is None else day_cell(forecast, *spread.at(p), lang)


def amount_cell(value: float, error: float, lang: str, scale: float = 1.0) -> Markup | str:
    """A number and its error, both multiplied by a scale; endless if it is."""
    if not math.isfinite(value):
        return pick(lang, "sans fin", "endless")
    value, error = value * scale, error * scale
    whole = value >= 100 or error >= 1 or (value == round(value) and error == 0)
    return with_error(number(value, lang, 0 if whole else 1), error_of(error, lang))


def quantity_cells(
    forecast: Forecast, quantity: str, lang: str, scale: float = 1.0
) -> list[Markup | str]:  # fmt: skip
    """P50 and P80 of a quantity; dashes where the plan has none."""
    if quantity not in forecast.quantities:
        return ["–", "–"]
    return [
        amount_cell(
            forecast.quantile(quantity, p), forecast.standard_error(quantity, p), lang, scale
        )
        for p in (0.5, 0.8)
    ]


def wide(text: str, lang: str) -> Markup:
    """A long text from data, in a cell that keeps room for it on a narrow screen."""
    shown = from_data(text, _LONG)
    return Markup('<span class="wide">{}</span>').format(french(shown) if lang == "fr" else shown)


def hours_scale(longest: float) -> float:
    """Hours in a day where a length is short enough to be said in hours, else 1."""
    return HOURS if longest < IN_HOURS else 1.0
