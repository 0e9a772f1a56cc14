"""Trees laid over one another: what a file extends, its defaults, and `--set`."""

from __future__ import annotations

import copy
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from hdhplan.errors import Fault, InputError, nearest
from hdhplan.tree import Faults, Tree, mark_of, read_tree, read_value, shown

#: Names under ``defaults``, and the things that each is laid under.
DEFAULTS = {
    "dataset": "datasets", "wave": "waves", "capability": "capabilities", "rate": "rates"
}  # fmt: skip
#: Files that may extend one another in a row.
MOST_LEVELS = 8
#: What a file says of itself: none of it comes from what the file extends.
OWN = ("name", "title", "description")
_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}\Z")
#: Names that Windows keeps for devices, and those of this folder.
_TAKEN = {
    "con",
    "prn",
    "aux",
    "nul",
    "failed",
    *(f"{d}{n}" for d in ("com", "lpt") for n in range(10)),
}


def merge(base: Tree, change: Tree) -> Tree:
    """Lay a change over a base: mappings and lists with ids merge, anything else is replaced.

    Null removes a key and ``remove: true`` an item with an id; removing what is not there is
    refused. A null for what ``defaults`` give an item stays, to take it away when they are laid.
    Marks follow the value that wins; those of merged mappings stay the base's.
    """
    fate = dict.fromkeys(_taken_away(base.values, change.values), True)
    faults = Faults("")
    values = _merge(base.values, change, change.values, (), fate, faults)
    faults.stop()
    marks = {path: mark for path, mark in base.marks.items() if not _under(path, fate)}
    came = {path for path, stays in fate.items() if stays}
    marks |= {path: mark for path, mark in change.marks.items() if _under(path, came)}
    return Tree(values, marks)


def _merge(
    base: dict | None, top: Tree, change: dict, path: tuple, fate: dict, faults: Faults
) -> dict:
    """Merge below ``path``; ``fate`` notes what came (True) or went (False). No base: all new."""
    values = dict(base or {})
    for key, new in change.items():
        here, old = (*path, key), values.get(key)
        faults.file, line = mark_of(top, here)
        removes_item = isinstance(new, dict) and "id" in new and new.get("remove") is True
        if removes_item or (new is None and base is not None and here not in fate):
            if key in values:
                del values[key]
                fate[here] = False
            else:
                faults.add(line, here, "nothing of this name to remove", "", nearest(key, values))
        elif key == "remove" and new is True:
            faults.add(
                line,
                here,
                "no item with an id",
                "`remove: true` stands beside an id",
                "to remove a key, leave its value empty",
            )
        elif isinstance(new, dict):
            both = isinstance(old, dict)
            values[key] = _merge(old if both else None, top, new, here, fate, faults)
            fate |= {} if both else {here: True}
        else:
            values[key], fate[here] = new, True
    return values


def _taken_away(base: dict, change: dict) -> Iterator[tuple]:
    """Yield the paths of a change's nulls in items to which a default gives a value there."""
    pending = [((group,), change.get(group)) for group in DEFAULTS.values()]
    while pending:
        path, value = pending.pop()
        if isinstance(value, dict):
            pending += [((*path, key), item) for key, item in value.items()]
        elif value is None and any(default_of(tree, path) is not None for tree in (base, change)):
            yield path


def default_of(values: dict, path: Sequence[str]) -> object:
    """Return what ``defaults`` give at a path such as ``waves.w1.erase``; None for nothing."""
    name = next((name for name, group in DEFAULTS.items() if path[0] == group), "")
    here = values.get("defaults") if name and len(path) > 2 else None
    for step in (name, *path[2:]):
        here = here.get(step) if isinstance(here, dict) else None
    return here


def _under(path: tuple, roots: dict | set) -> bool:
    return any(path[:depth] in roots for depth in range(1, len(path) + 1))


