"""Quantities of a plan: a range with its unit and its provenance, and the ways to write one."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
)
from pydantic_core import PydanticCustomError

from hdhplan.errors import nearest
from hdhplan.uncertainty import Law

GRADES = ("A", "B", "C", "D")
LAWS = ("pert", "triangular", "uniform", "lognormal", "fixed", "choice")
#: Draws that a sum adds up, and projects of a wave, at most.
MOST_COUNT = 10_000
#: Letters of the longest amount or dependency.
MOST_LETTERS = 200
_NUMBER = r"[-+]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_AMOUNT = re.compile(rf"({_NUMBER}(?:\s*/\s*{_NUMBER}){{0,2}})\s*([A-Za-z€/·._%]*)\s*\Z")


def refuse(found: str, limit: str = "", fix: str = "") -> PydanticCustomError:
    """Build the error that a validator raises: what was found, the limit and the fix."""
    return PydanticCustomError("refused", "{found}", {"found": found, "limit": limit, "fix": fix})


class Strict(BaseModel):
    """Immutable; a misspelt key is an error; the string under a field describes it (see `schema`)."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        populate_by_name=True,
        allow_inf_nan=False,
    )


def _text(value: Any) -> Any:
    return {"fr": value, "en": value} if isinstance(value, str) else value


class Bilingual(Strict):
    """A text in both languages; a plain string serves for both."""

    fr: str
    en: str

    def in_(self, lang: str) -> str:
        """The text in a language."""
        return self.en if lang == "en" else self.fr


Text = Annotated[Bilingual, BeforeValidator(_text, json_schema_input_type=Bilingual | str)]


class Range(Strict):
    """An uncertain quantity: a law, its unit, and where it comes from."""

    low: float
    likely: float
    high: float
    unit: str = ""
    law: Literal["pert", "triangular", "uniform", "lognormal", "fixed", "choice"] = "pert"
    source: str = ""
    """Document, page, date; or taken from `fact`, or from the plan's `judgement`."""
    grade: Literal["A", "B", "C", "D", ""] = ""
    """A measured or signed, B primary, C secondary, D press or judgement."""
    fact: str = ""
    """Id of the fact that the values come from."""
    count: int = Field(default=1, ge=1, le=MOST_COUNT)
    """The quantity is the sum of this many independent draws."""
    values: tuple[float, ...] = ()
    weights: tuple[float, ...] = ()
    ask: Text | None = None
    """Who could make it surer."""
    note: str = ""

    @property
    def probability_law(self) -> Law:
        """The law without its provenance: what is drawn."""
        law = "fixed" if self.low == self.high and self.law != "choice" else self.law
        return Law(law, self.low, self.likely, self.high, self.count, self.values, self.weights)

    @property
    def bare(self) -> bool:
        """Whether it is a plain number, without a source of its own."""
        return not self.source


def _number(value: Any, units: tuple[str, ...]) -> tuple[list[float], str]:
    """One to three numbers and the unit that a value names, or refuse."""
    if isinstance(value, bool) or value is None or isinstance(value, (list, dict)):
        raise refuse(f"{value!r} is not a number", _units_limit(units))
    if isinstance(value, (int, float)):
        return [float(value)], ""
    match = _AMOUNT.match(str(value)[:MOST_LETTERS].strip())
    if match is None or len(str(value)) > MOST_LETTERS:
        raise refuse(f"{str(value)[:80]!r} is not a number", _units_limit(units))
    numbers = [float(part.replace("_", "")) for part in match[1].split("/")]
    return numbers, match[2]


def _units_limit(units: tuple[str, ...]) -> str:
    """Say which units there are; a first one of "" is the bare number."""
    named = " or ".join(unit for unit in units if unit)
    if units[0]:
        return f"a number in {named}"
    return f"a number without unit, or in {named}" if named else "a number without unit"


