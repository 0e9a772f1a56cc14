"""The plan file: what it may say. Frozen, strict, and every uncertain number has a source."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    Field,
    PrivateAttr,
    model_validator,
)

from hdhplan.asked import Interruption, Obligation, Promises, Retained, Target
from hdhplan.quantities import (
    Amount,
    Delay,
    Id,
    Money,
    Range,
    Start,
    Strict,
    Text,
    YearDay,
    id_text,
    refuse,
)
from hdhplan.rates import Closings, Rate
from hdhplan.scope import Capability, Dataset, Route, Task, Wave

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
    bias: bool = False
    """An outside view: it corrects our own optimism."""
    source: str = ""
    grade: Literal["A", "B", "C", "D", ""] = ""
    ask: Text | None = None

    @model_validator(mode="after")
    def _sourced(self) -> Driver:
        if self.grade not in ("", "D") and not self.source:
            found, limit = f"grade {self.grade} without a source", "without one, only D"
            raise refuse(found, limit, "add `source:`")
        return self


def _in_order(first: str, last: str) -> None:
    if len(first) != len(last):
        raise refuse(f"{first} to {last}", "both with a year or both without")
    if len(first) > 5 and last < first:
        raise refuse(f"{first} to {last}", "the first date first")


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


PLAN_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_. -]{0,62}[A-Za-z0-9_-])?")


def _plan_name(value: Any) -> Any:
    """A name that can be that of a folder anywhere."""
    name = id_text(value)
    if isinstance(name, str) and not PLAN_NAME.fullmatch(name):
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
    promises: Promises = ()
    obligations: Annotated[dict[str, Obligation], Keyed] = {}
    tasks: Annotated[dict[str, Task], Keyed] = {}
    resources: dict[str, Annotated[int, Field(ge=1, le=1000)]] = {}
    routes: dict[str, Route] = {}
    datasets: Annotated[dict[str, Dataset], Keyed] = {}
    drivers: Annotated[dict[str, Driver], Keyed] = {}
    waves: Annotated[dict[str, Wave], Keyed] = {}
    capabilities: Annotated[dict[str, Capability], Keyed] = {}
    """What projects need; in a file also the name of a table beside `scenarios`."""
    rates: Annotated[dict[str, Rate], Keyed] = {}
    allocations: dict[str, Annotated[float, Field(ge=0)]] = {}
    """Money by budget line; `provision` is drawn on by what is above the likely plan. [EUR]"""
    vat_rate: float | None = Field(default=None, ge=0, lt=1)
    closings: Closings = Closings()
    priority: tuple[str, ...] | None = None
    interruptions: Annotated[dict[str, Interruption], Keyed] = {}
    retains: dict[str, Retained] = {}
    judgement: str = ""
    """Source of every range that names none; its grade is D."""
    ask: Text | None = None

    _facts: Any = PrivateAttr(default=None)
    _origin: Any = PrivateAttr(default=None)
    _status: Any = PrivateAttr(default=None)
    _progress: Any = PrivateAttr(default=None)

    @property
    def facts(self):
        """The facts that were read with the plan, or None."""
        return self._facts

    @property
    def origin(self):
        """Files, hashes and the root of `extends`; None for a plan built in Python."""
        return self._origin

    @property
    def status(self):
        """The status facts that were read with the plan, or None."""
        return self._status

    @property
    def progress(self):
        """What has happened by the data date; None for a plan of which nothing is known."""
        return self._progress

    @property
    def envelope_eur(self) -> float | None:
        """The money target. [EUR]"""
        return self.target.cost_eur if self.target else None

    def ranges(self) -> Iterator[tuple[str, Range]]:
        """Every quantity of the plan by its path, in the order of the paths."""
        yield from sorted(_ranges_in(self, ""))


#: What holds no quantity.
_PLAIN = frozenset({str, float, int, bool, type(None)})


def _ranges_in(thing: Any, path: str) -> Iterator[tuple[str, Range]]:
    if isinstance(thing, Range):
        yield path, thing
    elif isinstance(thing, BaseModel):
        for name, item in thing.__dict__.items():
            if type(item) not in _PLAIN:  # most are, and a plan has thousands
                yield from _ranges_in(item, f"{path}.{name}" if path else name)
    elif isinstance(thing, dict):
        for key, item in thing.items():
            yield from _ranges_in(item, f"{path}.{key}")
    elif isinstance(thing, tuple):
        for position, item in enumerate(thing):
            yield from _ranges_in(item, f"{path}.{position}")
