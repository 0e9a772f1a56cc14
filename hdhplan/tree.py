"""A YAML file as plain values that remember their lines, read safely; extends, merge, ``--set``.

Only ruamel's event stream is used: it makes no object, resolves no type and does not recurse. It
is read lazily, so a file that is too deep or too long is left at the limit, not after it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml import events as ev

from hdhplan.errors import Fault, InputError

MOST_BYTES, MOST_DEEP, MOST_NODES, MOST_FAULTS = 2**20, 32, 200_000, 100
MOST_CHARACTERS, MOST_DIGITS = 10_000, 40


_CONTROL = re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ID = re.compile(r"[A-Za-z0-9_-]+")
_INTEGER = re.compile(r"[-+]?[0-9](_?[0-9])*")
_NUMBER = re.compile(  # 12, 1_000.5, .5, 1., 1e3
    r"[-+]?(\.[0-9](_?[0-9])*|[0-9](_?[0-9])*(\.([0-9](_?[0-9])*)?)?)(e[-+]?[0-9]+)?", re.I
)
_WORDS = {"": None, "~": None} | {
    form: value
    for word, value in (("null", None), ("true", True), ("false", False))
    for form in (word, word.title(), word.upper())
}
_SURPRISES = (  # what other readers of YAML read as another number, or as one that is none
    (
        re.compile(r"[-+]?[0-9][0-9_]*(:[0-9]{1,2})+(\.[0-9_]*)?"),
        "base sixty to some readers, text to others",
        "quote it, or give a unit",
    ),
    (
        re.compile(r"[-+]?0(_?[0-9][0-9_]*(\.[0-9_]*)?(e[-+]?[0-9]+)?|[xob][0-9a-f_]+)", re.I),
        "octal surprise: readers disagree on leading zeros",
        "write it plainly, or quote a name",
    ),
    (
        re.compile(r"[-+]?\.?(nan|inf|infinity)", re.I),
        "finite numbers only",
        "give a number, or leave the field out",
    ),
)
_TOO_LARGE = ("more than 1 MiB", "at most 1 MiB (1 048 576 bytes)", "split it")
_SYNTAX = (  # ruamel's words, what they mean, the fix, whether it is shown where it began
    ("mapping values", "a colon where no value can begin", "check indents, quote ': '", False),
    ("end of stream", "a quote is opened and never closed", "close the quote", True),
    ("stream end", "a bracket or brace is opened and never closed", "close it", True),
    ("expected ',' or", "a comma or a closing bracket is missing", "close what is opened", True),
    ("'\\t'", "a tab where YAML wants spaces", "indent with spaces", False),
    ("cannot start any", "a text begins with a sign YAML keeps", "quote the text", False),
    ("expected ':'", "a line without a colon", "write key: value", True),
    ("block end", "the indentation does not line up", "line keys and dashes up", False),
    ("", "this is not YAML", "check quotes, colons and indentation", False),
)


@dataclass(frozen=True)
class Tree:
    """Plain values (never changed in place; lists of things with ids are dicts by id), and marks.

    ``marks`` gives for a path (keys, ids, positions in other lists, all as text) the file as the
    user named it and the line, counted from 1; the line of what ``--set`` gave is None.
    """

    values: dict
    marks: dict[tuple[str, ...], tuple[str, int | None]]


@dataclass(slots=True)
class _Node:
    kind: str  # map, list, plain (an unquoted scalar) or quoted
    line: int
    content: str | list  # a scalar's text, a list's items, a map's keys and values in turn


@dataclass
class Faults:
    """Faults of one file, collected up to a number that a person still reads."""

    file: str
    found: list[Fault] = field(default_factory=list)

    def add(self, line: int | None, path: Sequence[str], *words: str) -> None:
        name = ".".join(shown(step)[1:-1] for step in path)
        self.found.append(Fault(self.file, line, name, *words))
        if len(self.found) >= MOST_FAULTS:
            self.stop()

    def stop(self, line: int | None = None, *words: str) -> None:
        """Raise what was found so far, and this if it is given."""
        if words:
            self.found.append(Fault(self.file, line, "", *words))
        if self.found:
            raise InputError(sorted(self.found, key=lambda fault: fault.line or 0)) from None


def shown(text: str) -> str:
    """Quote a text for a message: short, nothing in it that moves a terminal."""
    return repr(text if len(text) <= 60 else text[:60] + "…")


def read_tree(path: Path, label: str | None = None) -> Tree:
    """Read a YAML file, or raise InputError with everything that is wrong with it."""
    faults = Faults(label or str(path))
    try:
        if not path.is_file():
            faults.stop(None, "no such file", "", "check its name and its folder")
        with path.open("rb") as stream:
            raw = stream.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            faults.stop(None, *_TOO_LARGE)
        text = raw.decode()
    except UnicodeDecodeError as error:
        found = f"byte 0x{raw[error.start]:02x} is not UTF-8"
        faults.stop(raw.count(b"\n", 0, error.start) + 1, found, "", "save the file as UTF-8")
    except (OSError, ValueError) as error:
        faults.stop(None, f"cannot be read: {getattr(error, 'strerror', None) or error}")
    return _parsed(text, faults.file)


@lru_cache(maxsize=16)  # scenarios extend one file, and a session reads them over and over
def _parsed(text: str, label: str) -> Tree:
    return parse_text(text, label)


def parse_text(text: str, label: str) -> Tree:
    """Read a text as ``read_tree`` reads a file; ``label`` names it in messages."""
    faults, marks = Faults(label), {}
    root = _compose(text, faults)
    if root.kind != "map":
        found = "a list" if root.kind == "list" else "a single value"
        faults.stop(
            root.line,
            found if root.content else "nothing in it",
            "the top level is a mapping",
            "write key: value",
        )
    values = _value(root, (), root.line, marks, faults)
    faults.stop()
    return Tree(values, marks)


def _checked(text: str, faults: Faults) -> str:
    """Return the text as the parser may see it; refuse what would change how it is read."""
    if len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        faults.stop(None, *_TOO_LARGE)
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, line in enumerate(lines, 1):
        if odd := _CONTROL.search(line):
            faults.add(number, (), f"control character U+{ord(odd[0]):04X}", "", "delete it")
    ahead = (i for i, line in enumerate(lines) if line.strip() and line[0] != "#")
    for place in ahead:  # directives stand ahead of the first line of content
        if not lines[place].startswith("%"):
            break
        if not re.fullmatch(r"%YAML\s+1\.2\s*(#.*)?", lines[place]):
            found = shown(lines[place])
            faults.add(place + 1, (), found, "YAML is 1.2, without tags", "delete the line")
        lines[place] = ""
    faults.stop()
    return "\n".join(lines)


def _events(text: str, faults: Faults) -> Iterator[ev.Event]:
    """Yield ruamel's events one by one; little is read ahead of what is asked for."""
    yaml = YAML(typ="safe", pure=True)
    try:
        _, parser = yaml.get_constructor_parser(text)
        while parser.check_event():
            yield parser.get_event()
    except Exception as error:  # beside YAMLError, ruamel lets ValueError and others through
        problem = " ".join(str(getattr(error, "problem", None) or error).split())
        _, found, fix, began = next(row for row in _SYNTAX if row[0] in problem)
        marks = [getattr(error, name, None) for name in ("problem_mark", "context_mark")]
        mark = next(filter(None, marks[::-1] if began else marks), yaml.reader)
        faults.stop(mark.line + 1, found, f"YAML says {shown(problem)}", fix)


