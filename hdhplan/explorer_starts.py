"""Where a state may begin: scenarios read once, the facts behind them, and changes laid over them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from hdhplan.facts import Facts, data_folder, load_facts
from hdhplan.layers import merge
from hdhplan.plan import Plan
from hdhplan.reading import Origin, judge, resolve
from hdhplan.tree import Tree, parse_text

#: What a scenario file says about itself and not about the plan.
ABOUT = ("schema", "name", "title", "description", "retains")


@lru_cache(maxsize=1)
def facts() -> Facts:
    """Return the facts, read once."""
    return load_facts(data_folder() / "facts")


@lru_cache(maxsize=16)
def resolved(name: str) -> tuple[Tree, list[Tree]]:
    """Read a scenario once, with all that it extends."""
    return resolve(name)


@lru_cache(maxsize=16)
def scenario(name: str) -> dict:
    """What a scenario says beyond what it extends."""
    text = (data_folder() / "scenarios" / f"{name}.yaml").read_text(encoding="utf-8")
    values = parse_text(text, name).values
    return {key: item for key, item in values.items() if key not in (*ABOUT, "extends")}


@lru_cache(maxsize=1)
def root() -> Plan:
    """The plan that all extend: its order of work is kept, so that common draws stay comparable."""
    return judge(resolved("base")[1][0], facts(), check=False)


def laid_on(start: str, said: str, check: bool = False, marks: Mapping | None = None) -> Plan:
    """The plan of a file that extends a scenario and says what is given as JSON.

    ``check`` also expands its network; ``marks`` are the lines of what is said.

    Raises
    ------
    InputError
        With everything that is wrong with it.
    """
    tree, chain = resolved(start)
    if said:
        values = json.loads(said)
        own = dict.fromkeys(_paths(values, ()), ("explorer", None)) | dict(marks or {})
        tree = merge(tree, Tree(values, own))
    plan = judge(tree, facts(), check=check, root=chain[0])
    bare = start == "base" and not said
    plan._origin = Origin({}, (), None if bare else root(), tree.values)
    return plan


def _paths(value: Any, path: tuple) -> Iterator[tuple]:
    yield path
    for key, item in value.items() if isinstance(value, dict) else ():
        yield from _paths(item, (*path, key))


@lru_cache(maxsize=64)
def begun(start: str, said: str) -> Plan:
    """Return the plan of a scenario and what is said beside it as JSON, without checking its network."""
    return laid_on(start, said)


def laid(said: dict, more: Mapping) -> dict:
    """Lay one change over another."""
    found = dict(said)
    for key, value in more.items():
        both = isinstance(value, dict) and isinstance(found.get(key), dict)
        found[key] = laid(found[key], value) if both else value
    return found


def part_of(said: Mapping, path: str) -> dict:
    """What a change says at a path such as ``rates.compute.on``, as a change of its own.

    Items with an id keep it, so that they lie over those of the same name.
    """
    step, _, rest = path.partition(".")
    inside = said[step]
    found = part_of(inside, rest) if rest else inside
    known = {"id": said["id"]} if "id" in said else {}
    return known | {step: found}


def exact(said: dict) -> str:
    """What is said as JSON, its numbers in full; nothing for nothing."""
    return json.dumps(said) if said else ""
