"""The commands that write files for other tools."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from hdhplan.errors import Fault, InputError
from hdhplan.wording.formats import pick, terminal

#: [d] dates that drift by more than a minute are said.
_MINUTE = 1 / 1440
#: Draws of the simulated finishes: one super-block at most.
_MOST_DRAWS = 65_536

export = typer.Typer(help="Write files for other tools.", no_args_is_help=True)


@export.command("mspdi")
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
    if lang not in ("fr", "en"):
        raise typer.BadParameter(f"{lang!r} is not fr or en", param_hint="--lang")
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
    print(terminal(pick(lang, fr, en)), file=sys.stderr)
    if handed.drift > _MINUTE:
        minutes = handed.drift / _MINUTE
        fr = f"attention : relues, les dates dérivent jusqu'à {minutes:.0f} min"
        en = f"warning: read again, dates drift by up to {minutes:.0f} min"
        print(terminal(pick(lang, fr, en)), file=sys.stderr)
    print(terminal(path))
    return 0


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: beside it first, then renamed."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", dir=path.parent)
    except OSError as error:
        raise InputError(_unwritten(path, error)) from None
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        # As any new file of this user: mkstemp keeps it to its owner.
        mask = os.umask(0)
        os.umask(mask)
        Path(name).chmod(0o666 & ~mask)
        Path(name).replace(path)
    except OSError as error:
        raise InputError(_unwritten(path, error)) from None
    finally:
        with contextlib.suppress(OSError):
            Path(name).unlink()


def _unwritten(path: Path, error: OSError) -> Fault:
    found = f"cannot be written: {error.strerror or error}"
    return Fault(str(path), None, "", found, "a file in a folder that exists", "choose another")
