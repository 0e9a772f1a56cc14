"""The commands that write a plan for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hdhplan.cli_compare import Draws, Json, Lang, Seed, load_plans
from hdhplan.talk import check_lang, print_json, say, show
from hdhplan.wording.formats import pick

#: [d] dates that drift by more than a minute are said.
_MINUTE = 1 / 1440
#: Draws of the simulated finishes: one super-block at most.
_MOST_DRAWS = 65_536

export_app = typer.Typer(help="Write a plan for other programs.", no_args_is_help=True)


@export_app.command()
def xlsx(
    scenario: Annotated[
        str, typer.Argument(help="A name in data/scenarios, or a plan file.")
    ] = "base",
    out: Annotated[Path | None, typer.Option(help="File; by default NAME.xlsx here.")] = None,
    lang: Lang = "fr",
    draws: Draws = 10_000,
    seed: Seed = 1,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="path.to.field=value, or NAME:path=value.")
    ] = None,
    compare: Annotated[
        list[str] | None, typer.Option(help="A scenario to put beside it; repeatable.")
    ] = None,
    json_: Json = False,
) -> int:
    """Write the workbook of a plan: tables, live arithmetic, simulated values, sources."""
    if out is not None and out.suffix.lower() != ".xlsx":
        raise typer.BadParameter(f"{out.name!r} does not end in .xlsx", param_hint="--out")
    plans = load_plans([scenario, *(compare or ())], set_, lang)
    from hdhplan.comparison import compare as run
    from hdhplan.layers import slug
    from hdhplan.result import meta, warnings_of
    from hdhplan.sensitivity import study
    from hdhplan.workbook import make_workbook, sheet_names

    name = slug(plans[0].name) + ("" if lang == "fr" else f".{lang}")
    path = out or Path(f"{name}.xlsx")
    comparison = run(plans, draws, seed)
    forecast = comparison.forecasts[0]
    write_whole(path, make_workbook(comparison, study(forecast), lang))
    warnings = [*warnings_of(forecast), *(w.en for w in comparison.warnings)]
    if json_:
        data = {"file": str(path), "sheets": sheet_names(lang), "scenarios": comparison.names}
        made_of = meta(forecast)
        for plan in plans[1:]:
            made_of["inputs"] |= plan.origin.inputs if plan.origin else {}
        print_json("hdhplan.export/1", data, made_of, warnings)
        return 0
    for warning in warnings:
        say(f"warning: {warning}")
    show(str(path))
    return 0


@export_app.command("mspdi")
def export_mspdi(
    scenario: Annotated[str, typer.Argument(help="A name or a plan file.")] = "base",
    out: Annotated[Path | None, typer.Option(help="The file; NAME.xml by default.")] = None,
    lang: Annotated[str, typer.Option(help="fr or en.")] = "fr",
    draws: Annotated[
        int, typer.Option(min=1, max=_MOST_DRAWS, help="Draws of the simulated finishes.")
    ] = 8_192,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the draws.")] = 1,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="path.to.field=value; repeatable.")
    ] = None,
) -> int:
    """Write MS Project XML: the likely plan's dates, ranges, and simulated P50 and P80 finishes."""
    check_lang(lang)
    from hdhplan.handover import hand_over
    from hdhplan.project_xml import ProjectFile
    from hdhplan.reading import load_plan

    plan = load_plan(scenario, set_)
    handed = hand_over(plan, draws, seed)
    path = out or Path(f"{plan.name}.xml")
    write_whole(path, ProjectFile(handed, lang, draws).text())
    held = sum(row.held is not None for row in handed.rows)
    fr = f"{len(handed.rows)} tâches ; {held} dates « début au plus tôt » portent le nivellement"
    en = f"{len(handed.rows)} tasks; {held} “start no earlier than” dates carry the levelling"
    say(pick(lang, fr, en))
    if handed.drift > _MINUTE:
        minutes = handed.drift / _MINUTE
        fr = f"attention : relues, les dates dérivent jusqu'à {minutes:.0f} min"
        en = f"warning: read again, dates drift by up to {minutes:.0f} min"
        say(pick(lang, fr, en))
    show(str(path))
    return 0


def write_whole(path: Path, made: bytes) -> None:
    """Replace a file by a whole one, or leave the one that stands."""
    from hdhplan.report.publish import ReportError, write_in_place

    try:
        write_in_place(path, made)
    except OSError as error:
        said = "cannot be written; a file that was there stands."
        raise ReportError(f"{path}: {said} {error.strerror or error}") from error
