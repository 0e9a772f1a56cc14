"""A small programme reported week by week, and its weekly pages run in this very process."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from hdhplan import report as reporting
from hdhplan.gathered import this_week
from hdhplan.page.weekly import WeeklyPage
from hdhplan.report.weeks import NOTEBOOK, Routine, make_weeks
from hdhplan.status import week_of
from hdhplan.tests.test_status import write

#: Three tasks, a copy, a wave, a risk, a team; lengths in weeks of the story: design 25, copy 50 %.
_PLAN = """\
schema: hdhplan.plan/1
name: small
title: {{fr: Un petit programme, en: A small programme}}
start: {start}
target: {{finish: {finish}, cost_eur: 2_000_000, vat: HT}}
vat_rate: 0.20
tasks:
  - {{id: design, calendar: france, work: {design}}}
  - {{id: build, calendar: france, work: {build}, after: [design]}}
  - {{id: open, work: 0 d, after: [build, claims.copy]}}
routes:
  link: {{rate_gbps: {rate}, usable_share: {{low: 0.3, likely: 0.5, high: 0.8, source: a test, grade: D}}}}
datasets:
  - {{id: claims, volume_tb: 100, route: link, wave: 1, after: [design]}}
waves:
  - {{id: 1, projects: 10, critical_projects: 1, cutover: {{mode: freeze, work: 2 d}}, dual_running: 30 d,
      erase: 10 d}}
drivers:
  - {{id: late, p: 0.3, delay: 20 d, on: [build]}}
  - {{id: sick, p: 0.2, delay: 10 d, on: [design]}}
rates:
  - {{id: team, amount_eur: 1500, per: wd, on: [design, open], line: migration}}
"""
_DAY = dt.timedelta(1)


def plan_file(folder: Path, first: dt.date, count: int) -> Path:
    """Write the plan of a programme of so many weeks from a Monday."""
    work = "{{low: {:.0f} wd, likely: {:.0f} wd, high: {:.0f} wd, source: a test, grade: D}}"
    design, build = (work.format(0.6 * n, n, 2 * n) for n in (1.3 * count, 2.5 * count))
    path = folder / "small.yaml"
    rate = 100e12 * 8 / (0.5 * 0.5 * count * 7 * 86_400) / 1e9  # 100 TB in half of the weeks
    text = _PLAN.format(
        start=first, finish=first + dt.timedelta(8 * count), design=design, build=build, rate=f"{rate:.6f}"
    )  # fmt: skip
    path.write_text(text, encoding="utf-8")
    return path


def report_week(status: Path, first: dt.date, count: int, number: int) -> dt.date:
    """Write the facts of one week of so many, counted from 0; return its Friday."""
    day = first + dt.timedelta(7 * number + 4)
    found: dict[str, list[dict[str, Any]]] = {}
    for kind, row in _facts(first, count, number):
        rows = found.setdefault(kind, [])
        rows.append({"id": f"w{number}-{kind}-{len(rows)}"} | row)
    for kind, rows in found.items():
        write(status, kind, *rows, day=day.isoformat())
    return day


def _facts(first: dt.date, count: int, number: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """What is reported in a week: design for a quarter of the weeks, then the copy and the building."""
    friday, designed = first + dt.timedelta(7 * number + 4), count // 4
    if number == 0:
        yield "tasks", {"task": "design", "start": first + _DAY}
        yield "references", {"reference": "R0", "week": week_of(friday), "approved_by": "COPIL",
                             "reason": "the first"}  # fmt: skip
    elif number < designed:
        yield "tasks", {"task": "design", "remaining": 5 * (designed - number), "unit": "wd"}
    elif number == designed:
        yield "tasks", {"task": "design", "finish": friday - _DAY}
        yield "tasks", {"task": "claims.copy", "start": friday}
        yield "tasks", {"task": "build", "start": friday}
    else:
        landed = 100 * (number - designed) / count
        if number == designed + 3:  # twice too much, until the week after
            landed *= 2
        row = {"dataset": "claims", "landed_tb": f"{landed:.3f}"}
        wrong = {"corrects": f"w{number - 1}-datasets-0", "note": "counted twice"}
        yield "datasets", row | (wrong if number == designed + 4 else {})
    if number % 4 == 1:
        yield "invoices", {"line": "migration", "committed_eur": 30_000, "paid_eur": 20_000,
                           "currency": "EUR", "vat": "HT"}  # fmt: skip
    if number in (count // 6, count // 3):
        state = "open" if number == count // 6 else "closed"
        yield "risks", {"driver": "late", "state": state}
    if number in (count // 10, count // 5):
        state = "asked" if number == count // 10 else "taken"
        yield "decisions", {"decision": "faster", "state": state, "what": "A faster link",
                            "setting": "routes.link.rate_gbps=1"}  # fmt: skip
    if number == count // 2:
        low, likely, high = (round(f * count) for f in (2, 3, 5))
        yield "estimates", {"quantity": "tasks.build.work", "low": low, "likely": likely, "high": high,
                            "unit": "wd", "reason": "more tools than thought"}  # fmt: skip


def run_here(notebook: Path, made: Path, asked: dict, lang: str, say: Any) -> nbformat.NotebookNode:
    """Run a week without papermill: its page one and its numbers, as the notebook displays them."""
    given = {key: value for key, value in asked.items() if key != "lang"}
    page = WeeklyPage(this_week(**given), lang)
    shown = [
        page.sheet(),
        page.changed(),
        page.milestones(),
        page.rules(),
        page.kept(),
        page.result(),
    ]
    bundles = [x._repr_mimebundle_() if hasattr(x, "_repr_mimebundle_") else
               {"text/html": x._repr_html_()} for x in shown]  # fmt: skip
    outputs = [new_output("display_data", data) for data in bundles if data.get("text/html", "x")]
    node = new_notebook(cells=[new_code_cell("page", outputs=outputs, execution_count=1)])
    nbformat.write(node, made / "run.ipynb")
    return node


@contextmanager
def without_papermill() -> Iterator[pytest.MonkeyPatch]:
    """Make weeks in this process: all of the routine but papermill and its kernel."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reporting, "_run", run_here)
        yield patch