def _with_unit(value: Any, units: tuple[str, ...]) -> tuple[list[float], str]:
    """Like `_number`, with the unit checked; a unit of "" is the one that the field's name says."""
    numbers, unit = _number(value, units)
    if not all(map(math.isfinite, numbers)):
        raise refuse(f"{value} is not finite", _units_limit(units))
    if unit not in units:
        if unit:
            raise refuse(f"unit {unit!r} in {value!r}", _units_limit(units))
        fix = f"write it as {numbers[0]:g} {units[0]}"
        raise refuse(f"{value!r} has no unit", _units_limit(units), fix)
    return numbers, unit


def _range(units: tuple[str, ...], low: float, high: float, certain: bool = False):
    """Validator of a quantity in one of some units, within bounds (both included).

    Of a ``certain`` one the model uses one value: it may not be a range.
    """

    def check(value: Any, info: ValidationInfo) -> Range:
        if isinstance(value, Range):
            return value
        given = dict(value) if isinstance(value, dict) else _short(value, units)
        _check_keys(given, _RANGE_KEYS)
        data = _values(given, units)
        data |= {key: given[key] for key in given.keys() & _PROVENANCE}
        _check_order(data)
        _check_bounds(data, low, high, units)
        if certain and data["low"] < data["high"]:
            raise refuse("a range", "one value: nothing is drawn of it", "give `likely` alone")
        return Range.model_validate(_provenance(data, info.context or {}, units))

    return BeforeValidator(check, json_schema_input_type=Range | float | str)


def _check_keys(given: dict, known: tuple[str, ...]) -> None:
    unknown = sorted(map(str, given.keys() - set(known)))
    if unknown:
        fix = nearest(unknown[0], known)
        limit = f"keys are {', '.join(known)}"
        raise refuse(f"unknown key {unknown[0]!r}", limit, fix if "mean" in fix else "")


_PROVENANCE = {"law", "source", "grade", "fact", "count", "weights", "ask", "note"}
_POINTS = ("low", "likely", "high")
_RANGE_KEYS = (
    "low", "likely", "high", "unit", "law", "values", "weights", "count", "source", "grade",
    "fact", "ask", "note",
)  # fmt: skip


def _short(value: Any, units: tuple[str, ...]) -> dict:
    """Short forms: ``5 d`` is fixed, ``2/5/15 wd`` is low/likely/high; 0 needs no unit."""
    if value == 0 and not isinstance(value, bool):
        return {"unit": "" if "" in units else units[0], "likely": 0.0}
    numbers, unit = _with_unit(value, units)
    if len(numbers) == 2:
        raise refuse(f"{value!r} has two numbers", "one, or low/likely/high")
    names = ("low", "likely", "high") if len(numbers) == 3 else ("likely",)
    return {"unit": unit} | dict(zip(names, numbers, strict=True))


def _values(given: dict, units: tuple[str, ...]) -> dict:
    """Numbers and the one unit of a written-out range; what may be left out is filled in."""
    law = given.get("law", "pert")
    if law not in LAWS:
        raise refuse(f"law {law!r}", f"laws are {', '.join(LAWS)}")
    found = {name: _with_unit(given[name], (*units, "")) for name in _POINTS if name in given}
    values, more = _choices(given, (*units, "")) if law == "choice" else ((), [])
    unit = _one_unit(given, [*found.values(), *more], units)
    likely = {name: numbers[0] for name, (numbers, _) in found.items()}
    if law == "choice":
        chosen = {
            "low": min(values),
            "high": max(values),
            "likely": likely.get("likely", values[0]),
        }
        return chosen | {"law": law, "unit": unit, "values": values}
    return _complete(likely, law) | {"unit": unit}


