"""The command of the week: its page, its forms, and how good past forecasts were."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Any

import typer

from hdhplan.errors import Fault, InputError
from hdhplan.talk import CROSSED, DONE, STALE, check_lang, print_json, say, show

#: Statuses at which a run may be asked to exit 4, with those that are worse.
_FAILS = {"action": ("red",), "watch": ("amber", "red")}

commands = typer.Typer()

AsOf = Annotated[str | None, typer.Option(help="Data date; by default that of the latest fact.")]
Scenario = Annotated[str, typer.Option(help="A name in data/scenarios, or a plan file.")]
StatusFolder = Annotated[
    Path | None,
    typer.Option(help="Folder of weeks: data/status if it has any, else the shipped example."),
]
Langs = Annotated[list[str] | None, typer.Option(help="fr or en; twice for both.")]
Draws = Annotated[int, typer.Option(min=100, max=2**24, help="How many draws.")]
Seed = Annotated[int, typer.Option(min=0, help="Seed of the draws.")]
Set = Annotated[list[str] | None, typer.Option("--set", help="path.to.field=value; repeatable.")]
Out = Annotated[Path | None, typer.Option(help="Folder of the reports.")]
Pdf = Annotated[bool, typer.Option("--pdf", help="Print it too: report.pdf.")]
Eml = Annotated[bool, typer.Option("--eml", help="Write a mail with the page: report.eml.")]
Force = Annotated[bool, typer.Option("--force", help="Publish over a published week.")]
FailOn = Annotated[
    str | None, typer.Option(help="action or watch: exit 4 if the status is that, or worse.")
]
New = Annotated[str | None, typer.Option(help="Only write the forms of a week, as 2026-W48.")]
Score = Annotated[bool, typer.Option("--score", help="Only score the forecasts that were kept.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON envelope.")]


@commands.command()
def weekly(
    as_of: AsOf = None, scenario: Scenario = "base", status: StatusFolder = None,
    lang: Langs = None, draws: Draws = 65_536, seed: Seed = 1, set_: Set = None, out: Out = None,
    pdf: Pdf = False, eml: Eml = False, force: Force = False, fail_on: FailOn = None,
    new: New = None, score: Score = False, json_: Json = False,
) -> int:  # fmt: skip
    """Write the week's page, and those of the weeks that were missed; or its forms; or the score."""
    langs = tuple(dict.fromkeys(lang or ["fr"]))
    check_lang(*langs)
    if fail_on is not None and fail_on not in _FAILS:
        raise typer.BadParameter(f"{fail_on!r} is not action or watch", param_hint="--fail-on")
    if sum([new is not None, score]) > 1:
        raise typer.BadParameter("--new and --score exclude each other", param_hint="--score")
    folder = status or default_status()
    if new is not None:
        return _new(folder, new, scenario, tuple(set_ or ()), json_)
    if score:
        return _score(folder, scenario, tuple(set_ or ()), out, langs[0], json_)
    if pdf:
        from hdhplan.report.printing import why_no_pdf

        if missing := why_no_pdf():
            say(f"{missing}\nNothing was run.")
            return STALE
    from hdhplan.report.weeks import Routine, make_weeks

    day = _data_date(as_of, folder)
    routine = Routine(
        scenario, folder, langs, draws, seed, tuple(set_ or ()), out, pdf, eml, say=say
    )
    made = make_weeks(routine, day, force)
    return _told(routine, day, made, fail_on, json_)


def default_status() -> Path:
    """The folder of weeks: the programme's own, else the shipped example, which says what it is."""
    from hdhplan.facts import data_folder

    own = data_folder() / "status"
    weeks = [path for path in own.glob("[0-9]*-W*") if path.is_dir()] if own.is_dir() else []
    return own if weeks else own / "example"


