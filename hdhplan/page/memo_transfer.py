"""Sections of the memo on transfer: how long copies take, what limits them, what another link changes."""

from __future__ import annotations

from markupsafe import Markup

from hdhplan.forecast import Forecast
from hdhplan.links import Links, OtherLink
from hdhplan.loads import Loads
from hdhplan.page.cells import amount_cell
from hdhplan.page.sections import Section, from_data, items, prose, section, table, with_error
from hdhplan.page.tables import (
    bottlenecks_table,
    error_of,
    millions,
    quantile_day,
    task_day,
    vat_of,
)
from hdhplan.wording.formats import date_short, days, money_unit, number, pick, rate, share, signed
from hdhplan.wording.labels import capital, french, known, name_of
from hdhplan.wording.links import transfer_sentences
from hdhplan.wording.sentences import bottleneck_sentence


def answer(loads: Loads, forecast: Forecast, links: Links | None, lang: str) -> Section:
    """How long the longest copy takes, what binds, whether all draws end, what a link changes."""
    said = transfer_sentences(loads, forecast, links, lang)
    said.insert(1, bottleneck_sentence(forecast, lang))
    heading = pick(lang, "La réponse", "The answer")
    return section("transfer", heading, items(said, style="lead"), lines=said)


def copies(loads: Loads, forecast: Forecast, lang: str) -> Section:
    """Length and end of each copy, and in which share of the draws it never ends."""
    plan, rows, lines = forecast.plan, [], []
    for name in loads.copy_days:
        data, spread = plan.datasets[name], loads.copy(name)
        route = plan.routes[data.route].name
        rows.append((
            from_data(name_of(data, lang)),
            from_data(route.in_(lang) if route else data.route),
            amount_cell(*loads.total([name]).at(0.5), lang),
            *(amount_cell(*spread.at(p), lang) for p in (0.5, 0.8)),
            *(task_day(forecast, f"{name}.copy", p, lang) for p in (0.5, 0.8)),
            share(spread.never, lang),
        ))  # fmt: skip
        lines.append(f"{name}: {', '.join(days(x, lang) for x in (spread.p50, spread.p80))}")
    columns = pick(
        lang,
        ("Jeu de données", "Route", "#Volume P50 (To)", "#Copie P50 (j)", "#Copie P80 (j)",
         "Finie, P50", "Finie, P80", "#Sans fin"),
        ("Dataset", "Route", "#Volume P50 (TB)", "#Copy P50 (d)", "#Copy P80 (d)",
         "Done, P50", "Done, P80", "#Never ends"),
    )  # fmt: skip
    few = number(loads.draws, lang)
    note = pick(
        lang,
        french(f"Sur les {few} premiers tirages. La copie seule, avec l'attente des copies qui "
               "partagent la route ; préparation, vérification et rattrapage s'y ajoutent."),
        f"Over the first {few} draws. The copy alone, with waiting for copies that share the route; "
        "preparation, verification and catch-up come on top.",
    )  # fmt: skip
    caption = pick(lang, "Durée et fin de chaque copie", "Length and end of each copy")
    none = pick(lang, "Le plan ne copie aucune donnée.", "The plan copies no data.")
    return section(
        "copies",
        pick(lang, "Combien de temps", "How long"),
        table(caption, columns, rows) if rows else prose("p", none),
        prose("p", note if rows else "", style="note"),
        lines=lines or [none],
    )


def bottlenecks(forecast: Forecast, lang: str) -> Section:
    """What limits the copy of each dataset, in which share of the draws."""
    lines = []
    for name, parts in forecast.bottleneck.items():
        found = sorted(parts.items(), key=lambda item: (-item[1], item[0]))
        lines.append(f"{name}: " + ", ".join(f"{k} {share(p, lang)}" for k, p in found if p))
    none = pick(lang, "Le plan ne copie aucune donnée.", "The plan copies no data.")
    return section(
        "bottlenecks",
        pick(lang, "Ce qui limite", "What limits"),
        bottlenecks_table(forecast, lang) if lines else prose("p", none),
        lines=lines or [none],
    )


