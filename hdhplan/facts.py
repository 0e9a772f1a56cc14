"""Facts: dated claims with their sources, read strictly and folded at a date."""

from __future__ import annotations

import datetime as dt
import math
import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Any

from hdhplan.errors import Fault, InputError, nearest
from hdhplan.tables import cells_fault, read_rows

_CLAIM = ("id", "date", "subject", "field", "value", "low", "likely", "high", "unit")
COLUMNS = (*_CLAIM, "source", "address", "publisher", "grade", "note")
_MONEY = ("EUR", "EUR/TB", "EUR/TB.month", "EUR/d", "EUR/month")
#: ``share`` is a part of 1, ``factor`` a ratio that may pass 1, ``wd`` French working days.
_SIZES = ("TB", "TB/d", "d", "wd", "Gbit/s", "1/s", "share", "factor", "count")
UNITS = (*_MONEY, *_SIZES, "date", "text")
#: A measured on this programme or signed, B primary, C secondary, D press, judgement or memory.
GRADES = ("A", "B", "C", "D")
#: What the ``value`` of a quantity that was searched for and not found says.
UNKNOWN = "unknown"
#: Numbers closer than this, relatively, are the same claim.
SAME = 1e-3

_SLUG = re.compile(r"[a-z0-9_-]+")
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WRITE_DATE = "write YYYY-MM-DD, YYYY-MM or YYYY"
_Row = tuple[str, int, dict[str, str]]  # file, line, cells by column
_Complaint = tuple[str, str, str]  # field, limit, fix


@dataclass(frozen=True)
class Fact:
    """One dated claim; numbers in ``unit``, ``None`` where the claim gives none.

    ``date`` is the last day of the period that the file names: ``2025`` is 2025-12-31.
    """

    id: str
    date: dt.date
    subject: str
    field: str
    value: str
    low: float | None
    likely: float | None
    high: float | None
    unit: str
    source: str
    address: str
    publisher: str
    grade: str
    note: str
    file: str
    line: int

    @property
    def key(self) -> str:
        """Name the quantity: ``subject.field``."""
        return f"{self.subject}.{self.field}"

    @property
    def is_unknown(self) -> bool:
        """Say whether the quantity was searched for and not found."""
        return self.value == UNKNOWN

    @property
    def number(self) -> float | None:
        """Return the likely value, else the middle of the range, else its only bound [unit]."""
        if self.likely is not None:
            return self.likely
        bounds = [x for x in (self.low, self.high) if x is not None]
        return sum(bounds) / len(bounds) if bounds else None

    @property
    def text(self) -> str:
        """Show the claim shortly: ``0.25 / 0.45 / 0.75``, ``≥ 1,000``, ``14.6 EUR/TB.month``."""
        given = [x for x in (self.low, self.likely, self.high) if x is not None]
        if not given:
            return self.value
        lone = self.likely is None and len(given) == 1
        sign = "" if not lone else "≥ " if self.high is None else "≤ "
        unit = "" if self.unit in ("share", "factor", "count") else f" {self.unit}"
        return sign + " / ".join(f"{x:,.12g}" for x in given) + unit

    @property
    def ends(self) -> tuple[float, float, float] | None:
        """Return low, number and high, a missing end being the number; ``None`` for a text."""
        middle = self.number
        if middle is None:
            return None
        low, high = (middle if x is None else x for x in (self.low, self.high))
        return low, middle, high

    def agrees(self, other: Fact) -> bool:
        """Say whether two claims say the same: equal texts, or numbers within 0.1 %."""
        mine, theirs = self.ends, other.ends
        if mine is None or theirs is None:
            return mine is theirs and self.value.casefold() == other.value.casefold()
        return all(math.isclose(a, b, rel_tol=SAME) for a, b in zip(mine, theirs, strict=True))

    def shares_publisher(self, other: Fact) -> bool:
        """Say whether both come from one outlet or organisation: one witness, not two."""
        return self.publisher.casefold() == other.publisher.casefold()


