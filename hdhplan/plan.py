"""The plan file: what it may say. Frozen, strict, and every uncertain number has a source."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationInfo,
    model_validator,
)
from pydantic_core import PydanticCustomError

from hdhplan.errors import nearest
from hdhplan.uncertainty import Law

GRADES = ("A", "B", "C", "D")
LAWS = ("pert", "triangular", "uniform", "lognormal", "fixed", "choice")
SCHEMA = "hdhplan.plan/1"
#: Draws that a sum adds up, and projects of a wave, at most.
MOST_COUNT = 10_000
#: Share by which the bins of an inventory may miss the volume.
SIZES_SLACK = 0.01
#: Letters of the longest amount or dependency.
MOST_LETTERS = 200
_NUMBER = r"[-+]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_AMOUNT = re.compile(rf"({_NUMBER}(?:\s*/\s*{_NUMBER}){{0,2}})\s*([A-Za-z€/·._%]*)\s*\Z")
_AFTER = re.compile(
    r"([A-Za-z0-9_*?.-]+)(?:\s+(FS|SS|FF|SF))?(?:\s*([+-])\s*([\d._]+)\s*([A-Za-z]*))?\Z"
)


def refuse(found: str, limit: str = "", fix: str = "") -> PydanticCustomError:
    """Build the error that a validator raises: what was found, the limit and the fix."""
    return PydanticCustomError("refused", "{found}", {"found": found, "limit": limit, "fix": fix})


class Strict(BaseModel):
    """Immutable; a misspelt key is an error; the string under a field is its description."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
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
        unknown = sorted(map(str, given.keys() - set(_RANGE_KEYS)))
        if unknown:
            fix = nearest(unknown[0], _RANGE_KEYS)
            limit = f"keys are {', '.join(_RANGE_KEYS)}"
            raise refuse(f"unknown key {unknown[0]!r}", limit, fix if "mean" in fix else "")
        data = _values(given, units)
        data |= {key: given[key] for key in given.keys() & _PROVENANCE}
        _check_order(data)
        _check_bounds(data, low, high, units)
        if certain and data["low"] < data["high"]:
            raise refuse("a range", "one value: nothing is drawn of it", "give `likely` alone")
        return Range.model_validate(_provenance(data, info.context or {}, units))

    return BeforeValidator(check, json_schema_input_type=Range | float | str)


_PROVENANCE = {"law", "source", "grade", "fact", "count", "weights", "ask", "note"}
_POINTS = ("low", "likely", "high")
_RANGE_KEYS = (
    "low", "likely", "high", "unit", "law", "values", "weights", "count", "source", "grade",
    "fact", "ask", "note",
)  # fmt: skip


def _short(value: Any, units: tuple[str, ...]) -> dict:
    """Short forms: ``5 d`` is fixed, ``2/5/15 wd`` is low/likely/high."""
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


_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


def _day(value: Any) -> Any:
    if isinstance(value, date):
        return value
    try:
        if not isinstance(value, str) or not _ISO_DAY.match(value):
            raise ValueError
        return date.fromisoformat(value)
    except ValueError:
        raise refuse(f"{str(value)[:40]!r} is not a date", "a date as 2026-04-23") from None


Day = Annotated[date, BeforeValidator(_day, json_schema_input_type=date)]


def _start(value: Any) -> Any:
    day = _day(value)
    if not 2000 <= day.year <= 2100:
        raise refuse(f"{day}", "from 2000-01-01 to 2100-12-31")
    return day


Start = Annotated[date, BeforeValidator(_start)]


def _name_of(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


#: An id; a whole number will do.
Id = Annotated[str, BeforeValidator(_name_of, json_schema_input_type=str | int)]


@dataclass(frozen=True)
class Link:
    """A dependency on a task: kind, and a lag whose unit decides its clock. [d] or [wd]"""

    task: str
    kind: str = "FS"
    lag: float = 0.0
    unit: str = "d"

    def __str__(self) -> str:
        lag = f"{self.lag:+g} {self.unit}" if self.lag else ""
        return f"{self.task} {self.kind}{lag}"


def _links(value: Any) -> tuple[Link, ...]:
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, (list, tuple)):
        raise refuse(f"{value!r} is not a list of tasks", "after: [A, B SS+1 d]")
    return tuple(item if isinstance(item, Link) else _link(item) for item in items)


