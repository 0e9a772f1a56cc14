"""Status files, a folder an ISO week, read strictly: everything that is wrong at once."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hdhplan.errors import Fault, InputError, nearest
from hdhplan.facts import number_of
from hdhplan.status import FORMS, Form, Status, StatusFact, monday
from hdhplan.tables import cells_fault, read_rows

#: Columns of every file before and after its own.
BEFORE, AFTER = ("id", "date"), ("corrects", "illustrative", "source", "note")
_WEEK = re.compile(r"[0-9]{4}-W[0-9]{2}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SLUG = re.compile(r"[a-z0-9_-]+")
_WRITE_DAY = "write YYYY-MM-DD"
_Row = tuple[str, int, dict[str, str]]  # file, line, cells by column


def columns(form: Form) -> tuple[str, ...]:
    """Columns of a file, in order."""
    return (*BEFORE, form.subject, *form.fields, *AFTER)


def read_status(folder: Path, until: dt.date | None = None) -> Status:
    """Read every week of a folder, or those that had begun by a day: later ones are not looked at.

    Raises
    ------
    InputError
        With all that is wrong in the form of all files: names, cells, ids, corrections.
    """
    faults: list[Fault] = []
    if not folder.is_dir():
        raise InputError(
            Fault(str(folder), None, "", "there is no such folder", "a folder of weeks")
        )
    files: dict[str, tuple[str, ...]] = {}
    facts: list[StatusFact] = []
    for week in sorted(path for path in folder.iterdir() if path.is_dir()):
        if fault := _week_fault(week):
            faults.append(fault)
            continue
        if until is not None and monday(week.name) > until:
            continue
        names = sorted(path.stem for path in week.glob("*.csv"))
        files[week.name] = tuple(name for name in names if name in FORMS)
        for name in names:
            path = week / f"{name}.csv"
            if name in FORMS:
                facts += _facts_of(path, name, faults)
            else:
                limit = f"one of {', '.join(FORMS)}"
                faults.append(
                    Fault(str(path), None, "", "unknown file", limit, nearest(name, FORMS))
                )
    if not files and not faults:
        faults.append(Fault(str(folder), None, "", "no weeks found", "folders such as 2026-W47"))
    faults += _clashes(facts)
    if faults:
        raise InputError(faults)
    return Status(str(folder), tuple(facts), files)


def _week_fault(path: Path) -> Fault | None:
    """A folder that is no ISO week, as W53 of a year that has 52."""
    try:
        if _WEEK.fullmatch(path.name):
            monday(path.name)
            return None
        limit = "an ISO week such as 2026-W47"
    except ValueError:
        year = int(path.name[:4])
        last = dt.date(year, 12, 28).isocalendar().week if year else 52
        limit = f"{path.name[:4]} has the weeks W01 to W{last}"
    return Fault(str(path), None, "", f"{path.name[:40]!r} is no week", limit, "rename the folder")


def _facts_of(path: Path, kind: str, faults: list[Fault]) -> Iterator[StatusFact]:
    """Yield the facts of one file that are well formed; note what is wrong with the others."""
    form, header = FORMS[kind], False
    expected = columns(form)
    for line, cells in read_rows(path, faults):
        if not header:
            if wrong := _header_fault(path, cells, expected):
                faults.append(wrong)
                return
            header = True
        elif any(cells) and len(cells) != len(expected):
            faults.append(cells_fault(path, line, cells, len(expected)))
        elif any(cells):
            row = (str(path), line, dict(zip(expected, cells, strict=True)))
            wrong_cells = [*_complaints(row, form, path.parent.name)]
            faults += wrong_cells
            if not wrong_cells:
                yield _fact(row, kind, form)
    if not header and not any(fault.file == str(path) for fault in faults):
        faults.append(
            Fault(str(path), None, "", "nothing in it", f"the columns {','.join(expected)}")
        )


def _header_fault(path: Path, cells: list[str], expected: tuple[str, ...]) -> Fault | None:
    if tuple(cells) == expected:
        return None
    limit = f"the columns {','.join(expected)}, each once, in this order"
    if len(cells) == 1 and ";" in cells[0]:
        return Fault(str(path), 1, "", "cells parted by semicolons", limit, "save it with commas")
    unknown = next((name for name in cells if name not in expected), None)
    missing = ", ".join(name for name in expected if name not in cells)
    fix = nearest(unknown, expected) if unknown else f"add {missing}" if missing else ""
    return Fault(
        str(path), 1, (unknown or "header")[:60], "not the columns of this file", limit, fix
    )


def _complaints(row: _Row, form: Form, week: str) -> Iterator[Fault]:
    file, line, cells = row

    def wrong(name: str, limit: str, fix: str = "") -> Fault:
        return Fault(file, line, name, f"found {cells[name][:60]!r}", limit, fix)

    if not _SLUG.fullmatch(cells["id"]):
        yield wrong("id", "small letters, digits, - and _")
    day = _day(cells["date"])
    if day is None:
        yield wrong("date", "a day of the calendar", _WRITE_DAY)
    elif not monday(week) <= day <= monday(week) + dt.timedelta(6):
        last = monday(week) + dt.timedelta(6)
        limit = f"the day on which it was known, from {monday(week)} to {last}"
        yield wrong("date", limit, "a fact goes into the week in which it became known")
    if cells["illustrative"] not in ("yes", "no"):
        yield wrong("illustrative", "yes or no", "say whether the row is made up")
    for name in (form.subject, "source"):
        if not cells[name]:
            yield wrong(name, "a fact says what it is about and who says so")
    for name, kind in form.fields.items():
        if cells[name] and (limit_fix := _kind_complaint(cells[name], kind)):
            yield wrong(name, *limit_fix)
        elif day and kind == "day" and (actual := _day(cells[name])) and actual > day:
            yield wrong(name, f"not after {day}, when it was known", "an actual is in the past")
    yield from _rules(row, form, wrong)


def _rules(row: _Row, form: Form, wrong: Any) -> Iterator[Fault]:
    """What the cells of one row say together."""
    cells = row[2]
    said = [name for name in form.fields if cells[name]]
    if not said:
        yield wrong(
            next(iter(form.fields)), "a fact says something", "fill a cell or delete the row"
        )
    elif form.subject == "task":
        if cells["remaining"] and cells["percent"]:
            yield wrong("percent", "remaining work or percent, not both", "keep what was measured")
        if bool(cells["remaining"]) != bool(cells["unit"]):
            yield wrong("unit", "the unit of the remaining work, and only of it", "write wd or d")
        start, finish = _day(cells["start"]), _day(cells["finish"])
        if start and finish and finish < start:
            yield wrong("finish", f"not before its start, {start}")
    elif form.subject == "line":
        for name in ("currency", "vat"):
            if not cells[name]:
                yield wrong(name, "an amount names its currency and its VAT basis")
    elif form.subject == "quantity":
        numbers = [number_of(cells[name]) for name in ("low", "likely", "high")]
        if None in numbers or numbers != sorted(numbers):
            yield wrong("likely", "three numbers, low <= likely <= high")
        if not cells["reason"]:
            yield wrong("reason", "a changed estimate says why")
    elif form.subject != "dataset" and not cells["state"]:
        yield wrong("state", f"one of {form.fields['state'].replace('|', ', ')}")


def _kind_complaint(text: str, kind: str) -> tuple[str, str] | None:
    """Say what is allowed in a cell of a kind and how to mend it; None where nothing is wrong."""
    if kind == "text":
        return None
    if kind == "day":
        return None if _day(text) else ("a day of the calendar", _WRITE_DAY)
    if kind in ("number", "percent"):
        number = number_of(text)
        if number is None:
            return "a finite number", "write 1234.5: no unit, space or decimal comma"
        if number < 0:
            return "at least 0", ""
        return ("at most 100", "") if kind == "percent" and number > 100 else None
    words = kind.split("|")
    return None if text in words else (f"one of {', '.join(words)}", nearest(text, words))


def _clashes(facts: list[StatusFact]) -> Iterator[Fault]:
    """Ids used twice, and corrections of what is unknown, of another thing or of later facts."""
    known: dict[str, StatusFact] = {}
    for fact in facts:
        first = known.setdefault(fact.id, fact)
        if first is not fact:
            limit = f"already used in {first.file}, line {first.line}"
            yield Fault(fact.file, fact.line, "id", f"found {fact.id!r}", limit, "give it its own")
    for fact in facts:
        old, found = known.get(fact.corrects), f"found {fact.corrects[:60]!r}"
        if not fact.corrects:
            continue
        if old is None:
            fix = nearest(fact.corrects, known)
            yield Fault(fact.file, fact.line, "corrects", found, "the id of an earlier fact", fix)
        elif old is fact or old.date > fact.date:
            yield Fault(fact.file, fact.line, "corrects", found, "a fact that was known before")
        elif (old.kind, old.subject) != (fact.kind, fact.subject):
            limit = f"a fact about {fact.subject}; this one is about {old.subject}"
            yield Fault(fact.file, fact.line, "corrects", found, limit)


def _fact(row: _Row, kind: str, form: Form) -> StatusFact:
    file, line, cells = row
    reads = {"day": _day, "number": number_of, "percent": number_of}
    given = {
        name: reads.get(of, str)(cells[name]) for name, of in form.fields.items() if cells[name]
    }
    yes = cells["illustrative"] == "yes"
    return StatusFact(
        kind, cells["id"], _day(cells["date"]), cells[form.subject], given, cells["corrects"], yes,
        cells["source"], cells["note"], file, line,
    )  # fmt: skip


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:  # a month or a day that is in no calendar
        return None
