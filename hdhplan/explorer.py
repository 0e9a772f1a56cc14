"""The explorer's state and what it stands for: every state is the text of a plan file.

What is drawn on the page and what `hdhplan run` reads back are made from the same text, so they
cannot disagree.
"""

from __future__ import annotations

import io
import json
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
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
#: Version of the text that is shared.
SHARED = "hdhplan.explorer/1"
#: Bytes that a pasted text or file may have.
MOST_BYTES = 200_000
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
#: What a scenario file says about itself and not about the plan.
_ABOUT = ("schema", "name", "title", "description", "retains")
#: How far the credible pessimist goes: each assumption at this quantile of its range. [1]
_PESSIMIST = 0.8


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
        if value is not None and value != BY_KEY[key].read(_start(self.start, self.own)):
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
        raise _refused("preset", f"{str(name)[:40]!r}", "", nearest(name, PRESETS))
    state = State(PRESETS[name])
    if name == "wait_for_qualification":
        state = state.having("rule", "wait")
    if name == "pessimist":
        for key, value in _pessimist().items():
            state = state.having(key, value)
    return state


def _pessimist() -> dict[str, float]:
    """Each assumption at the worse fifth of its range in the reference."""
    plan, found = _start("base", ""), {}
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
        raise _refused(str(key)[:40], "unknown lever", "", nearest(str(key)[:40], BY_KEY))
    if lever.choices is not None:
        if not isinstance(value, str) or value not in lever.choices:
            raise _refused(key, f"{str(value)[:40]!r}", f"one of {', '.join(lever.choices)}")
        return value
    found = _number(value)
    limit = f"{lever.low:g} to {lever.high:g} {lever.unit[1]}".strip()
    if found is None:
        what = "nothing" if value in (None, "") else f"{str(value)[:40]!r}"
        raise _refused(key, what, limit, "type a number")
    if not lever.low <= found <= lever.high:
        raise _refused(key, f"{found:g}", limit, "stay inside the range")
    return float(round(found)) if lever.step >= 1 else found


def _number(value: Any) -> float | None:
    if isinstance(value, str):
        text = re.sub(r"[\s\u00a0\u202f]", "", value).replace(",", ".")
        value = float(text) if re.fullmatch(r"-?\d{1,15}(\.\d{1,15})?", text) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def _refused(field_: str, found: str, limit: str = "", fix: str = "") -> InputError:
    return InputError(Fault("explorer", None, field_, found, limit, fix))


@lru_cache(maxsize=1)
def facts() -> Facts:
    """Return the facts, read once."""
    return load_facts(data_folder() / "facts")


@lru_cache(maxsize=16)
def _resolved(name: str) -> tuple[Tree, list[Tree]]:
    return resolve(name)


@lru_cache(maxsize=1)
def _root() -> Plan:
    """The plan that all extend: its order of work is kept, so that common draws stay comparable."""
    return judge(_resolved("base")[1][0], facts(), check=False)


def _plan(start: str, said: str, check: bool = False) -> Plan:
    """The plan of a file that extends a scenario and says what is given as JSON."""
    tree = _resolved(start)[0]
    if said:
        values = json.loads(said)
        tree = merge(tree, Tree(values, dict.fromkeys(_paths(values, ()), ("explorer", None))))
    plan = judge(tree, facts(), check=check)
    bare = start == "base" and not said
    plan._origin = Origin({}, (), None if bare else _root(), tree.values)
    return plan


def _paths(value: Any, path: tuple) -> Iterator[tuple]:
    yield path
    for key, item in value.items() if isinstance(value, dict) else ():
        yield from _paths(item, (*path, key))


@lru_cache(maxsize=64)
def _start(start: str, said: str) -> Plan:
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
    plan = _start(state.start, _exact(said))
    for lever, value in (pair for pair in moved if pair[0].change):
        said = _laid(said, lever.change(value, plan, dict(state.values)))
    return said


@lru_cache(maxsize=16)
def _scenario(name: str) -> dict:
    """What a scenario says beyond what it extends."""
    text = (data_folder() / "scenarios" / f"{name}.yaml").read_text(encoding="utf-8")
    values = parse_text(text, name).values
    return {key: item for key, item in values.items() if key not in (*_ABOUT, "extends")}


