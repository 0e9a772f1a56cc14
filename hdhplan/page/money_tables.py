"""Tables of money: lines and what covers them, budget years, perimeters, what a terabyte costs."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from hdhplan.budget import (
    PERIMETERS,
    Measure,
    by_year,
    cover,
    measure,
    overrun_odds,
    perimeters,
    total_overrun_odds,
    years_shown,
)
from hdhplan.forecast import Forecast
from hdhplan.inputs import drivers_on
from hdhplan.page.sections import as_entered, folded, from_data, items, table, with_error
from hdhplan.page.tables import error_of, millions, odds_error, vat_of
from hdhplan.plan import Plan
from hdhplan.quantities import Range
from hdhplan.rates import Rate
from hdhplan.wording.formats import (
    BASIS,
    FEW_DRAWS,
    NBSP,
    date_short,
    days,
    money_unit,
    number,
    out_of_20,
    pick,
)
from hdhplan.wording.labels import capital, french, known, name_of, task_label

_QUANTILES = ("p10", "p50", "p80")


def money_by_line_table(forecast: Forecast, lang: str) -> Markup:
    """Cost by budget line against what is allocated; means and the likely plan add up."""
    plan, unit = forecast.plan, money_unit_of(forecast.plan, lang)
    odds = overrun_odds(forecast)
    names = sorted(forecast.lines, key=lambda n: (-forecast.mean(f"line.{n}"), n))
    rows = [
        (
            capital(known(name, lang)), millions(plan.allocations.get(name), lang),
            millions(forecast.likely_lines.get(name, 0.0), lang),
            *amount_cells(measure(forecast.lines[name]), lang),
            _odds(forecast, odds.get(name), lang),
        )
        for name in names
    ]  # fmt: skip
    rows += [
        (capital(known(name, lang)), millions(eur, lang), *["–"] * 5)
        for name, eur in plan.allocations.items()
        if name not in forecast.lines
    ]
    whole = sum(plan.allocations.values()) if plan.allocations else None
    rows.append((
        "Total", millions(whole, lang), millions(forecast.likely["cost_eur"], lang),
        *amount_cells(measure(forecast.values["cost_eur"]), lang),
        _odds(forecast, total_overrun_odds(forecast), lang),
    ))  # fmt: skip
    caption = pick(lang, f"Coût par poste, en {unit}", f"Cost by budget line, in {unit}")
    heads = pick(
        lang,
        ("Alloué", "Plan probable", "Moyenne", "P50", "P80"),
        ("Allocated", "Likely plan", "Mean", "P50", "P80"),
    )
    columns = (pick(lang, "Poste", "Line"), *(f"#{head} ({unit})" for head in heads))
    over = pick(lang, "Dépasse ce qui est alloué", "Exceeds what is allocated")
    return table(caption, (*columns, over), rows, total=True)


def money_unit_of(plan: Plan, lang: str) -> str:
    """Millions of euros and their VAT basis, which no line break parts."""
    return money_unit(lang, vat_of(plan)).replace(" ", NBSP)


def amount_cells(
    found: Measure, lang: str, names: tuple[str, ...] = ("mean", "p50", "p80")
) -> list:
    """Mean and quantiles of an amount with their errors, in millions; neither where no draw ends."""
    if found.share_never == 1:
        return [pick(lang, "non chiffrable", "not computable")] * len(names)
    return [
        with_error(millions(getattr(found, name), lang), error_of(found.se[name] / 1e6, lang))
        for name in names
    ]


def _odds(forecast: Forecast, p: float | None, lang: str) -> Markup | str:
    """Chances in 20 and their error; never and always are said as such."""
    if p is None or forecast.draws < FEW_DRAWS:
        return "–"
    if p in (0.0, 1.0):
        return pick(lang, *(("jamais", "never") if p == 0 else ("toujours", "always")))
    return with_error(out_of_20(p, lang), odds_error(forecast, p, lang))


def cover_table(forecast: Forecast, lang: str) -> Markup:
    """What covers lines that exceed their allocations; means add up. Nothing without allocations."""
    found = cover(forecast)
    if found is None:
        return Markup("")
    names = {
        "transferred": pick(lang, "couvert par virement", "covered by transfers"),
        "from_provision": pick(
            lang, "puis couvert par la provision", "then covered by the provision"
        ),
        "uncovered": pick(lang, "non couvert", "uncovered"),
        "overrun": pick(lang, "Dépassement des lignes", "Overrun of the lines"),
    }
    rows = [
        (capital(name), _odds(forecast, found.measures[key].odds, lang),
         *amount_cells(found.measures[key], lang))
        for key, name in names.items()
    ]  # fmt: skip
    unit = money_unit_of(forecast.plan, lang)
    caption = pick(
        lang,
        f"Ce qui couvre les dépassements, en {unit} : les moyennes s'ajoutent",
        f"What covers the overruns, in {unit}: means add up",
    )
    heads = (pick(lang, "Moyenne", "Mean"), "P50", "P80")
    columns = (
        pick(lang, "Part", "Part"),
        pick(lang, "Arrive", "Happens"),
        *(f"#{head} ({unit})" for head in heads),
    )
    caption = pick(lang, french(caption), caption)
    return folded(caption, table(caption, columns, rows, total=True))


def money_by_year_table(forecast: Forecast, lang: str) -> Markup:
    """Commitments and payments by budget year; means add up to the mean of the same draws."""
    unit, shown = money_unit_of(forecast.plan, lang), years_shown(forecast)
    if not shown:
        return Markup("")
    kinds = [by_year(forecast, kind) for kind in ("ae", "cp")]
    rows = [
        (str(year), *(cell for kind in kinds for cell in amount_cells(kind[year], lang)))
        for year in shown
    ]
    whole = amount_cells(measure(forecast.by_year("cp").sum(axis=0)), lang)
    caption = pick(
        lang,
        f"Engagements (AE) et paiements (CP) par exercice, en {unit}",
        f"Commitments (AE) and payments (CP) by budget year, in {unit}",
    )
    heads = (pick(lang, "moyenne", "mean"), "P50", "P80")
    columns = [f"#{kind} {head} ({unit})" for kind in ("AE", "CP") for head in heads]
    columns = (pick(lang, "Exercice", "Budget year"), *columns)
    return table(caption, columns, [*rows, ("Total", *whole, *whole)], total=True)


#: Perimeters: name, what they hold, and what is said where the plan prices nothing of it.
_PERIMETERS = {
    "envelope": (
        ("Enveloppe", "Envelope"),
        ("ce que le budget de la migration paie, jusqu'à la clôture",
         "what the budget of the migration pays, until closure"),
        None,
    ),
    "full_cost": (
        ("Coût complet", "Full cost"),
        ("tout ce que coûte la migration, dans l'enveloppe et hors d'elle, plus deux ans de "
         "fonctionnement (à la manière de la DINUM)",
         "all that the migration costs, inside the envelope and outside it, plus two years of "
         "running (the DINUM way)"),
        ("hors fonctionnement, que le plan ne chiffre pas", "without running, which the plan does not price"),
    ),
    "avoided": (
        ("Dépense évitée à la source", "Spending avoided at the source"),
        ("ce que l'hébergeur quitté ne facture plus, jusqu'à deux ans après la date cible ; la "
         "prudence est ici du côté bas (P10)",
         "what the host that is left no longer bills, until two years after the target date; here "
         "the prudent side is the low one (P10)"),
        ("le plan n'en chiffre pas", "the plan prices none"),
    ),
    "steady_month": (
        ("Ensuite, par mois", "After that, a month"),
        ("fonctionnement courant une fois tout arrivé", "steady running once all has landed"),
        ("le plan n'en chiffre pas", "the plan prices none"),
    ),
}  # fmt: skip


def perimeters_table(forecast: Forecast, lang: str) -> Markup:
    """The perimeters of the money side by side, and below what each of them holds."""
    plan, unit = forecast.plan, money_unit_of(forecast.plan, lang)
    running = any(rate.running for rate in plan.rates.values())
    avoided = any(rate.avoided for rate in plan.rates.values())
    priced = {"avoided": avoided, "full_cost": running, "steady_month": running}
    rows, holds = [], []
    for key, found in perimeters(forecast).items():
        name, what, missing = _PERIMETERS[key]
        cells = [millions(forecast.likely[PERIMETERS[key]], lang)]
        cells += amount_cells(found, lang, ("mean", *_QUANTILES))
        if not priced.get(key, True):
            what = missing
            cells = cells if key == "full_cost" else ["–"] * len(cells)
        rows.append((pick(lang, *name), *cells))
        holds.append(pick(lang, french(f"{name[0]} : {what[0]}."), f"{name[1]}: {what[1]}."))
    caption = pick(
        lang,
        f"Trois périmètres, jamais mêlés, en {unit}",
        f"Three perimeters, never mixed, in {unit}",
    )
    heads = pick(lang, ("Plan probable", "Moyenne"), ("Likely plan", "Mean"))
    columns = [f"#{head} ({unit})" for head in (*heads, "P10", "P50", "P80")]
    first = pick(lang, "Périmètre", "Perimeter")
    return table(caption, (first, *columns), rows) + items(holds, style="note")


def price_table(plan: Plan, lang: str) -> Markup:
    """What each terabyte that moves costs: the price in force from each day, and what waives it."""
    rows = [
        row for rate in plan.rates.values() if rate.per == "TB" for row in _prices(plan, rate, lang)
    ]
    if not rows:
        return Markup("")
    vat = vat_of(plan)
    unit = f"{pick(lang, '€/To', '€/TB')} {BASIS[lang].get(vat or '', '')}".strip().replace(
        " ", NBSP
    )
    caption = pick(
        lang,
        f"Ce que coûte un téraoctet sorti, selon la règle en vigueur à sa date, en {unit}",
        f"What a terabyte that leaves costs, under the rule in force at its date, in {unit}",
    )
    columns = pick(
        lang,
        ("Tarif", "À partir du", f"#Prix ({unit})", "Source", "Preuve", "Levé si"),
        ("Rate", "From", f"#Price ({unit})", "Source", "Evidence", "Waived if"),
    )
    return table(caption, columns, rows)


def _prices(plan: Plan, rate: Rate, lang: str) -> Iterator[tuple]:
    """A row for the first price of a rate and each later one."""
    later = sorted(rate.prices, key=lambda price: price.from_)
    old = [price for price in later if price.from_ <= plan.start]
    first = old[-1].amount_eur if old else rate.amount_eur
    dated = [(plan.start, first), *((p.from_, p.amount_eur) for p in later if p.from_ > plan.start)]
    name = from_data(name_of(rate, lang))
    for i, (day, price) in enumerate(dated):
        waived = "" if i else _waived(plan, rate, lang)
        yield (
            "" if i else name, date_short(day, lang), _price(plan, rate, price, lang),
            _source(price, lang), price.grade or "–", waived or "–",
        )  # fmt: skip


def _source(price: Range, lang: str) -> Markup:
    """Who says a price, and the fact behind it."""
    fact = from_data(price.fact, 80)
    return Markup("{}{}").format(
        as_entered(from_data(price.source, 80) or "–", lang),
        Markup("<br><small>{}</small>").format(fact) if fact else ""
    )  # fmt: skip


def _price(plan: Plan, rate: Rate, price: Range, lang: str) -> str:
    shown = [
        number(x, lang, 0 if x == round(x) else 2) for x in (price.low, price.likely, price.high)
    ]
    text = shown[0] if price.low == price.high else " / ".join(shown)
    if rate.vat in (None, vat_of(plan)):
        return text
    return f"{text} {BASIS[lang].get(rate.vat, pick(lang, 'sans TVA', 'no VAT'))}"


def _waived(plan: Plan, rate: Rate, lang: str) -> str:
    """What lets a charge fall away: its condition, and the events that set it to nothing."""
    said = []
    if rate.waived:
        first, last = (task_label(plan, task, lang) for task in rate.waived.span)
        within = days(rate.waived.within.likely, lang)
        said.append(pick(
            lang,
            french(f"« {last} » finit {within} au plus après le début de « {first} »"),
            f"“{last}” ends at most {within} after “{first}” starts",
        ))  # fmt: skip
    for driver, _ in drivers_on(plan, "rates", rate.id):
        if driver.factor is not None and driver.factor.high == 0:
            name = from_data(name_of(driver, lang))
            said.append(f"{name}{pick(lang, french(' : '), ': ')}{out_of_20(driver.p, lang)}")
    return " · ".join(said)