def _compose(text: str, faults: Faults) -> _Node:
    """Build nodes from events with a stack of our own."""
    stack, count = [_Node("list", 1, [])], 0
    for event in _events(_checked(text, faults), faults):
        line = event.start_mark.line + 1
        if isinstance(event, ev.MappingEndEvent | ev.SequenceEndEvent):
            stack.pop()
        elif isinstance(event, ev.DocumentStartEvent) and stack[0].content:
            faults.add(line, (), "a second document", "one document a file", "split the file")
            break
        elif isinstance(event, ev.NodeEvent):
            count += 1
            node = _node(event, line, faults)
            stack[-1].content.append(node)
            if isinstance(node.content, list):
                stack.append(node)
        if len(stack) > MOST_DEEP + 1:
            faults.stop(line, f"nested deeper than {MOST_DEEP}", f"at most {MOST_DEEP} levels")
        if count > MOST_NODES:
            faults.stop(line, f"more than {MOST_NODES} keys and values", "", "split the file")
    return (stack[0].content or [_Node("plain", 1, "")])[0]


def _node(event: ev.NodeEvent, line: int, faults: Faults) -> _Node:
    """Make a scalar or an empty container; refuse what could hide or build things."""
    alias = isinstance(event, ev.AliasEvent)
    if alias or event.anchor:
        faults.add(
            line,
            (),
            shown(("*" if alias else "&") + event.anchor),
            "no anchors, no aliases",
            "write the value out, or use `extends`",
        )
    if alias:
        return _Node("quoted", line, "")
    if event.tag is not None:
        tag = shown(event.tag.replace("tag:yaml.org,2002:", "!!"))
        faults.add(line, (), tag, "no tags", "delete it, or quote the text")
    if isinstance(event, ev.ScalarEvent):
        return _Node("quoted" if event.style else "plain", line, event.value)
    return _Node("map" if isinstance(event, ev.MappingStartEvent) else "list", line, [])