def _taken(lever: Lever, value: str, state: State) -> dict:
    """Changes of the scenario that a choice takes over."""
    choice, now = lever.choices[value], lever.read(_start(state.start, state.own))
    if lever.key == "rule" and value == "go":
        routes = _resolved("base")[0].values["routes"]
        return {"routes": {k: {"sensitive_after": r["sensitive_after"]} for k, r in routes.items()}}
    first = next(iter(lever.choices))
    if not choice.scenario or (now != first and lever.key != "rule"):
        fix = "begin with the preset base"
        raise _refused(lever.key, f"{value} on a plan of {now}", "not from this start", fix)
    return _scenario(choice.scenario)


def _laid(said: dict, more: dict) -> dict:
    """Lay one change over another."""
    found = dict(said)
    for key, value in more.items():
        both = isinstance(value, dict) and isinstance(found.get(key), dict)
        found[key] = _laid(found[key], value) if both else value
    return found


def _written(values: dict) -> str:
    """Write values as YAML that the strict reader reads back as they are."""
    from ruamel.yaml import YAML

    yaml, out = YAML(typ="safe"), io.StringIO()
    yaml.default_flow_style, yaml.allow_unicode, yaml.width = None, True, 120
    yaml.sort_base_mapping_type_on_output = False
    yaml.dump(json.loads(_exact(values)), out)
    return out.getvalue()


def _exact(said: dict) -> str:
    """What is said as JSON, its numbers in full; nothing for nothing."""
    return json.dumps(said) if said else ""


def plan_of(state: State, check: bool = False) -> Plan:
    """Return the plan that a state stands for; ``check`` also expands its network.

    Raises
    ------
    InputError
        With everything that is wrong with it.
    """
    return _plan(state.start, _exact(changes(state)), check)


def file_text(state: State, name: str = "explored") -> str:
    """Write a state as a scenario file that `hdhplan run` reads.

    Raises
    ------
    InputError
        For a name that a plan may not have.
    """
    if not isinstance(name, str) or not _NAME.match(name):
        raise _refused("name", f"{str(name)[:40]!r}", "letters, digits, - and _, at most 64")
    said = {key: value for key, value in changes(state).items() if key not in _ABOUT}
    moved = "; ".join(f"{BY_KEY[key].en}: {value}" for key, value in state.values) or "nothing"
    title = {"fr": f"Exploré : {name}", "en": f"Explored: {name}"}
    head = f"# Made by the explorer. Moved: {moved}\n"
    about = {"extends": state.start, "name": name, "title": title}
    return head + _written(about) + (_written(said) if said else "")


def from_file(text: str) -> State:
    """Return the state of a scenario file that extends one of `data/scenarios`.

    Raises
    ------
    InputError
        With everything that is wrong with it.
    """
    if not isinstance(text, str) or len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise _refused("file", "not a text, or too long", f"at most {MOST_BYTES:,} bytes")
    values = dict(parse_text(text, "file").values)
    start = values.pop("extends", None)
    known = {path.stem for path in (data_folder() / "scenarios").glob("*.yaml")}
    if start not in known or _resolved(start)[1][0].values["name"] != "base":
        raise _refused("extends", f"{str(start)[:40]!r}", "a scenario that builds on base")
    values = {key: item for key, item in values.items() if key not in _ABOUT}
    state = State(start, (), _exact(values))
    plan_of(state, check=True)
    return state


def shared_text(state: State) -> str:
    """Write what differs as one line that can be pasted elsewhere.

    Raises
    ------
    InputError
        For a loaded file: it is shared as a file.
    """
    if state.own:
        raise _refused("share", "a loaded file", "only levers are shared as text", "save it")
    said = {"start": state.start, **dict(state.values)}
    parts = [f"{k}={v if isinstance(v, str) else repr(v)}" for k, v in said.items()]
    return " ".join([SHARED, *parts])


