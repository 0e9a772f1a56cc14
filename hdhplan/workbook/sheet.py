"""A sheet that is being written: title, lines of text, real tables and their row of totals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hdhplan.wording.formats import pick
from hdhplan.workbook.book import HEAD, TEXTS, Book, finer
from hdhplan.workbook.cells import (
    FORMULA,
    As,
    Column,
    Expr,
    Place,
    Running,
    Sum,
    is_number,
    plain,
    unambiguous,
    worked_out,
    written,
)

_A4 = 9
#: Height of a line, and the most lines that a row shows; the text itself is whole. [pt]
_LINE_POINTS, _MOST_LINES = 15, 8
#: Bold letters leave a header less room. [1]
_HEAD_SHARE = 0.95


class Sheet:
    """One sheet: its title in A1, lines of text, and tables one below the other."""

    def __init__(self, book: Book, page: Any, title: str, *lines: str):
        self.book, self._page, self._row = book, page, 0
        page.set_landscape()
        page.set_paper(_A4)
        page.fit_to_pages(1, 0)
        page.set_margins(0.4, 0.4, 0.5, 0.6)
        page.set_footer(f"&L{page.get_name()}&R&P / &N")
        page.hide_gridlines(2)
        page.freeze_panes(1, 1)
        page.repeat_rows(0)
        page.write_string(0, 0, unambiguous(title), book.styled(bold=True, font_size=14))
        self._row = 1
        self.say(*lines)
        self._widths: dict[int, float] = {}
        self._headed = False

    def say(self, *lines: str) -> None:
        """Write lines of text, one a row."""
        for line in filter(None, lines):
            self._page.write_string(
                self._row,
                0,
                unambiguous(line),
                self.book.styled(font_color="#3A3A3A", quote_prefix=True),
            )
            self._row += 1

    def print_so_far(self) -> None:
        """Print what there is by now, and leave what follows to the screen."""
        self._page.print_area(0, 0, self._row - 1, max(self._widths, default=0))

    def head(self, text: str) -> None:
        """Write the heading of what follows."""
        self._page.write_string(self._row + 1, 0, text, self.book.styled(bold=True, font_size=12))
        self._row += 2
        self._headed = True

    def table(
        self, name: str, columns: Sequence[Column], rows: Sequence[Mapping[str, Any]],
        total: Mapping[str, Any] | None = None, frozen: int | None = None,
    ) -> None:  # fmt: skip
        """Write a table and the row of totals below it, or a word where there are no rows.

        Parameters
        ----------
        total
            What the row of totals holds by column.
        frozen
            How many columns stay in sight, and the header with them: of a sheet's only table.
        """
        if not rows:
            self.say(pick(self.book.lang, "Le plan n'en a pas.", "The plan has none."))
            return
        top = self._row + (not self._headed)
        self._headed = False
        self._header(name, top, columns, len(rows))
        values: dict[str, list[Any]] = {column.key: [] for column in columns}
        for at, row in enumerate(rows, top + 1):
            self._line(at, top + 1, columns, row, values, bold=False)
        if total is not None:
            self._line(top + len(rows) + 1, top + 1, columns, total, values, bold=True)
        self._row = top + len(rows) + 2 + (total is not None)
        if frozen is not None:
            self._page.freeze_panes(top + 1, frozen)
            self._page.repeat_rows(top)

    def _header(self, name: str, top: int, columns: Sequence[Column], count: int) -> None:
        style = self.book.styled(**HEAD)
        heads = [{"header": column.head, "header_format": style} for column in columns]
        options = {"name": name, "columns": heads, "style": "Table Style Light 1"}
        self._page.add_table(top, 0, top + count, len(columns) - 1, options)
        for i, column in enumerate(columns):
            self._widths[i] = max(self._widths.get(i, 0), column.width)
            self._page.set_column(i, i, self._widths[i])
        # Not every program makes room for wrapped text by itself.
        lines = max(
            _lines(column.head, self._widths[i], _HEAD_SHARE) for i, column in enumerate(columns)
        )
        self._page.set_row(top, _LINE_POINTS * lines + 2)

    def _line(
        self, at: int, first: int, columns: Sequence[Column], row: Mapping[str, Any],
        values: dict[str, list[Any]], bold: bool,
    ) -> None:  # fmt: skip
        """Write one row, formulas after the cells that they use."""
        letters = {column.key: _letters(i) for i, column in enumerate(columns)}
        lines = 1
        places: dict[str, Place] = {k: (f"{x}{at + 1}", None) for k, x in letters.items()}
        for column in sorted(columns, key=lambda column: _depth(column.key, row)):
            key, cell = column.key, _as(row.get(column.key))
            form, role, i = (
                cell.form or column.form,
                cell.role or column.role,
                columns.index(column),
            )
            item, formula = cell.value, ""
            if isinstance(item, (Running, Sum)):
                above = item.key if isinstance(item, Running) else key
                last = places[above][0] if isinstance(item, Running) else f"{letters[above]}{at}"
                formula = f"SUM({letters[above]}{first + 1}:{last})"
                numbers = [x for x in values[above] if is_number(x)]
                item = sum(numbers) if numbers else None
            elif isinstance(item, Expr):
                known = self.book.places | places
                formula, item = written(item, known), worked_out(item, known)
            value = plain(item, form, self.book.lang)
            self._put(at, i, value, form, role, formula if is_number(value) else "", bold)
            if form == "note" and isinstance(value, str):
                lines = max(lines, _lines(value, self._widths[i]))
            places[key] = places[key][0], value
            values[key].append(value)
            if cell.mark:
                self.book.places[cell.mark] = places[key]
            if cell.name:
                address = f"${letters[key]}${at + 1}"
                self.book.name(cell.name, self._page.get_name(), address, value)
        if lines > 1:
            self._page.set_row(at, _LINE_POINTS * min(lines, _MOST_LINES))

    def _put(
        self, at: int, i: int, value: Any, form: str, role: str, formula: str, bold: bool
    ) -> None:
        style = self.book.form(finer(form, value), FORMULA if formula else role, bold)
        if formula:
            self._page.write_formula(at, i, f"={formula}", style, value)
        elif is_number(value):
            self._page.write_number(at, i, value, style)
        elif value not in (None, ""):
            words = self.book.form(form if form in TEXTS else "word", role, bold)
            self._page.write_string(at, i, unambiguous(value), words)
        else:
            self._page.write_blank(at, i, None, style)


def _lines(text: str, width: float, share: float = 1.0) -> int:
    """How many lines a text takes in a column, words kept whole. [1]"""
    room, lines, used = max(width * share - 1, 1.0), 1, 0.0
    for word in text.split(" "):
        if used and used + 1 + len(word) > room:
            lines, used = lines + 1, 0.0
        used += len(word) + (used > 0)
        lines, used = lines + int(used / room - 1e-9), used % room if used > room else used
    return lines


def _as(item: Any) -> As:
    return item if isinstance(item, As) else As(item)


def _depth(key: str, row: Mapping[str, Any]) -> int:
    """How many formulas of a row come before one of its cells."""

    def below(item: Any) -> int:
        if isinstance(item, Expr):
            return 1 + max(below(item.left), below(item.right))
        if isinstance(item, Running):
            return 1 + below(item.key)
        return below(_as(row[item]).value) if isinstance(item, str) and item in row else 0

    item = _as(row.get(key)).value
    return below(item) if isinstance(item, (Expr, Running)) else 0


def _letters(column: int) -> str:
    from xlsxwriter.utility import xl_col_to_name

    return xl_col_to_name(column)
