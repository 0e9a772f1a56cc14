"""Numbers, dates and odds as people write them in French and English, no finer than known."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from datetime import date, timedelta

from hdhplan.units import DAYS_PER_YEAR

NBSP, NARROW, MINUS = "\u00a0", "\u202f", "\u2212"
LANGS = ("fr", "en")
#: Rounding steps of a date: day, week, month, quarter, year. [d]
DATE_STEPS = (1.5, 7.0, 31.0, 92.0, math.inf)
#: Rounding steps of an amount, never finer than a hundred thousand. [EUR]
MONEY_STEPS = (1e5, 5e5, 1e6, 5e6, 1e7, 1e8)
#: Fewer draws than this say nothing about odds: their error is above one chance in 20.
FEW_DRAWS = 100

MONTHS = {
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "en": "January February March April May June July August September October November December",
}
SHORT_MONTHS = {
    "fr": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
}
BASIS = {
    "fr": {"HT": "HT", "TTC": "TTC"},
    "en": {"HT": "excl. VAT", "TTC": "incl. VAT"},
}
#: From how many chances in 20 each word holds.
WORDS = (
    (0, "pratiquement exclu", "almost ruled out"),
    (1, "très improbable", "very unlikely"),
    (3, "improbable", "unlikely"),
    (7, "plutôt improbable", "rather unlikely"),
    (9, "une chance sur deux environ", "about even"),
    (12, "plutôt probable", "rather likely"),
    (14, "probable", "likely"),
    (18, "très probable", "very likely"),
    (20, "quasi certain", "almost certain"),
)


def pick(lang: str, fr: str, en: str) -> str:
    """The text in a language."""
    return en if lang == "en" else fr


def number(value: float, lang: str, digits: int = 0) -> str:
    """Write a number with the separators of a language and a true minus sign.

    Examples
    --------
    >>> number(-1234.56, "en", 1)
    '−1,234.6'
    """
    text = f"{value:,.{digits}f}"
    if lang == "fr":
        text = text.replace(",", NARROW).replace(".", ",")
    bare = text.lstrip("-")
    return bare if not any(c in "123456789" for c in bare) else text.replace("-", MINUS)


def signed(value: float, lang: str, digits: int = 0) -> str:
    """A number with its sign, where it shows any.

    Examples
    --------
    >>> signed(12, "en"), signed(-0.04, "en", 1), signed(float("inf"), "en")
    ('+12', '0.0', 'not computable')
    """
    if not math.isfinite(value):
        return pick(lang, "non chiffrable", "not computable")
    text = number(value, lang, digits)
    return f"+{text}" if value > 0 and any(c in "123456789" for c in text) else text


def supported(value: float, error: float, steps: Sequence[float] = MONEY_STEPS) -> float:
    """Round a value to the smallest step that is at least its standard error."""
    if not math.isfinite(value):
        return value
    step = step_of(error, steps)
    return round(value / step) * step


def step_of(error: float, steps: Sequence[float]) -> float:
    """Smallest rounding step that is at least a standard error; the last if none is."""
    return next((s for s in steps if s >= error), steps[-1])


def amount(eur: float, lang: str, digits: int = 1) -> str:
    """An amount of money without its basis: millions, thousands if it is small. [EUR]"""
    if not math.isfinite(eur):
        return pick(lang, "non chiffrable", "not computable")
    size = abs(eur)
    if size >= 999.95e6:
        scaled, fr, en, digits = eur / 1e9, "Md€", "bn", 1
    elif size >= 99.5e3 or eur == 0:
        scaled, fr, en = eur / 1e6, "M€", "M"
    else:
        scaled, fr, en, digits = eur / 1e3, "k€", "k", 0
    text = number(scaled, lang, digits)
    if lang == "fr":
        return f"{text}{NBSP}{fr}"
    return f"{MINUS}€{text[1:]}{en}" if text.startswith(MINUS) else f"€{text}{en}"


def meur(eur: float, lang: str, vat: str | None = None, error: float = 0.0) -> str:
    """An amount with its VAT basis, no finer than its error supports. [EUR]

    Examples
    --------
    >>> meur(20_430_000, "en", "HT").replace(NBSP, " ")
    '€20.4M excl. VAT'
    """
    step = step_of(error, MONEY_STEPS)
    if abs(eur) >= MONEY_STEPS[0] or step > MONEY_STEPS[0]:
        eur = supported(eur, error)
    text = amount(eur, lang, 1 if step < MONEY_STEPS[2] else 0)
    basis = BASIS[lang].get(vat or "", "") if math.isfinite(eur) else ""
    return f"{text} {basis}".replace(" ", NBSP) if basis else text


def money_unit(lang: str, vat: str | None) -> str:
    """Unit of a money axis, with its basis."""
    return f"{pick(lang, 'M€', '€M')} {BASIS[lang].get(vat or '', '')}".strip()


def date_long(day: date | None, lang: str) -> str:
    """1er décembre 2026, 1 December 2026; never."""
    if day is None:
        return pick(lang, "jamais", "never")
    first = "1er" if lang == "fr" and day.day == 1 else str(day.day)
    return f"{first}{NBSP}{month_year(day, lang)}"


def date_short(day: date | None, lang: str) -> str:
    """27/11/2026, 27 Nov 2026; never."""
    if day is None:
        return pick(lang, "jamais", "never")
    if lang == "fr":
        return f"{day:%d/%m/%Y}"
    return f"{day.day}{NBSP}{SHORT_MONTHS['en'].split()[day.month - 1]}{NBSP}{day.year}"


def month_year(day: date, lang: str, short: bool = False) -> str:
    """Décembre 2026 in small letters, December 2026; janv. 2027 and Jan 2027 if short."""
    names = (SHORT_MONTHS if short else MONTHS)[lang].split()
    return f"{names[day.month - 1]}{NBSP}{day.year}"


def date_known(day: date | None, error: float, lang: str) -> str:
    """A date to the day, week, month, quarter or year that its standard error supports. [d]"""
    step = step_of(error, DATE_STEPS)
    if day is None or step == DATE_STEPS[0]:
        return date_long(day, lang)
    if step == DATE_STEPS[1]:
        monday = date_long(day - timedelta(days=day.weekday()), lang)
        return pick(lang, f"semaine du {monday}", f"week of {monday}")
    if step == DATE_STEPS[2]:
        return month_year(day, lang)
    quarter = (day.month + 2) // 3
    if step == DATE_STEPS[3]:
        return pick(lang, f"T{quarter}{NBSP}{day.year}", f"Q{quarter}{NBSP}{day.year}")
    return str(day.year)


def days(count: float, lang: str, unit: str = "d") -> str:
    """12 j, 12 j ouvrés; 12 d, 12 working days."""
    if not math.isfinite(count):
        return pick(lang, "sans fin", "endless")
    names = {"fr": {"d": "j", "wd": f"j{NBSP}ouvrés"}, "en": {"d": "d", "wd": "working days"}}
    return f"{number(count, lang)}{NBSP}{names[lang][unit]}"


def plural(count: int, lang: str, fr: str, en: str, fr_many: str = "", en_many: str = "") -> str:
    """A count and its noun: French is singular below 2, English at 1."""
    if lang == "fr":
        noun = fr if abs(count) < 2 else fr_many or f"{fr}s"
    else:
        noun = en if abs(count) == 1 else en_many or f"{en}s"
    return f"{number(count, lang)}{NBSP}{noun}"


def span(length: float, error: float, lang: str) -> str:
    """A length of time, its sign left out, in days, weeks or months as its error supports. [d]"""
    length = abs(length)
    if error <= DATE_STEPS[0] or length < DATE_STEPS[1]:
        return plural(round(length), lang, "jour", "day")
    if error <= DATE_STEPS[1] or length < DATE_STEPS[2]:
        return plural(round(length / 7), lang, "semaine", "week")
    return plural(round(length / (DAYS_PER_YEAR / 12)), lang, "mois", "month", "mois")


def move_of(value: float, unit: str, lang: str, error: float = 0.0) -> str:
    """A move with its sign, in ``days``, ``eur`` (as millions) or ``chances``, no finer than known.

    Digits below its standard error are left out, but for the first that is not nothing.

    Examples
    --------
    >>> move_of(-7.94, "days", "en").replace(NBSP, " "), move_of(14, "days", "fr").replace(NBSP, " ")
    ('−7.9 d', '+14 j')
    >>> move_of(-7.94, "days", "en", 0.4).replace(NBSP, " "), move_of(0.42, "days", "en", 0.2)[:4]
    ('−8 d', '+0.4')
    """
    size, scaled = abs(value), value / 1e6 if unit == "eur" else value
    digits = {"eur": 2, "chances": 0 if size >= 0.95 else 1}.get(
        unit, 1 if 0.05 <= size < 10 else 0
    )
    scaled_error = error / 1e6 if unit == "eur" else error
    while digits and 10.0**-digits < scaled_error and abs(scaled) >= 0.5 * 10.0 ** (1 - digits):
        digits -= 1
    text = signed(scaled, lang, digits)
    sign, text = (text[0], text[1:]) if text[0] in f"+{MINUS}" else ("", text)
    if unit == "eur" and lang == "en":
        return f"{sign}€{text}M"
    fr, en = {"days": ("j", "d"), "eur": ("M€", "")}.get(unit, ("chances", "chances"))
    if unit == "chances":
        fr, en = "chance" if round(size, digits) < 2 else fr, "chance" if text == "1" else en
    return f"{sign}{text}{NBSP}{pick(lang, fr, en)}"


def volume(pb: float, lang: str) -> str:
    """10,4 Po, 450 To; 10.4 PB, 450 TB. [PB]"""
    if not math.isfinite(pb):
        return pick(lang, "sans fin", "endless")
    if abs(pb) >= 0.9995:
        return f"{number(pb, lang, 1)}{NBSP}{pick(lang, 'Po', 'PB')}"
    return f"{number(pb * 1000, lang)}{NBSP}{pick(lang, 'To', 'TB')}"


def rate(gbps: float, lang: str) -> str:
    """10 Gbit/s, in both languages."""
    return f"{number(gbps, lang, 0 if gbps == round(gbps) else 1)}{NBSP}Gbit/s"


def percent(share: float, lang: str, digits: int = 0) -> str:
    """80 % with a hard space, 80%."""
    return f"{number(share * 100, lang, digits)}{NBSP if lang == 'fr' else ''}%"


def share(part: float, lang: str) -> str:
    """A share to the percent; what is neither nothing nor all is not rounded to it.

    Examples
    --------
    >>> share(0.9996, "en"), share(0.5, "en"), share(0.0, "en")
    ('over 99%', '50%', '0%')
    """
    if 0 < part < 0.005:
        return pick(lang, "moins de ", "under ") + percent(0.01, lang)
    if 0.995 <= part < 1:
        return pick(lang, "plus de ", "over ") + percent(0.99, lang)
    return percent(part, lang)


def twentieths(p: float) -> int:
    """Chances in 20, rounded to the nearest, half up."""
    return math.floor(20 * p + 0.5 + 1e-9)


def out_of_20(
    p: float, lang: str, fr: str = "chance", en: str = "chance", fr_many: str = ""
) -> str:
    """14 chances sur 20, 14 chances in 20; both ends have their own wording.

    Examples
    --------
    >>> out_of_20(0.01, "en").replace(NBSP, " ")
    'less than 1 chance in 20'
    """
    n = twentieths(p)
    count = plural({0: 1, 20: 19}.get(n, n), lang, fr, en, fr_many)
    ends = {"fr": {0: "moins de ", 20: "plus de "}, "en": {0: "less than ", 20: "more than "}}
    return f"{ends[lang].get(n, '')}{count}{NBSP}{pick(lang, 'sur', 'in')}{NBSP}20"


def twenty(p: float) -> str:
    """Chances in 20 as a bare number, both ends left open.

    Examples
    --------
    >>> twenty(0.7), twenty(0.999).replace(NBSP, " ")
    ('14', '> 19')
    """
    n = twentieths(p)
    return {0: f"<{NBSP}1", 20: f">{NBSP}19"}.get(n, str(n))


def twenties(parts: Sequence[float]) -> list[int]:
    """Chances in 20 of parts of a whole, which add up to 20: the first as it is said alone.

    The others are rounded by largest remainder.

    Examples
    --------
    >>> twenties([0.875, 0.045, 0.04, 0.04])
    [18, 1, 1, 0]
    """
    first, *others = parts
    said = twentieths(first)
    found = [math.floor(20 * part) for part in others]
    short = 20 - said - sum(found)
    for i in sorted(range(len(others)), key=lambda i: found[i] - 20 * others[i])[:short]:
        found[i] += 1
    return [said, *found]


def part_of_20(count: int, part: float) -> str:
    """A count of `twenties`: all is left open, as when said alone; nothing is said where it is so.

    Examples
    --------
    >>> part_of_20(0, 0.0), part_of_20(0, 0.01).replace(NBSP, " "), part_of_20(3, 0.15)
    ('0', '< 1', '3')
    """
    if count == 0 and part > 0:
        return f"<{NBSP}1"
    return f">{NBSP}19" if count == 20 else str(count)


def odds_word(p: float, lang: str) -> str:
    """The word of a probability."""
    found = [row for row in WORDS if row[0] <= twentieths(p)][-1]
    return pick(lang, found[1], found[2])


def chances(p: float | None, lang: str) -> str:
    """A probability as a word and its number: probable (14 chances sur 20)."""
    if p is None:
        return pick(lang, "sans objet", "not applicable")
    return f"{odds_word(p, lang)} ({out_of_20(p, lang)})"


def terminal(text: object) -> str:
    """Neutralise what could move a cursor or turn text around: Unicode Cc, Cf, Cs, Zl, Zp."""
    spaces = {"Cc": " ", "Zl": " ", "Zp": " ", "Cf": "", "Cs": "\ufffd"}
    return "".join(spaces.get(unicodedata.category(c), c) for c in str(text))


def label(text: object, limit: int = 60) -> str:
    """A name from data as one short line."""
    line = " ".join(terminal(text).split(" ")).strip()
    line = " ".join(part for part in line.split(" ") if part)
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"
