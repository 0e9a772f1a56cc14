"""What is asked of a plan: target, promises, obligations, claims retained, interruptions."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from hdhplan.quantities import CertainDays, Day, Id, Strict, Text, refuse
from hdhplan.scope import check_critical


class Erased(Strict):
    """A milestone of erasure and its day, which the weekly status of exposure is judged by."""

    milestone: Id
    by: Day


class Target(Strict):
    """What is promised: a date, an amount, or both."""

    milestone: Id | None = None
    finish: Day | None = None
    cost_eur: float | None = Field(default=None, gt=0)
    vat: Literal["HT", "TTC"] | None = None
    critical_limit: CertainDays | None = None
    """Longest interruption that each critical project accepts. [d]"""
    erased: Erased | None = None
    """By when the last copy at the source is attested to be erased."""
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


Promises = Annotated[
    tuple[Promise, ...], BeforeValidator(_list_of, json_schema_input_type=AnyPromises)
]


class Obligation(Strict):
    """What a law, a decision or an agreement asks for, and the milestone that meets it."""

    id: Id
    name: Text
    clause: Text
    """What it obliges to, with its article."""
    fact: str
    """Id of the dated fact that says so."""
    milestone: Id
    by: Day | None = None
    """Day by which it is to be met; none if no date is known."""


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
        check_critical(self.critical_projects, self.projects)
        return self
