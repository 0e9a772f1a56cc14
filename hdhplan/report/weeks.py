"""Weekly pages: each published once and in order, missed weeks first, none over another."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from hdhplan.between import known_by
from hdhplan.errors import Fault, InputError
from hdhplan.past import folder_name, published, read_past
from hdhplan.plan import Plan
from hdhplan.reading import load_plan
from hdhplan.report import ReportError, asked_as, check_langs, home, make, write
from hdhplan.report.mail import mail
from hdhplan.report.publish import only_one
from hdhplan.status import monday, week_of, weeks

NOTEBOOK = home() / "notebooks" / "weekly_report.ipynb"


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
        Data date. A missed week is dated by the same day of its week.
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
    routine.reports.mkdir(parents=True, exist_ok=True)
    # One run at a time for the whole row of weeks; each page has its own lock beside.
    with only_one(_lock(routine), routine.say, "weekly"):
        plan = load_plan(routine.scenario, routine.overrides, routine.status, until=day)
        made = []
        for due in _due(routine, plan, day, force):
            made.append(_make_one(routine, due))
        return made


def _lock(routine: Routine) -> Path:
    return routine.reports / f".lock-weekly-{routine.status.resolve().name}"


def _due(routine: Routine, plan: Plan, day: dt.date, force: bool) -> Iterable[dt.date]:
    """Days of the weeks to publish, in order."""
    week, files = week_of(day), plan.status.files if plan.status else {}
    if not files or min(files) > week:
        limit = f"a week from {min(files)} on" if files else "a folder of weeks"
        raise InputError(
            Fault(str(routine.status), None, "--as-of", f"nothing known by {day}", limit)
        )
    status = routine.status.resolve()
    there = dict(published(routine.reports, status))
    told = {kept.week for kept in read_past(routine.reports, status, "9999-W01")}
    later = [name for name in there if monday(name) > monday(week)]
    if later and week not in there and not force:
        found = f"{week} was not published, but {max(later)} was"
        fix = f"publish a later week, or move {', '.join(later)} away first"
        raise InputError(Fault(str(routine.reports), None, "--as-of", found, "weeks in order", fix))
    for name in weeks(min(files), week):
        # A later page tells of a week whose folder is gone: it was published, and is not made again.
        if name not in there.keys() | told or (force and name == week):
            yield monday(name) + dt.timedelta(day.weekday())
        elif name == week:
            routine.say(f"{there[name]} is published already: it stays. --force makes it again.")


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
    """Read the result of a published week."""
    try:
        return json.loads((folder / "result.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ReportError(f"{folder / 'result.json'} cannot be read: {error}") from error
