"""What is wrong with an input: every fault says where, what was found, the limit and the fix."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One thing wrong with one input.

    Parameters
    ----------
    where
        The file as the user named it, and the line if it is known: ``plan.yaml, line 12``.
    field
        Path of the field, ids as steps: ``datasets.claims.volume_tb``. Empty for a whole file.
    found
        What was found, with its unit.
    limit
        What is allowed.
    fix
        What to do about it.
    """

    file: str
    line: int | None
    field: str
    found: str
    limit: str = ""
    fix: str = ""

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}, line {self.line}"
        what = f"{self.field}: {self.found}" if self.field else self.found
        limit = f"; {self.limit}" if self.limit else ""
        fix = f". {self.fix[:1].upper()}{self.fix[1:]}" if self.fix else ""
        return f"{where}: {what}{limit}{fix}"


class InputError(Exception):
    """An input was refused; ``faults`` holds everything that is wrong with it, not only the first."""

    def __init__(self, faults: Iterable[Fault] | Fault):
        self.faults = [faults] if isinstance(faults, Fault) else list(faults)
        super().__init__("\n".join(map(str, self.faults)))


def nearest(word: str, known: Iterable[str]) -> str:
    """Name the known word nearest to a misspelt one, as the fix of a fault.

    Examples
    --------
    >>> nearest("bandwith", ["bandwidth", "usable_share"])
    'did you mean bandwidth?'
    """
    known = list(map(str, known))
    # Other capitals, then a name without its unit (rate, rate_gbps), then what only looks alike.
    close = (
        [k for k in known if k.lower() == str(word).lower()][:1]
        or [k for k in known if k.startswith(f"{word}_")][:1]
        or difflib.get_close_matches(str(word), known, n=1, cutoff=0.6)
    )
    if close:
        return f"did you mean {close[0]}?"
    return f"known here: {', '.join(sorted(known)[:12])}" if known else ""
