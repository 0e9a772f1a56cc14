"""A workbook that is being written: sheets of real tables, formulas with their values, names."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from hdhplan.forecast import Forecast
from hdhplan.wording.formats import BASIS, pick
from hdhplan.workbook.cells import (
    FORMULA,
    INPUT,
    MODEL,
    PLAIN,
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

#: Nothing that comes from data becomes a formula, a link or a number.
_SAFE = {
    "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
    "strings_to_numbers": False,
}  # fmt: skip
#: Below this the amounts are written in thousands. [EUR]
_SMALL_EUR = 2e6
#: Standard error of odds below which their decimal means something. [1]
_SURE = 0.001
_A4 = 9
#: Height of a line, and the most lines that a row shows; the text itself is whole. [pt]
_LINE_POINTS, _MOST_LINES = 15, 8
#: Bold letters, and a filter's button, leave a header less room. [1]
_HEAD_SHARE = 0.95
_COLOURS = {INPUT: "#1F4E9E", MODEL: "#595959", FORMULA: "#000000", PLAIN: "#000000"}
_HEAD = {
    "bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E3E3FD", "border": 1,
    "border_color": "#929292", "font_color": "#161616",
}  # fmt: skip
_TEXTS = ("text", "note", "code")
_IN_20 = {
    "fr": '[<0.5]"< 1 sur 20";[>=19.5]"> 19 sur 20";0" sur 20"',
    "en": '[<0.5]"< 1 in 20";[>=19.5]"> 19 in 20";0" in 20"',
}


class Book:
    """A workbook of one language; amounts are in one unit and on one VAT basis throughout."""

    def __init__(self, forecast: Forecast, lang: str, created: date):
        import xlsxwriter  # only who writes a workbook pays for it

        self._bytes = io.BytesIO()
        self._book = xlsxwriter.Workbook(self._bytes, _SAFE)
        # The same inputs give the same bytes: the clock is not asked.
        self._book.set_properties({
            "title": f"hdhplan: {forecast.plan.name}",
            "created": datetime.combine(created, time()),
        })  # fmt: skip
        self._formats: dict[tuple, Any] = {}
        self._forms = _forms(forecast, lang)
        self.lang, self.places = lang, {}
        self.names: dict[str, str] = {}
        self.scale, unit = _money_scale(forecast)
        self.vat = forecast.plan.target.vat if forecast.plan.target else None
        self.currency = pick(lang, f"{unit}€", f"€{unit}")
        self.money = self.unit_of(self.vat)

    def unit_of(self, vat: str | None) -> str:
        """Unit of an amount with its VAT basis, as a header says it."""
        unstated = pick(self.lang, "TVA non précisée", "VAT not stated")
        return f"{self.currency} {BASIS[self.lang].get(vat or '', unstated)}"

    def sheets(self, names: Sequence[str]) -> list[Any]:
        """Add all sheets, in their order."""
        return [self._book.add_worksheet(name) for name in names]

    def form(self, form: str, role: str, bold: bool = False) -> Any:
        """The format of a cell: made once."""
        key = form, role, bold
        if key not in self._formats:
            self._formats[key] = self._book.add_format({
                "font_color": _COLOURS[role], "italic": role == INPUT, "bold": bold,
                "valign": "top", "num_format": self._forms.get(form, "General"),
                "text_wrap": form == "note", "quote_prefix": form in (*_TEXTS, "word"),
                **({"align": "left", "indent": 1} if form in _TEXTS else {}),
                **({"align": "right"} if form == "word" else {}),
                **({"top": 1} if bold else {}),
            })  # fmt: skip
        return self._formats[key]

    def styled(self, **style: Any) -> Any:
        """A format by its properties: made once."""
        key = tuple(sorted(style.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format(style)
        return self._formats[key]

    def name(self, name: str, sheet: str, address: str, value: Any) -> None:
        """Name a cell for formulas of this workbook and of others."""
        where = f"'{sheet}'!{address}"
        self._book.define_name(name, f"={where}")
        self.places[name], self.names[name] = (name, value), where

    def bytes(self) -> bytes:
        """The finished workbook."""
        self._book.close()
        return self._bytes.getvalue()


def _money_scale(forecast: Forecast) -> tuple[float, str]:
    """Millions, or thousands where all is small."""
    known = [forecast.plan.envelope_eur or 0.0, forecast.quantile("cost_eur", 0.8)]
    return (1e3, "k") if max(known) < _SMALL_EUR else (1e6, "M")


def _forms(forecast: Forecast, lang: str) -> dict[str, str]:
    """Number formats; no decimal where chance alone would move it."""
    small = _money_scale(forecast)[1] == "k"
    sure = 0.5 / forecast.draws**0.5 <= _SURE
    return {
        "date": pick(lang, "dd/mm/yyyy", "d mmm yyyy"),
        "days": "#,##0.0",
        "whole": "#,##0",
        "money": "#,##0" if small else "#,##0.00",
        "error": "#,##0.0" if small else "#,##0.000",
        "share": "0.0%" if sure else "0%",
        "share_error": "0.0%",
        "twenty": _IN_20[lang],
        "year": "0",
        "number": "#,##0",
        "number1": "#,##0.0",
        "number2": "0.00",
        "gain": "+0.0;-0.0;0.0",
        "any": "General",
    }


#: From here on digits are grouped.
_GROUPED = 1_000


def _finer(form: str, value: Any) -> str:
    """A plain number with the decimals that its size asks for."""
    if form == "any" and is_number(value) and value >= _GROUPED and value == round(value):
        return "whole"
    if form != "number" or not is_number(value) or abs(value) >= 100 or value == round(value):
        return form
    return "number1" if abs(value) >= 10 else "number2"


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
        style = self.book.styled(**_HEAD)
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
        style = self.book.form(_finer(form, value), FORMULA if formula else role, bold)
        if formula:
            self._page.write_formula(at, i, f"={formula}", style, value)
        elif is_number(value):
            self._page.write_number(at, i, value, style)
        elif value not in (None, ""):
            words = self.book.form(form if form in _TEXTS else "word", role, bold)
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
