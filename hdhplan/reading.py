"""From a plan file to a Plan: find it, resolve it, judge it, and say everything that is wrong."""

from __future__ import annotations

import copy
import datetime as dt
import hashlib
import re
import typing
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from hdhplan.errors import Fault, InputError, nearest
from hdhplan.facts import Facts, data_folder, load_facts
from hdhplan.fitting import misfits
from hdhplan.layers import DEFAULTS, apply_set, load_tree
from hdhplan.model import collecting, make_model
from hdhplan.network import expand
from hdhplan.plan import Plan
from hdhplan.scope import Capability
from hdhplan.sense import fact_of, senseless
from hdhplan.status import Status
from hdhplan.tables import read_things
from hdhplan.tree import Tree, mark_of, read_tree
from hdhplan.weeks import read_weeks

_ID = re.compile(r"[A-Za-z0-9_-]+\Z")
#: Parts of a plan whose keys are ids.
_NAMED = (
    "tasks", "datasets", "waves", "routes", "resources", "drivers", "rates", "calendars",
    "interruptions", "capabilities", "obligations",
)  # fmt: skip
#: Quantities of a forecast, beside which each milestone is one.
RESERVED = (
    "finish_day", "cost_eur", "exposure_pb_days", "unqualified_pb_days", "double_held_pb_days",
    "project_days_interrupted", "critical_days_interrupted", "critical_interruption_days",
    "projects_without_tool", "project_days_without_tool", "turn_back_day", "full_cost_eur",
    "steady_month_eur", "avoided_eur",
)  # fmt: skip


@dataclass(frozen=True)
class Origin:
    """Where a plan came from: hashes of its files, what was set, and the root of `extends`."""

    inputs: dict[str, str]
    overrides: tuple[str, ...]
    root: Plan | None
    resolved: dict


def load_plan(
    name: str | Path,
    overrides: Iterable[str] | Mapping[str, Any] | None = None,
    status: str | Path | None = None,
    until: dt.date | None = None,
) -> Plan:
    """Load a scenario by name, or a plan file by path.

    Parameters
    ----------
    name
        A file of ``data/scenarios`` without its ending, or the path of a YAML file.
    overrides
        Settings as ``"routes.link.rate_gbps=25"``, or a mapping of path to value.
    status
        A folder of weeks, as ``data/status/example``: what has happened.
    until
        Leave out the weeks that begin after this day.

    Raises
    ------
    InputError
        With everything that is wrong: file, line, field, found, limit and fix.

    Examples
    --------
    >>> load_plan("base").name
    'base'
    """
    tree, chain = resolve(str(name))
    settings = _settings(overrides)
    changed = tree
    for setting in settings:
        changed = apply_set(changed, setting)
    facts = _facts()
    root = None
    if len(chain) > 1 or settings:
        root = judge(chain[0], facts, check=False)
    plan = judge(changed, facts, root=chain[0])
    files = sorted({file for file, _ in tree.marks.values() if file and file != "--set"})
    inputs = {Path(file).name: _sha256(Path(file)) for file in files if Path(file).is_file()}
    inputs |= {
        f"facts/{p.name}": _sha256(p) for p in sorted((data_folder() / "facts").glob("*.csv"))
    }
    if status is not None:
        plan._status, read = _status_for(plan, changed, facts, Path(status), until)
        inputs |= read
    plan._origin = Origin(inputs, tuple(settings), root, changed.values)
    return plan


def _status_for(
    plan: Plan, tree: Tree, facts: Facts, folder: Path, until: dt.date | None
) -> tuple[Status, dict[str, str]]:
    """Status facts that fit a plan, and the hashes of their files."""
    status, faults = read_weeks(folder, until)
    faults = [*faults, *misfits(plan, expand(plan), status), *_setting_faults(tree, facts, status)]
    if faults:
        raise InputError(sorted(faults, key=lambda fault: (fault.file, fault.line or 0)))
    files = (
        folder / week / f"{kind}.csv" for week, kinds in status.files.items() for kind in kinds
    )
    return status, {f"status/{p.parent.name}/{p.name}": _sha256(p) for p in files}


