"""The three lines that every view shows: the reference, with changed assumptions, the scenario."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from hdhplan.figures.drawing import GREY, MAIN, WORSE, date_ticks
from hdhplan.forecast import Forecast
from hdhplan.wording.formats import number, pick

#: The forecasts of the three, by their keys.
Lines = dict[str, Forecast]
#: Each with a colour, a width and dashes of its own.
STYLES = {
    "reference": (GREY, 1.2, "2 3"),
    "assumed": (WORSE, 1.6, "7 3"),
    "scenario": (MAIN, 2.4, ""),
}


def names(lang: str) -> dict[str, str]:
    """What the three lines are called."""
    return {
        "reference": pick(lang, "référence", "reference"),
        "assumed": pick(lang, "référence, hypothèses changées", "reference, assumptions changed"),
        "scenario": pick(lang, "scénario", "scenario"),
    }


def legend(lang: str) -> str:
    """The three lines, each with its colour and its dashes."""
    found = []
    for key, name in names(lang).items():
        color, width, dash = STYLES[key]
        found.append(
            f'<span><svg viewBox="0 0 34 8" width="34" height="8" aria-hidden="true"><path d="M0 4H34" '
            f'stroke="{color}" stroke-width="{width}" stroke-dasharray="{dash}"/></svg> {name}</span>'
        )
    return f'<p class="legend">{" ".join(found)}</p>'


def ghosts(lines: Lines) -> tuple[str, ...]:
    """Lines to draw behind the scenario: the changed assumptions only where some have changed."""
    same = lines["assumed"] is lines["reference"]
    return ("reference",) if same else ("reference", "assumed")


def snapped(values: Sequence[float], step: float) -> tuple[float, float]:
    """Limits on a coarse grid, so that they stay where they are while a lever moves a little."""
    known = np.asarray([v for v in values if math.isfinite(v)] or [0.0])
    low, high = np.floor(known.min() / step) * step, np.ceil(known.max() / step) * step
    return float(low), float(max(high, low + step))


def dates(
    forecast: Forecast, limits: tuple[float, float], lang: str, most: int = 4
) -> list[tuple[float, str]]:
    """Ticks of a time axis."""
    return list(zip(*date_ticks(forecast.plan.start, *limits, lang, most), strict=True))


def millions(limits: tuple[float, float], lang: str) -> list[tuple[float, str]]:
    """Ticks of an axis of money."""
    step = max(1, math.ceil((limits[1] - limits[0]) / 1e6 / 5)) * 1e6
    marks = np.arange(math.ceil(limits[0] / step) * step, limits[1] + 1, step)
    return [(float(m), number(m / 1e6, lang)) for m in marks]