def from_shared(text: str) -> State:
    """Return the state of a shared text.

    Raises
    ------
    InputError
        For another version, an unknown or repeated key, a value that is none.
    """
    words = text.split() if isinstance(text, str) and len(text) <= MOST_BYTES else []
    if not words or words[0] != SHARED:
        found = f"{words[0][:40]!r}" if words else "nothing"
        raise _refused("share", found, f"begins with {SHARED}", "copy it anew")
    pairs = [word.partition("=")[::2] for word in words[1:]]
    keys = [key for key, _ in pairs]
    if len(set(keys)) < len(keys):
        raise _refused("share", "a key is said twice", "each once")
    said = dict(pairs)
    start = said.pop("start", "base")
    if start not in PRESETS.values():
        raise _refused("start", f"{start[:40]!r}", "", nearest(start, set(PRESETS.values())))
    state = State(start)
    for key, value in said.items():
        state = state.having(key, validated(key, value))
    plan_of(state, check=True)
    return state


@lru_cache(maxsize=48)
def drawn(state: State, draws: int) -> tuple[Plan, dict[str, NDArray]]:
    """Draw dates, money and interruptions of a state: what the headline needs and nothing else."""
    plan = plan_of(state)
    return plan, draw_values(plan, draws, SEED)


@lru_cache(maxsize=24)
def forecast_of(state: State, draws: int) -> Forecast:
    """Simulate a state in full, on the same draws."""
    return simulate(drawn(state, draws)[0], draws, SEED, detail=True)


@dataclass
class Session:
    """A visitor's states, one behind the other; what is refused leaves the last good one."""

    states: list[State] = field(default_factory=lambda: [State()])
    at: int = 0
    message: str = ""
    draws: int = RESTING
    moving: str = ""

    @property
    def state(self) -> State:
        """The state that holds."""
        return self.states[self.at]

    @property
    def lines(self) -> dict[str, State]:
        """The three that are shown: the reference, with changed assumptions, the scenario."""
        now = self.state
        return {
            "reference": now.only("target"),
            "assumed": now.only("target", "assumption"),
            "scenario": now,
        }

    def set(self, key: str, value: Any, dragging: bool = False) -> bool:
        """Move a lever; tell whether it was accepted."""
        return self._enter(lambda: self.state.having(key, validated(key, value)), key, dragging)

    def release(self, key: str) -> bool:
        """Put one lever back where the start has it."""
        known = key in BY_KEY
        return self._enter(lambda: self.state.having(key if known else validated(key, None), None))

    def take(self, state: State) -> bool:
        """Take over a whole state: a preset, a loaded file, a shared text."""
        return self._enter(lambda: state)

    def load(self, kind: str, text: str) -> bool:
        """Take over a preset by its name, a file or a shared text."""
        made = {"preset": preset, "file": from_file, "shared": from_shared}[kind]
        return self._enter(lambda: made(text))

    def undo(self) -> bool:
        """Go back by one state."""
        return self._go(-1)

    def redo(self) -> bool:
        """Go forward again."""
        return self._go(1)

    def reset(self) -> bool:
        """Go back to the reference, as a further step."""
        return self.take(State())

    def _go(self, by: int) -> bool:
        if not 0 <= self.at + by < len(self.states):
            return False
        self.at, self.message, self.moving = self.at + by, "", ""
        return True

    def _enter(self, made: Any, key: str = "", dragging: bool = False) -> bool:
        """Judge a state before it holds; a lever that is dragged is one step to undo."""
        try:
            state = made()
            drawn(state, DRAGGING)
        except InputError as error:
            self.message = "\n".join(str(fault) for fault in error.faults[:5])
            return False
        same = dragging and key and key == self.moving
        before = self.states[: self.at if same and self.at else self.at + 1]
        if state != before[-1] if before else True:
            before.append(state)
        self.states, self.at = before, len(before) - 1
        self.message, self.moving = "", key if dragging else ""
        self.draws = DRAGGING if dragging else RESTING
        return True


def moved(state: State) -> Iterable[tuple[Lever, Any]]:
    """Yield the levers that have been moved, with their values."""
    for key, value in state.values:
        yield BY_KEY[key], value