def _one_unit(given: dict, found: list[tuple[list[float], str]], units: tuple[str, ...]) -> str:
    """The one unit of a range: its ``unit``, or that of all its numbers."""
    named = str(given["unit"]) if given.get("unit") else ""
    seen = {unit or named for _, unit in found} | ({named} if named else set())
    if len(seen - {""}) > 1:
        raise refuse(f"mixed units {', '.join(sorted(seen))}", "one unit in a range")
    if "" in seen and "" not in units:
        bare = next(numbers[0] for numbers, unit in found if not unit)
        raise refuse(
            f"{bare:g} has no unit", _units_limit(units), f"write it as {bare:g} {units[0]}"
        )
    unit = next(iter(seen - {""}), "")
    if unit and unit not in units:
        raise refuse(f"unit {unit!r}", _units_limit(units))
    return unit


def _choices(given: dict, units: tuple[str, ...]) -> tuple[tuple[float, ...], list]:
    """Values of a choice and their units; its weights are as many, at least 0, and not all 0."""
    listed, weights = given.get("values"), given.get("weights", ())
    if not isinstance(listed, (list, tuple)) or not listed:
        raise refuse("a choice without values", "values: [..] and weights: [..]")
    found = [_with_unit(value, units) for value in listed]
    if not isinstance(weights, (list, tuple)) or len(weights) not in (0, len(found)):
        raise refuse(f"weights {weights!r} of {len(found)} values", "one weight a value")
    shares = [_with_unit(weight, ("",))[0][0] for weight in weights]
    if weights and (min(shares) < 0 or sum(shares) <= 0):
        raise refuse(f"weights {weights!r}", "at least 0, and one above 0")
    return tuple(numbers[0] for numbers, _ in found), found


def _complete(found: dict, law: str) -> dict:
    """Fill in what a law implies: the middle of a uniform, the median of a lognormal."""
    if found.keys() == {"likely"}:
        return {"low": found["likely"], "high": found["likely"], "law": "fixed"} | found
    if law == "uniform" and found.keys() == {"low", "high"}:
        found["likely"] = (found["low"] + found["high"]) / 2
    if law == "lognormal" and found.keys() == {"low", "high"} and min(found.values()) > 0:
        found["likely"] = math.sqrt(found["low"] * found["high"])
    missing = [name for name in ("low", "likely", "high") if name not in found]
    if missing:
        raise refuse(f"a range without {' and '.join(missing)}", "low, likely and high")
    return found | {"law": law}


def _check_order(data: dict) -> None:
    if not data["low"] <= data["likely"] <= data["high"]:
        found = f"low {data['low']:g}, likely {data['likely']:g}, high {data['high']:g}"
        raise refuse(found, "low <= likely <= high", "put them in ascending order")
    if data.get("law") == "lognormal" and data["low"] <= 0:
        raise refuse(f"a lognormal from {data['low']:g}", "above 0")


def _check_bounds(data: dict, low: float, high: float, units: tuple[str, ...]) -> None:
    unit = f" {data['unit'] or units[0]}".rstrip()
    # The open lower bound 0+ is written as the smallest float above 0.
    if data["low"] < low:
        least = f"more than 0{unit}" if 0 < low < 1e-300 else f"at least {low:g}{unit}"
        raise refuse(f"{data['low']:g}{unit}", least)
    if data["high"] > high:
        raise refuse(f"{data['high']:g}{unit}", f"at most {high:g}{unit}")
    if data["law"] == "lognormal" and (most := _greatest(data)) > high:
        found = f"a lognormal that reaches {most:.4g}{unit}: one draw in ten is above its high"
        raise refuse(found, f"at most {high:g}{unit}", "narrow it, or take a pert")


def _greatest(data: dict) -> float:
    """Greatest draw of a lognormal; infinite where it is too wide to be tabulated."""
    try:
        return Law("lognormal", data["low"], data["likely"], data["high"]).greatest
    except (OverflowError, ValueError):
        return math.inf


