"""Sheets that open a workbook: how to read it, and the answer with the numbers others link to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hdhplan.budget import PROVISION, drawn_above_likely
from hdhplan.crossing import critical_projects
from hdhplan.result import meta
from hdhplan.wording.answer import answer
from hdhplan.wording.formats import number
from hdhplan.workbook.cells import FORMULA, INPUT, MODEL, PLAIN, As, Column, Expr, long_text
from hdhplan.workbook.contents import VAT, Contents
from hdhplan.workbook.money import vat_words
from hdhplan.workbook.sheet import Sheet

_ODDS = {
    "date": ("date tenue", "date held", "P_date"),
    "budget": ("montant tenu", "amount held", "P_budget"),
    "both": ("date et montant tenus", "date and amount held", "P_date_et_budget"),
    "continuity": ("continuité tenue", "continuity held", "P_continuite"),
    "all": ("date, montant et continuité tenus", "date, amount and continuity held", "P_tout"),
}


def summary_sheet(c: Contents, page: Any) -> None:
    """Write the answer in sentences, then its numbers, each named for other workbooks."""
    title = c.plan.title.in_(c.lang) if c.plan.title else c.plan.name
    sheet = Sheet(
        c.book, page, f"{c.say('Synthèse : ', 'Summary: ')}{long_text(title)}",
        long_text(c.plan.illustrative.in_(c.lang) if c.plan.illustrative else ""),
        *map(long_text, answer(c.forecast, c.lang)),
    )  # fmt: skip
    columns = [
        Column("name", c.say("Mesure", "Measure"), "note", 46, PLAIN),
        Column("value", c.say("Valeur", "Value"), "any", 14),
        Column("unit", c.say("Unité", "Unit"), "text", 14, PLAIN),
        Column("se", c.say("± erreur type", "± standard error"), "any", 12),
        Column("se_unit", c.say("Unité de l'erreur", "Unit of the error"), "text", 12, PLAIN),
        Column("twenty", c.say("Chances", "Chances"), "twenty", 12, FORMULA),
        Column("link", c.say("Nom à citer ailleurs", "Name to link to"), "code", 20, PLAIN),
    ]
    rows = [*_date_rows(c), *_money_rows(c), *_odds_rows(c)]
    for row in rows:
        row["link"] = row["value"].name
    sheet.table("T_Synthese", columns, rows, frozen=1)


def _date_rows(c: Contents) -> list[dict[str, Any]]:
    target, day = c.plan.target, c.say("date", "date")
    rows = []
    if target and target.finish:
        goal = As(target.finish, "date", INPUT, "Date_cible")
        rows.append({"name": c.say("Date cible", "Target date"), "value": goal, "unit": day})
    likely = As(
        c.instant("x", c.forecast.likely["finish_day"], 0.0)["x"], "date", "", "Date_probable"
    )
    rows.append({"name": c.say("Date du plan probable", "Date of the likely plan"),
                 "value": likely, "unit": day})  # fmt: skip
    for key, p in (("P50", 0.5), ("P80", 0.8)):
        found = c.quantiles("finish_day", (p,))
        value, error = found.values()
        words = ("Date médiane", "Median date") if p == 0.5 else ("Date prudente", "Prudent date")
        rows.append({
            "name": f"{c.say(*words)} ({key})", "value": As(value, "date", "", f"Date_{key}"),
            "unit": day, "se": As(error, "days"), "se_unit": c.say("j", "d"),
        })  # fmt: skip
    if target and target.finish:
        margin = As(Expr("-", "Date_cible", "Date_P80"), "whole", "", "Marge_jours_P80")
        rows.append({"name": c.say("Marge de date : cible − P80", "Margin of date: target − P80"),
                     "value": margin, "unit": c.say("j", "d")})  # fmt: skip
    return rows


def _money_rows(c: Contents) -> list[dict[str, Any]]:
    """The money target, what is spent, the provision, and VAT."""
    unit, forecast, rows = c.book.money, c.forecast, []

    def add(fr: str, en: str, value: As, se: float | None = None, unit: str = unit) -> None:
        row = {"name": c.say(fr, en), "value": value, "unit": unit}
        rows.append(row | ({} if se is None else {"se": As(se, "error"), "se_unit": unit}))

    whole = forecast.plan.envelope_eur
    if whole is not None:
        add("Montant cible", "Target amount", As(c.money(whole), "money", INPUT, "Cout_cible"))
    likely = As(c.money(forecast.likely["cost_eur"]), "money", "", "Cout_probable")
    add("Coût du plan probable", "Cost of the likely plan", likely)
    for key, p in (("P50", 0.5), ("P80", 0.8)):
        value = c.money(forecast.quantile("cost_eur", p))
        error = c.money(forecast.standard_error("cost_eur", p))
        words = ("Coût médian", "Median cost") if p == 0.5 else ("Coût prudent", "Prudent cost")
        add(*(f"{w} ({key})" for w in words), As(value, "money", "", f"Cout_{key}"), error)
    if whole is not None:
        gap = As(Expr("-", "Cout_cible", "Cout_P80"), "money", "", "Marge_cout_P80")
        add("Marge de coût : cible − P80", "Margin of cost: target − P80", gap)
    drawn = drawn_above_likely(forecast)
    if drawn is not None:
        provision = As(c.money(c.plan.allocations[PROVISION]), "money", INPUT, "Provision")
        add("Provision", "Provision", provision)
        used = As(c.money(drawn.p80), "money", "", "Provision_P80")
        add("Provision consommée (P80)", "Provision used (P80)", used, c.money(drawn.se["p80"]))
        part = As(Expr("/", "Provision_P80", "Provision"), "share", "", "Part_provision_P80")
        add(
            "Part de la provision consommée (P80)",
            "Share of the provision used (P80)",
            part,
            unit="%",
        )
    rate = c.plan.vat_rate
    if rate is not None:
        add("Taux de TVA", "VAT rate", As(rate, "share", INPUT, VAT), unit="%")
        # From here on sheets may convert.
        if c.book.vat in ("HT", "TTC"):
            rows += _converted_rows(c)
    return rows


def _converted_rows(c: Contents) -> list[dict[str, Any]]:
    other = "TTC" if c.book.vat == "HT" else "HT"
    factor = Expr("+", 1.0, VAT)
    value = Expr("*" if other == "TTC" else "/", "Cout_P80", factor)
    return [{
        "name": c.say("Coût prudent (P80), autre base de TVA", "Prudent cost (P80), other VAT basis"),
        "value": As(value, "money", "", f"Cout_P80_{other}"), "unit": c.book.unit_of(other),
    }]  # fmt: skip


def _odds_rows(c: Contents) -> list[dict[str, Any]]:
    rows = []
    asks = critical_projects(c.plan) > 0  # nobody to interrupt: nothing to be sure of
    for key, (fr, en, name) in _ODDS.items():
        p = c.forecast.odds[key]
        if p is not None and (asks or key not in ("continuity", "all")):
            rows.append({
                "name": c.say(f"Probabilité : {fr}", f"Probability: {en}"),
                "value": As(p, "share", MODEL, name), "unit": "%", "se_unit": "%",
                "se": As(c.forecast.odds_error(p), "share_error"), "twenty": Expr("*", 20.0, "value"),
            })  # fmt: skip
    return rows


def read_me_sheet(c: Contents, page: Any, names: Sequence[str], purposes: Sequence[str]) -> None:
    """Write how the workbook is to be read, what made it, and the names it gives."""
    title = c.plan.title.in_(c.lang) if c.plan.title else c.plan.name
    sheet = Sheet(
        c.book, page, f"{c.say('Lisez-moi : ', 'Read me: ')}{long_text(title)}",
        long_text(c.plan.illustrative.in_(c.lang) if c.plan.illustrative else ""),
    )  # fmt: skip
    two = lambda first, second: [  # noqa: E731
        Column("a", first, "note", 26, PLAIN), Column("b", second, "note", 110, PLAIN)
    ]  # fmt: skip
    rows = [{"a": name, "b": text} for name, text in zip(names, purposes, strict=True)]
    heads = two(c.say("Feuille", "Sheet"), c.say("Ce qu'on y lit", "What it holds"))
    sheet.table("T_Feuilles", heads, rows)
    sheet.head(c.say("Couleurs et mots", "Colours and words"))
    heads = two(c.say("Signe", "Sign"), c.say("Sens", "Meaning"))
    sheet.table("T_Signes", heads, _signs(c))
    sheet.head(
        c.say("Noms à citer dans d'autres classeurs", "Names to link to from other workbooks")
    )
    heads = two(c.say("Nom", "Name"), c.say("Cellule", "Cell"))
    sheet.table("T_Noms", heads, [{"a": k, "b": v} for k, v in c.book.names.items()])
    sheet.head(c.say("Ce qui a fait ce classeur", "What made this workbook"))
    heads = two(c.say("Élément", "Item"), c.say("Valeur", "Value"))
    sheet.table("T_Origine", heads, _origin(c))


def _signs(c: Contents) -> list[dict[str, Any]]:
    """Colours in words; each word is written in its colour."""
    texts = (
        (As(c.say("Entrée (bleu, italique)", "Input (blue, italics)"), role=INPUT),
         "Une donnée du plan ou d'une source. La changer ici ne relance pas la simulation : changer "
         "le fichier du scénario, puis exporter de nouveau.",
         "Given by the plan or a source. Changing it here does not run the simulation again: change "
         "the scenario's file, then export again."),
        (As(c.say("Formule (noir)", "Formula (black)"), role=FORMULA),
         "Calculée dans le classeur : sommes, écarts, HT/TTC, parts, cumuls, chances sur 20.",
         "Worked out in the workbook: sums, gaps, VAT, shares, running sums, chances in 20."),
        (As(c.say("Valeur du modèle (gris)", "Model value (grey)"), role=MODEL),
         "Sortie de la simulation ou du plan probable : une valeur, pas une formule.",
         "Comes out of the simulation or of the likely plan: a value, not a formula."),
        ("P10, P50, P80, P90",
         "10, 50, 80 ou 90 tirages sur 100 ne dépassent pas cette valeur. P50 : médiane ; P80 : "
         "valeur prudente.",
         "10, 50, 80 or 90 draws in 100 do not exceed this value. P50: median; P80: prudent value."),
        ("±",
         "Erreur type due au nombre fini de tirages, dans l'unité de la colonne ; elle ne dit rien "
         "de la justesse du modèle.",
         "Standard error that comes from the finite number of draws, in the unit of its column; it "
         "says nothing of how true the model is."),
        (c.say("jamais, sans fin, inconnue", "never, endless, unknown"),
         "N'arrive pas à ce niveau de probabilité ; montant sans borne ; erreur non mesurable.",
         "Does not happen at that level of probability; amount without a bound; error unmeasured."),
        (c.say("Preuve A, B, C, D", "Evidence A, B, C, D"),
         "A mesurée ou signée, B source première, C seconde, D presse ou jugement.",
         "A measured or signed, B primary source, C secondary, D press or judgement."),
        (c.say("TVA", "VAT"), vat_words(c), vat_words(c)),
    )  # fmt: skip
    return [{"a": sign, "b": c.say(fr, en)} for sign, fr, en in texts]


def _origin(c: Contents) -> list[dict[str, Any]]:
    made = meta(c.forecast)
    draws = number(made["draws"], c.lang)
    origins = [plan.origin for plan in c.comparison.plans if plan.origin]
    inputs = {k: v for origin in origins for k, v in origin.inputs.items()}
    rows = [
        {"a": "hdhplan", "b": made["version"]},
        {"a": c.say("Scénario", "Scenario"), "b": ", ".join(c.comparison.names)},
        {"a": c.say("Tirages, graine", "Draws, seed"), "b": f"{draws}, {made['seed']}"},
    ]
    rows += [{"a": "--set", "b": long_text(text)} for text in made["overrides"]]
    return rows + [{"a": long_text(k), "b": f"sha256:{v}"} for k, v in inputs.items()]
