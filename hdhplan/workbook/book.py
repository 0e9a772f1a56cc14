"""A workbook that is being written: its sheets, formats, unit of amounts, and names of cells."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from hdhplan.forecast import Forecast
from hdhplan.wording.formats import BASIS, pick
from hdhplan.workbook.cells import FORMULA, INPUT, MODEL, PLAIN, Place, is_number

#: Nothing that comes from data becomes a formula, a link or a number.
_SAFE = {
    "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
    "strings_to_numbers": False,
}  # fmt: skip
#: Below this the amounts are written in thousands. [EUR]
_SMALL_EUR = 2e6
#: Standard error of odds below which their decimal means something. [1]
_SURE = 0.001
_COLOURS = {INPUT: "#1F4E9E", MODEL: "#595959", FORMULA: "#000000", PLAIN: "#000000"}
HEAD = {
    "bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E3E3FD", "border": 1,
    "border_color": "#929292", "font_color": "#161616",
}  # fmt: skip
TEXTS = ("text", "note", "code")
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
        self.lang = lang
        self.places: dict[str, Place] = {}
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
                "text_wrap": form == "note", "quote_prefix": form in (*TEXTS, "word"),
                **({"align": "left", "indent": 1} if form in TEXTS else {}),
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


def finer(form: str, value: Any) -> str:
    """A plain number with the decimals that its size asks for."""
    if form == "any" and is_number(value) and value >= _GROUPED and value == round(value):
        return "whole"
    if form != "number" or not is_number(value) or abs(value) >= 100 or value == round(value):
        return form
    return "number1" if abs(value) >= 10 else "number2"