def _provenance(data: dict, context: dict, units: tuple[str, ...]) -> dict:
    """Give a range its source and grade: its own, its fact's, or the plan's judgement."""
    if fact_id := data.get("fact"):
        fact = context.get("facts", lambda _: None)(fact_id)
        if fact is None:
            near = context.get("near", lambda _: "")(fact_id)
            raise refuse(f"no fact {fact_id!r}", "a fact of data/facts", near)
        data.setdefault("source", f"{fact.source} ({fact.date})")
        data.setdefault("grade", fact.grade)
        _agrees(data, fact, data["unit"] or "".join(units[1:]))
    if "source" not in data and context.get("judgement"):
        if data.get("grade", "D") not in ("", "D"):
            found, limit = f"grade {data['grade']} without a source", "a judgement is of grade D"
            raise refuse(found, limit, "name the `source:` or the `fact:` that is better")
        data |= {"source": context["judgement"], "grade": "D"}
    if data.get("law") == "fixed" and "source" not in data and "grade" not in data:
        return data
    if not data.get("source") or data.get("grade") not in GRADES:
        missing = "source" if not data.get("source") else "grade"
        raise refuse(
            f"a range without {missing}",
            "every range has a source and a grade A, B, C or D",
            "add `source:` and `grade:`, a `fact:`, or the plan's `judgement:`",
        )
    return data


#: Units that a quantity and its fact must share; amounts are in EUR whatever they are per.
_MEASURES = ("d", "wd", "TB", "Gbit/s")


def _agrees(data: dict, fact: Any, unit: str) -> None:
    """Refuse a value, in a unit, that its own fact does not bear out."""
    if unit != fact.unit and unit in _MEASURES and fact.unit in _MEASURES:
        found = f"likely {data['likely']:g} {unit}"
        raise refuse(found, f"fact {fact.id} is in {fact.unit}", f"write it in {fact.unit}")
    numbers = [x for x in (fact.low, fact.likely, fact.high) if x is not None]
    if not numbers:
        raise refuse(f"fact {fact.id!r} has no number", "a fact with a number")
    if not min(numbers) * (1 - 1e-9) <= data["likely"] <= max(numbers) * (1 + 1e-9):
        span = f"{min(numbers):g} to {max(numbers):g}" if len(numbers) > 1 else f"{numbers[0]:g}"
        raise refuse(f"likely {data['likely']:g}", f"fact {fact.id} says {span} {fact.unit}")


_ABOVE_ZERO = 5e-324
#: A duration or an amount of work. [d], [wd] or [TB]
Work = Annotated[Range, _range(("d", "wd", "TB"), 0, 1e6)]
#: Work of a step, which has no route of its own. [d] or [wd]
StepWork = Annotated[Range, _range(("d", "wd"), 0, 1e6)]
Days = Annotated[Range, _range(("d",), 0, 1e6)]
#: A lag of which only one value is used. [d]
CertainDays = Annotated[Range, _range(("d",), 0, 1e6, certain=True)]
WorkingDays = Annotated[Range, _range(("wd", "d"), 0, 1e6)]
Delay = Annotated[Range, _range(("d", "wd"), -1e6, 1e6)]
Money = Annotated[Range, _range(("", "EUR"), 0, 1e12)]
#: An amount whose unit is in the name of its field.
Amount = Annotated[Range, _range(("",), 0, 1e15)]
Rate_ = Annotated[Range, _range(("", "Gbit/s"), _ABOVE_ZERO, 1e6)]
Volume = Annotated[Range, _range(("", "TB"), 0, 1e9)]
Positive = Annotated[Range, _range(("",), _ABOVE_ZERO, 1e15)]
#: A number of which only one value is used.
Certain = Annotated[Range, _range(("",), _ABOVE_ZERO, 1e15, certain=True)]
Share = Annotated[Range, _range(("",), 0, 1)]
UsableShare = Annotated[Range, _range(("",), _ABOVE_ZERO, 1)]
#: How long appliances take to go round. [d]
Cycle = Annotated[Range, _range(("d",), _ABOVE_ZERO, 1e5)]
#: Length of a cutover. [d] or [wd]
CutoverWork = Annotated[Range, _range(("d", "wd"), 0, 365)]


