"""Sections of the memo on volumes: what there is, how it is read, what need not move."""

from __future__ import annotations

from markupsafe import Markup

from hdhplan.inputs import drivers_on
from hdhplan.loads import TIERS, Loads
from hdhplan.page.cells import amount_cell
from hdhplan.page.claims import claim_text, claims_table
from hdhplan.page.sections import Section, from_data, items, prose, section, table, with_error
from hdhplan.page.tables import (
    error_of,
    millions,
    odds_cell,
    quantile_day,
    vat_of,
)
from hdhplan.plan import Driver, Plan
from hdhplan.spread import Spread
from hdhplan.volume_readings import CLAIMED, Reading, Readings
from hdhplan.wording.formats import (
    date_short,
    money_unit,
    number,
    out_of_20,
    percent,
    pick,
    plural,
    signed,
)
from hdhplan.wording.labels import capital, french, name_of, wave_label
from hdhplan.wording.volumes import reading_label, volume_sentences

_TIERS = {
    "hot": ("Chaud", "Hot"),
    "cool": ("Tiède", "Cool"),
    "archive": ("Archive", "Archive"),
}
_LOTS = {
    "moves": ("À déplacer", "To be moved"),
    "stays": ("N'a pas à partir", "Need not move"),
    "elsewhere": ("Vient d'ailleurs", "Comes from elsewhere"),
}


def answer(readings: Readings, lang: str) -> Section:
    """What there is, what need not move, what another reading would change."""
    said = volume_sentences(readings, lang)
    heading = pick(lang, "La réponse", "The answer")
    return section("volumes", heading, items(said, style="lead"), lines=said)


def side_by_side(readings: Readings, lang: str) -> Section:
    """The readings of the volume: what each rests on, and what each gives."""
    note = pick(
        lang,
        french("Mêmes tirages pour toutes : seul le facteur sur les volumes change. Une lecture "
               "n'est pas un choix : elle se vérifie par l'inventaire."),
        "The same draws for all: only the factor on the volumes changes. A reading is not a choice: "
        "it is checked by the inventory.",
    )  # fmt: skip
    lines = [
        f"{reading_label(r, lang)}: P50 {number(_source(r.loads).p50, lang)}"
        f", P80 {date_short(r.forecast.date_of(r.forecast.quantile('finish_day', 0.8)), lang)}"
        f", {millions(r.forecast.quantile('cost_eur', 0.8), lang)}"
        for r in readings.each
    ]
    return section(
        "readings",
        pick(lang, "Les lectures du volume", "The readings of the volume"),
        _rests_on(readings, lang),
        _gives(readings, lang),
        prose("p", note, style="note"),
        lines=lines,
    )


def _source(loads: Loads) -> Spread:
    return loads.total([*loads.lot("moves"), *loads.lot("stays")])


def _rests_on(readings: Readings, lang: str) -> Markup:
    rows = [_basis(reading, lang) for reading in readings.each if reading.factor]
    columns = pick(
        lang,
        ("Lecture", "Fait retenu", "Source, éditeur", "Preuve", "Pourquoi",
         "Facteur sur les volumes", "Source du facteur", "Sa preuve"),
        ("Reading", "Fact retained", "Source, publisher", "Evidence", "Why",
         "Factor on the volumes", "Source of the factor", "Its evidence"),
    )  # fmt: skip
    caption = pick(
        lang, "Sur quoi chaque lecture repose", "What each reading of the volume rests on"
    )
    return table(caption, columns, rows) if rows else Markup("")


def _basis(reading: Reading, lang: str) -> tuple:
    fact, factor = reading.fact, reading.factor
    points = " / ".join(number(x, lang, 2) for x in (factor.low, factor.likely, factor.high))
    return (
        capital(reading_label(reading, lang)) + (" ◂" if reading.own else ""),
        from_data(claim_text(fact, lang), 120) if fact else "–",
        f"{from_data(fact.source, 120)}, {from_data(fact.publisher, 80)}" if fact else "–",
        fact.grade if fact else "–",
        from_data(reading.why.in_(lang)) if reading.why else "–",
        points,
        from_data(factor.source, 160) or "–",
        factor.grade or "–",
    )