def slug(name: str) -> str:
    """A safe name of a folder, on any system.

    Examples
    --------
    >>> slug("Scénario d'été (v2)"), slug("../../x"), slug("nul")
    ('scenario-d-ete-v2', 'x', 'nul-plan')
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    found = re.sub(r"[^a-z0-9_-]+", "-", plain.lower()).strip("-_")[:60].strip("-_") or "plan"
    found = f"{found}-plan" if found in _TAKEN else found
    if not _SLUG.match(found):
        raise ValueError(f"{found!r} is no name of a folder")
    return found


def load_tree(
    path: Path, find: Callable[[str, Path], Path], read: Callable[[Path], Tree] = read_tree
) -> tuple[Tree, list[Tree]]:
    """Read a file and what it extends; return it resolved, and each level so far, root first.

    A file that extends another bears its own name: the one it says, else that of the file.
    ``find`` gives the path of the name after ``extends``, near the path of the file that says it;
    ``read`` reads one file.
    """
    files = [(path, read(path))]
    while "extends" in files[-1][1].values:
        files.append(_extended(files, find, read))
    chain: list[Tree] = []
    for file, tree in reversed(files):
        own = _without(tree, ("extends",))
        if chain:
            named = {"name": slug(file.stem), **own.values}
            own = Tree(named, {("name",): (str(file), 1), **own.marks})
            own = merge(_without(chain[-1], OWN), own)
        chain.append(own)
    return chain[-1], chain


def _without(tree: Tree, keys: Sequence[str]) -> Tree:
    """Return a tree without some of its first keys."""
    return Tree(
        {key: value for key, value in tree.values.items() if key not in keys},
        {step: mark for step, mark in tree.marks.items() if step[:1] not in {(k,) for k in keys}},
    )


def _extended(files: list[tuple[Path, Tree]], find: Callable, read: Callable) -> tuple[Path, Tree]:
    """Read what the last of the files extends."""
    near, tree = files[-1]
    name = tree.values["extends"]
    file, line = mark_of(tree, ["extends"])
    if not isinstance(name, str) or not name:
        raise InputError(Fault(file, line, "extends", "not a name", "", "name one scenario"))
    path, there = find(name, near), False
    with suppress(OSError, ValueError):  # a name too long, a folder that is closed
        there = path.is_file()
    if not there:
        raise InputError(Fault(file, line, "extends", f"no file for {shown(name)}"))
    known = [known.resolve() for known, _ in files]
    if path.resolve() in known:
        circle = [*(known for known, _ in files[known.index(path.resolve()) :]), path]
        found = "a circle: " + " extends ".join(map(str, circle))
        raise InputError(Fault(file, line, "extends", found, "", "let one of them extend nothing"))
    if len(files) > MOST_LEVELS:
        raise InputError(Fault(file, line, "extends", f"more than {MOST_LEVELS} levels"))
    return path, read(path)


def apply_set(tree: Tree, setting: str) -> Tree:
    """Replace one value: ``routes.link.rate_gbps=25``; ids are steps, null removes a key.

    The last step may be a new key: the schema judges it later. What ``defaults`` give an item may
    be stepped into like what it says itself.
    """
    name, equals, text = setting.partition("=")
    path = tuple(name.strip().split("."))
    if not equals or not all(path) or path[-1] == "id":
        fix = "an id cannot be set" if path[-1] == "id" else "write a path, = and a value"
        raise InputError(Fault("--set", None, "", shown(setting), "path.to.field=value", fix))
    values = here = dict(tree.values)
    for depth, step in enumerate(path[:-1], 1):
        if isinstance(default_of(tree.values, path[:depth]), dict) and isinstance(here, dict):
            here.setdefault(step, {})
        key = _key(here, step, name)
        here[key] = copy.copy(here[key])
        here = here[key]
    key = path[-1] if isinstance(here, dict) else _key(here, path[-1], name)
    new, marks = read_value(text, path)
    if new is None and isinstance(here, dict) and default_of(tree.values, path) is None:
        del here[_key(here, key, name)]
    else:
        here[key] = new
    kept = {step: mark for step, mark in tree.marks.items() if not _under(step, {path})}
    return Tree(values, kept | (marks if new is not None else {}))


def _key(here: object, step: str, name: str) -> str | int:
    """Return the key or position that a step of a ``--set`` path means."""
    known = list(here) if isinstance(here, dict | list) else []
    known = known if isinstance(here, dict) else list(map(str, range(len(known))))
    if step not in known:
        found = f"{shown(step)} is not there"
        raise InputError(Fault("--set", None, shown(name)[1:-1], found, "", nearest(step, known)))
    return step if isinstance(here, dict) else int(step)
