"""Assumptions and their values in words, no finer than known."""

from __future__ import annotations

import math
from datetime import date

from hdhplan.robustness import Assumption, End, Flip
from hdhplan.sensitivity import Check
from hdhplan.wording.formats import NBSP, date_short, label, number, pick
from hdhplan.wording.labels import field_label

#: Units of quantities, as they are said.
UNITS = {
    "d": ("j", "d"), "wd": (f"j{NBSP}ouvrés", "working days"), "TB": ("To", "TB"),
    "EUR": ("€", "€"),
}  # fmt: skip
#: Decade of the last digit that is ever shown.
_FINEST = -4


def assumption_label(assumption: Assumption | Check, lang: str) -> str:
    """Name of an assumption: of its thing and field, or its path."""
    if assumption.name is None:
        return label(assumption.path)
    field = field_label(assumption.path, lang)
    return label(assumption.name.in_(lang)) + (f" ({label(field)})" if field else "")


def quoted(text: str, lang: str) -> str:
    """A name between the quotation marks of a language."""
    return pick(lang, f"«{NBSP}{text}{NBSP}»", f"“{text}”")


def threshold(flip: Flip, lang: str) -> str:
    """The value from which another scenario wins, in words: “Volume” falls below 6."""
    name = quoted(assumption_label(flip.assumption, lang), lang)
    value = amount(flip.crossover, flip.assumption.unit, lang, flip.error)
    fr, en = ("passe sous", "falls below") if flip.low else ("dépasse", "exceeds")
    return pick(lang, f"{name} {fr} {value}", f"{name} {en} {value}")


def end_value(flip: Flip, lang: str) -> str:
    """Where the end of an assumption begins at which its scores are taken."""
    value = amount(flip.end.value, flip.assumption.unit, lang)
    fr, en = ("à {} au plus", "at {} or less") if flip.low else ("à {} au moins", "at {} or more")
    return pick(lang, fr, en).format(value)


def condition(assumption: Assumption, end: End, lang: str) -> str:
    """One end of an assumption in words."""
    name, low = quoted(assumption_label(assumption, lang), lang), end is assumption.low
    if assumption.event:
        happens = (
            pick(lang, "ne se produit pas", "does not happen")
            if low
            else pick(lang, "se produit", "happens")
        )
        return f"{name} {happens}"
    value = amount(end.value, assumption.unit, lang)
    fr, en = ("au plus", "at most") if low else ("au moins", "at least")
    return pick(lang, f"{name} vaut {fr} {value}", f"{name} is {en} {value}")


def amount(value: float, unit: str, lang: str, error: float | None = None) -> str:
    """A value of an assumption with its unit, no finer than its error; a date as one."""
    if unit == "date":
        return date_short(date.fromordinal(round(value)), lang)
    known = significant(value, lang) if error is None else settled(value, error, lang)
    return with_unit(known, unit, lang)


def with_unit(value: str, unit: str, lang: str) -> str:
    """A value and the unit of its quantity, as they are said in a language."""
    said = pick(lang, *UNITS.get(unit, (unit, unit)))
    return f"{value}{NBSP}{said}" if said else value


def three_points(low: float, likely: float, high: float, unit: str, lang: str) -> str:
    """The low, likely and high values of a quantity, with its unit; what repeats said once."""
    shown = [
        number(x, lang, 0 if abs(x) >= 100 or x == round(x) else 2 if abs(x) >= 0.1 else 4)
        for x in (low, likely, high)
    ]
    return with_unit(" / ".join(dict.fromkeys(shown)), unit, lang)


def significant(value: float, lang: str) -> str:
    """A number with about three figures."""
    size = abs(value)
    return number(value, lang, 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 0.1 else 4)


def settled(value: float, error: float, lang: str) -> str:
    """A number to the decade of its standard error, but for its first figure.

    Examples
    --------
    >>> settled(1234.5, 20.0, "en"), settled(0.0471, 0.0004, "en"), settled(7.0, 50.0, "en")
    ('1,230', '0.0471', '7')
    """
    if not value:
        return "0"
    decade = math.floor(math.log10(error)) if error > 0 else _FINEST
    decade = max(min(decade, math.floor(math.log10(abs(value)))), _FINEST)
    return number(round(value / 10.0**decade) * 10.0**decade, lang, max(0, -decade))