def _gives(readings: Readings, lang: str) -> Markup:
    rows = [_outcome(reading, lang) for reading in readings.each]
    unit = money_unit(lang, vat_of(readings.forecast.plan))
    columns = pick(
        lang,
        ("Lecture", "#À la source P50 (To)", "#P80 (To)", "#À déplacer P50 (To)", "Date P80",
         "#Écart (j)", f"#Coût P80 ({unit})", f"#Écart ({unit})", "Tenir date et montant"),
        ("Reading", "#At the source P50 (TB)", "#P80 (TB)", "#To be moved P50 (TB)", "P80 date",
         "#Difference (d)", f"#P80 cost ({unit})", f"#Difference ({unit})",
         "Holding date and amount"),
    )  # fmt: skip
    caption = pick(
        lang,
        french("Ce que chaque lecture donne ; ◂ : celle de ce plan, dont les autres s'écartent"),
        "What each reading gives; ◂: that of this plan, from which the others differ",
    )
    return table(caption, columns, rows)


def _outcome(reading: Reading, lang: str) -> tuple:
    forecast, loads = reading.forecast, reading.loads
    at_source, moves = _source(loads), loads.total(loads.lot("moves"))
    cost, finish = reading.cost, reading.finish
    error = error_of(forecast.standard_error("cost_eur", 0.8) / 1e6, lang)
    own = reading.own
    return (
        capital(reading_label(reading, lang)) + (" ◂" if own else ""),
        *(amount_cell(*at_source.at(p), lang) for p in (0.5, 0.8)),
        amount_cell(*moves.at(0.5), lang),
        quantile_day(forecast, "finish_day", 0.8, lang),
        "–" if own else with_error(signed(finish.value, lang, 0), error_of(finish.se, lang)),
        with_error(millions(forecast.quantile("cost_eur", 0.8), lang), error),
        "–" if own else with_error(signed(cost.value / 1e6, lang, 2), error_of(cost.se / 1e6, lang)),
        odds_cell(forecast, forecast.p_both, lang),
    )  # fmt: skip


def inventory(loads: Loads, lang: str) -> Section:
    """Volume by dataset, tier and wave."""
    note = pick(
        lang,
        french("Volumes du premier jour. Moyennes et plan probable s'ajoutent, pas les P50 ni les "
               "P80. Sans niveaux connus, tout est compté chaud."),
        "Volumes of the first day. Means and the likely plan add up, P50s and P80s do not. Where "
        "tiers are not known, all is counted as hot.",
    )  # fmt: skip
    none = pick(lang, "Le plan n'a aucune donnée.", "The plan holds no data.")
    lots = {lot: loads.lot(lot) for lot in _LOTS}
    lines = [
        f"{pick(lang, *_LOTS[lot])}: {number(loads.total(names).p50, lang)}"
        for lot, names in lots.items()
        if names
    ]
    groups = [(pick(lang, *_LOTS[lot]), names, "") for lot, names in lots.items() if names]
    moving = lots["moves"]
    tiers = [(pick(lang, *_TIERS[tier]), moving, tier) for tier in TIERS] if moving else []
    waves = [
        (capital(wave_label(loads.plan, wave, lang)), names, "")
        for wave in loads.plan.waves
        if (names := [k for k in moving if loads.plan.datasets[k].wave == wave])
    ]
    tables = (
        (pick(lang, "En tout", "In all"), groups),
        (pick(lang, "À déplacer, par niveau de stockage", "To be moved, by storage tier"), tiers),
        (pick(lang, "À déplacer, par vague", "To be moved, by wave"), waves),
    )
    return section(
        "inventory",
        pick(lang, "Jeux, niveaux, vagues", "Datasets, tiers, waves"),
        _datasets(loads, lang),
        *(_groups(loads, caption, rows, lang) for caption, rows in tables),
        prose("p", note if lines else none, style="note"),
        lines=lines or [none],
    )


def _datasets(loads: Loads, lang: str) -> Markup:
    plan, rows = loads.plan, []
    for name, data in plan.datasets.items():
        spread = loads.total([name])
        shares = [percent(getattr(data.tiers, t), lang) if data.tiers else "–" for t in TIERS]
        quantity = data.volume_tb
        rows.append((
            from_data(name_of(data, lang)),
            capital(wave_label(plan, data.wave, lang)) if data.wave else "–",
            next(pick(lang, *_LOTS[lot]) for lot in _LOTS if name in loads.lot(lot)),
            *(amount_cell(*spread.at(p), lang) for p in (0.5, 0.8)),
            *shares, from_data(quantity.source, 120) or "–", quantity.grade or "–",
        ))  # fmt: skip
    columns = pick(
        lang,
        ("Jeu de données", "Vague", "Sort", "#P50 (To)", "#P80 (To)", "#Chaud", "#Tiède",
         "#Archive", "Source", "Preuve"),
        ("Dataset", "Wave", "What becomes of it", "#P50 (TB)", "#P80 (TB)", "#Hot", "#Cool",
         "#Archive", "Source", "Evidence"),
    )  # fmt: skip
    caption = pick(lang, "Ce qu'il y a, jeu par jeu", "What there is, dataset by dataset")
    return table(caption, columns, rows) if rows else Markup("")