def _setting_faults(tree: Tree, facts: Facts, status: Status) -> Iterator[Fault]:
    """Decisions whose setting the plan could not take, each setting judged once."""
    wrong: dict[str, list[Fault]] = {}
    for fact in status.facts:
        setting = str(fact.given.get("setting", "")) if fact.kind == "decisions" else ""
        if setting and setting not in wrong:
            with collecting(wrong.setdefault(setting, [])):
                judge(apply_set(tree, setting), facts)
        for fault in wrong.get(setting, ()):
            found = f"found {setting[:60]!r}: {fault.field} {fault.found}".replace("  ", " ")
            yield Fault(fact.file, fact.line, "setting", found, fault.limit, fault.fix)


def resolve(name: str) -> tuple[Tree, list[Tree]]:
    """Read a scenario and all that it extends: it resolved, and each level so far, root first."""
    near = lambda asked, path: find_plan(asked, path.parent)  # noqa: E731
    return load_tree(find_plan(name), near, _with_tables)


def find_plan(name: str, near: Path | None = None) -> Path:
    """Find a plan file: a path as it is, beside another file, or a name in ``data/scenarios``."""
    if name.endswith((".yaml", ".yml")):
        path = Path(name)
        return near / path if near and not path.is_absolute() and (near / path).is_file() else path
    if not _ID.match(name):
        raise InputError(Fault(name[:80], None, "", "not a scenario", "letters, digits, - and _"))
    if near and (near / f"{name}.yaml").is_file():
        return near / f"{name}.yaml"
    scenarios = data_folder() / "scenarios"
    path = scenarios / f"{name}.yaml"
    if not path.is_file():
        known = sorted(p.stem for p in scenarios.glob("*.yaml"))
        found = f"no scenario {name!r}"
        raise InputError(Fault("data/scenarios", None, "", found, "", nearest(name, known)))
    return _short(path)


def _with_tables(path: Path) -> Tree:
    """Read a plan file, with the things of a table in the place of its name."""
    tree = read_tree(path)
    name = tree.values.get("capabilities")
    if not isinstance(name, str):
        return tree
    file, line = mark_of(tree, ["capabilities"])
    if Path(name).name != name or not name.endswith(".csv"):
        fix = "write capabilities.csv, or list them here"
        raise InputError(Fault(file, line, "capabilities", f"{name[:60]!r}", "a .csv file", fix))
    table = next((p for p in (path.parent / name, data_folder() / name) if p.is_file()), None)
    if table is None:
        limit = "a file beside this one, or in data"
        raise InputError(Fault(file, line, "capabilities", f"no file {name[:60]!r}", limit))
    columns = tuple(field.alias or key for key, field in Capability.model_fields.items())
    values, marks = read_things(_short(table), "capabilities", columns)
    return Tree(tree.values | {"capabilities": values}, tree.marks | marks)


def _short(path: Path) -> Path:
    """A path as the user would name it: relative to where they are, if it lies below."""
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path


def _facts() -> Facts:
    return load_facts(data_folder() / "facts")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _settings(overrides) -> list[str]:
    if isinstance(overrides, Mapping):
        return [f"{path}={_scalar(value)}" for path, value in overrides.items()]
    return list(overrides or ())


def _scalar(value: Any) -> str:
    return {True: "true", False: "false", None: "null"}.get(value, str(value))