def _link(text: Any) -> Link:
    # Short enough that no pattern can be made to search long.
    match = _AFTER.match(str(text)[:MOST_LETTERS].strip())
    if match is None or len(str(text)) > MOST_LETTERS:
        raise refuse(f"{str(text)[:80]!r}", "ID [FS|SS|FF|SF][±lag unit]", "e.g. `B SS+1 d`")
    task, kind, sign, lag, unit = match.groups()
    if lag is None:
        return Link(task, kind or "FS")
    if unit not in ("d", "wd"):
        found = f"lag {lag} {unit}" if unit else f"lag {lag} has no unit"
        raise refuse(found, "a lag in d (elapsed) or wd (working days)", f"write {lag} d")
    try:
        return Link(task, kind or "FS", float(sign + lag.replace("_", "")), unit)
    except ValueError:
        raise refuse(f"lag {lag!r}", "a number of d or wd") from None


Links = Annotated[
    tuple[Link, ...], BeforeValidator(_links, json_schema_input_type=str | tuple[str, ...])
]


def _step(value: Any) -> Any:
    return value if isinstance(value, (dict, BaseModel)) else {"work": value}


class Step(Strict):
    """Work that a dataset or a wave brings with it."""

    work: StepWork
    calendar: Id | None = None
    after: Links = ()
    uses: dict[str, Annotated[int, Field(ge=1)]] = {}


AnyStep = Annotated[Step, BeforeValidator(_step, json_schema_input_type=Step | str)]


class Task(Strict):
    """Work on a calendar; a milestone is a task of no work, a span hangs between two events."""

    id: Id
    name: Text | None = None
    work: Work | None = None
    """Work, or for a milestone nothing. [d], [wd] or [TB]"""
    calendar: Id | None = None
    after: Links = ()
    uses: dict[str, Annotated[int, Field(ge=1)]] = {}
    """Whole units seized, by resource."""
    span: tuple[str, str] | None = None
    """A hammock: from the start of one task to the finish of another."""
    route: Id | None = None
    """Route of a work in TB."""
    unsplit: bool = False
    """It starts only where it fits whole into its calendar."""
    only_if: Id | None = None
    """The driver that switches it on; off, it has no work and passes logic through."""
    fixed: Day | None = None
    """A date that is not ours to move: the task does not start before it."""
    phase: str = ""
    gate: bool = False
    ask: Text | None = None

    @model_validator(mode="after")
    def _hangs(self) -> Task:
        if self.span and (self.work or self.after or self.uses or self.fixed or self.only_if):
            limit = "it hangs between two events and has nothing of its own"
            raise refuse("a span with work, links, demands or a date", limit, "leave them out")
        return self

    @model_validator(mode="after")
    def _hauls(self) -> Task:
        in_tb = self.work is not None and self.work.unit == "TB"
        if in_tb and self.calendar:
            limit = "a work in TB runs on the calendar of its route"
            raise refuse(
                f"calendar {self.calendar!r}", limit, "leave it out, or give the route one"
            )
        if self.route and not in_tb:
            limit = "only a work in TB has a route"
            raise refuse(f"route {self.route!r}", limit, "leave it out, or give the work in TB")
        return self


class SizeBin(Strict):
    """Objects of about one size."""

    objects: float = Field(gt=0)
    volume_tb: float = Field(ge=0)


class Tiers(Strict):
    """Shares of the volume by tier. [1]"""

    hot: float = Field(default=0, ge=0, le=1)
    cool: float = Field(default=0, ge=0, le=1)
    archive: float = Field(default=0, ge=0, le=1)

    @model_validator(mode="after")
    def _whole(self) -> Tiers:
        total = self.hot + self.cool + self.archive
        if abs(total - 1) > 1e-6:
            raise refuse(f"tiers add up to {total:g}", "1")
        return self