def rates(forecast: Forecast, links: Links | None, lang: str) -> Section:
    """What each other rate of the main link would change."""
    heading = pick(lang, "Un autre lien", "Another link")
    if links is None:
        none = pick(lang, "Rien ne passe par un lien.", "Nothing goes over a link.")
        return section("links", heading, prose("p", none), lines=[none])
    note = pick(
        lang,
        french("Mêmes tirages pour tous, priorités du plan gardées. Le prix du lien est celui du "
               "plan : un coût moindre est ce qu'un lien plus rapide peut coûter de plus. Limites "
               "en part du volume et des tirages."),
        "The same draws for all, the plan's priorities kept. The link's price is that of the plan: a "
        "lower cost is what a faster link may cost more. Limits as shares of volume and draws.",
    )  # fmt: skip
    return section(
        "links",
        heading,
        _rates_table(forecast, links, lang),
        prose("p", note, style="note"),
        lines=[_line(other, lang) for other in links.others],
    )


def _line(other: OtherLink, lang: str) -> str:
    name = rate(other.rate_gbps, lang)
    if other.forecast is None:
        return f"{name}: {pick(lang, 'sans fin', 'endless')}"
    day = other.forecast.date_of(other.forecast.quantile("finish_day", 0.8))
    cost = millions(other.forecast.quantile("cost_eur", 0.8), lang)
    return f"{name}: P80 {date_short(day, lang)}, {cost}, {share(other.never, lang)}"


def _rates_table(forecast: Forecast, links: Links, lang: str) -> Markup:
    plan, unit = forecast.plan, money_unit(lang, vat_of(forecast.plan))
    route = plan.routes[links.route].name
    name = from_data(route.in_(lang) if route else links.route)
    columns = pick(
        lang,
        ("Débit", "Date P80", "#Écart (j)", f"#Coût P80 ({unit})", f"#Écart ({unit})",
         "#Chances sur 20 gagnées", "#Sans fin", "Ce qui limite"),
        ("Rate", "P80 date", "#Difference (d)", f"#P80 cost ({unit})", f"#Difference ({unit})",
         "#Chances in 20 gained", "#Never ends", "What limits"),
    )  # fmt: skip
    own = rate(links.own_gbps, lang)
    caption = pick(
        lang,
        french(f"« {name} » à un autre débit ; ◂ : celui du plan, {own}"),
        f"“{name}” at another rate; ◂: that of the plan, {own}",
    )
    return table(caption, columns, [_rate_row(other, links, lang) for other in links.others])


def _rate_row(other: OtherLink, links: Links, lang: str) -> tuple:
    own = other.rate_gbps == links.own_gbps
    name = rate(other.rate_gbps, lang) + (" ◂" if own else "")
    made = other.forecast
    if made is None:
        return (name, pick(lang, "jamais", "never"), *["–"] * 4, share(1.0, lang), "–")
    error = error_of(made.standard_error("cost_eur", 0.8) / 1e6, lang)
    finish, cost, both = other.finish, other.cost, other.both
    limits = " · ".join(f"{known(k, lang)} ({share(p, lang)})" for k, p in other.binds.items())
    changes = (
        with_error(signed(finish.value, lang, 0), error_of(finish.se, lang)),
        with_error(signed(cost.value / 1e6, lang, 2), error_of(cost.se / 1e6, lang)),
        "–" if both is None
        else with_error(signed(20 * both.value, lang, 1), error_of(20 * both.se, lang)),
    )  # fmt: skip
    days_cell, cost_cell, odds_cell = ("–",) * 3 if own else changes
    shown = with_error(millions(made.quantile("cost_eur", 0.8), lang), error)
    return (
        name, quantile_day(made, "finish_day", 0.8, lang), days_cell, shown, cost_cell, odds_cell,
        share(other.never, lang), capital(limits) or "–",
    )  # fmt: skip
