"""What differs between plans: the inputs one by one, and the causes that they make up."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from hdhplan.facts import Facts
from hdhplan.plan import Plan, Target
from hdhplan.quantities import Bilingual, Range, shown_points
from hdhplan.reading import Origin, judge
from hdhplan.scope import Link
from hdhplan.tree import Tree

#: Fields that are about a plan and change nothing that comes out.
PROSE = {
    "schema_", "name", "title", "description", "illustrative", "judgement", "retains", "id", "ask",
    "source", "grade", "fact", "note", "phase", "gate", "bias",
}  # fmt: skip
#: Parts of which each thing is a cause of its own; any other part is one cause.
BY_THING = (
    "tasks", "datasets", "routes", "drivers", "rates", "calendars", "interruptions", "capabilities",
)  # fmt: skip
#: Parts that say what is asked of a plan, not what it does.
ASKED = ("target", "promises", "obligations", "allocations", "closings")
PARTS = {
    "tasks": ("tâches", "tasks"),
    "datasets": ("jeux de données", "datasets"),
    "routes": ("routes", "routes"),
    "drivers": ("facteurs et risques", "drivers and risks"),
    "rates": ("prix et coûts", "prices and costs"),
    "calendars": ("calendriers", "calendars"),
    "calendar": ("calendrier", "calendar"),
    "interruptions": ("interruptions", "interruptions"),
    "capabilities": ("services et manques", "services and gaps"),
    "obligations": ("obligations", "obligations"),
    "closings": ("clôtures budgétaires", "budget closings"),
    "waves": ("vagues", "waves"),
    "resources": ("équipes", "teams"),
    "start": ("date de départ", "start"),
    "target": ("cible", "target"),
    "promises": ("promesses", "promises"),
    "allocations": ("répartition du budget", "allocations"),
    "vat_rate": ("taux de TVA", "VAT rate"),
    "priority": ("priorités", "priority"),
}


@dataclass(frozen=True)
class Difference:
    """One input that differs: its path, the cause it belongs to, and its text in each plan."""

    path: str
    cause: str
    name: Bilingual | None
    values: tuple[str | None, ...]


def differing_inputs(plans: Sequence[Plan]) -> tuple[Difference, ...]:
    """Inputs that differ between plans, in the order of the plans' own parts.

    A thing that some plan has not at all is one difference, not one for each of its fields.
    """
    leaves = [dict(_leaves(plan, "")) for plan in plans]
    whole = [_things(plan) for plan in plans]
    found = {}
    for path in dict.fromkeys(path for plan in leaves for path in plan):
        values = [plan.get(path) for plan in leaves]
        if all(value == values[0] for value in values):
            continue
        thing = ".".join(path.split(".")[:2])
        missing = any(thing in things for things in whole) and not all(thing in w for w in whole)
        if missing:
            path, values = thing, [_joined(plan, thing) for plan in leaves]
        texts = tuple(value and value[1] for value in values)
        found[path] = Difference(path, cause_of(path), name_of(plans, path), texts)
    return tuple(found.values())


def causes(plans: Sequence[Plan]) -> tuple[str, ...]:
    """Causes that can make two plans come out differently."""
    found = dict.fromkeys(d.cause for d in differing_inputs(plans))
    return tuple(cause for cause in found if cause not in ASKED)


def cause_of(path: str) -> str:
    """The cause that an input belongs to: its thing, or its part of the plan."""
    part, _, rest = path.partition(".")
    return f"{part}.{rest.split('.')[0]}" if part in BY_THING and rest else part


def name_of(plans: Sequence[Plan], path: str) -> Bilingual | None:
    """Name of the thing that a path leads to, by the first plan that has one; else of its part."""
    part, _, rest = path.partition(".")
    for plan in plans if rest else ():
        things = getattr(plan, part)
        thing = things.get(rest.split(".")[0]) if isinstance(things, dict) else None
        if getattr(thing, "name", None):
            return thing.name
    if part in PARTS and (part not in BY_THING or not rest):
        return Bilingual(fr=PARTS[part][0], en=PARTS[part][1])
    return None


def hybrid(before: Plan, after: Plan, changed: Collection[str]) -> Plan:
    """The first plan with some causes as they are in the second, validated anew.

    What is asked of it (promises, obligations, allocations) is left out: it moves nothing.

    Raises
    ------
    InputError
        If these causes make no sense without others.
    """
    fields = {name: getattr(before, name) for name in Plan.model_fields}
    fields |= {
        "promises": (), "obligations": {}, "allocations": {}, "retains": {},
        "target": _target(before, after),
    }  # fmt: skip
    for part in dict.fromkeys(cause.partition(".")[0] for cause in changed):
        new = getattr(after, part)
        ids = {cause.partition(".")[2] for cause in changed if cause.partition(".")[0] == part}
        fields[part] = new if "" in ids else _mixed(fields[part], new, ids)
    values = {Plan.model_fields[name].alias or name: value for name, value in fields.items()}
    plan = judge(Tree(values, {}), before.facts or Facts(()))
    plan._origin = Origin({}, (), _root(before, after), {})
    return plan


def _target(before: Plan, after: Plan) -> Target | None:
    """What the first plan is to hold; its milestone only where both have it."""
    old, new = before.target, after.target
    if old is None or (new and old.milestone == new.milestone):
        return old
    return Target(finish=old.finish, cost_eur=old.cost_eur, vat=old.vat)


def _mixed(old: dict, new: dict, ids: set[str]) -> dict:
    """Things of the one, some of them as in the other: changed, added or gone."""
    kept = {
        key: new[key] if key in ids else item
        for key, item in old.items()
        if key not in ids - new.keys()
    }
    return kept | {key: new[key] for key in new if key in ids}


def _root(before: Plan, after: Plan) -> Plan | None:
    """The root whose order of tasks both plans keep, if it is one and the same."""
    roots = [(plan.origin.root if plan.origin else None) or plan for plan in (before, after)]
    alone = all(root is plan for root, plan in zip(roots, (before, after), strict=True))
    same = all(getattr(roots[0], name) == getattr(roots[1], name) for name in Plan.model_fields)
    return roots[0] if same and not alone else None


def _things(plan: Plan) -> set[str]:
    return {
        f"{part}.{key}"
        for part in (*BY_THING, "waves")
        for key in getattr(plan, part)
    }  # fmt: skip


def _joined(leaves: dict, thing: str) -> tuple | None:
    """All that a plan says of a thing, as one value; None if it has no such thing."""
    own = {
        k.removeprefix(thing).lstrip("."): v
        for k, v in leaves.items()
        if f"{k}.".startswith(f"{thing}.")
    }
    return (own, ", ".join(f"{k} {v[1]}" for k, v in own.items() if k)) if own else None


def _leaves(value: Any, path: str) -> Iterator[tuple[str, tuple[Any, str]]]:
    """Path of every input, with what it is compared by and its text."""
    if isinstance(value, Range):
        yield path, ((value.probability_law, value.unit), _range_text(value))
    elif isinstance(value, Bilingual):
        yield path, (True, value.en)
    elif isinstance(value, BaseModel):
        if path.count(".") == 1 and path.partition(".")[0] in (*BY_THING, "waves"):
            yield path, (True, "")
        for name in type(value).model_fields:
            if name not in PROSE:
                yield from _leaves(getattr(value, name), f"{path}.{name}" if path else name)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}")
    elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
        for position, item in enumerate(value):
            yield from _leaves(item, f"{path}.{getattr(item, 'id', '') or position}")
    elif value not in (None, (), ""):
        yield path, (value, _text(value))


def _range_text(value: Range) -> str:
    """A range as a plan file writes it: 20/40/65 wd."""
    if value.law == "choice":
        numbers = f"one of {', '.join(_text(x) for x in value.values)}"
    elif value.unit == "date":
        return "/".join(shown_points(value, _text))
    elif value.low == value.high:
        numbers = _text(value.likely)
    else:
        numbers = "/".join(_text(x) for x in (value.low, value.likely, value.high))
    law = f" ({value.law})" if value.law not in ("pert", "fixed", "choice") else ""
    times = f" × {value.count}" if value.count > 1 else ""
    return f"{numbers} {value.unit}".strip() + times + law


def _text(value: Any) -> str:
    if isinstance(value, tuple) and isinstance(value[0], tuple) and isinstance(value[0][0], int):
        return " ".join(f"{a}-{b}" if a < b else f"{a}" for a, b in value)  # numbers of projects
    if isinstance(value, tuple):
        return (
            " – ".join(map(_text, value))
            if not isinstance(value[0], Link)
            else ", ".join(map(str, value))
        )
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.12g}" if isinstance(value, (int, float)) else str(value)