class Verify(Strict):
    """A second read at the target, which overlaps the copy."""

    rate_share: UsableShare
    """Rate of the second read, as a share of the copy's own rate. [1]"""
    start_lag: CertainDays | None = None
    finish_lag: CertainDays | None = None


class Dataset(Strict):
    """What moves, or why it does not."""

    id: Id
    name: Text | None = None
    volume_tb: Volume
    objects: Certain | None = None
    size_spread: float = Field(default=0, ge=0, le=5)
    """Standard deviation of the logarithm of object sizes; 0 puts all at the mean. [1]"""
    sizes: tuple[SizeBin, ...] = ()
    """Size histogram of a real inventory; it replaces `objects` and `size_spread`."""
    tiers: Tiers | None = None
    growth_tb_per_year: Amount | None = None
    rewritten_tb_per_day: Amount | None = None
    sensitive: bool = False
    route: Id | None = None
    wave: Id | None = None
    erased_with: Id | None = None
    """Wave after which the source is erased; its own by default."""
    excluded: Text | None = None
    """Why it does not move; it is erased at the source all the same."""
    at_source: bool = True
    """Whether it is at the source today, readable under its law."""
    after: Links = ()
    prepare: AnyStep | None = None
    verify: Verify | None = None
    repair_share: Share | None = None
    ask: Text | None = None

    @model_validator(mode="after")
    def _whole(self) -> Dataset:
        total, likely = sum(size.volume_tb for size in self.sizes), self.volume_tb.likely
        if self.sizes and abs(total - likely) > SIZES_SLACK * likely:
            limit = f"the volume_tb of {likely:g} TB, within {SIZES_SLACK:.0%}"
            raise refuse(f"sizes add up to {total:g} TB", limit)
        return self


class Route(Strict):
    """How data moves: a link or appliances, and every limit that may bind."""

    name: Text | None = None
    rate_gbps: Rate_ | None = None
    usable_share: UsableShare | None = None
    calendar: Id | None = None
    """Transfer windows and maintenance; continuous by default."""
    object_overhead_s: Amount | None = None
    streams: Positive | None = None
    stream_gbps: Positive | None = None
    movers: Positive | None = None
    mover_gbps: Positive | None = None
    source_gbps: Positive | None = None
    target_gbps: Positive | None = None
    max_requests_per_s: Positive | None = None
    target_requests_per_s: Positive | None = None
    part_size_mb: Certain | None = None
    """Objects above this size go in parts, one request each."""
    max_parts: int = Field(default=1000, ge=1)
    rehydrate_tb_per_day: Positive | None = None
    appliance_tb: Positive | None = None
    devices: int = Field(default=1, ge=1)
    cycle: Annotated[Range, _range(("d",), _ABOVE_ZERO, 1e5)] | None = None
    after: Links = ()
    """What every copy on the route waits for."""
    sensitive_after: Links = ()
    """What every copy of sensitive data waits for besides."""

    @model_validator(mode="after")
    def _moves(self) -> Route:
        if (self.rate_gbps is None) == (self.appliance_tb is None):
            raise refuse("neither or both of rate_gbps and appliance_tb", "one of them")
        if self.appliance_tb is not None and self.cycle is None:
            raise refuse("appliances without a cycle", "cycle: 30/42/60 d")
        return self


class Porting(Strict):
    """Central support of the projects that port their tools themselves."""

    work: WorkingDays
    """Person-days of support that one project needs; projects are independent. [wd]"""
    calendar: Id | None = None
    after: Links = ()
    uses: dict[str, Annotated[int, Field(ge=1)]] = {}


class Cutover(Strict):
    """How a wave goes over: read-only for a while, or written to both sides."""

    mode: Literal["freeze", "dual_write"] = "freeze"
    work: Annotated[Range, _range(("d", "wd"), 0, 365)]
    """Length of the freeze, or of the interruption of a dual write. [d]"""
    critical: Literal["dual_write"] | None = None
    """Critical projects go over by dual write."""
    dual_write: Days | None = None
    """Interruption of a dual write. [d]"""
    extra_porting: float = Field(default=0, ge=0, le=10)
    """More porting work of a project that goes over by dual write. [1]"""
    calendar: Id | None = None


