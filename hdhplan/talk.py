"""What every command says and how it ends: stdout is data, stderr is talk."""

from __future__ import annotations

import json
import sys
from typing import Any

import typer

from hdhplan.wording.formats import terminal

#: Exit codes (DESIGN §8).
DONE, USAGE, REFUSED, CROSSED, STALE, FAILED, INTERRUPTED = 0, 2, 3, 4, 5, 6, 130


def say(text: str) -> None:
    """Talk to the person, on stderr; nothing from data reaches a terminal as a control code."""
    print("\n".join(map(terminal, text.split("\n"))), file=sys.stderr)


def show(text: str) -> None:
    """Print a line of data for a person, on stdout."""
    print(terminal(text))


def print_json(schema: str, data: Any, meta: dict, warnings: list[str] | None = None) -> None:
    """Print the one envelope of ``--json``."""
    from hdhplan.result import envelope

    print(json.dumps(envelope(schema, data, warnings or [], meta), ensure_ascii=False, indent=1))


def check_lang(*langs: str) -> None:
    """Refuse a language that no page speaks."""
    for lang in langs:
        if lang not in ("fr", "en"):
            raise typer.BadParameter(f"{lang!r} is not fr or en", param_hint="--lang")