def _data_date(as_of: str | None, folder: Path) -> dt.date:
    """Read the data date; that of the latest fact where none is given: never the clock's."""
    if as_of is None:
        from hdhplan.weeks import read_status

        days = [fact.date for fact in read_status(folder).facts]
        if not days:
            fix = "fill a form in, or say --as-of"
            raise InputError(Fault(str(folder), None, "--as-of", "no fact yet", "one or more", fix))
        return max(days)
    try:
        return dt.date.fromisoformat(as_of)
    except ValueError:
        raise typer.BadParameter(
            f"{as_of!r} is no date: write YYYY-MM-DD", param_hint="--as-of"
        ) from None


def _told(routine: Any, day: dt.date, made: list[Path], fail_on: str | None, json_: bool) -> int:
    """Say what the week says, where its page is, and how the run ends."""
    from hdhplan.report.weeks import result_of
    from hdhplan.status import week_of
    from hdhplan.wording.weekly import decision_asked

    folder = routine.folder(week_of(day))
    result = result_of(folder)
    if json_:
        data = {"page": str(folder / "report.html"), "made": [str(p) for p in made]}
        data |= {"result": result["data"]}
        print_json("hdhplan.weekly/1", data, result["meta"], result["warnings"])
    else:
        for language in routine.langs:
            letter = result["letter"][language]
            decisions = letter["decisions"] or [decision_asked((), language)]
            show(*letter["sentences"], *decisions)
        for path in made:
            print(path / "report.html")
        if not made:
            print(folder / "report.html")
    known = result["data"].get("status") or {"missing": ()}  # none before the first fact
    missing = [x for x in known["missing"] if x.startswith(week_of(day))]
    if fail_on and result["data"]["overall"]["colour"] in _FAILS[fail_on]:
        say(f"The overall status is {result['data']['overall']['colour']} (--fail-on {fail_on}).")
        return CROSSED
    if missing:
        say(f"The page stands, but the week lacks {', '.join(missing)}.")
        return STALE
    return DONE


def _new(folder: Path, week: str, scenario: str, overrides: tuple[str, ...], json_: bool) -> int:
    """Write the forms of a week, filled in as far as the last state goes."""
    from hdhplan.forms import new_forms
    from hdhplan.reading import load_plan

    forms = new_forms(folder, week, load_plan(scenario, overrides))
    place = folder / week
    _write_forms(place, forms)
    written = [str(place / name) for name in forms]
    if json_:
        print_json("hdhplan.forms/1", {"written": written}, {})
    else:
        print("\n".join(written))
        say("Fill in or delete each row, then run: hdhplan check --status " + str(folder))
    return DONE


def _write_forms(place: Path, forms: dict[str, str]) -> None:
    """Write all forms of a week or none."""
    written, there = [], place.exists()
    try:
        place.mkdir(exist_ok=True)
        for name, text in forms.items():
            with (place / name).open("x", encoding="utf-8", newline="") as handle:
                written.append(place / name)
                handle.write(text)
    except OSError as error:
        for path in written:
            path.unlink()
        if not there and place.exists():
            place.rmdir()
        fix = "check the rights of the folder and the room on the disk"
        found = f"cannot be written: {error.strerror or error}"
        raise InputError(Fault(str(place), None, "--new", found, "", fix)) from error


def _score(
    folder: Path, scenario: str, overrides: tuple[str, ...], out: Path | None, lang: str, json_: bool
) -> int:  # fmt: skip
    """Compare the forecasts that were kept with what happened."""
    from hdhplan.kept_files import read_weeks
    from hdhplan.past import published
    from hdhplan.reading import load_plan
    from hdhplan.report import home
    from hdhplan.result import made_of
    from hdhplan.scoring import DRAWS, score
    from hdhplan.wording.scoring import score_lines

    reports = out or home() / "reports"
    weeks = [path for _, path in published(reports.resolve(), folder.resolve())]
    if not weeks:
        say(f"No week of {folder} is published below {reports}: nothing to score.")
        return STALE
    plan = load_plan(scenario, overrides, folder)
    scores = score(plan, read_weeks(weeks))
    if json_:
        print_json("hdhplan.score/1", scores.as_data(), made_of(plan, DRAWS, 1))
    else:
        for line in score_lines(scores, lang):
            show(line)
    return DONE
