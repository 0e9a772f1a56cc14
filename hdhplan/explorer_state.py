"""What has been moved, and the plan and draws that it stands for: every state is a plan file.

What is drawn on the page and what `hdhplan run` reads back are made from the same text, so they
cannot disagree.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from numpy.typing import NDArray

from hdhplan.errors import Fault, InputError, nearest
from hdhplan.facts import Facts, data_folder, load_facts
from hdhplan.forecast import Forecast
from hdhplan.layers import merge
from hdhplan.levers import BY_KEY, LEVERS, Lever
from hdhplan.plan import Plan
from hdhplan.reading import Origin, judge, resolve
from hdhplan.simulation import draw_values, simulate
from hdhplan.tree import Tree, parse_text
from hdhplan.uncertainty import quantile

#: Draws while a lever moves, and once it rests.
DRAGGING, RESTING = 2_000, 10_000
SEED = 1
#: What a scenario file says about itself and not about the plan.
ABOUT = ("schema", "name", "title", "description", "retains")
#: How far the credible pessimist goes: each assumption at this quantile of its range. [1]
_PESSIMIST = 0.8


#: Digits of a value behind its point.
_DIGITS = 6


@dataclass(frozen=True)
class State:
    """What has been moved: a scenario to begin with, a loaded file's own changes, and values by lever."""

    start: str = "base"
    values: tuple[tuple[str, Any], ...] = ()
    own: str = ""

    def value(self, key: str) -> Any:
        """Value of a lever, None where it has not been moved."""
        return dict(self.values).get(key)

    def having(self, key: str, value: Any) -> State:
        """The state with one lever moved; on its own place it is not moved any more."""
        values = {name: old for name, old in self.values if name != key}
        if value is not None and value != BY_KEY[key].read(begun(self.start, self.own)):
            values[key] = value
        return replace(self, values=tuple(sorted(values.items())))

    def only(self, *groups: str) -> State:
        """What is left of a state where only some groups of levers may have moved."""
        values = tuple((k, v) for k, v in self.values if BY_KEY[k].group in groups)
        keeps = self.start == "evidence" and "assumption" in groups
        return State(self.start if keeps else "base", values)


#: Where to begin: a scenario of the same name, or assumptions taken at their worse side.
PRESETS: MappingProxyType[str, str] = MappingProxyType(
    {
        "base": "base", "fastest": "accelerated", "cheapest": "frugal",
        "zero_interruption": "zero_interruption", "wait_for_qualification": "base",
        "evidence": "evidence", "pessimist": "base",
    }
)  # fmt: skip


def preset(name: str) -> State:
    """Return the state of a preset.

    Raises
    ------
    InputError
        For a name that is none.
    """
    if name not in PRESETS:
        raise refused("preset", f"{str(name)[:40]!r}", "", nearest(name, PRESETS))
    state = State(PRESETS[name])
    if name == "wait_for_qualification":
        state = state.having("rule", "wait")
    if name == "pessimist":
        for key, value in _pessimist().items():
            state = state.having(key, value)
    return state


def _pessimist() -> dict[str, float]:
    """Each assumption at the worse fifth of its range in the reference."""
    plan, found = begun("base", ""), {}
    for lever in LEVERS:
        if lever.group == "assumption" and lever.known:
            law = lever.known(plan).probability_law
            worse = 1 - _PESSIMIST if lever.key == "efficiency" else _PESSIMIST
            by = quantile(law, worse) / law.likely_total if law.likely_total else 1.0
            found[lever.key] = validated(lever.key, round(lever.read(plan) * by, 2))
    return found


def validated(key: str, value: Any) -> Any:
    """Return a value that a lever may take, as the command line would; texts are numbers too.

    Raises
    ------
    InputError
        For an unknown lever, an empty field, no number, one outside the range.
    """
    lever = BY_KEY.get(key) if isinstance(key, str) else None
    if lever is None:
        raise refused(str(key)[:40], "unknown lever", "", nearest(str(key)[:40], BY_KEY))
    if lever.choices is not None:
        if not isinstance(value, str) or value not in lever.choices:
            raise refused(key, f"{str(value)[:40]!r}", f"one of {', '.join(lever.choices)}")
        return value
    found = _number(value)
    limit = f"{lever.low:g} to {lever.high:g} {lever.unit[1]}".strip()
    if found is None:
        what = "nothing" if value in (None, "") else f"{str(value)[:40]!r}"
        raise refused(key, what, limit, "type a number")
    if not lever.low <= found <= lever.high:
        raise refused(key, f"{found:g}", limit, "stay inside the range")
    # A slider counts its steps in binary: 14 comes back as 13.999999999999998.
    return float(round(found)) if lever.step >= 1 else round(found, _DIGITS)