@dataclass(frozen=True)
class Facts:
    """An immutable set of facts."""

    facts: tuple[Fact, ...]

    def __len__(self) -> int:
        return len(self.facts)

    def __iter__(self) -> Iterator[Fact]:
        return iter(self.facts)

    @cached_property
    def _by_id(self) -> dict[str, Fact]:
        return {fact.id: fact for fact in self.facts}

    @cached_property
    def _by_key(self) -> dict[str, list[Fact]]:
        found: dict[str, list[Fact]] = {key: [] for key in sorted({f.key for f in self.facts})}
        for fact in sorted(self.facts, key=lambda f: (-f.date.toordinal(), f.id)):
            found[fact.key].append(fact)
        return found

    def knows(self, fact_id: str) -> bool:
        """Whether there is a fact of this id."""
        return fact_id in self._by_id

    def by_id(self, fact_id: str) -> Fact:
        """Return one fact; ``KeyError`` with the nearest id if there is none."""
        if fact_id not in self._by_id:
            raise KeyError(f"no fact {fact_id!r}; {nearest(fact_id, self._by_id)}")
        return self._by_id[fact_id]

    def of(self, key: str) -> list[Fact]:
        """List the facts of one quantity, newest first; empty if there is none."""
        return list(self._by_key.get(key, ()))

    def keys(self) -> list[str]:
        """List the quantities, sorted."""
        return list(self._by_key)

    def as_of(self, day: dt.date) -> Facts:
        """Fold: keep what had been claimed by the end of ``day``."""
        return Facts(tuple(fact for fact in self.facts if fact.date <= day))

    def best(self, key: str) -> Fact:
        """Pick a claim: best grade, then newest, then id; an unknown only if there is no claim.

        A default for showing, not a decision: the plan says which claim it retains, and why.
        """
        if key not in self._by_key:
            raise KeyError(f"no fact about {key!r}; {nearest(key, self._by_key)}")
        return min(self._by_key[key], key=lambda fact: (fact.is_unknown, fact.grade))

    def claims(self, key: str) -> list[Fact]:
        """List the distinct claims, newest first: no unknowns, a publisher's repeats once."""
        kept: list[Fact] = []
        for fact in self.of(key):
            repeated = any(fact.shares_publisher(other) and fact.agrees(other) for other in kept)
            if not fact.is_unknown and not repeated:
                kept.append(fact)
        return kept

    def contradictions(self) -> dict[str, list[Fact]]:
        """List the quantities on which different publishers disagree, with their claims."""
        found = {key: self.claims(key) for key in self._by_key}
        return {key: claims for key, claims in found.items() if _disagree(claims)}

    def stale_prices(self, day: dt.date, days: int = 180) -> list[Fact]:
        """List prices (``EUR/…``) whose newest claim is over ``days`` [d] old, oldest first."""
        claims = [known for key in self._by_key if (known := self.claims(key))]
        prices = [known[0] for known in claims if known[0].unit.startswith("EUR/")]
        stale = [fact for fact in prices if (day - fact.date).days > days]
        return sorted(stale, key=lambda fact: (fact.date, fact.id))


def _disagree(claims: list[Fact]) -> bool:
    pairs = combinations(claims, 2)
    return any(not a.shares_publisher(b) and not a.agrees(b) for a, b in pairs)


def data_folder() -> Path:
    """Find the project's ``data`` directory, beside the package."""
    folder = Path(__file__).resolve().parent.parent / "data"
    if not folder.is_dir():
        fix = "run from a clone of the repository"
        raise InputError(Fault(str(folder), None, "", "there is no such folder", fix=fix))
    return folder


def load_facts(folder: Path, as_of: dt.date | None = None) -> Facts:
    """Read every ``*.csv`` of a folder; keep what had been claimed by ``as_of``, if given.

    Raises ``InputError`` with all the faults of all files. A date after ``as_of`` is no fault.
    """
    faults: list[Fault] = []
    rows = [row for path in sorted(Path(folder).glob("*.csv")) for row in _rows(path, faults)]
    for file, line, cells in rows:
        for field, limit, fix in [*_complaints(cells), *_claim_complaints(cells)]:
            faults.append(Fault(file, line, field, f"found {cells[field][:60]!r}", limit, fix))
    faults += _clashes(rows)
    if not rows and not faults:
        faults.append(Fault(str(folder), None, "", "no facts found", "at least one *.csv file"))
    if faults:
        raise InputError(faults)
    facts = Facts(tuple(_fact(*row) for row in rows))
    return facts if as_of is None else facts.as_of(as_of)


def _rows(path: Path, faults: list[Fault]) -> Iterator[_Row]:
    """Yield the rows of one file with their first line; note what is wrong with its form."""
    header = False
    try:
        for line, cells in read_rows(path, faults):
            if not header:
                header = _check_header(path, cells)
            elif cells and len(cells) != len(COLUMNS):
                faults.append(cells_fault(path, line, cells, len(COLUMNS)))
            elif cells:
                yield str(path), line, dict(zip(COLUMNS, cells, strict=True))
        header = header or bool(faults) or _check_header(path, [])
    except InputError as error:
        faults.extend(error.faults)


