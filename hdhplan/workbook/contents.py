"""What the sheets of a workbook are made of, and what they have in common."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hdhplan.budget import Measure
from hdhplan.comparison import Comparison
from hdhplan.forecast import Forecast, is_day, is_money
from hdhplan.plan import Plan
from hdhplan.sensitivity import Study
from hdhplan.spread import error_from_slope
from hdhplan.wording.formats import pick
from hdhplan.wording.labels import capital, known, task_label, wave_label
from hdhplan.workbook.book import Book
from hdhplan.workbook.cells import FORMULA, Column, Expr

VAT = "Taux_TVA"
#: What stands beside dates and costs: name and unit.
_QUANTITIES = {
    "finish_day": ("fin du plan", "end of the plan", "date", "date"),
    "cost_eur": ("coût dans l'enveloppe", "cost in the envelope", "", ""),
    "exposure_pb_days": ("lisible sous un droit extra-européen", "readable under extra-European law",
                         "Po·j", "PB·d"),
    "unqualified_pb_days": ("sensible avant qualification", "sensitive before qualification",
                            "Po·j", "PB·d"),
    "double_held_pb_days": ("détenu en double", "held twice", "Po·j", "PB·d"),
    "project_days_interrupted": ("projets interrompus", "projects interrupted", "j·projets",
                                 "project-days"),
    "critical_days_interrupted": ("projets critiques interrompus", "critical projects interrupted",
                                  "j·projets", "project-days"),
    "critical_interruption_days": ("plus longue interruption d'un projet critique",
                                   "longest interruption of a critical project", "j", "d"),
    "projects_without_tool": ("projets sans équivalent d'un outil", "projects without a tool",
                              "projets", "projects"),
    "project_days_without_tool": ("attente d'un outil", "waiting for a tool", "j·projets",
                                  "project-days"),
    "turn_back_day": ("dernier jour pour tout ramener", "last day to turn back", "date", "date"),
    "full_cost_eur": ("coût complet, deux ans de fonctionnement compris",
                      "full cost, two years of running included", "", ""),
    "steady_month_eur": ("ensuite, par mois", "after that, a month", "", ""),
    "avoided_eur": ("dépense évitée à la source", "spending avoided at the source", "", ""),
}  # fmt: skip
_OF_WAVE = {
    "without_tool": ("projets sans outil", "projects without a tool", "projets", "projects"),
    "without_tool_days": ("attente d'un outil", "waiting for a tool", "j·projets", "project-days"),
    "gate": ("services qualifiés", "services qualified", "date", "date"),
}


@dataclass(frozen=True)
class Contents:
    """A forecast with what was made of it, for one workbook of one language."""

    book: Book
    comparison: Comparison
    study: Study
    lang: str

    @property
    def forecast(self) -> Forecast:
        """The forecast of the scenario itself."""
        return self.comparison.forecasts[0]

    @property
    def plan(self) -> Plan:
        """The scenario itself."""
        return self.forecast.plan

    def say(self, fr: str, en: str) -> str:
        """The text in the language of the workbook."""
        return pick(self.lang, fr, en)

    def money(self, eur: float | None) -> float | None:
        """An amount in the unit of the workbook. [EUR]"""
        return None if eur is None else eur / self.book.scale

    def spread(self, prefix: str, found: Measure, names: tuple[str, ...]) -> dict[str, Any]:
        """Mean and quantiles of an amount with their errors, as cells of a row."""
        row = {f"{prefix}{name}": self.money(getattr(found, name)) for name in names}
        return row | {f"{prefix}{name}_se": self.money(found.se[name]) for name in names}

    def instant(self, prefix: str, day: float, error: float) -> dict[str, Any]:
        """An instant as a date, and its error, as cells of a row; what never comes says so."""
        never = math.inf if day == math.inf else None
        return {prefix: self.forecast.date_of(day) or never, f"{prefix}_se": error}

    def quantiles(self, quantity: str, ps: tuple[float, ...]) -> dict[str, Any]:
        """Quantiles of an instant and their errors, as cells of a row."""
        row: dict[str, Any] = {}
        for p in ps:
            day, error = (
                self.forecast.quantile(quantity, p),
                self.forecast.standard_error(quantity, p),
            )
            row |= self.instant(f"p{round(100 * p)}", day, error)
        return row

    def task_quantiles(self, task: str) -> dict[str, Any]:
        """P10, P50 and P80 of a task's finish: over all draws where it was kept, else the first."""
        forecast, ps = self.forecast, (0.1, 0.5, 0.8)
        if task in forecast.quantities:
            return self.quantiles(task, ps)
        if task not in forecast.spread:
            return {}
        days, row = dict(zip(ps, forecast.spread[task]["finish"], strict=True)), {}
        for p, day in days.items():
            error = error_from_slope(p, days[0.5], days[0.8], forecast.sampled)
            row |= self.instant(f"p{round(100 * p)}", day, error)
        return row

    def odds(self, prefix: str, p: float | None) -> dict[str, Any]:
        """Odds, their error and chances in 20, as cells of a row."""
        if p is None:
            return {}
        error = self.forecast.odds_error(p)
        return {prefix: p, f"{prefix}_se": error, f"{prefix}_20": Expr("*", 20.0, prefix)}

    def odds_columns(self, prefix: str, fr: str, en: str) -> list[Column]:
        """Columns of odds, their error and chances in 20."""
        return [
            Column(prefix, self.say(f"{fr} (%)", f"{en} (%)"), "share", 12),
            Column(f"{prefix}_se", self.say(f"± {fr} (%)", f"± {en} (%)"), "share_error", 10),
            Column(f"{prefix}_20", self.say(f"{fr}, chances", f"{en}, chances"), "twenty", 12, FORMULA),
        ]  # fmt: skip

    def date_columns(self, heads: Mapping[str, str]) -> Iterator[Column]:
        """Columns of dates, each with its error beside it."""
        unit = self.say("j", "d")
        for key, head in heads.items():
            yield Column(key, head, "date", 13)
            yield Column(f"{key}_se", f"± {head} ({unit})", "days", 9)

    def money_columns(self, heads: Mapping[str, str]) -> Iterator[Column]:
        """Columns of amounts, each with its error beside it."""
        for key, head in heads.items():
            yield Column(key, f"{head} ({self.book.money})", "money", 13)
            yield Column(f"{key}_se", f"± {head} ({self.book.money})", "error", 12)

    @property
    def other_vat(self) -> str | None:
        """The VAT basis that the amounts can be converted to, None where no rate is known."""
        return (
            {"HT": "TTC", "TTC": "HT"}.get(self.book.vat or "") if VAT in self.book.places else None
        )

    def converted(self, key: str) -> Expr | None:
        """An amount on the other VAT basis, as a formula; None where no rate is known."""
        if self.other_vat is None:
            return None
        return Expr("*" if self.other_vat == "TTC" else "/", key, Expr("+", 1.0, VAT))

    def quantity(self, name: str) -> tuple[str, str, str]:
        """Name of a quantity, its unit, and the form of its numbers."""
        forecast, plan = self.forecast, self.plan
        group, _, rest = name.partition(".")
        found = _QUANTITIES.get(name)
        shown = self.say(*found[:2]) if found else task_label(plan, name, self.lang)
        if group in plan.waves and rest in _OF_WAVE:
            found = _OF_WAVE[rest]
            shown = f"{wave_label(plan, group, self.lang)}, {self.say(*found[:2])}"
        if is_day(forecast, name):
            return capital(shown), "date", "date"
        if is_money(name):
            if group == "line":
                shown = self.say("poste ", "line ") + known(rest, self.lang)
            elif group in ("ae", "cp"):
                shown = f"{group.upper()} {rest}"
            return capital(shown), self.book.money, "money"
        return capital(shown), self.say(*found[2:]) if found else "", "number"
