"""Status files, a folder an ISO week, read strictly: everything that is wrong at once."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hdhplan.errors import Fault, InputError, nearest
from hdhplan.facts import data_folder, number_of
from hdhplan.status import BETWEEN_LANGUAGES, FORMS, Form, Status, StatusFact, monday
from hdhplan.tables import cells_fault, read_rows, torn_fault

#: Columns of every file before and after its own.
BEFORE, AFTER = ("id", "date"), ("corrects", "illustrative", "source", "note")
#: The folder of made-up weeks, which may lie beside the real ones.
SHIPPED = "example"
#: Endings of what somebody may have filled in instead of a form.
_SHEETS = (".csv", ".tsv", ".xls", ".xlsx", ".ods")
_WEEK = re.compile(r"[0-9]{4}-W[0-9]{2}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SLUG = re.compile(r"[a-z0-9_-]+")
_WRITE_DAY = "write YYYY-MM-DD"
_Row = tuple[str, int, dict[str, str]]  # file, line, cells by column


def columns(form: Form) -> tuple[str, ...]:
    """Columns of a file, in order."""
    return (*BEFORE, form.subject, *form.fields, *AFTER)


def status_folder(name: str) -> Path:
    """Find a folder of weeks by its path, or by its name below ``data/status``.

    Raises
    ------
    InputError
        If there is none.
    """
    own = data_folder() / "status"
    for folder in (Path(name), own / name):
        if name and folder.is_dir():
            return folder
    known = sorted(path.name for path in own.iterdir() if path.is_dir())
    raise InputError(
        Fault(name, None, "status", "there is no such folder", "", nearest(name, known))
    )


def read_status(folder: Path, until: dt.date | None = None) -> Status:
    """Read every week of a folder, or those that had begun by a day: later ones are not looked at.

    Raises
    ------
    InputError
        With all that is wrong in the form of all files: names, cells, ids, corrections.
    """
    status, faults = read_weeks(folder, until)
    if faults:
        raise InputError(faults)
    return status


def read_weeks(folder: Path, until: dt.date | None = None) -> tuple[Status, list[Fault]]:
    """Read every week of a folder: the facts that are well formed, and what is wrong with the others."""
    if not folder.is_dir():
        fault = Fault(str(folder), None, "", "there is no such folder", "a folder of weeks")
        return Status(str(folder), ()), [fault]
    found = _Found([], [], {}, set(), set())
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name == SHIPPED:
            continue
        if path.is_dir() and (fault := week_fault(str(path), path.name)):
            found.faults.append(fault)
            found.whole &= not any(path.iterdir())
        elif path.is_dir() and (until is None or monday(path.name) <= until):
            _read_week(path, found)
        elif path.suffix.lower() in _SHEETS:
            limit = "a file of a week lies in its folder, such as 2026-W47"
            found.faults.append(Fault(str(path), None, "", "a file outside the weeks", limit))
    faults = found.faults
    if not any(map(is_week, (path.name for path in folder.iterdir()))) and not faults:
        faults.append(Fault(str(folder), None, "", "no weeks found", "folders such as 2026-W47"))
    faults += _clashes(found.facts, found.refused_ids)
    # The first step of a dotted name is what other files call it by.
    heads = {name.partition(".")[0] for name in found.refused}
    status = Status(str(folder), tuple(found.facts), found.files, frozenset(heads), found.whole)
    return status, sorted(dict.fromkeys(faults), key=lambda fault: (fault.file, fault.line or 0))


@dataclass
class _Found:
    """What the files held so far; subject and id of refused rows."""

    facts: list[StatusFact]
    faults: list[Fault]
    files: dict[str, tuple[str, ...]]
    refused: set[str]
    refused_ids: set[str]
    whole: bool = True


def _read_week(week: Path, found: _Found) -> None:
    """Read the files of a week; whatever looks like a sheet and is none of them is refused."""
    paths = sorted(path for path in week.iterdir() if path.suffix.lower() in _SHEETS)
    paths = [path for path in paths if not path.name.startswith((".", "~$"))]
    known = [path for path in paths if path.suffix == ".csv" and path.stem in FORMS]
    found.files[week.name] = tuple(path.stem for path in known)
    for path in paths:
        if path in known:
            found.facts += _facts_of(path, path.stem, found)
        else:
            limit = f"one of {', '.join(f'{name}.csv' for name in FORMS)}"
            fix = "save it as .csv" if path.suffix != ".csv" else nearest(path.stem, FORMS)
            found.faults.append(Fault(str(path), None, "", "unknown file", limit, fix))


def is_week(text: str) -> bool:
    """Whether an ISO week is in the calendar: W53 is not of every year."""
    try:
        return bool(_WEEK.fullmatch(text)) and bool(monday(text))
    except ValueError:
        return False


def week_fault(file: str, name: str) -> Fault | None:
    """What is wrong with the name of an ISO week, as W53 of a year that has 52; None if nothing is."""
    if is_week(name):
        return None
    limit = "an ISO week such as 2026-W47"
    if _WEEK.fullmatch(name):
        year = int(name[:4])
        last = dt.date(year, 12, 28).isocalendar().week if year else 52
        limit = f"{name[:4]} has the weeks W01 to W{last}"
    return Fault(file, None, "", f"{name[:40]!r} is no week", limit, "give it the name of a week")


def _facts_of(path: Path, kind: str, found: _Found) -> Iterator[StatusFact]:
    """Yield the facts of one file that are well formed; note what is wrong with the others."""
    form, faults = FORMS[kind], []
    expected = columns(form)
    rows = list(read_rows(path, faults))
    header = _header_fault(path, rows[0][1], expected) if rows else None
    if not rows and not faults:
        header = Fault(str(path), None, "", "nothing in it", f"the columns {','.join(expected)}")
    found.faults += [*faults, *([header] if header else [])]
    found.whole &= not (faults or header)
    for line, cells in rows[1:] if header is None else ():
        if not any(cells):
            continue
        if len(cells) != len(expected):
            torn = len(cells) < len(expected) and line == rows[-1][0] and _torn(path)
            wrong = [torn_fault(path, line, cells, len(expected))] if torn else [
                cells_fault(path, line, cells, len(expected))
            ]  # fmt: skip
        else:
            row = (str(path), line, dict(zip(expected, cells, strict=True)))
            wrong = [*_complaints(row, form, path.parent.name)]
            if not wrong:
                yield _fact(row, kind, form)
                continue
        found.faults += wrong
        named = dict(zip(expected, cells, strict=False))
        found.refused.add(named.get(form.subject, ""))
        found.refused_ids.add(named["id"])


def _torn(path: Path) -> bool:
    """Whether a file ends in the middle of a line."""
    return not path.read_bytes().endswith((b"\n", b"\r"))


def _header_fault(path: Path, cells: list[str], expected: tuple[str, ...]) -> Fault | None:
    if tuple(cells) == expected:
        return None
    limit = f"the columns {','.join(expected)}, each once, in this order"
    for sign, name in ((";", "semicolons"), ("\t", "tabulators")):
        if sign in "".join(cells[:1]):
            fix = "save it with commas and decimal points: in Excel, CSV UTF-8 of an English region"
            return Fault(str(path), 1, "", f"cells parted by {name}", limit, fix)
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

    if form.among and cells[form.subject] and cells[form.subject] not in form.among:
        yield wrong(
            form.subject,
            f"one of {', '.join(form.among)}",
            nearest(cells[form.subject], form.among),
        )
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
            limit = "a fact says what it is about and who says so"
            yield wrong(name, limit, "fill it or delete the row")
    for name, kind in form.fields.items():
        if cells[name] and (limit_fix := _kind_complaint(cells[name], kind)):
            yield wrong(name, *limit_fix)
        elif day and kind == "day" and (actual := _day(cells[name])) and actual > day:
            yield wrong(name, f"not after {day}, when it was known", "an actual is in the past")
        elif day and kind == "future day" and (later := _day(cells[name])) and later < day:
            yield wrong(name, f"not before {day}, when it was known", "it lies ahead")
        elif day and kind == "week" and cells[name] and monday(cells[name]) > day:
            yield wrong(name, f"not after {day}, when it was known", "name a week that has been")
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
        if not (cells["committed_eur"] or cells["paid_eur"]):
            yield wrong("paid_eur", "what was committed or paid", "fill it or delete the row")
    elif form.subject == "quantity":
        numbers = [number_of(cells[name]) for name in ("low", "likely", "high")]
        if None in numbers or numbers != sorted(numbers):
            yield wrong("likely", "three numbers, low <= likely <= high")
        if not cells["reason"]:
            yield wrong("reason", "a changed estimate says why")
    elif form.subject == "row":
        for name in ("colour", "reason", "by"):
            if not cells[name]:
                yield wrong(name, "who overrides a computed status says colour, reason and name")
    elif form.subject == "reference":
        for name in ("week", "approved_by", "reason"):
            if not cells[name]:
                yield wrong(name, "a reference says its week, who approved it and why")
    elif form.subject != "dataset" and not cells["state"]:
        yield wrong("state", f"one of {form.fields['state'].replace('|', ', ')}")


def _kind_complaint(text: str, kind: str) -> tuple[str, str] | None:
    """Say what is allowed in a cell of a kind and how to mend it; None where nothing is wrong."""
    if kind == "text":
        parts = text.split(BETWEEN_LANGUAGES)
        whole = len(parts) == 1 or (len(parts) == 2 and all(part.strip() for part in parts))
        return None if whole else ("one text, or two", "write: French || English")
    if kind in ("day", "future day"):
        return None if _day(text) else ("a day of the calendar", _WRITE_DAY)
    if kind == "week":
        return None if is_week(text) else ("an ISO week of the calendar", "write 2026-W47")
    if kind in ("number", "percent"):
        number = number_of(text)
        if number is None:
            return "a finite number", "write 1234.5: no unit, space or decimal comma"
        if number < 0:
            return "at least 0", ""
        return ("at most 100", "") if kind == "percent" and number > 100 else None
    words = kind.split("|")
    return None if text in words else (f"one of {', '.join(words)}", nearest(text, words))


def _clashes(facts: list[StatusFact], refused: set[str]) -> Iterator[Fault]:
    """Ids used twice, and corrections of what is unknown, of another thing or of later facts."""
    known: dict[str, StatusFact] = {}
    for fact in facts:
        first = known.setdefault(fact.id, fact)
        if first is not fact:
            limit = f"already used in {first.file}, line {first.line}"
            yield Fault(fact.file, fact.line, "id", f"found {fact.id!r}", limit, "give it its own")
    for fact in facts:
        old, found = known.get(fact.corrects), f"found {fact.corrects[:60]!r}"
        if not fact.corrects or fact.corrects in refused:
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
    reads = {"day": _day, "future day": _day, "number": number_of, "percent": number_of}
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
