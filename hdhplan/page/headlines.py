"""What stands on top and at the foot of a page: context, headline numbers, fingerprint."""

from __future__ import annotations

import hashlib
import json
import math
import re
from types import SimpleNamespace

from hdhplan import __version__
from hdhplan.forecast import Forecast
from hdhplan.page.claims import as_of
from hdhplan.page.sections import from_data
from hdhplan.page.tables import error_of, odds_error, vat_of
from hdhplan.result import meta
from hdhplan.sensitivity import Study
from hdhplan.wording.answer import answer_numbers
from hdhplan.wording.formats import (
    NBSP,
    date_long,
    date_short,
    meur,
    number,
    odds_word,
    out_of_20,
    pick,
    twenty,
)
from hdhplan.wording.labels import capital, french, goal_label
from hdhplan.wording.sentences import never_sentence

#: Spaces at which the text of a narrow box may break: not inside 0,1 %, nor after < or >.
_SOFT = re.compile(f"(?<![<>]){NBSP}(?!%)")


def context(forecast: Forecast, lang: str) -> str:
    """What is simulated, as of when, and what was changed by hand."""
    plan, day = forecast.plan, as_of(forecast.plan)
    name = from_data(plan.name, 80)
    parts = [pick(lang, french(f"Scénario « {name} »"), f"Scenario “{name}”")]
    if plan.description:
        parts.append(from_data(plan.description.in_(lang)).rstrip("."))
    if day:
        shown = date_long(day, lang)
        parts.append(pick(lang, f"faits connus au {shown}", f"facts known on {shown}"))
    if plan.origin and plan.origin.overrides:
        changed = from_data(", ".join(plan.origin.overrides))
        parts.append(pick(lang, french("modifié : "), "changed: ") + changed)
    return " · ".join(parts)


def headlines(forecast: Forecast, lang: str) -> list[tuple[str, str, str]]:
    """The numbers that a decision is taken on, each with its error and what it is held against."""
    f = answer_numbers(forecast)
    rows = [_date(forecast, f, lang)]
    if f.money is not None:
        rows += [_cost(f, lang), _to_add(f, lang)]
    odds = _odds(forecast, f, lang)
    return [*rows, odds] if odds else rows


def _date(forecast: Forecast, f: SimpleNamespace, lang: str) -> tuple[str, str, str]:
    goal = capital(goal_label(forecast.plan, lang))
    what = pick(lang, "date prudente (P80)", "prudent date (P80)")
    beside = []
    if math.isfinite(f.day80):
        beside.append(f"± {error_of(f.day80_error, lang, pick(lang, 'j', 'd'))}")
    if f.date:
        beside.append(pick(lang, french("cible : "), "target: ") + date_long(f.date, lang))
    shown = date_long(forecast.date_of(f.day80), lang)
    return f"{goal}, {what}", capital(shown), " · ".join(beside)


def _cost(f: SimpleNamespace, lang: str) -> tuple[str, str, str]:
    what = pick(lang, "Coût prudent (P80)", "Prudent cost (P80)")
    asked = pick(lang, french("montant : "), "amount: ") + meur(f.money, lang, f.vat)
    size = error_of(f.cost80_error / 1e6, lang)
    error = pick(lang, f"± {size}{NBSP}M€ · ", f"± €{size}M · ") if math.isfinite(f.cost80) else ""
    return what, capital(meur(f.cost80, lang, f.vat)), error + asked


def _to_add(f: SimpleNamespace, lang: str) -> tuple[str, str, str]:
    never = pick(lang, "Hors d'atteinte par l'argent seul", "Out of reach of money alone")

    nothing = pick(lang, "Rien", "Nothing")

    def more(eur: float) -> str:
        if not math.isfinite(eur):
            return never
        return meur(eur, lang, f.vat) if eur > 0 else nothing

    what = pick(
        lang,
        "À ajouter pour 14 chances sur 20 de tenir le montant",
        "To add for 14 chances in 20 of holding the amount",
    )
    if f.add_both is None:
        return what, more(f.add), ""
    both = pick(lang, french("pour tenir aussi la date : "), "for the date as well: ")
    beside = more(f.add_both)
    return what, more(f.add), both + beside[:1].lower() + beside[1:]


