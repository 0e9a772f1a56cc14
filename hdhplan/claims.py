"""What a plan takes for true: facts retained, claims that lost, what nobody knows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from markupsafe import Markup

from hdhplan.facts import Fact
from hdhplan.formats import date_short, pick
from hdhplan.plan import Plan
from hdhplan.sections import from_data, table


def retained_table(plan: Plan, lang: str) -> Markup:
    """The claim that the plan retains of each disputed quantity, why, and those that lost."""
    rows = []
    for key, kept in plan.retains.items():
        fact = plan.facts.by_id(kept.fact)
        rows.append(_claim_row(key, fact, kept.why.in_(lang), lang, True))
        for other in plan.facts.claims(fact.key):
            if other.id != fact.id:
                rows.append(_claim_row("", other, "", lang, False))
    caption = pick(
        lang, "Faits retenus, et affirmations écartées", "Facts retained, and claims that lost"
    )
    return table(caption, _claim_columns(lang), rows) if rows else Markup("")


def contradictions_table(plan: Plan, lang: str) -> Markup:
    """Quantities on which publishers disagree and of which the plan retains none by name."""
    settled = {plan.facts.by_id(kept.fact).key for kept in plan.retains.values()}
    rows = []
    for key, claims in plan.facts.contradictions().items():
        if key not in settled:
            for i, fact in enumerate(claims):
                rows.append(_claim_row("" if i else key, fact, "", lang, None))
    caption = pick(lang, "Autres désaccords entre sources", "Other disagreements between sources")
    return table(caption, _claim_columns(lang), rows) if rows else Markup("")


def _claim_columns(lang: str) -> tuple[str, ...]:
    return pick(
        lang,
        ("Sujet", "Affirmation", "Source, éditeur", "Date", "Preuve", "Pourquoi, ou remarque"),
        ("Subject", "Claim", "Source, publisher", "Date", "Evidence", "Why, or remark"),
    )


def _claim_row(subject: str, fact: Fact, why: str, lang: str, kept: bool | None) -> tuple:
    said = {True: ("retenu", "retained"), False: ("écarté", "not retained"), None: ("", "")}
    words = pick(lang, *said[kept])
    claim = Markup("{} <small>{}</small>").format(from_data(fact.text, 120), words)
    if kept:
        claim = Markup('<span class="kept">{}</span>').format(claim)
    source = f"{from_data(fact.source, 160)}, {from_data(fact.publisher, 80)}"
    shown = from_data(subject.replace("_", " ").replace(".", " · "))
    why = from_data(why or fact.note)
    return (shown, claim, source, date_short(fact.date, lang), fact.grade, why)


def unknowns(plan: Plan) -> list[Fact]:
    """What was searched for and not found by anyone, by subject."""
    known = plan.facts
    lost = [key for key in known.keys() if not known.claims(key)]  # noqa: SIM118 (not a dict)
    return [known.of(key)[0] for key in lost]


def used_facts(plan: Plan) -> Iterator[Fact]:
    """The facts that the plan rests on: retained, or named by a value, a promise or the target."""
    named = {kept.fact for kept in plan.retains.values()}
    named |= {quantity.fact for _, quantity in plan.ranges()}
    named |= {promise.fact for promise in plan.promises} | {plan.target.fact if plan.target else ""}
    return (fact for fact in plan.facts or () if fact.id in named)


def as_of(plan: Plan) -> date | None:
    """Date of the newest fact that the plan rests on: the date of its page."""
    return max((fact.date for fact in used_facts(plan)), default=None)