def judge(tree: Tree, facts: Facts, check: bool = True, root: Tree | None = None) -> Plan:
    """Validate a resolved tree into a Plan; ``check`` also expands its network.

    ``root`` is what the tree extends in the end: a task that is not in it says what it is.

    Raises
    ------
    InputError
        With every fault, each at the line of the value that is wrong.
    """
    tree = with_defaults(tree)
    faults = [*_id_faults(tree), *_incomplete(tree, root or tree)]
    context = {
        "facts": lambda name: fact_of(facts, name),
        "near": lambda name: nearest(name, [fact.id for fact in facts]),
        "judgement": str(tree.values.get("judgement") or ""),
    }
    try:
        plan = Plan.model_validate(tree.values, context=context)
    except ValidationError as error:
        wrong = error.errors(include_url=False)
        faults += [_fault_of(tree, item) for item in wrong]
        # What else is wrong is told at once too, as far as the plan makes sense without these.
        plan = _without(tree, wrong, context)
    if plan is not None:
        plan._facts = facts
        more = senseless(plan)
        with collecting(more):
            if check:
                make_model(plan)
        # What a thing lacks only because it is left out is not told again.
        told = {fault.field.rpartition(".")[0] for fault in faults}
        faults += [fault for fault in more if not _lacks(fault, told)]
    if faults:
        faults = [_placed(tree, fault) for fault in faults]
        raise InputError(sorted(dict.fromkeys(faults), key=lambda f: (f.file, f.line or 0)))
    return plan


def _lacks(fault: Fault, told: set[str]) -> bool:
    """Whether a fault is about a whole thing of which a part has been told already."""
    whole = fault.field.count(".") == 1
    return whole and any(f"{field}.".startswith(f"{fault.field}.") for field in told)


def _without(tree: Tree, wrong: list[dict], context: dict) -> Plan | None:
    """The plan without what is wrong in it, where that leaves every name as it is; else None."""
    values = copy.deepcopy(tree.values)
    for item in wrong:
        path = [str(step) for step in item["loc"] if step != "[key]"]
        if item["type"] != "extra_forbidden":
            group = path[0] if path else ""
            if group != "target" and not (group in ("tasks", "drivers", "rates") and len(path) > 2):
                return None
            path = path[: 1 if group == "target" else 3]
        here: Any = values
        for step in path[:-1]:
            here = here.get(step) if isinstance(here, dict) else None
        if isinstance(here, dict):
            here.pop(path[-1], None)
    try:
        return Plan.model_validate(values, context=context)
    except ValidationError:
        return None


def with_defaults(tree: Tree) -> Tree:
    """Lay each dataset and wave over what ``defaults`` says of all; null takes a default away."""
    values = dict(tree.values)
    defaults = values.pop("defaults", None) or {}
    marks = dict(tree.marks)
    if not isinstance(defaults, dict):
        file, line = mark_of(tree, ["defaults"])
        limit = ", ".join(f"{name}: {{…}}" for name in DEFAULTS)
        raise InputError(Fault(file, line, "defaults", "not a mapping", limit))
    for name, shared in defaults.items():
        if name not in DEFAULTS or not isinstance(shared, dict):
            file, line = mark_of(tree, ["defaults", name])
            fix = nearest(name, DEFAULTS)
            limit = ", ".join(DEFAULTS)
            raise InputError(Fault(file, line, "defaults", f"unknown {name!r}", limit, fix))
        group = DEFAULTS[name]
        items = values.get(group)
        if not isinstance(items, dict):
            continue
        values[group] = {
            key: _laid_over(shared, item) if isinstance(item, dict) else item
            for key, item in items.items()
        }
        shared_marks = {p[2:]: m for p, m in tree.marks.items() if p[:2] == ("defaults", name)}
        for key in values[group]:
            marks |= {
                (group, key, *step): mark
                for step, mark in shared_marks.items()
                if step and (group, key, *step) not in tree.marks
            }
    return Tree(values, marks)


def _laid_over(shared: dict, item: dict) -> dict:
    merged = dict(shared)
    for key, value in item.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _laid_over(merged[key], value) if both else value
    return {key: value for key, value in merged.items() if value is not None}


