"""Tables of a page: rows of text from a forecast, every percentile with its standard error."""

from __future__ import annotations

import math
from datetime import date

from markupsafe import Markup

from hdhplan.forecast import Forecast
from hdhplan.page.sections import as_entered, from_data, items, table, with_error
from hdhplan.plan import Plan
from hdhplan.quantities import Bilingual
from hdhplan.sensitivity import Check, Study
from hdhplan.spread import error_from_slope
from hdhplan.wording.conditions import three_points
from hdhplan.wording.formats import (
    FEW_DRAWS,
    NBSP,
    chances,
    date_short,
    money_unit,
    number,
    out_of_20,
    percent,
    pick,
    signed,
    volume,
)
from hdhplan.wording.labels import capital, french, known, name_of, task_label, wave_label
from hdhplan.wording.sentences import check_label, driver_label

#: Datasets, waves and the like beyond this many rows are summed up in words.
MOST_ROWS = 60


def vat_of(plan: Plan) -> str | None:
    """VAT basis of every amount on the page."""
    return plan.target.vat if plan.target else None


def day_cell(forecast: Forecast, day: float, error: float, lang: str) -> Markup | str:
    """A date and its standard error, or never."""
    shown = date_short(forecast.date_of(day), lang)
    if not math.isfinite(day):
        return shown
    return with_error(shown, error_of(error, lang, pick(lang, "j", "d")))


def error_of(error: float, lang: str, unit: str = "") -> str:
    """A standard error to one or two figures."""
    if not math.isfinite(error):
        return pick(lang, "inconnue", "unknown")
    digits = 0 if error >= 10 or error == 0 else 1 if error >= 0.1 else 2
    shown = number(max(error, 0.01), lang, digits) if error else "0"
    below = "<" + NBSP if 0 < error < 0.005 else ""
    return below + shown + (f"{NBSP}{unit}" if unit else "")


def quantile_day(forecast: Forecast, quantity: str, p: float, lang: str) -> Markup | str:
    """A quantile of an instant as a date."""
    return day_cell(
        forecast, forecast.quantile(quantity, p), forecast.standard_error(quantity, p), lang
    )


def task_day(forecast: Forecast, task: str, p: float, lang: str) -> Markup | str:
    """A quantile of a task's finish: over all draws where it was kept, else over the first ones."""
    if task in forecast.values:
        return quantile_day(forecast, task, p, lang)
    if task not in forecast.spread:
        return "–"
    p10, p50, p80 = forecast.spread[task]["finish"]
    error = error_from_slope(p, p50, p80, forecast.sampled)
    return day_cell(forecast, {0.1: p10, 0.5: p50, 0.8: p80}[p], error, lang)


def millions(eur: float | None, lang: str) -> str:
    """An amount in millions, to ten thousand. [EUR]"""
    if eur is None:
        return "–"
    return number(eur / 1e6, lang, 2) if math.isfinite(eur) else pick(lang, "sans fin", "endless")


def odds_error(forecast: Forecast, p: float, lang: str) -> str:
    """Monte-Carlo error of a probability, in chances in 20 as it is said itself."""
    return error_of(20 * forecast.odds_error(p), lang)


def odds_cell(forecast: Forecast, p: float | None, lang: str) -> Markup | str:
    """A probability in words, in chances in 20 and with its error."""
    if p is None or forecast.draws < FEW_DRAWS:
        return "–"
    return with_error(chances(p, lang), odds_error(forecast, p, lang))