def _check_header(path: Path, cells: list[str]) -> bool:
    limit = f"the columns {','.join(COLUMNS)}"
    wrong = [(name[:60], nearest(name, COLUMNS)) for name in cells if name not in COLUMNS]
    if not wrong and tuple(cells) != COLUMNS:
        missing = ", ".join(name for name in COLUMNS if name not in cells)
        wrong = [("header", f"add {missing}" if missing else "each once, in this order")]
    if wrong:
        found = "not the columns of a fact"
        raise InputError(Fault(str(path), 1, name, found, limit, fix) for name, fix in wrong)
    return True


def _complaints(cells: dict[str, str]) -> Iterator[_Complaint]:
    for name in ("id", "subject", "field"):
        if not _SLUG.fullmatch(cells[name]):
            yield name, "small letters, digits, - and _", ""
    for name in ("source", "publisher"):
        if not cells[name]:
            yield name, "a claim names its source and who published it", ""
    if cells["grade"] not in GRADES:
        yield "grade", "A, B, C or D", ""
    if _last_day(cells["date"]) is None:
        yield "date", "a day of the calendar", _WRITE_DATE
    if cells["unit"] not in UNITS:
        yield "unit", f"one of {', '.join(UNITS)}", nearest(cells["unit"] or "?", UNITS)


def _claim_complaints(cells: dict[str, str]) -> Iterator[_Complaint]:
    """Check value, numbers and unit against each other."""
    value, unit = cells["value"], cells["unit"]
    written = [name for name in ("low", "likely", "high") if cells[name]]
    numbers = {name: number_of(cells[name]) for name in written}
    finite = [number for number in numbers.values() if number is not None]
    for name in written:
        if numbers[name] is None:
            yield name, "a finite number", "write 1234.5: no unit, space or decimal comma"
    if finite != sorted(finite):
        yield written[0], "low <= likely <= high", "put them in order"
    if value and written:
        yield "value", f"value or numbers, and {written[0]} is given too", "keep one"
    elif not value and not written:
        yield "value", "a claim says something", f"write {UNKNOWN} if it was not found"
    if written and unit in ("date", "text"):
        yield "unit", "a number has the unit of a quantity", ""
    if value in ("", UNKNOWN) or unit not in UNITS:
        return
    if unit not in ("date", "text"):
        yield "value", f"a claim in {unit} is a number", "put it under low, likely or high"
    elif unit == "date" and _last_day(value) is None:
        yield "value", "a day of the calendar", _WRITE_DATE


def _clashes(rows: list[_Row]) -> Iterator[Fault]:
    """Refuse an id used twice, and one quantity in two units: its claims cannot be compared."""
    ids: dict[str, _Row] = {}
    units: dict[str, _Row] = {}
    for row in rows:
        file, line, cells = row
        first = ids.setdefault(cells["id"], row)
        if first is not row:
            limit = f"already used in {first[0]}, line {first[1]}"
            yield Fault(file, line, "id", f"found {cells['id'][:60]!r}", limit, "give it its own")
        key = f"{cells['subject']}.{cells['field']}"
        comparable = cells["unit"] in UNITS and cells["unit"] != "text"
        first = units.setdefault(key, row) if comparable else row
        if first[2]["unit"] != cells["unit"]:
            limit = f"{key} is in {first[2]['unit']} in {first[0]}, line {first[1]}"
            yield Fault(file, line, "unit", f"found {cells['unit'][:60]!r}", limit, "convert it")


def _fact(file: str, line: int, cells: dict[str, str]) -> Fact:
    filled: dict[str, Any] = {**cells, "date": _last_day(cells["date"]), "file": file, "line": line}
    return Fact(
        **{**filled, **{name: number_of(cells[name]) for name in ("low", "likely", "high")}}
    )


def number_of(text: str) -> float | None:
    """Read a finite number with a decimal point, ``None`` if it is none."""
    number = float(text) if _NUMBER.fullmatch(text) else math.nan
    return number if math.isfinite(number) else None


def _last_day(text: str) -> dt.date | None:
    """Return the last day of the period named, ``None`` if it is none.

    >>> _last_day("2024-02"), _last_day("2025-13")
    (datetime.date(2024, 2, 29), None)
    """
    match = _DATE.fullmatch(text)
    if not match:
        return None
    year, month = int(match[1]), int(match[2] or 12)
    try:
        return dt.date(year, month, int(match[3] or monthrange(year, month)[1]))
    except ValueError:  # a month or a day that is in no calendar
        return None