class Wave(Strict):
    """Datasets and projects that cut over together."""

    id: Id
    name: Text | None = None
    projects: int = Field(default=0, ge=0, le=MOST_COUNT)
    critical_projects: int = Field(default=0, ge=0)
    after: Links = ()
    """Gates of the go/no-go."""
    follows: Literal["cutover"] | None = None
    """Wait for the cutover of the wave before."""
    port: Porting | None = None
    train: AnyStep | None = None
    rehearsal: AnyStep | None = None
    cutover: Cutover
    hypercare: AnyStep | None = None
    dual_running: Days | None = None
    erase: Days | None = None
    certificate: AnyStep | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Wave:
        _check_critical(self.critical_projects, self.projects)
        if self.cutover.critical and self.cutover.dual_write is None:
            raise refuse("critical: dual_write without its length", "dual_write: 0/0.05/0.2 d")
        return self


Exposures = dict[str, Annotated[float, Field(ge=0, le=100)]]
AnyExposures = str | tuple[str | int, ...] | Exposures


def _exposures(value: Any) -> Any:
    items = [value] if isinstance(value, str) else value
    if isinstance(items, (list, tuple)) and all(isinstance(item, (str, int)) for item in items):
        return dict.fromkeys(map(str, items), 1.0)
    return items


class Driver(Strict):
    """Uncertainty, risk, opportunity, bias or branch: a cause with a probability and effects."""

    id: Id
    name: Text | None = None
    p: float = Field(default=1, ge=0, le=1)
    """Probability that it happens. [1]"""
    factor: Amount | None = None
    """Multiplies the work, volume, usable share or amount of what it is on. [1]"""
    delay: Delay | None = None
    """Comes after the finish of what it is on. [d] or [wd]"""
    cost: Money | None = None
    """Paid when the first task it is on is finished. [EUR]"""
    limit: dict[str, Annotated[float, Field(gt=0)]] = {}
    """Caps that replace a route's higher ones, by field of the route."""
    on: Annotated[Exposures, BeforeValidator(_exposures, json_schema_input_type=AnyExposures)] = {}
    """What it acts on, with an exposure each."""
    line: str = ""
    vat: Literal["HT", "TTC", "none"] | None = None
    lever: bool = False
    """Whether we can act on it."""
    source: str = ""
    grade: Literal["A", "B", "C", "D", ""] = ""
    ask: Text | None = None

    @model_validator(mode="after")
    def _sourced(self) -> Driver:
        if self.grade not in ("", "D") and not self.source:
            found, limit = f"grade {self.grade} without a source", "without one, only D"
            raise refuse(found, limit, "add `source:`")
        return self


Names = tuple[str, ...]


