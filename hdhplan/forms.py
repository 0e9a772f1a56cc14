"""The forms of a new week, prefilled from what was known before it; nothing is written here."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path

from hdhplan.errors import Fault, InputError
from hdhplan.fitting import misfits
from hdhplan.network import expand
from hdhplan.plan import Plan
from hdhplan.status import FORMS, State, Status, monday
from hdhplan.weeks import SHIPPED, columns, is_week, read_status, week_fault

#: Days from Monday to the day on which a week is reported.
_FRIDAY = dt.timedelta(4)
_Row = dict[str, object]


def new_forms(folder: Path, week: str, plan: Plan) -> dict[str, str]:
    """Fill the forms of a week with what goes on: the text of each file by its name.

    Every row lacks its source: somebody fills it, or deletes it; `read_status` refuses it as it is.

    Parameters
    ----------
    folder
        The folder of weeks, which may hold none yet.
    week
        An ISO week such as ``2026-W48``, of which there is no file yet.

    Raises
    ------
    InputError
        If there is no such week, if it has files already, and with all that is wrong in the others.
    """
    if fault := week_fault("--new", week) or _taken(folder / week):
        raise InputError(fault)
    status = _status_of(folder, plan)
    state = status.as_of(monday(week) - dt.timedelta(1))
    made_up = folder.name == SHIPPED or (
        bool(status.facts) and all(f.illustrative for f in status.facts)
    )
    common = {"date": monday(week) + _FRIDAY, "illustrative": "yes" if made_up else "no"}
    used = {fact.id for fact in status.facts}
    found = {}
    for kind, form in FORMS.items():
        rows = [*_PREFILLED[kind](state, common["date"])] if kind in _PREFILLED else []
        if rows or not form.optional:
            ids = _free_ids(week, kind, used)
            found[f"{kind}.csv"] = _text(
                columns(form), [{"id": next(ids)} | common | row for row in rows]
            )
    return found


def _taken(path: Path) -> Fault | None:
    """Files that a week has already: none is overwritten."""
    if not path.exists():
        return None
    names = sorted(x.name for x in path.iterdir()) if path.is_dir() else [path.name]
    if not (shown := [name for name in names if not name.startswith(".")]):
        return None
    fix = "fill them in; nothing was overwritten"
    return Fault(
        str(path), None, "", f"{', '.join(shown)} there already", "a week without files", fix
    )


def _status_of(folder: Path, plan: Plan) -> Status:
    """All facts of a folder, refused where they do not fit the plan; none where it has no week yet."""
    if folder.is_dir() and not any(is_week(path.name) for path in folder.iterdir()):
        return Status(str(folder), ())
    status = read_status(folder)
    if faults := misfits(plan, expand(plan), status):
        raise InputError(faults)
    return status


def _free_ids(week: str, kind: str, used: set[str]) -> Iterator[str]:
    """Ids such as ``w48-tasks-1``; with the year in them where another year has those of its week."""
    year, _, short = week.lower().partition("-")
    taken = any(name.startswith(f"{short}-") for name in used)
    stem, number = (f"{short}-{year}-{kind}" if taken else f"{short}-{kind}"), 0
    while True:
        number += 1
        if f"{stem}-{number}" not in used:
            yield f"{stem}-{number}"


def _text(header: tuple[str, ...], rows: list[_Row]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, header, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return out.getvalue()


def _cell(value: object) -> str:
    """A cell as the reader of forms takes it: no exponent, no trailing zeros."""
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _tasks(state: State, _: dt.date) -> Iterator[_Row]:
    """Tasks that have started and not finished: what is left of them is to be measured."""
    for task, known in state.of("tasks").items():
        if "start" in known and "finish" not in known:
            yield {"task": task, "start": known["start"].value}


def _datasets(state: State, _: dt.date) -> Iterator[_Row]:
    """Datasets that are being copied or read again, with what had landed last."""
    tasks, datasets = state.of("tasks"), state.of("datasets")
    copies = [task.removesuffix(".copy") for task in tasks if task.endswith(".copy")]
    for name in dict.fromkeys([*copies, *datasets]):
        known = {field: found.value for field, found in datasets.get(name, {}).items()}
        copied = "finish" in tasks.get(f"{name}.copy", {})
        if not copied or known.get("verified_tb", 0.0) < known.get("landed_tb", 0.0):
            totals = ("landed_tb", "landed_objects", "verified_tb")
            yield {"dataset": name} | {k: v for k, v in known.items() if k in totals}


def _invoices(state: State, _: dt.date) -> Iterator[_Row]:
    """Budget lines that had orders or invoices, in each VAT basis that they had."""
    seen = [
        (fact.subject, fact.given["currency"], fact.given["vat"])
        for fact in state.live
        if fact.kind == "invoices"
    ]
    for line, currency, vat in dict.fromkeys(seen):
        yield {"line": line, "currency": currency, "vat": vat}


def _risks(state: State, _: dt.date) -> Iterator[_Row]:
    """Risks that are open."""
    for driver, known in state.of("risks").items():
        if known["state"].value == "open":
            yield {"driver": driver, "state": "open"}


def _decisions(state: State, day: dt.date) -> Iterator[_Row]:
    """Decisions asked for and not taken, as they were asked; a day that has passed is left empty."""
    for decision, known in state.of("decisions").items():
        if known["state"].value == "asked":
            row = {field: found.value for field, found in known.items()}
            if isinstance(row.get("due"), dt.date) and row["due"] < day:
                del row["due"]
            yield {"decision": decision} | row


_PREFILLED = {
    "tasks": _tasks,
    "datasets": _datasets,
    "invoices": _invoices,
    "risks": _risks,
    "decisions": _decisions,
}
