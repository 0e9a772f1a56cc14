"""A workbook for programme managers: real tables, live arithmetic, simulated values as values."""

from __future__ import annotations

from hdhplan.comparison import Comparison
from hdhplan.page.claims import as_of
from hdhplan.sensitivity import Study
from hdhplan.wording.formats import pick
from hdhplan.workbook.book import Book
from hdhplan.workbook.causes import assumptions_sheet, risks_sheet
from hdhplan.workbook.contents import Contents
from hdhplan.workbook.dates import milestones_sheet, timeline_sheet
from hdhplan.workbook.evidence import quantiles_sheet, scenarios_sheet, sources_sheet
from hdhplan.workbook.front import read_me_sheet, summary_sheet
from hdhplan.workbook.money import costs_sheet, years_sheet

#: Sheets in their order: name, who writes it (the read-me, of all the others, comes last), purpose.
_SHEETS = (
    (("Lisez-moi", "Read me"), None,
     ("Comment lire ce classeur, ce qui l'a fait", "How to read this workbook, what made it")),
    (("Synthèse", "Summary"), summary_sheet,
     ("La réponse en phrases et en chiffres nommés", "The answer in sentences and named numbers")),
    (("Planning", "Timeline"), timeline_sheet,
     ("Chaque tâche : dates probables, marges, P10 à P80", "Every task: likely dates, floats, P10 to P80")),
    (("Jalons", "Milestones"), milestones_sheet,
     ("Dates promises et prévues, obligations", "Promised and forecast dates, obligations")),
    (("Coûts", "Costs"), costs_sheet,
     ("Postes, couverture des dépassements, provision, périmètres",
      "Lines, cover of overruns, provision, perimeters")),
    (("AE-CP", "AE-CP"), years_sheet,
     ("Engagements et paiements par exercice", "Commitments and payments by budget year")),
    (("Risques", "Risks"), risks_sheet,
     ("Facteurs, leur effet sur date et coût, leviers", "Drivers, their effect on date and cost, levers")),
    (("Hypothèses", "Assumptions"), assumptions_sheet,
     ("Chaque valeur du plan, sa plage et sa source", "Every value of the plan, its range and source")),
    (("Scénarios", "Scenarios"), scenarios_sheet,
     ("Table de décision, ce qui diffère", "Decision table, what differs")),
    (("Quantiles", "Quantiles"), quantiles_sheet,
     ("Toutes les grandeurs simulées", "All simulated quantities")),
    (("Sources", "Sources"), sources_sheet,
     ("Les faits cités, leur éditeur, leur date", "The facts cited, their publisher, their date")),
)  # fmt: skip


def sheet_names(lang: str) -> tuple[str, ...]:
    """Names of the sheets in their order."""
    return tuple(pick(lang, *names) for names, _, _ in _SHEETS)


def make_workbook(comparison: Comparison, study: Study, lang: str) -> bytes:
    """Make the workbook of the first scenario of a comparison; the same inputs give the same bytes.

    Parameters
    ----------
    comparison
        The scenario and those beside it, with their details; it may be alone.
    study
        What drives the scenario.
    """
    forecast = comparison.forecasts[0]
    book = Book(forecast, lang, as_of(forecast.plan) or forecast.plan.start)
    contents, names = Contents(book, comparison, study, lang), sheet_names(lang)
    pages = book.sheets(names)
    for (_, write, _), page in zip(_SHEETS, pages, strict=True):
        if write:
            write(contents, page)
    read_me_sheet(contents, pages[0], names, [pick(lang, *purpose) for _, _, purpose in _SHEETS])
    return book.bytes()
