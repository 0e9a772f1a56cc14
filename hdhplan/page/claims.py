"""What a plan takes for true: facts retained, claims that lost, what nobody knows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date

from markupsafe import Markup

from hdhplan.facts import Fact
from hdhplan.page.sections import as_entered, folded, from_data, items, prose, table
from hdhplan.plan import Plan
from hdhplan.wording.formats import date_short, month_year, number, pick, plural
from hdhplan.wording.labels import french

_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_ISO_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])\Z")


def facts_parts(plan: Plan, lang: str) -> tuple[list, list[str]]:
    """What the section of facts shows, and its lines."""
    if not plan.facts:
        none = pick(lang, "Le plan ne cite aucun fait.", "The plan quotes no fact.")
        return [prose("p", none)], [none]
    grades = pick(
        lang,
        french("Preuve : A mesurée ou signée, B source première, C seconde, D presse ou jugement. "
               "Sources et remarques sont dans la langue où elles ont été saisies."),
        "Evidence: A measured or signed, B primary source, C secondary source, D press or "
        "judgement. Sources and remarks are in the language in which they were entered.",
    )  # fmt: skip
    count = judgements(plan, lang)
    parts = [
        prose("p", count),
        prose("p", grades, style="note"),
        retained_table(plan, lang),
        disagreements(plan, lang),
        unknowns(plan, lang),
    ]
    return parts, [count]


def judgements(plan: Plan, lang: str) -> str:
    """Count what the values of the plan rest on, by grade."""
    grades = [quantity.grade for _, quantity in plan.ranges() if quantity.grade]
    many = "valeurs sourcées", "values with a source"
    total = plural(len(grades), lang, "valeur sourcée", "value with a source", *many)
    counts = ", ".join(f"{grade} {grades.count(grade)}" for grade in "ABCD")
    return pick(
        lang,
        french(f"Le plan porte {total} ; par niveau de preuve : {counts}."),
        f"The plan holds {total}; by grade of evidence: {counts}.",
    )


def retained_table(plan: Plan, lang: str) -> Markup:
    """The claim that the plan retains of each disputed quantity, why, and those that lost."""
    rows = []
    for key, kept in plan.retains.items():
        fact = plan.facts.by_id(kept.fact)
        rows.append(_claim_row(key, fact, kept.why.in_(lang), lang, "kept"))
        for other in plan.facts.claims(fact.key):
            if other.id != fact.id:
                verdict = "agrees" if other.agrees(fact) else "lost"
                rows.append(_claim_row("", other, "", lang, verdict))
    caption = pick(
        lang, "Faits retenus, et affirmations écartées", "Facts retained, and claims that lost"
    )
    return table(caption, _claim_columns(lang), rows) if rows else Markup("")


def claims_table(plan: Plan, keys: Iterable[str], lang: str) -> Markup:
    """All that was claimed of some quantities, retained or not."""
    rows = []
    for key in keys:
        kept = plan.retains.get(key)
        for i, fact in enumerate(plan.facts.claims(key)):
            why = kept.why.in_(lang) if kept and kept.fact == fact.id else ""
            verdict = "kept" if kept and kept.fact == fact.id else ""
            rows.append(_claim_row("" if i else key, fact, why, lang, verdict))
    caption = pick(lang, "Tout ce qui a été affirmé des volumes", "All that was claimed of volumes")
    return table(caption, _claim_columns(lang), rows) if rows else Markup("")


def disagreements(plan: Plan, lang: str) -> Markup:
    """Quantities on which publishers disagree and of which the plan retains none by name."""
    settled = {plan.facts.by_id(kept.fact).key for kept in plan.retains.values()}
    rows = []
    for key, claims in plan.facts.contradictions().items():
        if key not in settled:
            for i, fact in enumerate(claims):
                rows.append(_claim_row("" if i else key, fact, "", lang, ""))
    caption = pick(lang, "Autres désaccords entre sources", "Other disagreements between sources")
    return folded(caption, table(caption, _claim_columns(lang), rows)) if rows else Markup("")


def _claim_columns(lang: str) -> tuple[str, ...]:
    return pick(
        lang,
        ("Sujet", "Affirmation", "Source, éditeur", "Date", "Preuve", "Pourquoi, ou remarque"),
        ("Subject", "Claim", "Source, publisher", "Date", "Evidence", "Why, or remark"),
    )


#: What became of a claim.
_VERDICTS = {
    "kept": ("retenu", "retained"),
    "agrees": ("concorde", "agrees"),
    "lost": ("écarté", "set aside"),
    "": ("", ""),
}


def _claim_row(subject: str, fact: Fact, why: str, lang: str, verdict: str) -> tuple:
    style = "kept" if verdict == "kept" else "claim"
    claim = Markup('<span class="{}">{}</span> <small>{}</small>').format(
        style,
        as_entered(from_data(claim_text(fact, lang), 120), lang),
        pick(lang, *_VERDICTS[verdict]),
    )
    source = as_entered(f"{from_data(fact.source, 160)}, {from_data(fact.publisher, 80)}", lang)
    shown = as_entered(from_data(subject.replace("_", " ").replace(".", " · ")), lang)
    why = as_entered(from_data(why or fact.note), lang)
    return (shown, claim, source, date_short(fact.date, lang), fact.grade, why)


def claim_text(fact: Fact, lang: str) -> str:
    """What a fact claims, in the numbers and dates of a language."""
    given = [x for x in (fact.low, fact.likely, fact.high) if x is not None]
    if fact.unit == "date" and _ISO_DAY.match(fact.value):
        return date_short(date.fromisoformat(fact.value), lang)
    if fact.unit == "date" and _ISO_MONTH.match(fact.value):
        return month_year(date.fromisoformat(f"{fact.value}-01"), lang)
    if not given:
        return fact.value
    lone = fact.likely is None and len(given) == 1
    sign = "" if not lone else "≥ " if fact.high is None else "≤ "
    unit = "" if fact.unit in ("share", "factor", "count") else f" {fact.unit}"
    if lang == "fr":
        unit = unit.replace("TB", "To").replace(".month", ".mois").replace("EUR", "€")
    return sign + " / ".join(_plain(x, lang) for x in given) + unit


def _plain(value: float, lang: str) -> str:
    """A number with as many decimals as it has, six at most."""
    decimals = len(f"{value:.6f}".rstrip("0").partition(".")[2])
    return number(value, lang, decimals)


def unknowns(plan: Plan, lang: str) -> Markup:
    """What was searched for and not found by anyone, and whom to ask."""
    known = plan.facts
    lost = [known.of(key)[0] for key in known.keys() if not known.claims(key)]  # noqa: SIM118
    texts = [
        as_entered(from_data(" – ".join(filter(None, (_subject(f), f.note)))), lang) for f in lost
    ]
    heading = pick(lang, "Cherché et non trouvé", "Searched for and not found")
    return folded(f"{heading} ({len(texts)})", items(texts)) if texts else Markup("")


def _subject(fact: Fact) -> str:
    return f"{fact.subject}, {fact.field}".replace("_", " ")


def used_facts(plan: Plan) -> Iterator[Fact]:
    """The facts that the plan rests on: retained, or named by what is asked, a value or a service."""
    named = {kept.fact for kept in plan.retains.values()}
    named |= {quantity.fact for _, quantity in plan.ranges()}
    named |= {promise.fact for promise in plan.promises} | {plan.target.fact if plan.target else ""}
    named |= {duty.fact for duty in plan.obligations.values()}
    named |= {capability.fact for capability in plan.capabilities.values()}
    return (fact for fact in plan.facts or () if fact.id in named)


def as_of(plan: Plan) -> date | None:
    """Date of the newest fact that the plan rests on: the date of its page."""
    return max((fact.date for fact in used_facts(plan)), default=None)
