"""A week gathered from files: the plan, its status, the weeks published before, other plans to try."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

from hdhplan.facts import data_folder
from hdhplan.past import folder_name, plan_digest, read_manifest, read_past
from hdhplan.plan import Plan
from hdhplan.reading import judge, load_plan
from hdhplan.status import week_of
from hdhplan.tree import Tree
from hdhplan.weekly import Week, make_week
from hdhplan.weeks import status_folder


def this_week(
    scenario: str | Path,
    status: str | Path,
    as_of: str | dt.date,
    reports: str | Path,
    draws: int = 65_536,
    seed: int = 1,
    overrides: Iterable[str] = (),
) -> Week:
    """Work out the week of a day from files.

    Parameters
    ----------
    status
        Folder of weeks: its path, or its name below ``data/status``.
    reports
        Folder of the reports published before: a path, or a folder of the project.

    Raises
    ------
    InputError
        If a plan, a status file or a published week is refused.
    """
    day = dt.date.fromisoformat(str(as_of))
    folder, given = status_folder(str(status)), list(overrides)
    places = Path(reports) if Path(reports).is_dir() else data_folder().parent / reports

    def vary(setting: str) -> Plan:
        return load_plan(scenario, [*given, setting])

    plan = load_plan(scenario, given, folder, until=day)
    past = read_past(places, folder.resolve(), week_of(day))
    before = None
    if past and past[-1].plan != plan_digest(plan.origin.resolved):
        before = _plan_before(places, folder.resolve(), past[-1].week, plan)
    return make_week(plan, day, past, before, vary, draws, seed)


def _plan_before(reports: Path, status: Path, week: str, plan: Plan) -> Plan:
    """The plan file of a published week, which said something else, with today's status facts."""
    resolved = read_manifest(reports / folder_name(status, week), "plan")
    before = judge(Tree(resolved, {}), plan.facts)
    before._status = plan.status
    return before