_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


def iso_day(value: Any) -> Any:
    """Read a date as it is written in a plan: 2026-04-23."""
    if isinstance(value, date):
        return value
    try:
        if not isinstance(value, str) or not _ISO_DAY.match(value):
            raise ValueError
        return date.fromisoformat(value)
    except ValueError:
        raise refuse(f"{str(value)[:40]!r} is not a date", "a date as 2026-04-23") from None


Day = Annotated[date, BeforeValidator(iso_day, json_schema_input_type=date)]


_YEARLY = re.compile(r"\d{2}-\d{2}\Z")


def _yearly(value: Any) -> str:
    """A date, or month and day of every year; kept as text."""
    text = value if isinstance(value, str) else str(value)
    if not _YEARLY.match(text):
        return iso_day(value).isoformat()
    try:
        return date.fromisoformat(f"2023-{text}").isoformat()[5:]
    except ValueError:
        limit = "a day that every year has, as 12-24, or a date, as 2026-12-24"
        raise refuse(f"{text!r} is not a date", limit) from None


def _dates(value: Any, info: ValidationInfo) -> Any:
    """Read an uncertain date: 2026-12-31/2027-04-30/2027-12-31, or as low, likely and high."""
    if isinstance(value, Range):
        return value
    given = dict(value) if isinstance(value, dict) else _short_dates(value)
    _check_keys(given, _DATE_KEYS)
    points = {name: iso_day(given[name]) for name in _POINTS if name in given}
    if given.get("law") in ("lognormal", "choice"):
        raise refuse(f"law {given['law']!r} of a date", "pert, triangular, uniform or fixed")
    if list(points.values()) != sorted(points.values()):
        raise refuse(" / ".join(map(str, points.values())), "the first date first")
    days = {name: float(day.toordinal()) for name, day in points.items()}
    data = _values({key: given[key] for key in given.keys() & {"law"}} | days, ("",))
    data |= {key: given[key] for key in given.keys() & _PROVENANCE} | {"unit": "date"}
    return Range.model_validate(_provenance(data, info.context or {}, ("",)))


_DATE_KEYS = ("low", "likely", "high", "law", "source", "grade", "ask", "note")


def _short_dates(value: Any) -> dict:
    texts = [part.strip() for part in str(value)[:MOST_LETTERS].split("/")]
    if len(texts) not in (1, 3):
        raise refuse(f"{str(value)[:60]!r} is not one date, or three", "low/likely/high")
    return dict(zip(_POINTS if len(texts) == 3 else ("likely",), texts, strict=True))


#: An uncertain date; its numbers are days of the proleptic calendar, `date.toordinal`.
UncertainDate = Annotated[Range, BeforeValidator(_dates, json_schema_input_type=Range | str)]


def shown_points(quantity: Range, number: Callable[[float], str]) -> list[str]:
    """Low, likely and high as texts, each once: numbers in a form, dates as they are written."""
    points = (quantity.low, quantity.likely, quantity.high)
    if quantity.unit == "date":
        points = (date.fromordinal(round(x)).isoformat() for x in points)
        return list(dict.fromkeys(points))
    return list(dict.fromkeys(map(number, points)))


#: A date, or month and day of every year, as text.
YearDay = Annotated[str, BeforeValidator(_yearly, json_schema_input_type=str)]


def _start(value: Any) -> Any:
    day = iso_day(value)
    if not 2000 <= day.year <= 2100:
        raise refuse(f"{day}", "from 2000-01-01 to 2100-12-31")
    return day


Start = Annotated[date, BeforeValidator(_start)]


def id_text(value: Any) -> Any:
    """Read an id, for which a whole number will do."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


#: An id; a whole number will do.
Id = Annotated[str, BeforeValidator(id_text, json_schema_input_type=str | int)]
