"""Status: dated facts about the work itself, append-only, and what was known by a date.

A fact is never changed: a correction is a new fact that names the old one, which counts until then.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True)
class Form:
    """What one file of a week holds: whom a row is about, and its fields with their kinds.

    Kinds: ``day`` (not after it was known), ``future day``, ``week``, ``number`` (at least 0),
    ``percent``, ``text``, or words joined by ``|``. ``among`` holds the subjects that there are,
    where they are few. An optional file is not missed.
    """

    subject: str
    fields: dict[str, str]
    among: tuple[str, ...] = ()
    optional: bool = False


#: The files of a week by name.
FORMS = {
    "tasks": Form(
        "task",
        {"start": "day", "finish": "day", "remaining": "number", "unit": "wd|d",
         "percent": "percent"},
    ),
    "datasets": Form(
        "dataset",
        {"landed_tb": "number", "landed_objects": "number", "verified_tb": "number",
         "rewritten_tb_per_day": "number"},
    ),
    "invoices": Form(
        "line",
        {"committed_eur": "number", "paid_eur": "number", "currency": "EUR", "vat": "HT|TTC|none"},
    ),
    "risks": Form("driver", {"state": "open|closed|occurred"}),
    "estimates": Form(
        "quantity",
        {"low": "number", "likely": "number", "high": "number", "unit": "text", "reason": "text"},
    ),
    "decisions": Form(
        "decision",
        {"state": "asked|taken|effect", "what": "text", "owner": "text", "due": "future day",
         "setting": "text", "effect_expected": "text", "effect_seen": "text"},
    ),
    "standings": Form(
        "row",
        {"colour": "green|amber|red", "reason": "text", "by": "text", "until": "future day"},
        among=("date", "cost", "both", "continuity", "qualification", "exposure", "data"),
        optional=True,
    ),
    "references": Form(
        "reference",
        {"week": "week", "approved_by": "text", "reason": "text"},
        among=("R0", "current"), optional=True,
    ),
}  # fmt: skip
#: What stands between the French and the English of a text.
BETWEEN_LANGUAGES = "||"


def said(text: str, lang: str) -> str:
    """Return the part of a text in a language, the whole where it has one part.

    >>> said("Une copie pilote || A pilot copy", "en")
    'A pilot copy'
    >>> said("COPIL", "en")
    'COPIL'
    """
    parts = [part.strip() for part in text.split(BETWEEN_LANGUAGES)]
    return parts[-1] if lang == "en" else parts[0]


@dataclass(frozen=True)
class StatusFact:
    """One dated claim about the work; ``given`` holds the fields that its row fills."""

    kind: str
    id: str
    date: dt.date
    subject: str
    given: dict[str, dt.date | float | str]
    corrects: str
    illustrative: bool
    source: str
    note: str
    file: str
    line: int


@dataclass(frozen=True)
class Known:
    """The value of one field and the fact that says so."""

    value: dt.date | float | str
    fact: StatusFact


#: What is known of each subject, field by field.
Fields = dict[str, dict[str, Known]]


@dataclass(frozen=True)
class State:
    """What was known by the end of a day: each field's latest claim that nothing has corrected."""

    day: dt.date
    facts: tuple[StatusFact, ...]
    missing: tuple[str, ...]
    """Files that should be there by then and are not, as ``2026-W44/invoices.csv``."""

    @cached_property
    def live(self) -> tuple[StatusFact, ...]:
        """The facts that no later one corrects, in the order of their dates."""
        corrected = {fact.corrects for fact in self.facts}
        return tuple(fact for fact in self.facts if fact.id not in corrected)

    def of(self, kind: str) -> Fields:
        """What is known of each subject of one kind of file."""
        found: Fields = {}
        for fact in self.live:
            if fact.kind == kind:
                into = found.setdefault(fact.subject, {})
                into |= {name: Known(value, fact) for name, value in fact.given.items()}
        return found

    def spent_eur(self, field_: str) -> dict[str, float]:
        """Sum of ``committed_eur`` or ``paid_eur`` of all invoices by line and VAT basis. [EUR]"""
        found: dict[str, float] = {}
        for fact in self.live:
            if fact.kind == "invoices" and field_ in fact.given:
                key = f"{fact.subject} {fact.given['vat']}"
                found[key] = found.get(key, 0.0) + float(fact.given[field_])
        return found

    @property
    def illustrative(self) -> bool:
        """Whether any of it is illustrative."""
        return any(fact.illustrative for fact in self.facts)


@dataclass(frozen=True)
class Status:
    """All facts of a folder of weeks, and which files each week has."""

    folder: str
    facts: tuple[StatusFact, ...]
    files: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Names of the files of each week, as ``2026-W36``: those of `FORMS` that are there."""
    unread: frozenset[str] = frozenset()
    """First steps of the names of what refused rows are about."""
    whole: bool = True
    """Whether every file could be read: else what is missed may be in one of the others."""

    def as_of(self, day: dt.date) -> State:
        """Fold: what was known by the end of ``day``, and what was missing by then."""
        known = [fact for fact in self.facts if fact.date <= day]
        known.sort(key=lambda fact: fact.date)  # stable: one day's facts stay as they are written
        return State(day, tuple(known), tuple(self._missing(day)) if known else ())

    def _missing(self, day: dt.date) -> Iterator[str]:
        for week in weeks(min(self.files), week_of(day)) if self.files else ():
            for kind, form in FORMS.items():
                if not form.optional and kind not in self.files.get(week, ()):
                    yield f"{week}/{kind}.csv"


def week_of(day: dt.date) -> str:
    """Name the ISO week of a day.

    >>> week_of(dt.date(2027, 1, 3))
    '2026-W53'
    """
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def weeks(first: str, last: str) -> Iterator[str]:
    """Yield the ISO weeks from one to another, both included; W53 only in the years that have it."""
    day = monday(first)
    while (week := week_of(day)) <= last:
        yield week
        day += dt.timedelta(7)


def monday(week: str) -> dt.date:
    """Return the first day of an ISO week; ``ValueError`` if there is no such week."""
    return dt.date.fromisocalendar(int(week[:4]), int(week[6:]), 1)
