"""Small plans for tests, written as a plan file says them."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

from hdhplan.plan import Plan
from hdhplan.reading import load_plan
from hdhplan.simulation import simulate

START = "2026-01-05"  # a Monday
_LISTS = ("tasks", "datasets", "drivers", "waves", "rates")


def plan_of(**parts: Any) -> Plan:
    """Build a plan from its parts; lists of things with ids become mappings, as a file's do."""
    tree: dict[str, Any] = {"schema": "hdhplan.plan/1", "name": "small", "start": START} | parts
    for key in _LISTS:
        if isinstance(tree.get(key), list):
            tree[key] = {str(item["id"]): dict(item) for item in tree[key]}
    return Plan.model_validate(tree)


def range_of(low: float, likely: float, high: float, unit: str = "", law: str = "pert") -> dict:
    """A range with its source and grade."""
    return {
        "low": low,
        "likely": likely,
        "high": high,
        "unit": unit,
        "law": law,
        "source": "a test",
        "grade": "D",
    }


def likely_of(**parts: Any):
    """The forecast of a plan of which only the likely case is asked for."""
    return simulate(plan_of(**parts), draws=4)


def finishes(**parts: Any) -> dict[str, float]:
    """Early finish of every task of the likely plan. [d]"""
    return {k: task.early_finish for k, task in likely_of(**parts).tasks.items()}


HEAD = f"schema: hdhplan.plan/1\nname: small\nstart: {START}\n"


def file_of(folder: Path, text: str, name: str = "plan.yaml", head: str = HEAD) -> Path:
    """Write a plan file: the head that every plan has, then a text."""
    path = folder / name
    path.write_text(head + textwrap.dedent(text), encoding="utf-8")
    return path


def load_text(folder: Path, text: str, **how: Any) -> Plan:
    """Load a plan from a text below the usual head."""
    return load_plan(str(file_of(folder, text)), **how)
