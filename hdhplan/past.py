"""Weeks that were published: what each said then, read back from its own result, never made again."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from hdhplan.errors import Fault, InputError
from hdhplan.layers import slug
from hdhplan.status import week_of
from hdhplan.weeks import is_week

#: What a published week of another shape is refused by.
SCHEMA = "hdhplan.week/1"
_AGAIN = "restore the folder from a copy, or publish the week again with --force"
#: Names of folders that are taken as they are; others are made harmless.
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")


@dataclass(frozen=True)
class Past:
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
        What had landed and was verified, and P50 of what there is to move. [TB]
    moved, projects
        Projects whose wave had gone over, of how many.
    reference
        Name and week of the reference in force.
    counted
        What the next week's move counts from, and what was known: `moved.Moved.mark`.
    plan
        Digest of the plan file as it was resolved.
    start
        Day 0.0 of its instants; None in weeks that did not say so.
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
    start: dt.date | None = None

    @property
    def data(self) -> dict[str, Any]:
        """The numbers as they stand in a result."""
        return {"schema": SCHEMA, **asdict(self)}


def counted_from(past: Past, start: dt.date) -> Past:
    """A week as it was, its instants counted from another start: a plan's start may move."""
    shift = (past.start - start).days if past.start else 0

    def moved(day: float | None) -> float | None:
        return None if day is None else day + shift

    dates = {name: (moved(p50), moved(p80)) for name, (p50, p80) in past.milestones.items()}
    return replace(past, milestones=dates, p80_day=moved(past.p80_day), start=start)


def recorded(past: Sequence[Past]) -> list[dict[str, Any]]:
    """Earlier weeks as a later page records them: only the last with what the next counts from."""
    slim = [replace(one, counted=None) for one in past[:-1]]
    return [one.data for one in (*slim, *past[-1:])]


def plan_digest(resolved: Any) -> str:
    """Digest of a plan file as it was resolved."""
    text = json.dumps(resolved, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def past_of(data: Any, file: str) -> Past:
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
        if given.get("start"):
            given["start"] = dt.date.fromisoformat(given["start"])
        if given["counted"] is not None:
            dict(given["counted"]["facts"])
        return Past(**given)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        found = f"no week that was published: {type(error).__name__}: {error}"[:120]
        raise InputError(Fault(file, None, "data.week", found, SCHEMA, _AGAIN)) from error


def folder_name(status: Path, week: str) -> str:
    """Name of a week's report: ``2026-W47``, with the name of its folder where that is not ``status``.

    Examples
    --------
    >>> folder_name(Path("data/status/example"), "2026-W47")
    'example-2026-W47'
    >>> folder_name(Path("Suivi d'été [2]"), "2026-W47")
    'suivi-d-ete-2-2026-W47'
    """
    name = status.name if _PLAIN.fullmatch(status.name) else slug(status.name)
    return week if name == "status" else f"{name}-{week}"


def published(reports: Path, status: Path) -> Iterator[tuple[str, Path]]:
    """Weeks of a status folder that have a report, damaged or not, in order, each with its folder."""
    found = {}
    for path in reports.glob(folder_name(status, "[0-9][0-9][0-9][0-9]-W[0-9][0-9]")):
        if path.is_dir() and is_week(path.name[-8:]):
            found[path.name[-8:]] = path
    yield from sorted(found.items())


def read_past(reports: Path, status: Path, before: str) -> tuple[Past, ...]:
    """The weeks before one that were published, in order, as each said itself.

    A week whose folder is gone is read from the first later page: every page records its past.

    Raises
    ------
    InputError
        With every earlier week that cannot be read back; it and later ones may be damaged, since
        publishing them again is how they are mended.
    """
    own: dict[str, Past] = {}
    told: dict[str, tuple[Any, str]] = {}
    faults: list[Fault] = []
    for week, path in published(reports, status):
        try:
            own[week], earlier = read_week(path)
        except InputError as error:
            faults += error.faults if week < before else ()  # their names sort as the weeks do
            continue
        for row in earlier:
            told.setdefault(row["week"], (row, f"{path.name}/result.json"))
    if faults:
        raise InputError(faults)
    gone = (past_of(*told[week]) for week in told.keys() - own.keys())
    found = own | {one.week: one for one in gone}
    return tuple(found[week] for week in sorted(found) if week < before)


def read_week(path: Path) -> tuple[Past, list[dict[str, Any]]]:
    """What a published week said of itself, and the rows in which it tells of those before it.

    Raises
    ------
    InputError
        If it cannot be read back.
    """
    file = f"{path.name}/result.json"
    data = _json(path / "result.json", "data", "the result of a week")
    one = past_of(data.get("week"), file)
    if one.week != path.name[-8:]:
        found = f"the numbers of {one.week}"
        raise InputError(Fault(file, None, "data.week.week", found, path.name[-8:], _AGAIN))
    rows = data.get("past")
    if not isinstance(rows, list) or not all(_names_a_week(x) for x in rows):
        raise InputError(Fault(file, None, "data.past", "no list of weeks", SCHEMA, _AGAIN))
    return one, rows


def _names_a_week(row: Any) -> bool:
    return isinstance(row, dict) and isinstance(row.get("week"), str)


def read_manifest(path: Path, key: str) -> dict[str, Any]:
    """A part of what a published week was made from: ``plan`` as it was resolved, or ``inputs``.

    Raises
    ------
    InputError
        If it cannot be read back.
    """
    return _json(path / "manifest.json", key, "what a week was made from")


def _json(path: Path, key: str, limit: str) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8"))[key])
    except (OSError, ValueError, KeyError, TypeError) as error:
        found, file = f"cannot be read: {type(error).__name__}", f"{path.parent.name}/{path.name}"
        raise InputError(Fault(file, None, "", found, limit, _AGAIN)) from error
