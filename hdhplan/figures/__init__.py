"""One chart a function: it picks numbers from a Forecast and draws them, and computes nothing."""

from __future__ import annotations

from hdhplan.figures.dates import joint, timeline, waves
from hdhplan.figures.drawing import Figure, house_style, to_svg
from hdhplan.figures.money import drivers, exposure, money_by_line
from hdhplan.figures.years import money_by_year
from hdhplan.forecast import Forecast
from hdhplan.sensitivity import Study

__all__ = [
    "Figure", "all_figures", "drivers", "exposure", "house_style", "joint", "money_by_line",
    "money_by_year", "timeline", "to_svg", "waves",
]  # fmt: skip


def all_figures(forecast: Forecast, study: Study | None, lang: str) -> dict[str, Figure]:
    """Every chart that a plan has data for, by its key, in the order of the page."""
    made = [joint(forecast, lang), timeline(forecast, lang), waves(forecast, lang)]
    made += [money_by_line(forecast, lang), money_by_year(forecast, lang)]
    made += [drivers(forecast, study, lang) if study else None, exposure(forecast, lang)]
    return {figure.key: figure for figure in made if figure}
