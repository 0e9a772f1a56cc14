"""What every command says and how it ends: stdout is data, stderr is talk."""

from __future__ import annotations

import json
import sys
from typing import Any

import typer

from hdhplan.wording.formats import terminal

#: Exit codes (DESIGN §8).
DONE, USAGE, REFUSED, CROSSED, STALE, FAILED, INTERRUPTED = 0, 2, 3, 4, 5, 6, 130


def say(*texts: str) -> None:
    """Talk to the person, on stderr; nothing from data reaches a terminal as a control code."""
    lines = (line for text in texts for line in text.split("\n"))
    print("\n".join(map(terminal, lines)), file=sys.stderr)


def show(*lines: str) -> None:
    """Print lines of data for a person, on stdout."""
    sys.stdout.write("".join(f"{terminal(line).rstrip()}\n" for line in lines))


def print_json(
    schema: str, data: Any, meta: dict, warnings: list[str] | None = None, ok: bool = True
) -> None:
    """Print the one envelope of ``--json``."""
    from hdhplan.result import envelope

    made = envelope(schema, data, warnings or [], meta, ok=ok)
    print(json.dumps(made, ensure_ascii=False, indent=1))


def check_lang(*langs: str) -> None:
    """Refuse a language that no page speaks."""
    for lang in langs:
        if lang not in ("fr", "en"):
            raise typer.BadParameter(f"{lang!r} is not fr or en", param_hint="--lang")