def _on(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


class DatedPrice(Strict):
    """A price from a date on."""

    from_: Day = Field(alias="from")
    amount_eur: Money


class Rate(Strict):
    """How money is spent."""

    id: Id
    name: Text | None = None
    amount_eur: Money
    """Amount per unit. [EUR]"""
    quantity: float = Field(default=1, ge=0)
    """How many units at once, such as people."""
    per: Literal["once", "d", "wd", "month", "TB", "TB_month"] = "once"
    on: Annotated[Names, BeforeValidator(_on, json_schema_input_type=str | Names)] = ()
    """A task, two tasks (from one's start to the other's finish), or datasets; else the programme."""
    at: Literal["source", "target"] = "target"
    tiers: tuple[Literal["hot", "cool", "archive"], ...] = ()
    """Bill only these shares of the stock."""
    until: Id | None = None
    """Stock: billed until this task's finish; `dual_running` is that of the dataset's wave."""
    prices: tuple[DatedPrice, ...] = ()
    """Later prices, which replace `amount_eur` from their dates on."""
    line: str = ""
    vat: Literal["HT", "TTC", "none"] | None = None
    envelope: bool = True
    ask: Text | None = None

    @model_validator(mode="after")
    def _bills(self) -> Rate:
        allowed = {"TB": {"tiers"}, "TB_month": {"tiers", "until", "at"}}.get(self.per, set())
        written = {"tiers": self.tiers, "until": self.until, "at": self.at == "source"}
        dead = sorted(name for name, value in written.items() if value and name not in allowed)
        if dead:
            limit = "`tiers` are of TB and TB_month, `until` and `at` of TB_month"
            raise refuse(f"{' and '.join(dead)} of a rate per {self.per}", limit, "leave it out")
        return self


class Target(Strict):
    """What is promised: a date, an amount, or both."""

    milestone: Id | None = None
    finish: Day | None = None
    cost_eur: float | None = Field(default=None, gt=0)
    vat: Literal["HT", "TTC"] | None = None
    fact: str = ""

    @model_validator(mode="after")
    def _basis(self) -> Target:
        if self.cost_eur is not None and self.vat is None:
            raise refuse("cost_eur without a VAT basis", "HT or TTC", "add `vat: HT`")
        return self


class Promise(Strict):
    """A date that someone gave for a milestone."""

    id: Id = ""
    milestone: Id
    by: Day
    source: Text | None = None
    grade: Literal["A", "B", "C", "D", ""] = ""
    fact: str = ""


AnyPromises = tuple[Promise, ...] | dict[str, Promise]


def _list_of(value: Any) -> Any:
    return list(value.values()) if isinstance(value, dict) else value


_YEARLY = re.compile(r"\d{2}-\d{2}\Z")


def _yearly(value: Any) -> str:
    """A date, or month and day of every year; kept as text."""
    text = value if isinstance(value, str) else str(value)
    if not _YEARLY.match(text):
        return _day(value).isoformat()
    try:
        return date.fromisoformat(f"2023-{text}").isoformat()[5:]
    except ValueError:
        limit = "a day that every year has, as 12-24, or a date, as 2026-12-24"
        raise refuse(f"{text!r} is not a date", limit) from None


def _in_order(first: str, last: str) -> None:
    if len(first) != len(last):
        raise refuse(f"{first} to {last}", "both with a year or both without")
    if len(first) > 5 and last < first:
        raise refuse(f"{first} to {last}", "the first date first")


YearDay = Annotated[str, BeforeValidator(_yearly, json_schema_input_type=str)]


class CalendarPeriod(Strict):
    """Dates between which the rate is multiplied, every year where they name no year."""

    from_: YearDay = Field(alias="from")
    to: YearDay
    rate: float = Field(ge=0.01, le=10)

    @model_validator(mode="after")
    def _ordered(self) -> CalendarPeriod:
        _in_order(self.from_, self.to)
        return self


Hour = Annotated[int, Field(ge=0, le=24)]


class CalendarSpec(Strict):
    """A named calendar."""

    base: str = "continuous"
    closed: tuple[tuple[YearDay, YearDay], ...] = ()
    """Pairs of dates, both included, as 2026-12-20 or 12-20 for every year."""
    capacity: tuple[CalendarPeriod, ...] = ()
    closed_weekdays: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = ()
    hours: tuple[Hour, Hour] | None = None
    """Opening and closing hour of a day; across midnight if the first is later. [h]"""

    @model_validator(mode="after")
    def _ordered(self) -> CalendarSpec:
        for first, last in self.closed:
            _in_order(first, last)
        if self.hours and self.hours[0] % 24 == self.hours[1] % 24:
            raise refuse(
                f"hours {self.hours[0]} to {self.hours[1]}", "an opening and a closing hour"
            )
        return self


class Retained(Strict):
    """Which of several claims the plan retains, and why."""

    fact: str
    why: Text


class Interruption(Strict):
    """Projects interrupted from a date that is not ours until a task is done."""

    id: Id
    name: Text | None = None
    from_: Day = Field(alias="from")
    until: Id
    projects: int = Field(ge=0)
    critical_projects: int = Field(default=0, ge=0)
    source: str
    grade: Literal["A", "B", "C", "D"]

    @model_validator(mode="after")
    def _among(self) -> Interruption:
        _check_critical(self.critical_projects, self.projects)
        return self


def _check_critical(critical: int, projects: int) -> None:
    if critical > projects:
        raise refuse(f"{critical} critical of {projects} projects", "at most all")


_PLAN_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_. -]{0,62}[A-Za-z0-9_-])?")