def _number(value: Any) -> float | None:
    if isinstance(value, str):
        text = re.sub(r"[\s\u00a0\u202f]", "", value).replace(",", ".")
        value = float(text) if re.fullmatch(r"-?\d{1,15}(\.\d{1,15})?", text) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def refused(field_: str, found: str, limit: str = "", fix: str = "") -> InputError:
    """Say what is wrong with what was asked, as every refusal does."""
    return InputError(Fault("explorer", None, field_, found, limit, fix))


@lru_cache(maxsize=1)
def facts() -> Facts:
    """Return the facts, read once."""
    return load_facts(data_folder() / "facts")


@lru_cache(maxsize=16)
def resolved(name: str) -> tuple[Tree, list[Tree]]:
    """Read a scenario once, with all that it extends."""
    return resolve(name)


@lru_cache(maxsize=1)
def _root() -> Plan:
    """The plan that all extend: its order of work is kept, so that common draws stay comparable."""
    return judge(resolved("base")[1][0], facts(), check=False)


def _plan(start: str, said: str, check: bool = False) -> Plan:
    """The plan of a file that extends a scenario and says what is given as JSON."""
    tree, chain = resolved(start)
    if said:
        values = json.loads(said)
        tree = merge(tree, Tree(values, dict.fromkeys(_paths(values, ()), ("explorer", None))))
    plan = judge(tree, facts(), check=check, root=chain[0])
    bare = start == "base" and not said
    plan._origin = Origin({}, (), None if bare else _root(), tree.values)
    return plan


def _paths(value: Any, path: tuple) -> Iterator[tuple]:
    yield path
    for key, item in value.items() if isinstance(value, dict) else ():
        yield from _paths(item, (*path, key))


@lru_cache(maxsize=64)
def begun(start: str, said: str) -> Plan:
    """Return the plan of a scenario and what is said beside it as JSON, without checking its network."""
    return _plan(start, said)


def changes(state: State) -> dict:
    """What a plan file says beyond its start: choices first, then numbers on what these leave.

    Raises
    ------
    InputError
        Where a choice cannot be taken on this start.
    """
    said: dict = json.loads(state.own) if state.own else {}
    moved = [(BY_KEY[key], value) for key, value in state.values]
    for lever, value in (pair for pair in moved if pair[0].choices):
        said = _laid(said, _taken(lever, value, state))
    plan = begun(state.start, exact(said))
    for lever, value in (pair for pair in moved if pair[0].change):
        said = _laid(said, lever.change(value, plan, dict(state.values)))
    return said


@lru_cache(maxsize=16)
def _scenario(name: str) -> dict:
    """What a scenario says beyond what it extends."""
    text = (data_folder() / "scenarios" / f"{name}.yaml").read_text(encoding="utf-8")
    values = parse_text(text, name).values
    return {key: item for key, item in values.items() if key not in (*ABOUT, "extends")}


def _taken(lever: Lever, value: str, state: State) -> dict:
    """Changes of the scenario that a choice takes over."""
    choice, now = lever.choices[value], lever.read(begun(state.start, state.own))
    if lever.key == "rule" and value == "go":
        routes = resolved("base")[0].values["routes"]
        return {"routes": {k: {"sensitive_after": r["sensitive_after"]} for k, r in routes.items()}}
    first = next(iter(lever.choices))
    if not choice.scenario or (now != first and lever.key != "rule"):
        fix = "begin with the preset base"
        raise refused(lever.key, f"{value} on a plan of {now}", "not from this start", fix)
    return _scenario(choice.scenario)


def _laid(said: dict, more: dict) -> dict:
    """Lay one change over another."""
    found = dict(said)
    for key, value in more.items():
        both = isinstance(value, dict) and isinstance(found.get(key), dict)
        found[key] = _laid(found[key], value) if both else value
    return found


def exact(said: dict) -> str:
    """What is said as JSON, its numbers in full; nothing for nothing."""
    return json.dumps(said) if said else ""


def plan_of(state: State, check: bool = False) -> Plan:
    """Return the plan that a state stands for; ``check`` also expands its network.

    Raises
    ------
    InputError
        With everything that is wrong with it.
    """
    return _plan(state.start, exact(changes(state)), check)


@lru_cache(maxsize=48)
def drawn(state: State, draws: int) -> tuple[Plan, dict[str, NDArray]]:
    """Draw dates, money and interruptions of a state: what the headline needs and nothing else."""
    plan = plan_of(state)
    return plan, draw_values(plan, draws, SEED)


@lru_cache(maxsize=24)
def forecast_of(state: State, draws: int) -> Forecast:
    """Simulate a state in full, on the same draws."""
    return simulate(drawn(state, draws)[0], draws, SEED, detail=True)


def moved(state: State) -> Iterable[tuple[Lever, Any]]:
    """Yield the levers that have been moved, with their values."""
    for key, value in state.values:
        yield BY_KEY[key], value
