"""CSV files as rows that remember their lines, read strictly."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from hdhplan.errors import Fault, InputError, nearest

MAX_BYTES = 5_000_000
_ID = re.compile(r"[A-Za-z0-9_-]+")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def read_rows(path: Path, faults: list[Fault]) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a file with their first line, the header too; note what is wrong with its form."""
    line = 1
    try:
        reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
        for cells in reader:
            first, line = line, reader.line_num + 1
            yield first, [cell.strip() for cell in cells]
    except csv.Error as error:
        faults.append(Fault(str(path), line, "", str(error), "a CSV file", "close the quotes"))
    except OSError as error:
        faults.append(Fault(str(path), None, "", error.strerror or "cannot be read"))
    except InputError as error:
        faults.extend(error.faults)


def _text(path: Path) -> str:
    """Decode a file, or say which line cannot be."""
    if path.stat().st_size > MAX_BYTES:
        found = f"{path.stat().st_size:,} bytes"
        raise InputError(Fault(str(path), None, "", found, f"at most {MAX_BYTES:,}", "split it"))
    raw = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    try:
        text, bad = raw.decode("utf-8"), raw.find(b"\0")
    except UnicodeDecodeError as error:
        text, bad = "", error.start
    if bad >= 0:
        found, line = "bytes that are not text in UTF-8", raw.count(b"\n", 0, bad) + 1
        raise InputError(Fault(str(path), line, "", found, "no NUL byte", "save it as UTF-8"))
    return text


def cells_fault(path: Path, line: int, cells: list[str], columns: int) -> Fault:
    """Say that a row has not as many cells as there are columns."""
    found, limit = f"{len(cells)} cells", f"{columns} columns"
    fix = "give every column a cell" if len(cells) < columns else "quote a cell that holds a comma"
    return Fault(str(path), line, "", found, limit, fix)


def torn_fault(path: Path, line: int, cells: list[str], columns: int) -> Fault:
    """Say that a file ends in the middle of its last line."""
    found, limit = f"the last line is torn: {len(cells)} cells", f"{columns} columns"
    return Fault(str(path), line, "", found, limit, "copy the whole file again")


def read_things(path: Path, group: str, columns: tuple[str, ...]) -> tuple[dict, dict]:
    """Read a table of things with ids, a row each; a column ``name.fr`` is the step of a path.

    Returns
    -------
    values, marks
        Fields by id, empty cells left out, and the file and line of each below ``group``.

    Raises
    ------
    InputError
        With everything that is wrong: columns, cells, ids.
    """
    faults: list[Fault] = []
    values: dict[str, dict] = {}
    marks: dict[tuple[str, ...], tuple[str, int | None]] = {(group,): (str(path), None)}
    header: list[str] = []
    for line, cells in read_rows(path, faults):
        if not header:
            header = cells
            faults += _header_faults(path, header, columns)
        elif len(cells) != len(header) and any(cells):
            faults.append(cells_fault(path, line, cells, len(header)))
        elif any(cells) and not faults:
            row = dict(zip(header, cells, strict=True))
            name = row.pop("id")
            faults += _id_faults(path, line, name, values)
            values[name] = _nested(row)
            marks[group, name] = (str(path), line)
            for column, cell in row.items():
                if odd := _CONTROL.search(cell):
                    found = f"control character U+{ord(odd[0]):04X}"
                    where = f"{group}.{name}.{column}"
                    faults.append(Fault(str(path), line, where, found, "", "delete it"))
    if not header and not faults:
        faults.append(Fault(str(path), None, "", "nothing in it", f"columns {','.join(columns)}"))
    if faults:
        raise InputError(faults)
    return values, marks


def _header_faults(path: Path, header: list[str], columns: tuple[str, ...]) -> Iterator[Fault]:
    for name in header:
        if name.partition(".")[0] not in columns or header.count(name) > 1:
            twice = "twice" if header.count(name) > 1 else "unknown"
            found = f"column {name[:60]!r} {twice}"
            yield Fault(str(path), 1, "", found, "", nearest(name, columns))
    if "id" not in header:
        yield Fault(str(path), 1, "", "no column id", "each thing has an id", "add it")


def _id_faults(path: Path, line: int, name: str, known: dict) -> Iterator[Fault]:
    if not _ID.fullmatch(name):
        yield Fault(str(path), line, "id", f"id {name[:60]!r}", "letters, digits, - and _")
    elif name in known:
        yield Fault(
            str(path), line, "id", f"id {name!r} twice", "an id names one thing", "rename it"
        )


def _nested(row: dict[str, str]) -> dict:
    """Fields of a row, those of one head together: ``name.fr`` and ``name.en`` are a name."""
    found: dict = {}
    for column, cell in row.items():
        head, _, rest = column.partition(".")
        if cell and rest:
            found.setdefault(head, {})[rest] = cell
        elif cell:
            found[head] = cell
    return found