_CELL = """\
from IPython.display import display
from hdhplan.gathered import this_week
from hdhplan.page.weekly import WeeklyPage

page = WeeklyPage(this_week(scenario, status, as_of, reports, draws, seed, overrides), lang)
display(page.sheet(), page.kept(), page.result())"""


def one_cell(path: Path) -> Path:
    """Write a notebook of a week that is one cell, and its parameters."""
    real = nbformat.read(NOTEBOOK, as_version=4)
    parameters = next(c for c in real.cells if "parameters" in c.metadata.get("tags", ()))
    real.cells = [parameters, new_code_cell(_CELL)]
    nbformat.write(real, path)
    return path


def replay(executed: Path, mark: str, made: Path) -> nbformat.NotebookNode:
    """Take a notebook that ran already for one that has just run, and mark its page."""
    node = nbformat.read(executed, as_version=4)
    text = f"<section id='run'><p>Run number {mark}.</p></section>"
    node.cells[-1].outputs.append(new_output("display_data", {"text/html": text}))
    nbformat.write(node, made / "run.ipynb")
    return node


@contextmanager
def replayed(executed: Path, mark: str) -> Iterator[None]:
    """Make weeks of a notebook that ran already: publishing alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reporting, "_run", lambda _, made, *given: replay(executed, mark, made))
        yield


def publish_replayed(
    plan: Path, status: Path, out: Path, executed: Path, day: dt.date, mark: str, told: Any,
    exchanges: bool,
) -> None:  # fmt: skip
    """Publish a notebook that ran already, in a process to be killed; tell when that begins."""

    def run(_: Path, made: Path, *given: Any) -> nbformat.NotebookNode:
        node = replay(executed, mark, made)
        told.send("publishing")
        return node

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reporting, "_run", run)
        if not exchanges:
            publishing = import_module("hdhplan.report.publish")  # a function is called so too
            patch.setattr(publishing, "exchange", lambda made, place: False)
        make_weeks(Routine(plan, status, draws=200, out=out), day, force=True)
    told.send("published")