def promises_table(forecast: Forecast, lang: str) -> Markup:
    """The ladder of promised dates: what was promised, what comes out, the odds."""
    plan, odds = forecast.plan, forecast.odds
    rows = [
        (
            capital(task_label(plan, promise.milestone, lang)),
            date_short(promise.by, lang),
            quantile_day(forecast, promise.milestone, 0.5, lang),
            quantile_day(forecast, promise.milestone, 0.8, lang),
            odds_cell(forecast, odds[promise.id or promise.milestone], lang),
            _promised_by(promise.source, lang),
            promise.grade or "–",
        )
        for promise in plan.promises
    ]
    caption = pick(lang, "Dates promises et dates prévues", "Promised dates and forecast dates")
    columns = pick(
        lang,
        ("Jalon", "Promis", "P50", "P80", "Tenir la promesse", "Source de la promesse", "Preuve"),
        ("Milestone", "Promised", "P50", "P80", "Holding the promise", "Source of the promise",
         "Evidence"),
    )  # fmt: skip
    return table(caption, columns, rows)


def _promised_by(source: Bilingual | None, lang: str) -> Markup | str:
    if source is None:
        return "–"
    text = from_data(source.in_(lang))
    return as_entered(text, lang) if source.fr == source.en else text


def milestones_table(forecast: Forecast, lang: str) -> Markup:
    """Quantiles of every milestone that is not in the promises."""
    plan = forecast.plan
    promised = {promise.milestone for promise in plan.promises}
    named = [q for q, t in forecast.tasks.items() if t.kind == "milestone" and q not in promised]
    named = [q for q in named if forecast.sd(q) > 0]  # one that does not move is a given
    named.sort(key=lambda q: (forecast.quantile(q, 0.5), q))
    rows = [
        (
            capital(task_label(plan, name, lang)),
            *(quantile_day(forecast, name, p, lang) for p in (0.1, 0.5, 0.8)),
            percent(forecast.criticality.get(name, 0.0), lang),
        )
        for name in named[:MOST_ROWS]
    ]
    caption = pick(lang, "Autres jalons", "Other milestones")
    critical = pick(lang, "#Critique dans", "#Critical in")
    first = pick(lang, "Jalon", "Milestone")
    return table(caption, (first, "P10", "P50", "P80", critical), rows) if rows else Markup("")


def waves_table(forecast: Forecast, lang: str) -> Markup:
    """Dates of each wave: cutover, end of dual running, erasure at the source."""
    plan = forecast.plan
    rows = [
        (
            capital(wave_label(plan, name, lang)),
            number(wave.projects, lang),
            task_day(forecast, f"{name}.cutover", 0.5, lang),
            task_day(forecast, f"{name}.cutover", 0.8, lang),
            task_day(forecast, f"{name}.dual_running", 0.8, lang),
            task_day(forecast, f"{name}.erase", 0.8, lang),
            percent(forecast.criticality.get(f"{name}.cutover", 0.0), lang),
        )
        for name, wave in plan.waves.items()
    ]
    caption = pick(lang, "Dates par vague", "Dates by wave")
    columns = pick(
        lang,
        ("Vague", "#Projets", "Bascule P50", "Bascule P80", "Fin du double hébergement P80",
         "Effacement chez Azure P80", "#Bascule critique dans"),
        ("Wave", "#Projects", "Cutover P50", "Cutover P80", "End of dual running P80",
         "Erasure at Azure P80", "#Cutover critical in"),
    )  # fmt: skip
    return table(caption, columns, rows)


def wave_lines(forecast: Forecast, lang: str) -> list[str]:
    """The prudent cutover of each wave, as text."""
    return [
        f"{name}: P80 {date_short(forecast.date_of(forecast.quantile(f'{name}.cutover', 0.8)), lang)}"
        for name in forecast.plan.waves
    ]


