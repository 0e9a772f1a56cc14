"""The commands that write a plan for other programs: a workbook."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from hdhplan.cli_compare import Draws, Json, Lang, Seed, load_plans
from hdhplan.wording.formats import terminal

export_app = typer.Typer(help="Write a plan for other programs.", no_args_is_help=True)


@export_app.callback()
def _root() -> None:
    """Keep `export` a group, however few its commands are."""


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
    from hdhplan.result import envelope, meta, warnings_of
    from hdhplan.sensitivity import study
    from hdhplan.workbook import make_workbook, sheet_names

    name = slug(plans[0].name) + ("" if lang == "fr" else f".{lang}")
    path = out or Path(f"{name}.xlsx")
    comparison = run(plans, draws, seed)
    forecast = comparison.forecasts[0]
    _write(path, make_workbook(comparison, study(forecast), lang))
    warnings = [*warnings_of(forecast), *(w.en for w in comparison.warnings)]
    if json_:
        data = {"file": str(path), "sheets": sheet_names(lang), "scenarios": comparison.names}
        made_of = meta(forecast)
        for plan in plans[1:]:
            made_of["inputs"] |= plan.origin.inputs if plan.origin else {}
        shown = envelope("hdhplan.export/1", data, warnings, made_of)
        print(json.dumps(shown, ensure_ascii=False, indent=1))
        return 0
    for warning in warnings:
        print(terminal(f"warning: {warning}"), file=sys.stderr)
    print(terminal(path))
    return 0


def _write(path: Path, made: bytes) -> None:
    """Replace a file by a whole one, or leave the one that stands."""
    from hdhplan.report.publish import ReportError, write_in_place

    try:
        write_in_place(path, made)
    except OSError as error:
        said = (
            f"The workbook was not written; one that was there stands. {error.strerror or error}: "
        )
        raise ReportError(f"{said}{path}") from error