def _odds(forecast: Forecast, f: SimpleNamespace, lang: str) -> tuple[str, str, str] | None:
    """The odds of all that is asked, then of each part."""
    named = {
        pick(
            lang, "Tenir date, montant et continuité", "Holding date, amount and continuity"
        ): f.p_all,
        pick(lang, "Tenir date et montant", "Holding date and amount"): f.p_both,
        pick(lang, "Tenir la date", "Holding the date"): f.p_date,
        pick(lang, "Tenir le montant", "Holding the amount"): f.p_budget,
        pick(lang, "Tenir la continuité", "Holding continuity"): f.p_continuity,
    }
    given = {what: p for what, p in named.items() if p is not None}
    if not given or f.few:
        return None
    what, p = next(iter(given.items()))
    names = pick(lang, ("date", "montant", "continuité"), ("date", "amount", "continuity"))
    parts = zip(names, (f.p_date, f.p_budget, f.p_continuity), strict=True)
    beside = [f"{odds_word(p, lang)} · ±{NBSP}{odds_error(forecast, p, lang)}"]
    both = len(given) > 1
    each = ", ".join(f"{part} {twenty(q)}" for part, q in parts if q is not None and both)
    beside += [each + pick(lang, " sur 20", " in 20")] if each else []
    # A narrow box: these may break anywhere.
    shown, more = capital(out_of_20(p, lang)), " · ".join(beside)
    return what, shown.replace(NBSP, " "), _SOFT.sub(" ", more)


def fingerprint(forecast: Forecast, lang: str) -> str:
    """What makes these very numbers again; neither clock nor commit, which change no number."""
    inputs = json.dumps(meta(forecast)["inputs"], sort_keys=True)
    made_of = hashlib.sha256(inputs.encode()).hexdigest()[:12]
    draws, name, day = number(forecast.draws, lang), forecast.plan.name, as_of(forecast.plan)
    parts = [
        pick(lang, french(f"Empreinte : {name}"), f"Fingerprint: {name}"),
        pick(lang, f"graine {forecast.seed}", f"seed {forecast.seed}"),
        pick(lang, f"{draws} tirages", f"{draws} draws"),
        pick(lang, "faits au ", "facts on ") + date_short(day, lang) if day else "",
        pick(lang, f"données {made_of}", f"data {made_of}"),
        f"hdhplan {__version__}",
    ]
    return " · ".join(filter(None, parts))


def method_texts(forecast: Forecast, study: Study | None, lang: str) -> list[str]:
    """How the numbers came about, and what they leave out."""
    n = number(forecast.draws, lang)
    basis = {"HT": ("hors taxes (HT)", "excluding VAT"), "TTC": ("TTC", "including VAT")}
    texts = [
        (
            f"{n} tirages de tout le plan : volumes, transferts, calendrier et coûts ensemble "
            "dans chacun. P50 : une fois sur deux on fait mieux ; P80 : huit fois sur dix.",
            f"{n} draws of the whole plan: volumes, transfers, timeline and costs together in "
            "each. P50: one time in two it does better; P80: eight times in ten.",
        ),
        (
            "± est l'erreur type due au nombre fini de tirages ; elle ne dit rien de la "
            "justesse des hypothèses, que portent les preuves A à D.",
            "± is the standard error due to the finite number of draws; it says nothing of how "
            "right the assumptions are, which the evidence A to D carries.",
        ),
        *_studied(study, lang),
        (
            "Hors du modèle : défaillance d'un fournisseur, changement de loi, marchés publics, "
            "qualité des soins et des recherches.",
            "Outside the model: failure of a supplier, change of law, procurement, quality of "
            "care and of research.",
        ),
    ]
    gap = study.backfill_gap_days if study else 0.0
    if math.isfinite(gap) and gap:
        fr_gap, en_gap = (number(abs(gap), code, 1) for code in ("fr", "en"))
        moves = ("avancerait", "forward") if gap > 0 else ("reculerait", "back")
        texts.append((
            "Les équipes servent les tâches dans un ordre fixe ; le choisir à nouveau dans chaque "
            f"tirage {moves[0]} la fin de {fr_gap} j en moyenne.",
            "Teams serve tasks in a fixed order; choosing it anew in each draw would bring the end "
            f"{moves[1]} by {en_gap} d on average.",
        ))  # fmt: skip
    vat = vat_of(forecast.plan)
    if vat:
        fr, en = basis[vat]
        texts.append((f"Tous les montants sont {fr}.", f"All amounts are {en}."))
    said = [pick(lang, french(fr), en) for fr, en in texts]
    never = never_sentence(forecast, lang)
    return [*said, never] if never else said


def _studied(study: Study | None, lang: str) -> list[tuple[str, str]]:
    """How a study was made, where there is one."""
    if study is None:
        return []
    few = number(study.draws, lang)
    return [(
        f"Ce que pèse un facteur est mesuré sur {few} tirages communs, avec et sans lui.",
        f"What a driver weighs is measured over {few} common draws, with and without it.",
    )]  # fmt: skip
