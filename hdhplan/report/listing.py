"""The list of reports: when, for how much, how likely, and where each is to be found."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from hdhplan.report.rendering import LANGS, render
from hdhplan.wording.formats import chances, date_short, meur, pick, twenty
from hdhplan.wording.labels import typeset

#: What a folder holds beside its pages, and what it is called.
_FILES = {"JSON": "result.json", "CSV": "forecast.csv"}
_NO_DATE = "–", "–"


def render_index(root: Path) -> str:
    """List all reports below a folder, from their own result.json: newest facts first, then by name."""
    rows, comparisons = [], []
    for path in sorted(root.glob("*/result.json")):
        try:
            result = json.loads(path.read_text(encoding="utf-8"))
            many = "answers" in result["data"]
            row = _head(path.parent, result) | ({} if many else _numbers(result["data"]))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue  # of another version, or broken: its own page is still there
        (comparisons if many else rows).append(row)
    for found in (rows, comparisons):
        found.sort(key=lambda row: row["day"], reverse=True)  # stable: by name within a day
    return render("index.html.j2", rows=rows, comparisons=comparisons, colon="\u00a0:")


def _head(folder: Path, result: dict) -> dict:
    """What every report is listed with."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    names = [(lang, "" if i == 0 else f".{lang}") for i, lang in enumerate(manifest["langs"])]
    files = {name: folder / file for name, file in _FILES.items()}
    files |= {f"PDF {lang}": folder / f"report{ending}.pdf" for lang, ending in names}
    return {
        "id": folder.name,
        "pages": [
            (LANGS[lang], lang, f"{folder.name}/report{ending}.html") for lang, ending in names
        ],
        "files": [(n, f"{folder.name}/{f.name}") for n, f in files.items() if f.exists()],
        "title": {"fr": typeset(str(result["title"]["fr"])), "en": str(result["title"]["en"])},
        "day": str(result["as_of"] or ""),
        "as_of": _day(result["as_of"]) if result["as_of"] else _NO_DATE,
    }


def _numbers(data: dict) -> dict:
    """Dates, costs and odds of a scenario, each in both languages."""
    odds, target = data["odds"], data["target"] or {}
    asked = (odds.get(name) for name in ("all", "both", "date", "budget"))
    first = next((p for p in asked if p is not None), None)
    costs = data["quantiles"]["cost_eur"]
    return {
        "dates": [_day(data["dates"]["finish_day"][p]) for p in ("p50", "p80")],
        "costs": [_cost(costs, p, target.get("vat")) for p in ("p50", "p80")],
        "odds": tuple(_odds(first, odds, lang) for lang in LANGS),
    }


def _day(day: str | None) -> tuple[str, str]:
    """A date in both languages; never."""
    found = None if day is None else date.fromisoformat(day)
    return date_short(found, "fr"), date_short(found, "en")


def _odds(first: float | None, odds: dict, lang: str) -> str:
    """The odds of all that is asked, then of each part."""
    if first is None:
        return "–"
    names = {"date": "date", "budget": pick(lang, "montant", "amount"),
             "continuity": pick(lang, "continuité", "continuity")}  # fmt: skip
    each = [f"{said} {twenty(odds[p])}" for p, said in names.items() if odds.get(p) is not None]
    parts = f" ; {', '.join(each)}" if len(each) > 1 else ""
    return typeset(f"{chances(first, lang)}{parts}") if lang == "fr" else (
        f"{chances(first, lang)}{parts.replace(' ;', ';')}")  # fmt: skip


def _cost(costs: dict, p: str, vat: str | None) -> tuple[str, str]:
    """An amount in both languages, no finer than its error."""
    value, error = costs[p], costs["se"][p]
    if value is None or error is None:
        return tuple(pick(lang, "non chiffrable", "not computable") for lang in LANGS)
    return tuple(meur(value, lang, vat, error) for lang in LANGS)