def _plan_name(value: Any) -> Any:
    """A name that can be that of a folder anywhere."""
    name = _name_of(value)
    if isinstance(name, str) and not _PLAN_NAME.fullmatch(name):
        limit = "1 to 64 letters, digits, _, -, dots and spaces, none of the last two at an end"
        raise refuse(f"name {name[:80]!r}", limit, "use `title:` for what is to be read")
    return name


PlanName = Annotated[str, BeforeValidator(_plan_name, json_schema_input_type=str | int)]


def _keyed(value: Any) -> Any:
    """Give each item of an id-keyed mapping its id as text."""
    if value in ([], ()):
        return {}
    if not isinstance(value, dict):
        kind = "nothing" if value is None else type(value).__name__
        raise refuse(f"{kind} where a list of things with ids belongs", "- {id: …}")
    named = {}
    for key, item in value.items():
        if isinstance(item, dict):
            if str(item.get("id", key)) != str(key):
                raise refuse(f"{key}: {{id: {item['id']}}}", "one id", "delete the id inside")
            item = item | {"id": str(key)}
        named[str(key)] = item
    return named


Keyed = BeforeValidator(_keyed)


class Plan(Strict):
    """A whole plan: everything but schema, name, start and one task or dataset is optional."""

    schema_: Literal["hdhplan.plan/1"] = Field(alias="schema")
    name: PlanName
    title: Text | None = None
    description: Text | None = None
    illustrative: Text | None = None
    """Printed on top of every page: what this plan is not."""
    start: Start
    calendar: str = "continuous"
    calendars: dict[str, CalendarSpec] = {}
    target: Target | None = None
    promises: Annotated[
        tuple[Promise, ...], BeforeValidator(_list_of, json_schema_input_type=AnyPromises)
    ] = ()
    tasks: Annotated[dict[str, Task], Keyed] = {}
    resources: dict[str, Annotated[int, Field(ge=1, le=1000)]] = {}
    routes: dict[str, Route] = {}
    datasets: Annotated[dict[str, Dataset], Keyed] = {}
    drivers: Annotated[dict[str, Driver], Keyed] = {}
    waves: Annotated[dict[str, Wave], Keyed] = {}
    rates: Annotated[dict[str, Rate], Keyed] = {}
    allocations: dict[str, Annotated[float, Field(ge=0)]] = {}
    """Money by budget line; `provision` is drawn on by what is above the likely plan. [EUR]"""
    vat_rate: float | None = Field(default=None, ge=0, lt=1)
    priority: tuple[str, ...] | None = None
    interruptions: Annotated[dict[str, Interruption], Keyed] = {}
    retains: dict[str, Retained] = {}
    judgement: str = ""
    """Source of every range that names none; its grade is D."""
    ask: Text | None = None

    _facts: Any = PrivateAttr(default=None)
    _origin: Any = PrivateAttr(default=None)

    @property
    def facts(self):
        """The facts that were read with the plan, or None."""
        return self._facts

    @property
    def origin(self):
        """Files, hashes and the root of `extends`; None for a plan built in Python."""
        return self._origin

    @property
    def envelope_eur(self) -> float | None:
        """The money target. [EUR]"""
        return self.target.cost_eur if self.target else None

    def ranges(self) -> Iterator[tuple[str, Range]]:
        """Every quantity of the plan by its path, in the order of the paths."""
        yield from sorted(_ranges_in(self, ""))


def _ranges_in(thing: Any, path: str) -> Iterator[tuple[str, Range]]:
    if isinstance(thing, Range):
        yield path, thing
    elif isinstance(thing, BaseModel):
        for name in type(thing).model_fields:
            yield from _ranges_in(getattr(thing, name), f"{path}.{name}" if path else name)
    elif isinstance(thing, dict):
        for key, item in thing.items():
            yield from _ranges_in(item, f"{path}.{key}")
    elif isinstance(thing, tuple):
        for position, item in enumerate(thing):
            yield from _ranges_in(item, f"{path}.{position}")
