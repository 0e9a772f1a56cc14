"""Weeks that were published: what each said then, read back from its own result, never made again."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from hdhplan.errors import Fault, InputError
from hdhplan.status import monday, week_of

#: What a kept week of another shape is refused by.
SCHEMA = "hdhplan.week/1"


@dataclass(frozen=True)
class Kept:
    """The numbers of one published week that later weeks look back at.

    Parameters
    ----------
    milestones
        P50 and P80 of each milestone, None where it never comes. [d since the start of the plan]
    p80_day, p80_eur
        Prudent date of the target and prudent cost. [d], [EUR]
    odds
        Odds of date, budget and both, as far as they are asked for. [1]
    colours
        Of each area the computed status, and the steady one that the next week is held against.
    landed_tb, verified_tb, scope_tb
        What had landed and was verified, and what there is to move. [TB]
    moved, projects
        Projects whose wave had gone over, of how many.
    reference
        Name and week of the reference in force.
    counted
        What the next week's move counts from, and what was known: `moved.Moved.mark`.
    plan
        Digest of the plan file as it was resolved.
    """

    week: str
    day: dt.date
    version: str
    milestones: dict[str, tuple[float | None, float | None]]
    p80_day: float | None
    p80_eur: float | None
    odds: dict[str, float | None]
    colours: dict[str, tuple[str, str]]
    landed_tb: float
    verified_tb: float
    scope_tb: float
    moved: int
    projects: int
    reference: tuple[str, str]
    counted: dict[str, Any] | None = None
    plan: str = ""

    @property
    def data(self) -> dict[str, Any]:
        """The numbers as they stand in a result."""
        return {"schema": SCHEMA, **asdict(self)}


def recorded(past: Sequence[Kept]) -> list[dict[str, Any]]:
    """Earlier weeks as a later page records them: only the last with what the next counts from."""
    slim = [replace(kept, counted=None) for kept in past[:-1]]
    return [kept.data for kept in (*slim, *past[-1:])]


def plan_digest(resolved: Any) -> str:
    """Digest of a plan file as it was resolved."""
    text = json.dumps(resolved, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def kept_of(data: Any, file: str) -> Kept:
    """Read the numbers of a week back.

    Raises
    ------
    InputError
        If they are not those of a week.
    """
    try:
        if data["schema"] != SCHEMA:
            raise ValueError(f"schema {data['schema']!r}")
        given = {key: value for key, value in data.items() if key != "schema"}
        given["day"] = dt.date.fromisoformat(given["day"])
        if week_of(given["day"]) != given["week"]:
            raise ValueError(f"{given['day']} is not in {given['week']}")
        for key in ("milestones", "colours"):
            given[key] = {name: tuple(pair) for name, pair in given[key].items()}
        given["reference"] = tuple(given["reference"])
        if given["counted"] is not None:
            dict(given["counted"]["facts"])
        return Kept(**given)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        found = f"no week that was published: {type(error).__name__}: {error}"[:120]
        fix = "restore the folder from a copy, or publish the week again with --force"
        raise InputError(Fault(file, None, "data.week", found, SCHEMA, fix)) from error


def folder_name(status: Path, week: str) -> str:
    """Name of a week's report: ``2026-W47``, with the name of its folder where that is not ``status``.

    Examples
    --------
    >>> folder_name(Path("data/status/example"), "2026-W47")
    'example-2026-W47'
    """
    return week if status.name == "status" else f"{status.name}-{week}"


def published(reports: Path, status: Path) -> Iterator[tuple[str, Path]]:
    """Weeks of a status folder that have a report, in order, each with its folder."""
    found = {}
    for path in reports.glob(folder_name(status, "[0-9][0-9][0-9][0-9]-W[0-9][0-9]")):
        if (path / "result.json").is_file():
            found[path.name[-8:]] = path
    yield from sorted(found.items())


def read_past(reports: Path, status: Path, before: str) -> tuple[Kept, ...]:
    """The weeks before one that were published, in order, as each said itself.

    A week whose folder is gone is read from the first later page: every page records its past.

    Raises
    ------
    InputError
        With every published week that cannot be read back.
    """
    own: dict[str, Kept] = {}
    told: dict[str, Kept] = {}
    faults: list[Fault] = []
    for week, path in published(reports, status):
        try:
            data, file = _numbers(path), f"{path.name}/result.json"
            own[week] = kept_of(data.get("week"), file)
            for row in data.get("past", ()):
                earlier = kept_of(row, file)
                told.setdefault(earlier.week, earlier)
        except InputError as error:
            faults += error.faults
    if faults:
        raise InputError(faults)
    found = told | own
    return tuple(found[week] for week in sorted(found) if monday(week) < monday(before))


def _numbers(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads((path / "result.json").read_text(encoding="utf-8"))["data"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        fix = "restore the folder from a copy, or publish the week again with --force"
        found = f"cannot be read: {type(error).__name__}"
        file = f"{path.name}/result.json"
        raise InputError(Fault(file, None, "", found, "the result of a week", fix)) from error
