"""Plan the move of France's Health Data Hub from Microsoft Azure to Scaleway.

The rooms, in the order in which they may import one another:

``errors``       what is wrong with an input, and how to mend it
``units``        definitions and conversions
``tables``       CSV files as rows with their lines
``glossary``     what each word means, in both languages
``facts``        dated claims about the world, with source and grade
``status``       dated facts about the work, and what was known by a date
``weeks``        status files, a folder an ISO week
``tree``         YAML read safely, with the line of every value
``layers``       trees laid over one another: ``extends``, ``defaults``, ``--set``
``calendars``    a rate over time, and its inverse
``uncertainty``  ranges, their quantile tables, the only randomness
``quantities``   a range with its unit and provenance, and the ways to write one
``scope``        tasks and links, datasets, routes, waves, capabilities
``asked``        target, promises, obligations, claims retained, interruptions
``rates``        how money is spent, committed and paid
``plan``         the plan file: what it may say
``schema``       the JSON Schema of a plan file
``capabilities`` who needs which service, what qualifies it, what closes its gap
``posterior``    what measurements teach about one shared factor
``belief``       what is believed of several shared factors, before and after
``network``      datasets and waves expanded into one network of tasks
``inputs``       quantities and drivers, drawn by name or at their likely values
``progress``     what has happened, laid over the network; the rest after the data date
``volumes``      sizes, tiers, growth, what stays behind
``transfer``     how fast a route moves a dataset, and what limits it
``timeline``     when each task starts and ends, in every draw
``gating``       what qualifies the services of each wave, and whether that sets its go/no-go
``floats``       the likely plan by itself: priority, late dates, floats
``costs``        what each rate has consumed, times its price
``fitting``      whether status facts fit the plan, and one another
``forms``        the forms of a new week, prefilled with what goes on
``mspdi``        MS Project's XML: its codes, its clock, its durations
``model``        a plan made ready to run
``hauling``      the routes in one block of draws
``exposure``     where bytes are while they move: at the source, unqualified, held twice
``continuity``   who is interrupted, who lacks a tool, how long one can turn back
``accounts``     money accrued: by line, by budget year (AE and CP), by perimeter
``actuals``      orders and invoices in the place of the model's past, line by line
``outcome``      one block of draws: the four models together
``sense``        whether a plan makes sense as a whole: dates, allocations, rewrites, facts
``reading``      from a plan file to a Plan
``priority``     the order in which tasks come by their resources
``lessons``      what each task that has begun says of its drivers
``learning``     a plan as of a date: how fast routes and teams really are
``earned``       earned value and earned schedule, a check from outside
``spread``       quantiles of some draws and their standard errors
``forecast``     what came out, with its standard errors
``kept``         a forecast as the table of quantiles that is archived for ever
``kept_files``   kept forecasts read back strictly
``verification`` scores of forecasts against what happened: CRPS, PIT, Brier, coverage
``budget``       lines against their allocations, transfers, provision; years and perimeters
``spending``     committed, paid and to go as of a date, by line and budget year
``simulation``   a Plan becomes a Forecast
``pairing``      kept forecasts beside what has happened, finished or still open
``paired``       statistics on common draws, and the error of their differences
``ranks``        how much of an outcome each input explains by itself
``sensitivity``  what drives the answer, and what to check first
``sovereignty``  when services are qualified, what that holds up, what the law asks for
``standing``     status of each area by published rules, and who overrides them
``past``         weeks that were published, read back
``tooling``      which gaps leave projects without a tool, what closing one changes
``crossing``     how each wave goes over, who stands still, how long all can turn back
``result``       the numbers of a forecast as one JSON-safe value
``scoring``      how good kept forecasts have been, beside the first plan and earned schedule
``differing``    what differs between plans: inputs, causes, and plans in between
``basis``        what plans have in common, so that they may be compared
``comparison``   scenarios side by side on common draws
``sharing``      a difference shared out among its causes, on average over their orders
``attribution``  why did it move: the difference of two plans, by cause
``between``      what became known between two weeks, and the forecasts in between
``moved``        why did it move since last week: by group of causes, and which facts
``robustness``   who wins where, from which value on, and what a choice can cost
``information``  what it is worth to know an input before deciding
``choice``       which scenario, what it gives up, what would change that
``loads``        what there is to move: volumes and lengths of copies, draw by draw
``volume_readings`` one plan, its volume read in several ways
``links``        what another rate of the main link would change
``weekly``       one week: its forecast, status, decisions, risks, what comes
``gathered``     a week gathered from files
``quality``      what is weak in a plan; what the facts say
``handover``     the likely plan as plain tasks, for a tool that knows no draws
``wording``      numbers into guarded sentences, French and English
``project_xml``  a likely plan as an MS Project XML file
``readers``      files that a team already has, one a source
``figures``      one chart a function
``page``         the sections of a page, as HTML
``report``       papermill, and publishing whole or not at all
``workbook``     a forecast as a workbook: tables, live arithmetic, sources
``lever_changes`` what a plan file says for a number or a span that a lever stands at
``levers``       what the explorer lets people move: decisions apart from assumptions
``explorer_refusals`` what it refuses, in the visitor's language
``explorer_starts`` where a state may begin, and changes laid over it
``explorer_state`` what has been moved, each value judged before it counts
``explorer_plans`` the plan that a state stands for
``explorer_draws`` its draws: made ready once, drawn once
``explorer_texts`` states as scenario files and as one line to paste
``explorer``     a visit: states one behind the other, what is refused leaves the last good one
``explorer_odds`` what it says first: the odds, what to add, the challenge
``explorer_why`` what moved the odds, and what has no effect
``explorer_alarms`` what it warns of: infeasible, illegal or too late
``explorer_sheet`` the sheet that it draws on
``explorer_lines`` the three lines that every view shows
``explorer_cloud`` the views that are always there: date against cost, and why
``explorer_charts`` its other views, as small hand-written charts
``explorer_notes`` what stands under each control
``explorer_slider`` a slider that cuts nothing off
``explorer_controls`` its controls
``explorer_files`` save, load and share
``explorer_bars`` presets, undo, language, views, how numbers are shown
``explorer_reasons`` what the last move did, what was decided, what is hoped for
``explorer_page`` its page: the headline first, then the views, then the reasons
``serving_kernels`` when a visitor's kernel ends
``serving``      the explorer as a page, served to this machine alone
``summary``      a forecast in a few lines for a terminal
``doctor``       what this machine has and lacks
``ground``       environment.yml from pyproject.toml
``talk``         what every command says, and how it ends
``cli_compare``  the commands that compare plans
``cli_export``   the commands that write a plan for other programs
``cli_import``   the commands that read files of other tools
``cli_weekly``   the command of the week
``cli``          the command line
"""

from __future__ import annotations

__version__ = "0.4.0"
__all__ = ["Forecast", "Plan", "compare", "load_plan", "simulate"]

_HOME = {
    "Forecast": "forecast",
    "Plan": "plan",
    "compare": "comparison",
    "load_plan": "reading",
    "simulate": "simulation",
}


def __getattr__(name: str):
    """Import a public name when it is first asked for: ``import hdhplan`` stays light."""
    if name not in _HOME:
        raise AttributeError(f"hdhplan has no {name}")
    from importlib import import_module

    return getattr(import_module(f"hdhplan.{_HOME[name]}"), name)