def drivers_table(forecast: Forecast, study: Study, lang: str) -> Markup:
    """What each driver does to P80 date, P80 cost and the odds."""
    unit = money_unit(lang, vat_of(forecast.plan))
    rows = [
        (
            driver_label(e, lang),
            out_of_20(e.p, lang) if e.p < 1 else pick(lang, "toujours", "always"),
            pick(lang, "oui", "yes") if e.lever else "–",
            with_error(signed(e.finish_days, lang, 0), error_of(e.finish_se, lang)),
            with_error(signed(e.cost_eur / 1e6, lang, 2), error_of(e.cost_se / 1e6, lang)),
            "–" if e.p_both is None else signed(20 * e.p_both, lang, 1),
            e.grade,
        )
        for e in study.drivers[:MOST_ROWS]
    ]
    caption = pick(
        lang,
        "Ce que pèse chaque facteur : le plan avec lui, moins le même plan sans lui",
        "What each driver weighs: the plan with it, less the same plan without it",
    )
    columns = pick(
        lang,
        ("Facteur", "Arrive", "Levier", "#Date P80 (j)", f"#Coût P80 ({unit})",
         "#Chances sur 20 gagnées sans lui", "Preuve"),
        ("Driver", "Happens", "Lever", "#P80 date (d)", f"#P80 cost ({unit})",
         "#Chances in 20 gained without it", "Evidence"),
    )  # fmt: skip
    return table(caption, columns, rows)


def checks_list(study: Study, lang: str, most: int = 3) -> Markup:
    """What to check first: effect times weakness of the evidence, and whom to ask."""
    return items((_check(check, lang) for check in study.checks[:most]), True, "checks")


def _check(check: Check, lang: str) -> Markup:
    nobody = pick(lang, "personne de nommé", "nobody named")
    ask = from_data(check.ask.in_(lang)) if check.ask else nobody
    effect, weakness = number(20 * check.effect, lang, 1), number(check.weakness, lang, 1)
    product = number(20 * check.product, lang, 1)
    size = round(20 * check.effect, 1)
    many = "s" * (size >= 2 if lang == "fr" else size != 1)
    return Markup("<strong>{}</strong> <small>{}</small><br>{}<br>{}").format(
        capital(check_label(check, lang)),
        pick(lang, f"({held(check, lang)}, preuve {check.grade or 'D'})",
             f"({held(check, lang)}, evidence {check.grade or 'D'})"),
        pick(lang, french(f"{product} = effet {effect} chance{many} sur 20 × faiblesse {weakness}"),
             f"{product} = effect {effect} chance{many} in 20 × weakness {weakness}"),
        pick(lang, french(f"À demander à : {ask}"), f"Ask: {ask}"),
    )  # fmt: skip


def held(check: Check, lang: str) -> str:
    """What the plan holds for now: a range, or the odds of an event."""
    if check.low is None or check.high is None:
        return out_of_20(check.likely or 0.0, lang)
    points = (check.low, check.likely or 0.0, check.high)
    if check.unit == "date":
        days = (date_short(date.fromordinal(round(x)), lang) for x in points)
        return " / ".join(dict.fromkeys(days))
    return three_points(*points, check.unit, lang)


def bottlenecks_table(forecast: Forecast, lang: str) -> Markup:
    """What limits the copy of each dataset, in which share of the draws."""
    plan = forecast.plan
    rows = []
    for name, shares in forecast.bottleneck.items():
        data = plan.datasets[name]
        ordered = sorted(
            (item for item in shares.items() if item[1] > 0), key=lambda i: (-i[1], i[0])
        )
        texts = [f"{known(limit, lang)} ({percent(share, lang)})" for limit, share in ordered]
        rows.append((
            from_data(name_of(data, lang)),
            volume(data.volume_tb.likely / 1000, lang),
            from_data(data.route or "–"),
            capital(texts[0]) if texts else "–",
            " · ".join(texts[1:]) or "–",
        ))  # fmt: skip
    caption = pick(
        lang,
        "Ce qui limite chaque copie, en part des tirages",
        "What limits each copy, by share of draws",
    )  # fmt: skip
    columns = pick(
        lang,
        ("Jeu de données", "#Volume probable", "Route", "Limite la plus fréquente", "Autres"),
        ("Dataset", "#Likely volume", "Route", "Most frequent limit", "Others"),
    )
    return table(caption, columns, rows) if rows else Markup("")
