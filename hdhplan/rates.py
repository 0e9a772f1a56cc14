"""How money is spent: rates, their dated prices, when they are committed and paid."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from hdhplan.quantities import CertainDays, Day, Id, Money, Strict, Text, YearDay, refuse

Names = tuple[str, ...]
#: Line of the allocations that is drawn on, never spent by itself.
PROVISION = "provision"


def _on(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


class DatedPrice(Strict):
    """A price from a date on."""

    from_: Day = Field(alias="from")
    amount_eur: Money


#: Units of what goes on: days, months, stocks.
ONGOING = ("d", "wd", "month", "TB_month")


class Waiver(Strict):
    """A charge that is waived where one task ends soon enough after another starts."""

    span: tuple[Id, Id]
    """From the start of the first to the finish of the second."""
    within: CertainDays
    """[d]"""


class Rate(Strict):
    """How money is spent."""

    id: Id
    name: Text | None = None
    amount_eur: Money
    """Amount per unit. [EUR]"""
    quantity: float = Field(default=1, ge=0)
    """How many units at once, such as people."""
    per: Literal["once", "project", "d", "wd", "month", "TB", "TB_month"] = "once"
    on: Annotated[Names, BeforeValidator(_on, json_schema_input_type=str | Names)] = ()
    """A task, two tasks (from one's start to the other's finish), datasets, or tasks of waves."""
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
    running: bool = False
    """It goes on after the programme: part of the steady-state cost and of the full cost."""
    avoided: bool = False
    """It stops with the migration: spending that is avoided from then on."""
    existing: bool = False
    """It would be paid without the migration too: no part of the full cost."""
    waived: Waiver | None = None
    commit: Id | None = None
    """Task at whose finish the whole of it is committed; year by year by default."""
    paid_after: CertainDays | None = None
    """From the service to its payment. [d]"""
    ask: Text | None = None

    @model_validator(mode="after")
    def _bills(self) -> Rate:
        allowed = {"TB": {"tiers"}, "TB_month": {"tiers", "until", "at"}}.get(self.per, set())
        written = {"tiers": self.tiers, "until": self.until, "at": self.at == "source"}
        dead = sorted(name for name, value in written.items() if value and name not in allowed)
        if dead:
            limit = "`tiers` are of TB and TB_month, `until` and `at` of TB_month"
            raise refuse(f"{' and '.join(dead)} of a rate per {self.per}", limit, "leave it out")
        if (self.running or self.avoided) and self.per not in ONGOING:
            word, limit = "running" if self.running else "avoided", ", ".join(ONGOING)
            raise refuse(f"{word} of a rate per {self.per}", f"a rate per {limit}", "leave it out")
        if self.existing and self.envelope:
            limit = "what would be paid anyway is outside the envelope"
            raise refuse("existing in the envelope", limit, "add `envelope: false`")
        return self

    @model_validator(mode="after")
    def _one_price_a_day(self) -> Rate:
        days = [price.from_ for price in self.prices]
        twice = sorted({day for day in days if days.count(day) > 1})
        if twice:
            found = f"two prices from {twice[0]}"
            raise refuse(found, "one price a day", "delete the one that does not hold")
        return self


class Closings(Strict):
    """Days of every year after which money counts in the next one."""

    commitments: YearDay = "12-31"
    payments: YearDay = "12-31"

    @model_validator(mode="after")
    def _every_year(self) -> Closings:
        for day in (self.commitments, self.payments):
            if len(day) > 5:
                raise refuse(f"{day}", "month and day of every year", f"write {day[5:]}")
        return self
