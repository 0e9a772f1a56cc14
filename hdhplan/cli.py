"""The command line: stdout is data, stderr is talk and progress."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from hdhplan import __version__
from hdhplan.cli_compare import commands as comparing
from hdhplan.cli_export import export_app
from hdhplan.cli_import import importing
from hdhplan.cli_weekly import commands as by_week
from hdhplan.errors import InputError
from hdhplan.talk import (
    CROSSED,
    DONE,
    FAILED,
    INTERRUPTED,
    REFUSED,
    STALE,
    USAGE,
    check_lang,
    print_json,
    say,
    show,
)

MOST_DRAWS = 2**24

app = typer.Typer(
    name="hdhplan",
    help="Plan the move of the Health Data Hub from Azure to Scaleway.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
notebooks_app = typer.Typer(help="The committed notebooks.", no_args_is_help=True)
app.add_typer(notebooks_app, name="notebooks")
app.add_typer(comparing)
app.add_typer(by_week)
app.add_typer(export_app, name="export")
app.add_typer(importing, name="import")

Scenario = Annotated[str, typer.Argument(help="A name in data/scenarios, or a plan file.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON envelope.")]
Draws = Annotated[int, typer.Option(min=1, max=MOST_DRAWS, help="How many draws.")]
Seed = Annotated[int, typer.Option(min=0, help="Seed of the draws.")]
Set = Annotated[list[str] | None, typer.Option("--set", help="path.to.field=value; repeatable.")]
StatusFolder = Annotated[
    Path | None, typer.Option("--status", help="A folder of weeks, as data/status/example.")
]
Lang = Annotated[str, typer.Option(help="fr or en.")]


def main(argv: list[str] | None = None) -> int:
    """Run the command line and return its exit code; no traceback reaches a user."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        code = app(argv if argv is not None else sys.argv[1:], standalone_mode=False)
        if code == INTERRUPTED:  # typer takes Ctrl-C for its own, and says nothing
            return _interrupted()
        return code if isinstance(code, int) else DONE
    except InputError as error:
        return _refused(error, "--json" in (argv if argv is not None else sys.argv[1:]))
    except KeyboardInterrupt:
        return _interrupted()
    except BrokenPipeError:
        # The reader of a pipe went away: nothing to say, and nowhere to say it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except typer.Abort:
        return _interrupted()
    except Exception as error:
        return _other(error)


def _interrupted() -> int:
    say("Cancelled. What was published stands; nothing else was.")
    return INTERRUPTED


def _other(error: Exception) -> int:
    """Usage errors as click words them; anything else is our own fault, said in one line."""
    if hasattr(error, "format_message"):
        context = getattr(error, "ctx", None)
        if context is not None:
            say(context.get_usage())
        say(f"Error: {error.format_message()}")
        return getattr(error, "exit_code", USAGE)
    if type(error).__name__ == "ReportError":
        say(str(error))
        return FAILED
    if os.environ.get("HDHPLAN_DEBUG"):
        raise error
    say(f"hdhplan failed: {type(error).__name__}: {error}")
    say("This is a defect of hdhplan. HDHPLAN_DEBUG=1 shows where; please report it.")
    return 1


def _refused(error: InputError, json_: bool) -> int:
    faults = error.faults
    if json_:
        from dataclasses import asdict

        data = {"faults": [asdict(fault) for fault in faults]}
        print_json("hdhplan.refused/1", data, {"version": __version__}, ok=False)
    say(f"{len(faults)} thing{'s' * (len(faults) > 1)} to mend; nothing was run:")
    for fault in faults:
        say(f"  {fault}")
    return REFUSED