def _value(node: _Node, path: tuple, line: int, marks: dict, faults: Faults) -> object:
    """Turn a node into plain values and note their marks; its depth is at most MOST_DEEP."""
    marks[path] = (faults.file, line)
    if isinstance(node.content, str):
        return _scalar(node, path, faults)
    values, lines = {}, {}
    ids = [_id_of(item) for item in node.content] if node.kind == "list" else []
    for name, at, item in _named(node, ids, path, faults):
        here = (*path, name)
        if name in lines:
            faults.add(
                at,
                here,
                f"written twice, on lines {lines[name]} and {at}",
                f"each {'id' if ids else 'key'} once",
                "keep one of them, or rename one",
            )
        lines.setdefault(name, at)
        own = item.line if isinstance(item.content, str) and item.content else at
        values[name] = _value(item, here, own, marks, faults)
    return list(values.values()) if node.kind == "list" and not any(ids) else values


def _named(node: _Node, ids: list, path: tuple, faults: Faults) -> Iterator[tuple]:
    """Yield the step, line and node of each child: by key, by id, or by position."""
    if node.kind == "map":
        for key, item in zip(node.content[::2], node.content[1::2], strict=True):
            if isinstance(key.content, str) and key.content:
                _check_string(key.content, key.line, (*path, key.content), faults)
                yield key.content, key.line, item
            else:
                faults.add(key.line, path, "a key that is no name", "keys are text", "name it")
        return
    some = any(ids)
    for position, (item, name) in enumerate(zip(node.content, ids, strict=True)):
        step, at = str(position), (name or item).line
        if name is None and some:
            faults.add(
                item.line,
                path,
                "an item without id among items with one",
                "all have an id, or none",
                "give it an id",
            )
        elif name is not None:
            quiet = Faults(faults.file)  # its own faults are told when the item is read
            value = _scalar(name, (), quiet) if isinstance(name.content, str) else None
            step = str(value)
            good = isinstance(value, str | int) and not isinstance(value, bool)
            if not quiet.found and not (good and _ID.fullmatch(step)):
                faults.add(
                    at,
                    (*path, step, "id"),
                    f"{shown(step)} is not an id",
                    "letters, digits, _ and - (the dot is reserved)",
                    "rename it",
                )
        yield step, at, item


def _id_of(item: _Node) -> _Node | None:
    pairs = zip(item.content[::2], item.content[1::2], strict=True) if item.kind == "map" else ()
    return next((value for key, value in pairs if key.content == "id"), None)


def _check_string(text: str, line: int, path: tuple, faults: Faults) -> None:
    if odd := _CONTROL.search(text):
        faults.add(line, path, f"control character U+{ord(odd[0]):04X}", "", "delete it")
    if len(text) > MOST_CHARACTERS:
        faults.add(
            line, path, f"{len(text)} characters", f"at most {MOST_CHARACTERS}", "shorten it"
        )


def _scalar(node: _Node, path: tuple, faults: Faults) -> str | int | float | bool | None:
    """Resolve an unquoted scalar by YAML 1.2; refuse what other readers resolve otherwise."""
    text = node.content
    _check_string(text, node.line, path, faults)
    if node.kind == "quoted" or len(text) > MOST_CHARACTERS:
        return text
    if text in _WORDS:
        return _WORDS[text]
    for pattern, limit, fix in _SURPRISES:
        if pattern.fullmatch(text):
            faults.add(node.line, path, shown(text), limit, fix)
            return text
    if not _NUMBER.fullmatch(text):
        return text
    if sum(map(str.isdigit, text)) > MOST_DIGITS:
        faults.add(node.line, path, shown(text), f"at most {MOST_DIGITS} digits", "round it")
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if math.isinf(float(text)):
        faults.add(node.line, path, shown(text), "finite numbers only", "give a smaller number")
    return float(text)


def mark_of(tree: Tree, path: Sequence[str | int]) -> tuple[str, int | None]:
    """Return the file and line of a value, or of the nearest thing around it that has one."""
    steps = tuple(map(str, path))
    return next(
        (
            tree.marks[steps[:depth]]
            for depth in range(len(steps), -1, -1)
            if steps[:depth] in tree.marks
        ),
        ("", None),
    )


def read_value(text: str, path: tuple) -> tuple[object, dict]:
    """Read the value of a ``--set`` as in a file, and its marks, which have no line."""
    faults, marks = Faults("--set"), {}
    try:
        _check_string(path[-1], 1, path, faults)
        new = _value(_compose(text.strip(), faults), path, 1, marks, faults)
        faults.stop()
    except InputError as error:
        name = shown(".".join(path))[1:-1]
        raise InputError(
            replace(fault, line=None, field=fault.field or name) for fault in error.faults
        ) from None
    return new, dict.fromkeys(marks, ("--set", None))
