"""Memos as pages: notebooks of one question each, published in the template of a report."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from hdhplan.errors import Fault, InputError, nearest
from hdhplan.layers import slug
from hdhplan.reading import find_plan, load_plan
from hdhplan.report import asked_as, check_langs, home, make

#: Notebooks by the name of their memo.
MEMOS = {
    name: home() / "notebooks" / f"{i}_{name}.ipynb"
    for i, name in enumerate(("volumes", "transfer", "costs", "timeline", "risk"), 1)
}


def make_memo(
    memo: str,
    scenario: str | Path,
    langs: Iterable[str] = ("fr",),
    draws: int = 20_000,
    seed: int = 1,
    overrides: Iterable[str] = (),
    out: Path | None = None,
    say: Callable[[str], None] = lambda text: None,
    pdf: bool = False,
) -> Path:
    """Make one memo of a scenario, a name of `MEMOS`, and return its folder.

    Parameters
    ----------
    scenario, langs, draws, seed, overrides, out, say, pdf
        As for `report.make_report`, which raises the same.
    """
    if memo not in MEMOS:
        found, limit = f"no memo {memo[:40]!r}", ", ".join(MEMOS)
        raise InputError(Fault("--memo", None, "", found, limit, nearest(memo, MEMOS)))
    langs, overrides = tuple(dict.fromkeys(langs)), list(overrides)
    check_langs(langs)
    plan = load_plan(scenario, overrides)
    asked = {"scenario": asked_as(scenario), "draws": draws, "seed": seed, "overrides": overrides}
    name = slug(f"{find_plan(str(scenario)).stem}-{memo}")
    return make(name, [plan], asked, langs, out, say, MEMOS[memo], pdf, headed=True)