@contextmanager
def progress(label: str, total: int) -> Iterator[Any]:
    """Show progress of long work on a terminal; say nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=total)
        yield lambda done: bar.update(task, completed=done)


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        print(__version__)
        raise typer.Exit


@app.command()
def check(
    scenario: Annotated[str, typer.Argument(help="A name or a plan file.")] = "base",
    json_: Json = False,
    set_: Set = None,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema.")] = False,
    status: StatusFolder = None,
) -> int:
    """Check a plan, and its status files: that they hold together, and what is weak in them."""
    if schema:
        from hdhplan.schema import plan_schema

        print(json.dumps(plan_schema(), indent=1))
        return DONE
    from hdhplan.quality import examine
    from hdhplan.reading import load_plan

    plan = load_plan(scenario, set_, status)
    found = examine(plan)
    if json_:
        print_json("hdhplan.check/1", found.data, found.meta, found.warnings)
        return DONE
    for line in found.lines:
        show(line)
    for warning in found.warnings:
        say(f"warning: {warning}")
    return DONE


@app.command()
def run(
    scenario: Scenario = "base",
    draws: Draws = 10_000,
    seed: Seed = 1,
    json_: Json = False,
    set_: Set = None,
    lang: Lang = "fr",
    fail_below: Annotated[
        float | None, typer.Option(min=0, max=1, help="Exit 4 if the odds of both are lower.")
    ] = None,
    status: StatusFolder = None,
    as_of: Annotated[str | None, typer.Option(help="Data date, with --status.")] = None,
) -> int:
    """Simulate a plan, or what is left of it as of a date, and print what comes out."""
    check_lang(lang)
    day = _data_date(status, as_of)
    from hdhplan.reading import load_plan
    from hdhplan.result import bundle, meta, warnings_of
    from hdhplan.sensitivity import study
    from hdhplan.simulation import simulate

    plan = load_plan(scenario, set_, status)
    with progress("draws", draws) as bar:
        forecast = simulate(plan, draws, seed, as_of=day, detail=True, progress=bar)
    with progress("drivers", len(plan.drivers)) as bar:
        why = study(forecast, progress=bar)
    if json_:
        print_json("hdhplan.run/1", bundle(forecast, why), meta(forecast), warnings_of(forecast))
    else:
        from hdhplan.summary import lines

        for line in lines(forecast, why, lang, day):
            show(line)
        for warning in warnings_of(forecast):
            say(f"warning: {warning}")
    odds = next((p for p in (forecast.p_both, forecast.p_date) if p is not None), None)
    return CROSSED if fail_below is not None and odds is not None and odds < fail_below else DONE


def _data_date(status: Path | None, as_of: str | None) -> date | None:
    """Read the data date; it and the status files go together."""
    if (status is None) != (as_of is None):
        raise typer.BadParameter("--status and --as-of go together", param_hint="--as-of")
    try:
        return date.fromisoformat(as_of) if as_of else None
    except ValueError:
        raise typer.BadParameter(f"{as_of!r} is no date: write YYYY-MM-DD") from None


@app.command()
def report(
    scenario: Scenario = "base",
    draws: Annotated[int, typer.Option(min=100, max=MOST_DRAWS, help="How many draws.")] = 262_144,
    seed: Seed = 1,
    set_: Set = None,
    lang: Annotated[list[str] | None, typer.Option(help="fr or en; twice for both.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the reports.")] = None,
    json_: Json = False,
    pdf: Annotated[bool, typer.Option("--pdf", help="Print it too: report.pdf.")] = False,
    memo: Annotated[
        str | None, typer.Option(help="A memo instead: volumes, transfer, costs, timeline, risk.")
    ] = None,
) -> int:
    """Write the scenario report: a page a manager would print."""
    langs = tuple(dict.fromkeys(lang or ["fr"]))
    check_lang(*langs)
    from hdhplan.report import make_report
    from hdhplan.report.memos import make_memo
    from hdhplan.report.printing import why_no_pdf

    if pdf and (missing := why_no_pdf()):
        say(f"{missing}\nNothing was run.")
        return STALE
    make_it = partial(make_memo, memo) if memo is not None else make_report
    folder = make_it(
        scenario, langs, draws=draws, seed=seed, overrides=tuple(set_ or ()), out=out, say=say,
        pdf=pdf,
    )  # fmt: skip
    result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    page = str(folder / "report.html")
    if json_:
        data = {"page": page, "result": result["data"]}
        print_json("hdhplan.report/1", data, result["meta"], result["warnings"])
    else:
        for language in langs:
            show(result["answer"][language])
        print(page)
    return DONE


@app.command()
def facts(
    key: Annotated[str | None, typer.Argument(help="A quantity, as budget.eur.")] = None,
    json_: Json = False,
    contradictions: Annotated[bool, typer.Option(help="Only those that contradict.")] = False,
    as_of: Annotated[str | None, typer.Option(help="Facts up to a date.")] = None,
) -> int:
    """List the facts: what is claimed, by whom, how well it is known."""
    from hdhplan.quality import list_facts

    found = list_facts(key, contradictions, as_of)
    if json_:
        print_json("hdhplan.facts/1", found.data, found.meta, found.warnings)
        return DONE
    for line in found.lines:
        show(line)
    for warning in found.warnings:
        say(f"warning: {warning}")
    return DONE


@notebooks_app.command("refresh")
def refresh(names: Annotated[list[str] | None, typer.Argument(help="Default: all.")] = None) -> int:
    """Execute the committed notebooks with their default parameters."""
    from hdhplan.report.refresh import refresh_notebooks

    for path in refresh_notebooks(names=names):
        print(path)
    return DONE


@app.command()
def explore(
    port: Annotated[int, typer.Option(min=1024, max=65_535, help="Port on this machine.")] = 8866,
    base_url: Annotated[str, typer.Option(help="Path behind a reverse proxy, as /plan/.")] = "/",
    lang: Lang = "fr",
) -> int:
    """Serve the explorer as a page to this machine: move a lever, see the odds."""
    check_lang(lang)
    if not re.fullmatch(r"/([A-Za-z0-9_-]+/)*", base_url):
        raise typer.BadParameter(f"{base_url!r} is no path as /plan/", param_hint="--base-url")
    from hdhplan.serving import serve

    return serve(port, base_url, lang, say)


@app.command()
def doctor(json_: Json = False) -> int:
    """Check this machine: versions, folders, what is missing and what it costs."""
    from hdhplan.doctor import examine_machine

    found = examine_machine()
    if json_:
        print_json("hdhplan.doctor/1", found.data, found.meta, found.warnings)
    else:
        for line in found.lines:
            show(line)
        for warning in found.warnings:
            say(f"warning: {warning}")
    return DONE if found.ok else STALE
