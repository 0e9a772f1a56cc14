"""States as texts: scenario files that `hdhplan run` reads, and one line that can be pasted."""

from __future__ import annotations

import io
import json
import re

from hdhplan.errors import nearest
from hdhplan.explorer_plans import changes, plan_of
from hdhplan.explorer_refusals import refused
from hdhplan.explorer_starts import ABOUT, exact, laid_on, resolved
from hdhplan.explorer_state import PRESETS, State, validated
from hdhplan.facts import data_folder
from hdhplan.lever_changes import Span
from hdhplan.levers import BY_KEY, TOGETHER
from hdhplan.tree import parse_text

#: Version of the text that is shared.
SHARED = "hdhplan.explorer/1"
#: Bytes that a pasted text or file may have.
MOST_BYTES = 200_000
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")


def file_text(state: State, name: str = "explored") -> str:
    """Write a state as a scenario file that `hdhplan run` reads.

    Raises
    ------
    InputError
        For a name that a plan may not have.
    """
    if not isinstance(name, str) or not _NAME.match(name):
        raise refused("name", f"{str(name)[:40]!r}", "letters, digits, - and _, at most 64")
    said = {key: value for key, value in changes(state).items() if key not in ABOUT}
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
        raise refused("file", "not a text, or too long", f"at most {MOST_BYTES:,} bytes")
    read = parse_text(text, "file")
    values = dict(read.values)
    start = values.pop("extends", None)
    known = {path.stem for path in (data_folder() / "scenarios").glob("*.yaml")}
    if start not in known or resolved(start)[1][0].values["name"] != "base":
        raise refused("extends", f"{str(start)[:40]!r}", "a scenario that builds on base")
    values = {key: item for key, item in values.items() if key not in ABOUT}
    state = State(start, (), exact(values))
    laid_on(start, state.own, check=True, marks=read.marks)
    return state


def shared_text(state: State) -> str:
    """Write what differs as one line that can be pasted elsewhere.

    Raises
    ------
    InputError
        For a loaded file: it is shared as a file.
    """
    if state.own:
        raise refused("share", "a loaded file", "only levers are shared as text", "save it")
    said = {"start": state.start, **dict(state.values)}
    return " ".join([SHARED, *(f"{key}={_shared(value)}" for key, value in said.items())])


def _shared(value: str | float | Span) -> str:
    """A value as it is read back; a span as low/likely/high."""
    if isinstance(value, tuple):
        return "/".join(map(repr, value))
    return value if isinstance(value, str) else repr(value)


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
        raise refused("share", found, f"begins with {SHARED}", "copy it anew")
    pairs = [word.partition("=")[::2] for word in words[1:]]
    keys = [key for key, _ in pairs]
    if len(set(keys)) < len(keys):
        raise refused("share", "a key is said twice", "each once")
    said = dict(pairs)
    start = said.pop("start", "base")
    if start not in PRESETS.values():
        raise refused("start", f"{start[:40]!r}", "", nearest(start, set(PRESETS.values())))
    state = State(start)
    for key, value in said.items():
        state = state.having(key, validated(key, value))
    if any(key in TOGETHER and state.stands(key) != validated(key, said[key]) for key in said):
        raise refused("share", "ported and frozen are more than all", "100 % together")
    plan_of(state, check=True)
    return state


def _written(values: dict) -> str:
    """Write values as YAML that the strict reader reads back as they are."""
    from ruamel.yaml import YAML

    yaml, out = YAML(typ="safe"), io.StringIO()
    yaml.default_flow_style, yaml.allow_unicode, yaml.width = None, True, 120
    yaml.sort_base_mapping_type_on_output = False
    yaml.dump(json.loads(exact(values)), out)
    return out.getvalue()
