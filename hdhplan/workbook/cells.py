"""What a cell holds: a value with its role, or a formula whose value is worked out from its cells."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from hdhplan.wording.formats import label, pick

#: Day 0 of the date system of 1900, as it counts from March 1900 on.
EPOCH = date(1899, 12, 30)
_FIRST_SOUND = date(1900, 3, 1)  # before it spreadsheets disagree on what a serial means
#: Longest text of a cell: a name, or anything else from data.
LONGEST_NAME, LONGEST_TEXT = 120, 2_000

#: Who a number comes from; told by colour and in words.
INPUT, MODEL, FORMULA, PLAIN = "input", "model", "formula", "plain"

#: A file writes _x0041_ for a letter; its writer leaves the second of two that share a low line.
_OVERLAP = re.compile(r"(_x[0-9A-Fa-f]{4})_(?=x[0-9A-Fa-f]{4}_)")


@dataclass(frozen=True)
class Column:
    """A column of a table: its key, header with its unit, form of its cells, width and role.

    Forms are ``text``, ``note`` (wrapped), ``date``, ``days``, ``money``, ``error`` (of money),
    ``share``, ``share_error``, ``twenty``, ``number`` and ``code``.
    """

    key: str
    head: str
    form: str = "text"
    width: float = 12
    role: str = MODEL


@dataclass(frozen=True)
class As:
    """A value in another form or role than its column's, or one that others link to.

    Other workbooks link to it by its ``name``, formulas of other rows of its sheet by its ``mark``.
    """

    value: Any
    form: str = ""
    role: str = ""
    name: str = ""
    mark: str = ""


@dataclass(frozen=True)
class Expr:
    """Arithmetic on cells: of the same row by their key, of the workbook by their name, numbers.

    A cell that holds no number (never, nothing) makes the whole thing hold what that cell says.
    """

    sign: str
    left: Expr | str | float
    right: Expr | str | float


@dataclass(frozen=True)
class Running:
    """The sum of a column from its first row down to this one."""

    key: str


@dataclass(frozen=True)
class Sum:
    """In a row of totals: the sum of the column above it."""


_SIGNS: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
#: Where a cell is, and what it holds.
Place = tuple[str, Any]


def written(expr: Expr | str | float, places: Mapping[str, Place]) -> str:
    """The formula as a spreadsheet writes it, without its equals sign."""
    if isinstance(expr, Expr):
        sides = [
            f"({written(side, places)})" if isinstance(side, Expr) else written(side, places)
            for side in (expr.left, expr.right)
        ]
        return expr.sign.join(sides)
    return places[expr][0] if isinstance(expr, str) else f"{expr:g}"


def worked_out(expr: Expr | str | float, places: Mapping[str, Place]) -> Any:
    """The formula's number; or what the first cell without a number holds, None if it is empty."""
    if not isinstance(expr, Expr):
        return places[expr][1] if isinstance(expr, str) else expr
    left, right = worked_out(expr.left, places), worked_out(expr.right, places)
    for side in (left, right):
        if not is_number(side):
            return side
    if expr.sign == "/" and right == 0:
        return None
    return _SIGNS[expr.sign](left, right)


def is_number(value: Any) -> bool:
    """Whether a cell would hold a number."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def plain(value: Any, form: str, lang: str) -> Any:
    """What a cell holds: a number, a text or None; a date as its serial, infinite things in words."""
    if isinstance(value, date):
        return (value - EPOCH).days if value >= _FIRST_SOUND else value.isoformat()
    if isinstance(value, bool):
        return pick(lang, *(("oui", "yes") if value else ("non", "no")))
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and math.isinf(value):
        return never(form, lang)
    if isinstance(value, float) and math.isnan(value):
        return None
    return value if isinstance(value, (int, float)) or value is None else str(value)


def never(form: str, lang: str) -> str:
    """What stands where a number would be infinite."""
    if form in ("error", "share_error", "days"):
        return pick(lang, "inconnue", "unknown")
    if form == "date":
        return pick(lang, "jamais", "never")
    return pick(lang, "sans fin", "endless")


def name_text(value: Any) -> str:
    """A name from data as one short line of harmless characters."""
    return label("" if value is None else value, LONGEST_NAME)


def unambiguous(text: str) -> str:
    """A text in which no escape of the file format overlaps another: they are told apart by a space.

    Examples
    --------
    >>> unambiguous("_x0041_"), unambiguous("_x005F_x0041_")
    ('_x0041_', '_x005F _x0041_')
    """
    return _OVERLAP.sub(r"\1 _", text)


def long_text(value: Any) -> str:
    """A text from data as one line of harmless characters, however long it was."""
    return label("" if value is None else value, LONGEST_TEXT)
