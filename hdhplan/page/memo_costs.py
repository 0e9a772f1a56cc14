"""Sections of the memo on costs: where the money goes, what exceeds, when, what goes on afterwards."""

from __future__ import annotations

from hdhplan.budget import by_year, overrun_odds, perimeters, years_shown
from hdhplan.figures import money_by_line, money_by_year
from hdhplan.forecast import Forecast
from hdhplan.page.money_tables import (
    cover_table,
    money_by_line_table,
    money_by_year_table,
    perimeters_table,
    price_table,
)
from hdhplan.page.sections import Section, figure, items, prose, section
from hdhplan.page.tables import millions
from hdhplan.wording.formats import out_of_20, pick
from hdhplan.wording.labels import known
from hdhplan.wording.memos import cost_sentences
from hdhplan.wording.money import (
    closings_sentence,
    cover_sentence,
    drawn_sentence,
    next_year_sentence,
    provision_sentence,
)


def answer(forecast: Forecast, lang: str) -> Section:
    """What it costs against the envelope, where most goes, next year, and afterwards."""
    said = [*cost_sentences(forecast, lang), next_year_sentence(forecast, lang)]
    heading = pick(lang, "La réponse", "The answer")
    return section("costs", heading, items(filter(None, said), style="lead"), lines=said)


def by_line(forecast: Forecast, lang: str) -> Section:
    """Each budget line against what is allocated to it."""
    drawn = money_by_line(forecast, lang) if forecast.lines else None
    lines = [
        f"{known(name, lang)}: {millions(forecast.quantile(f'line.{name}', 0.8), lang)}"
        for name in sorted(forecast.lines)
    ]
    return section(
        "by-line",
        pick(lang, "Par poste", "By line"),
        figure(drawn, lang),
        money_by_line_table(forecast, lang) if forecast.lines else _nothing(lang),
        lines=lines or [_none(lang)],
    )


def overruns(forecast: Forecast, lang: str) -> Section:
    """Which lines exceed their allocations, and what covers that."""
    texts = (
        cover_sentence(forecast, lang),
        drawn_sentence(forecast, lang),
        provision_sentence(forecast, lang),
    )
    odds = [f"{known(k, lang)}: {out_of_20(p, lang)}" for k, p in overrun_odds(forecast).items()]
    return section(
        "overruns",
        pick(lang, "Ce qui dépasse", "What exceeds"),
        prose("p", *texts),
        cover_table(forecast, lang),
        lines=(*texts, *odds),
    )


def years(forecast: Forecast, lang: str) -> Section:
    """Commitments (AE) and payments (CP) by budget year."""
    kinds = [by_year(forecast, kind) for kind in ("ae", "cp")]
    lines = [
        f"{year}: AE {millions(kinds[0][year].p80, lang)}, CP {millions(kinds[1][year].p80, lang)}"
        for year in years_shown(forecast)
    ]
    return section(
        "years",
        pick(lang, "Par exercice", "By budget year"),
        figure(money_by_year(forecast, lang), lang) if lines else _nothing(lang),
        money_by_year_table(forecast, lang),
        prose("p", closings_sentence(forecast.plan, lang), style="note"),
        lines=lines or [_none(lang)],
    )


def afterwards(forecast: Forecast, lang: str) -> Section:
    """The perimeters: the envelope, the full cost, what is avoided, what goes on every month."""
    found = perimeters(forecast)
    return section(
        "perimeters",
        pick(lang, "Les périmètres, et ensuite", "The perimeters, and afterwards"),
        perimeters_table(forecast, lang),
        price_table(forecast.plan, lang),
        lines=[f"{name}: {millions(m.p80, lang)}" for name, m in found.items()],
    )


def _none(lang: str) -> str:
    return pick(lang, "Le plan ne chiffre rien.", "The plan prices nothing.")


def _nothing(lang: str):
    return prose("p", _none(lang))