def _groups(loads: Loads, caption: str, groups: list, lang: str) -> Markup:
    rows = []
    for what, names, tier in groups:
        spread = loads.total(names, tier)
        count = plural(len(names), lang, "jeu", "dataset", "jeux")
        cells = (amount_cell(*spread.at(p), lang) for p in (0.1, 0.5, 0.8))
        rows.append((what, "–" if tier else count, *cells))
    unit = pick(lang, "To", "TB")
    columns = (
        pick(lang, "Part", "Part"), pick(lang, "Jeux", "Datasets"),
        *(f"#P{p} ({unit})" for p in (10, 50, 80)),
    )  # fmt: skip
    return table(caption, columns, rows) if rows else Markup("")


def stays(loads: Loads, lang: str) -> Section:
    """What need not move and why, what comes from elsewhere, what may still shrink."""
    plan, said = loads.plan, []
    for name in loads.lot("stays"):
        said.append(_named(loads, name, _why(plan, name, lang), lang))
    for name in loads.lot("elsewhere"):
        why = pick(lang, "n'a jamais été à la source", "never was at the source")
        said.append(_named(loads, name, why, lang))
    said += [_shrinks(driver, lang) for driver in plan.drivers.values() if _is_less(plan, driver)]
    none = pick(
        lang, "Le plan ne laisse rien derrière lui.", "The plan leaves nothing behind."
    )  # fmt: skip
    return section(
        "stays",
        pick(lang, "Ce qui n'a pas à partir", "What need not move"),
        items(said) if said else prose("p", none),
        lines=said or [none],
    )


def _why(plan: Plan, name: str, lang: str) -> str:
    excluded = plan.datasets[name].excluded
    if excluded:
        return from_data(excluded.in_(lang))
    return pick(lang, "aucune route", "no route")


def _named(loads: Loads, name: str, why: str, lang: str) -> str:
    data = loads.plan.datasets[name]
    size = number(loads.total([name]).p50, lang)
    shown = from_data(name_of(data, lang))
    return pick(lang, french(f"{shown}, {size} To : {why}."), f"{shown}, {size} TB: {why}.")


def _is_less(plan: Plan, driver: Driver) -> bool:
    """Whether a driver can only make volumes smaller."""
    hits = (on for name in plan.datasets for on, _ in drivers_on(plan, "datasets", name))
    if not any(on is driver for on in hits) or driver.factor is None:
        return False
    return driver.factor.high <= 1 and driver.factor.low < 1


def _shrinks(driver: Driver, lang: str) -> str:
    low, high = (percent(1 - x, lang) for x in (driver.factor.high, driver.factor.low))
    name = from_data(name_of(driver, lang))
    grade = driver.factor.grade or "D"
    return pick(
        lang,
        french(f"« {name} » : de {low} à {high} de moins, {out_of_20(driver.p, lang)}, "
               f"preuve {grade}."),
        f"“{name}”: {low} to {high} less, {out_of_20(driver.p, lang)}, evidence {grade}.",
    )  # fmt: skip


def claims(plan: Plan, lang: str) -> Section:
    """All that was claimed of the volumes that the plan rests on, with grades."""
    none = pick(
        lang, "Le plan ne cite aucun fait de volume.", "The plan quotes no fact of volumes."
    )
    keys = [CLAIMED] if CLAIMED in plan.retains else []
    named = [data.volume_tb.fact for data in plan.datasets.values() if data.volume_tb.fact]
    keys += [plan.facts.by_id(fact).key for fact in named]
    keys = list(dict.fromkeys(keys))
    counts = [f"{key}: {len(plan.facts.claims(key))}" for key in keys]
    return section(
        "claims",
        pick(lang, "Qui affirme quoi", "Who claims what"),
        claims_table(plan, keys, lang) if keys else prose("p", none),
        lines=counts or [none],
    )
