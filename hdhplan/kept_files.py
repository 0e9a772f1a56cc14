"""Kept forecasts read back strictly: a file that is torn, damaged or not the published one is refused."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

from hdhplan.calendars import shown_date
from hdhplan.errors import Fault, InputError, nearest
from hdhplan.facts import number_of
from hdhplan.kept import COLUMNS, ODDS, PACE, UNITS, Kept, Odds, unquoted
from hdhplan.tables import cells_fault, read_rows

#: A folder of a week: ``2026-W47``, ``example-2026-W47``.
_WEEK = re.compile(r"(?:.+-)?[0-9]{4}-W[0-9]{2}")
_CONDITION = r"\S+ <= (?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9.]+(?:e[+-]?[0-9]+)?)"
_EVENT = re.compile(rf"{_CONDITION}(?: & {_CONDITION})*")
_AGAIN = "put the file back as it was published; a kept forecast is never edited"
_Row = tuple[int, dict[str, str]]  # line, cells by column


def read_kept(folder: Path) -> tuple[Kept, ...]:
    """Read the forecasts of all weeks below a folder of reports, in the order of their data dates.

    Raises
    ------
    InputError
        With all that is wrong in any of them: their form, and that they are what was published.
    """
    if not folder.is_dir():
        raise InputError(Fault(str(folder), None, "", "there is no such folder", "reports by week"))
    return read_weeks(p for p in folder.iterdir() if p.is_dir() and _WEEK.fullmatch(p.name))


def read_weeks(folders: Iterable[Path]) -> tuple[Kept, ...]:
    """Read the forecasts in the folders of some weeks, in the order of their data dates.

    Raises
    ------
    InputError
        As `read_kept`.
    """
    faults: list[Fault] = []
    found: list[Kept] = []
    for week in sorted(folders):
        try:
            found.append(_published(week))
        except InputError as error:
            faults += error.faults
    if faults:
        raise InputError(faults)
    return tuple(sorted(found, key=lambda kept: kept.as_of or dt.date.min))


def _published(week: Path) -> Kept:
    """The forecast of one week, if it is the one that its manifest names."""
    path, manifest = week / "forecast.csv", week / "manifest.json"
    kept = read_forecast(path)
    if kept.as_of is None:
        raise InputError(Fault(str(path), 2, "as_of", "no data date", "a week has one", _AGAIN))
    try:
        named = json.loads(manifest.read_text(encoding="utf-8"))["outputs"]["forecast.csv"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        found = f"does not name forecast.csv ({type(error).__name__})"
        raise InputError(Fault(str(manifest), None, "outputs", found, "", _AGAIN)) from error
    if hashlib.sha256(path.read_bytes()).hexdigest() != named:
        found = "not the file that manifest.json names"
        raise InputError(Fault(str(path), None, "", found, "its bytes are others", _AGAIN))
    return kept


def read_forecast(path: Path) -> Kept:
    """Read one ``forecast.csv``.

    Raises
    ------
    InputError
        With all that is wrong in its form: columns, cells, levels, values that fall, a torn line.
    """
    faults: list[Fault] = []
    rows = list(_rows(path, faults))
    for row in rows:
        faults += _complaints(path, row)
    if not faults:
        faults += _disagreements(path, rows)
    if faults:
        raise InputError(faults)
    return _kept(rows)


def _rows(path: Path, faults: list[Fault]) -> Iterator[_Row]:
    """Yield the rows that have all their cells; note what is wrong with the others."""
    header, last = False, 0
    for line, cells in read_rows(path, faults):
        last = line
        if not header and tuple(cells) != COLUMNS:
            unknown = next((name for name in cells if name not in COLUMNS), "")
            limit = f"the columns {','.join(COLUMNS)}, in this order"
            fix = nearest(unknown, COLUMNS) if unknown else _AGAIN
            faults.append(Fault(str(path), line, unknown[:60], "not its columns", limit, fix))
            return
        if header and len(cells) != len(COLUMNS):
            faults.append(cells_fault(path, line, cells, len(COLUMNS)))
        elif header:
            yield line, dict(zip(COLUMNS, cells, strict=True))
        header = True
    if not faults and last < 2:
        faults.append(Fault(str(path), None, "", "no forecast in it", "", _AGAIN))
    elif not faults and not path.read_bytes().endswith(b"\n"):
        faults.append(Fault(str(path), last, "", "the last line is torn", "", _AGAIN))


def _complaints(path: Path, row: _Row) -> Iterator[Fault]:
    """What is wrong with the cells of one row, one by one and together."""
    line, cells = row

    def wrong(name: str, limit: str) -> Fault:
        return Fault(str(path), line, name, f"found {cells[name][:60]!r}", limit, _AGAIN)

    numbers = {k: number_of(cells[k]) for k in ("p", "value", "standard_error", "share_never")}
    quantile, odds = bool(cells["p"]), cells["quantity"].startswith(ODDS) and not cells["p"]
    for name in (k for k, number in numbers.items() if cells[k] and number is None):
        yield wrong(name, "a finite number")
    if quantile and not 0 < (numbers["p"] or 0.5) < 1:
        yield wrong("p", "more than 0, less than 1")
    if not quantile and not odds and cells["quantity"] != PACE:
        yield wrong("quantity", f"a level, or a name as {ODDS}date or {PACE}")
    if not quantile and not cells["value"]:
        yield wrong("value", "a number")
    if odds and not 0 <= (numbers["value"] or 0.0) <= 1:
        yield wrong("value", "a probability from 0 to 1")
    if (numbers["standard_error"] or 0.0) < 0:
        yield wrong("standard_error", "at least 0")
    if bool(cells["share_never"]) != quantile or not 0 <= (numbers["share_never"] or 0.0) <= 1:
        yield wrong("share_never", "a share from 0 to 1 beside each quantile, and only there")
    if odds != bool(cells["event"]) or (odds and not _EVENT.fullmatch(unquoted(cells["event"]))):
        yield wrong("event", "conditions as left <= 2028-04-23 beside odds, and only there")
    if cells["unit"] not in UNITS:
        yield wrong("unit", f"one of {', '.join(UNITS)}")
    for name in ("date", "as_of", "start"):
        if (cells[name] or name == "start") and _day(cells[name]) is None:
            yield wrong(name, "a day as 2026-11-20")


def _disagreements(path: Path, rows: list[_Row]) -> Iterator[Fault]:
    """What the rows say of one another: dates, levels, what falls, what stands twice."""
    (_, first), *_ = rows
    start = _day(first["start"])
    groups: dict[tuple[str, bool], list[_Row]] = {}
    for line, cells in rows:
        groups.setdefault((cells["quantity"], bool(cells["p"])), []).append((line, cells))
        for name in ("as_of", "start"):
            if cells[name] != first[name]:
                found, limit = f"found {cells[name]!r}", f"{first[name]!r} as in the first row"
                yield Fault(str(path), line, name, found, limit, _AGAIN)
        day = shown_date(_value(cells), start) if cells["unit"] == "day" else None
        if day != _day(cells["date"]):
            limit = f"{day or 'empty'}, as the value says"
            yield Fault(str(path), line, "date", f"found {cells['date']!r}", limit, _AGAIN)
    own_levels = {key: tuple(cells["p"] for _, cells in group) for key, group in groups.items()}
    most = Counter(own_levels[key] for key in groups if key[1]).most_common(1)
    for (name, leveled), group in groups.items():
        own, wanted = own_levels[name, leveled], most[0][0] if leveled else ("",)
        if own != wanted:
            found = f"{len(own)} rows, the last of level {own[-1] or 'none'}"
            limit = f"{len(wanted)} as of the others, to {wanted[-1] or 'none'}"
            yield Fault(str(path), group[-1][0], name, found, limit, _AGAIN)
        yield from _falls(path, name, group)


def _falls(path: Path, name: str, group: list[_Row]) -> Iterator[Fault]:
    """Levels and values that fall, and a quantity that says two things of itself."""
    for (_, before), (line, after) in pairwise(group):
        if float(after["p"] or 1) <= float(before["p"] or 0):
            yield Fault(
                str(path), line, "p", f"found {after['p']!r}", f"levels of {name} ascend", _AGAIN
            )
        if _value(after) < _value(before):
            found, limit = f"found {after['value']!r}", f"at least {before['value'] or 'never'}"
            yield Fault(str(path), line, "value", found, f"{limit}, as the level before", _AGAIN)
        for same in ("unit", "share_never"):
            if after[same] != before[same]:
                found, limit = f"found {after[same]!r}", f"{before[same]!r} as the row before"
                yield Fault(str(path), line, same, found, limit, _AGAIN)


def _kept(rows: list[_Row]) -> Kept:
    """Put the rows of a whole file together."""
    cells = [row for _, row in rows]
    first = cells[0]
    found: dict[str, list[dict[str, str]]] = {}
    for row in cells:
        if row["p"]:
            found.setdefault(unquoted(row["quantity"]), []).append(row)
    levels = [float(row["p"]) for row in next(iter(found.values()), [])]
    odds = {
        row["quantity"].removeprefix(ODDS): Odds(
            float(row["value"]), number_of(row["standard_error"]), unquoted(row["event"])
        )
        for row in cells
        if row["event"]
    }
    pace = next((float(row["value"]) for row in cells if _is_pace(row)), None)
    return Kept(
        _day(first["as_of"]),
        _day(first["start"]),
        tuple(levels),
        {name: tuple(map(_value, group)) for name, group in found.items()},
        {name: tuple(_number(row["standard_error"]) for row in group)
         for name, group in found.items()},
        {name: group[0]["unit"] for name, group in found.items()},
        {name: float(group[0]["share_never"]) for name, group in found.items()},
        odds,
        pace,
    )  # fmt: skip


def _is_pace(row: dict[str, str]) -> bool:
    return row["quantity"] == PACE and not row["p"]


def _value(cells: dict[str, str]) -> float:
    return _number(cells["value"])


def _number(cell: str) -> float:
    return float(cell) if cell else math.inf


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None
    except ValueError:  # a month or a day that is in no calendar
        return None
