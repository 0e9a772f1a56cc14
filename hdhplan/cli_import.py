"""The commands that read files of other tools."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hdhplan.talk import say, show

#: Tasks named among those whose date is another one.
_MOST_NAMED = 5

importing = typer.Typer(help="Read files of other tools.", no_args_is_help=True)


@importing.command("mspdi")
def import_mspdi(
    file: Annotated[Path, typer.Argument(help="An XML file saved by MS Project.")],
    out: Annotated[Path | None, typer.Option(help="The plan file; printed if left out.")] = None,
    name: Annotated[str | None, typer.Option(help="Name of the plan; the file's own.")] = None,
) -> int:
    """Read MS Project XML into a plan file; what it cannot say is refused by task name."""
    from hdhplan.plan import PLAN_NAME

    if name is not None and not PLAN_NAME.fullmatch(name):
        found = f"{name[:40]!r} is not 1 to 64 letters, digits, _, -, dots and spaces"
        raise typer.BadParameter(found, param_hint="--name")
    from hdhplan.cli_export import write_whole
    from hdhplan.readers.mspdi import read_project

    found = read_project(file, name)
    for what in found.left_out:
        say(f"left out: {what}")
    if found.moved:
        say(f"warning: {len(found.moved)} tasks finish on another date than in the file:")
    for task, theirs, mine in found.moved[:_MOST_NAMED]:
        say(f"  {task}: {theirs} in the file, {mine or 'never'} in the plan")
    if out is None:
        print(found.text, end="")
    else:
        write_whole(out, found.text.encode("utf-8"))
        show(str(out))
    return 0