def _id_faults(tree: Tree):
    """Ids that are not plain words, and ids that two things share."""
    owners: dict[str, str] = {}
    for group in _NAMED:
        things = tree.values.get(group)
        for name in things if isinstance(things, dict) else ():
            file, line = mark_of(tree, [group, name])
            if not _ID.match(str(name)):
                limit = "letters, digits, - and _; the dot is reserved"
                yield Fault(file, line, f"{group}.{name}", f"id {name!r}", limit)
            if group == "tasks" and str(name) in RESERVED:
                limit = "a name that no quantity of a forecast has"
                yield Fault(file, line, f"tasks.{name}", f"id {name!r}", limit, "rename it")
            if group in ("tasks", "datasets", "waves", "capabilities"):
                if str(name) in owners:
                    found = f"{name!r} is also one of the {owners[str(name)]}"
                    yield Fault(file, line, f"{group}.{name}", found, "an id names one thing")
                owners[str(name)] = group


def _incomplete(tree: Tree, root: Tree) -> Iterator[Fault]:
    """New tasks that say nothing of themselves: most often the id of another one, mistyped."""
    tasks, known = tree.values.get("tasks"), root.values.get("tasks")
    if not isinstance(tasks, dict) or not isinstance(known, dict):
        return
    limit = "a new task has `work`, `after`, `span` or `fixed`"
    for name, task in tasks.items():
        says = task.keys() & {"work", "after", "span", "fixed"} if isinstance(task, dict) else True
        if name not in known and not says:
            file, line = mark_of(tree, ["tasks", name])
            yield Fault(file, line, f"tasks.{name}", "a new id", limit, nearest(name, known))


def _fault_of(tree: Tree, item: dict) -> Fault:
    """Turn one validation error into a fault at its line."""
    path = [str(step) for step in item["loc"] if step != "[key]"]
    file, line = mark_of(tree, path)
    field, kind, context = ".".join(path), item["type"], item.get("ctx") or {}
    if kind == "refused":
        return Fault(file, line, field, context["found"], context["limit"], context["fix"])
    if kind == "extra_forbidden":
        known = _fields(path[:-1])
        limit = f"keys here: {', '.join(known)}" if len(known) <= 12 else ""
        return Fault(
            file, line, field, f"unknown key {path[-1]!r}", limit, nearest(path[-1], known)
        )
    if kind == "missing":
        return Fault(file, line, field, f"{path[-1]} is missing", "it is required")
    found = f"{str(item.get('input'))[:60]!r}"
    return Fault(file, line, field, found, _plain(item["msg"]))


def _plain(message: str) -> str:
    """Say a validator's message in lower case, without its jargon."""
    message = message.replace("Input should be ", "").replace("a valid integer", "an integer")
    message = message.replace("a valid ", "a ")
    return message[:1].lower() + message[1:]


def _fields(path: list[str]) -> list[str]:
    """Keys that a plan may have at a path."""
    here: Any = Plan
    for step in path:
        fields = _models(here)
        if fields:
            names = {(f.alias or name): f for name, f in fields[0].model_fields.items()}
            here = names[step].annotation if step in names else None
        else:
            here = typing.get_args(here)[-1] if typing.get_args(here) else None
    models = _models(here)
    if not models and typing.get_args(here):
        models = _models(typing.get_args(here)[-1])
    return [f.alias or name for name, f in models[0].model_fields.items()] if models else []


def _models(annotation: Any) -> list[type[BaseModel]]:
    """Models directly in an annotation, through Optional, Annotated and the like."""
    if isinstance(annotation, type):
        return [annotation] if issubclass(annotation, BaseModel) else []
    origin = typing.get_origin(annotation)
    if origin in (dict, tuple, list):
        return []
    return [model for part in typing.get_args(annotation) for model in _models(part)]


def _placed(tree: Tree, fault: Fault) -> Fault:
    """Give a fault found on the plan the file and line of its field."""
    if not fault.file.startswith("plan "):
        return fault
    steps = fault.field.split(".")
    if steps[0] == "retains":  # its keys have a dot of their own
        steps = [steps[0], ".".join(steps[1:-1]), steps[-1]]
    place = mark_of(tree, steps)
    # What is wrong as a whole is told where a scenario changed a part of it.
    inside = [m for path, m in tree.marks.items() if path[:-1] == tuple(steps) and m[0] != place[0]]
    file, line = next((m for m in inside if m[0] == inside[-1][0]), place)
    return replace(fault, file=file or fault.file, line=line)
