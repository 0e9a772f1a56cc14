"""Weekly pages: each published once and in order, missed weeks first, none over another."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hdhplan.between import known_by
from hdhplan.errors import Fault, InputError
from hdhplan.past import folder_name, published, read_manifest, read_past, read_week
from hdhplan.plan import Plan
from hdhplan.reading import load_plan
from hdhplan.report import (
    ReportError,
    asked_as,
    check_langs,
    home,
    make,
    os_reason,
    write,
    write_index,
)
from hdhplan.report.mail import mail
from hdhplan.report.publish import only_one
from hdhplan.status import monday, week_of, weeks

NOTEBOOK = home() / "notebooks" / "weekly_report.ipynb"
#: Weeks after the last file for which pages are still made: more is a slip of the pen, not a late file.
MOST_LATE = 26


@dataclass(frozen=True)
class Routine:
    """What all weeks of one programme are made with.

    Parameters
    ----------
    status
        Folder of weeks.
    langs
        The first is ``report.html``.
    out
        Folder of all reports; ``reports`` of the project by default.
    """

    scenario: str | Path
    status: Path
    langs: tuple[str, ...] = ("fr",)
    draws: int = 65_536
    seed: int = 1
    overrides: tuple[str, ...] = ()
    out: Path | None = None
    pdf: bool = False
    eml: bool = False
    notebook: Path = NOTEBOOK
    say: Callable[[str], None] = field(default=lambda text: None, repr=False)

    @property
    def reports(self) -> Path:
        """Folder of all reports."""
        return (Path(self.out) if self.out else home() / "reports").resolve()

    def folder(self, week: str) -> Path:
        """Folder of a week's report."""
        return self.reports / folder_name(self.status.resolve(), week)


def make_weeks(routine: Routine, day: dt.date, force: bool = False) -> list[Path]:
    """Publish the week of a day, and before it those that were missed; return the new folders.

    Parameters
    ----------
    day
        Data date. A missed week is dated by its last fact, or by the same day of the week if that is later.
    force
        Publish the week even if it is published; earlier ones stay as they are.

    Raises
    ------
    InputError
        If a plan, a status file, or a week that was published is refused; what stands stays.
    ReportError
        If a page was not published: those before it are.
    """
    check_langs(routine.langs)
    plan = load_plan(routine.scenario, routine.overrides, routine.status, until=day)
    first, made = _first(routine, plan, day), []
    with _alone(routine):
        for due in _due(routine, plan, first, day, force):
            made.append(_make_one(routine, due))
            routine.say(f"Published: {made[-1]}")
        if not made:  # a run that was killed may have left the list behind
            write_index(routine.reports, routine.say)
    return made


@contextmanager
def _alone(routine: Routine) -> Iterator[None]:
    """One run at a time for the whole row of weeks; each page has its own lock beside."""
    lock = routine.reports / f".lock-{folder_name(routine.status.resolve(), 'weekly')}"
    with ExitStack() as held:
        try:
            routine.reports.mkdir(parents=True, exist_ok=True)
            held.enter_context(only_one(lock, routine.say, "weekly"))
        except OSError as error:
            reason = os_reason(error)
            raise ReportError(f"No report can be written below {lock.parent}: {reason}") from error
        yield


def _due(routine: Routine, plan: Plan, first: str, day: dt.date, force: bool) -> Iterator[dt.date]:
    """Days of the weeks to publish, in order."""
    week, status = week_of(day), routine.status.resolve()
    there = dict(published(routine.reports, status))
    told = [past.week for past in read_past(routine.reports, status, week)]
    later = [name for name in there if name > week]  # names of weeks sort as the weeks do
    if later and week not in there and not force:
        found = f"{week} is not published, but {later[-1]} is"
        fix = f"publish a week after {later[-1]}, or this one beside its order with --force"
        raise InputError(Fault(str(routine.reports), None, "--as-of", found, "weeks in order", fix))
    # A later page tells of a week whose folder is gone: it was published, and is not made again.
    last = max([*there, *told], default="")
    for name in weeks(first, week):
        if name == week and (force or name not in there):
            yield day
        elif name == week:
            _stays(routine, plan, there[name])
        elif name > last:
            facts = [f.date for f in plan.status.facts if week_of(f.date) == name]
            yield max([*facts, monday(name) + dt.timedelta(day.weekday())])


def _first(routine: Routine, plan: Plan, day: dt.date) -> str:
    """The first week of the status files; a day before it, or long after the last, is refused."""
    files = plan.status.files if plan.status else {}
    found, limit = f"nothing known by {day}", "a folder of weeks"
    if files:
        found = f"nothing known by {day}" if min(files) > week_of(day) else ""
        limit = f"a week from {min(files)} on"
        late = (monday(week_of(day)) - monday(max(files))).days // 7
        if late > MOST_LATE:
            found = f"{day} is {late} weeks after the last files, of {max(files)}"
            limit = f"at most {MOST_LATE} weeks"
    if found:
        raise InputError(Fault(str(routine.status), None, "--as-of", found, limit))
    return min(files)


def _stays(routine: Routine, plan: Plan, folder: Path) -> None:
    """Say that a week is published, and what has changed since; a damaged one is refused."""
    read_week(folder)
    then = read_manifest(folder, "inputs")
    changed = [name for name, print_ in plan.origin.inputs.items() if then.get(name) != print_]
    since = f" Since then changed: {', '.join(changed)}." if changed else ""
    routine.say(f"{folder} is published already: it stays.{since} --force makes it again.")


def _make_one(routine: Routine, day: dt.date) -> Path:
    """Publish one week."""
    week, overrides = week_of(day), list(routine.overrides)
    plan = load_plan(routine.scenario, overrides, routine.status, until=day)
    past = read_past(routine.reports, routine.status.resolve(), week)
    if past and past[-1].counted:  # facts that were published stand: refused before anything runs
        known_by(plan, past[-1].day, past[-1].counted["facts"])
    asked = {
        "scenario": asked_as(routine.scenario), "status": str(routine.status.resolve()),
        "as_of": day.isoformat(), "reports": str(routine.reports), "draws": routine.draws,
        "seed": routine.seed, "overrides": overrides,
    }  # fmt: skip
    name = routine.folder(week).name

    def also(made: Path, result: dict) -> None:
        for lang in routine.langs if routine.eml else ():
            write(
                made / _beside("report.eml", lang, routine.langs),
                _mail(made, result, lang, routine),
            )

    return make(
        name, [plan], asked, routine.langs, routine.out, routine.say, routine.notebook,
        routine.pdf, also,
    )  # fmt: skip


def _beside(name: str, lang: str, langs: tuple[str, ...]) -> str:
    """File of a language: the first one has none in its name."""
    stem, _, ending = name.partition(".")
    return name if lang == langs[0] else f"{stem}.{lang}.{ending}"


def _mail(made: Path, result: dict, lang: str, routine: Routine) -> bytes:
    """The week as a letter, with its pages."""
    names = [_beside(f"report.{ending}", lang, routine.langs) for ending in ("html", "pdf")]
    pages = {name: (made / name).read_bytes() for name in names if (made / name).exists()}
    letter = result["letter"][lang]
    day = dt.date.fromisoformat(result["as_of"])
    return mail(result["title"][lang], letter["sentences"], letter["decisions"], pages, day, lang)


def result_of(folder: Path) -> dict:
    """Read the result of a published week.

    Raises
    ------
    ReportError
        If it is not what is told of a week.
    """
    try:
        result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
        return {name: result[name] for name in ("data", "letter", "meta", "title", "warnings")}
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise ReportError(f"{folder / 'result.json'} cannot be read: {reason}") from error
