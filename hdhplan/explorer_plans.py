"""The plan that a state stands for: what is drawn and what `hdhplan run` reads back are one text."""

from __future__ import annotations

import json

from hdhplan.explorer_refusals import refused
from hdhplan.explorer_starts import begun, exact, laid, laid_on, part_of, resolved, scenario
from hdhplan.explorer_state import State
from hdhplan.levers import Lever
from hdhplan.plan import Plan


def changes(state: State) -> dict:
    """What a plan file says beyond its start: choices first, then numbers on what these leave.

    Raises
    ------
    InputError
        Where a choice cannot be taken on this start.
    """
    said: dict = json.loads(state.own) if state.own else {}
    moved = list(state.moved())
    for lever, value in (pair for pair in moved if pair[0].choices):
        said = laid(said, _taken(lever, value, state))
    plan = begun(state.start, exact(said))
    for lever, value in (pair for pair in moved if pair[0].change):
        said = laid(said, lever.change(value, plan, dict(state.values)))
    return said


def _taken(lever: Lever, value: str, state: State) -> dict:
    """Changes of the scenarios that a choice takes over, on a start that has none of another choice."""
    now = lever.read(begun(state.start, state.own))
    if lever.key == "rule" and value == "go":
        routes = resolved("base")[0].values["routes"]
        return {"routes": {k: {"sensitive_after": r["sensitive_after"]} for k, r in routes.items()}}
    takes = lever.choices[value].takes
    has = lever.choices[now].takes if now in lever.choices else (now,)
    if not set(has) <= set(takes):
        fix = "begin with the preset base"
        raise refused(lever.key, f"{value} on a plan of {now}", "not from this start", fix)
    found: dict = {}
    for take in (take for take in takes if take not in has):
        name, _, paths = take.partition(":")
        whole = scenario(name)
        for path in filter(None, paths.split(",")):
            found = laid(found, part_of(whole, path))
        found = found if paths else laid(found, whole)
    return found


def plan_of(state: State, check: bool = False) -> Plan:
    """Return the plan that a state stands for; ``check`` also expands its network.

    Raises
    ------
    InputError
        With everything that is wrong with it.
    """
    return laid_on(state.start, exact(changes(state)), check)
