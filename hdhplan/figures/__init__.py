"""One chart a function: it picks numbers from a Forecast and draws them, and computes nothing."""

from __future__ import annotations

from hdhplan.figures.dates import joint, timeline, waves
from hdhplan.figures.drawing import Figure, house_style, to_svg
from hdhplan.figures.flows import continuity, landed
from hdhplan.figures.money import drivers, exposure, money_by_line
from hdhplan.figures.odds import odds_charts
from hdhplan.figures.rising import burn_up, projects_up
from hdhplan.figures.spending import spent_and_to_come
from hdhplan.figures.weeks import trend
from hdhplan.figures.years import money_by_year
from hdhplan.forecast import Forecast
from hdhplan.sensitivity import Study

__all__ = [
    "Figure", "all_figures", "burn_up", "continuity", "drivers", "exposure", "house_style", "joint", "landed",
    "money_by_line", "money_by_year", "odds_charts", "projects_up", "spent_and_to_come", "timeline", "to_svg",
    "trend", "waves",
]  # fmt: skip


def all_figures(forecast: Forecast, study: Study | None, lang: str) -> dict[str, Figure]:
    """Every chart that a plan has data for, by its key, in the order of the page."""
    made = [joint(forecast, lang), *odds_charts(forecast, lang), timeline(forecast, lang)]
    made += [waves(forecast, lang), continuity(forecast, lang)]
    made += [money_by_line(forecast, lang), money_by_year(forecast, lang)]
    made += [drivers(forecast, study, lang) if study else None]
    made += [exposure(forecast, lang), landed(forecast, lang)]
    return {figure.key: figure for figure in made if figure}
