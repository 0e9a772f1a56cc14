"""A file gives plain values with their lines, or says everything that is wrong with it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hdhplan.errors import Fault, InputError
from hdhplan.layers import apply_set, load_tree, merge
from hdhplan.tree import MOST_NODES, Tree, mark_of, parse_text, read_tree


def refused(text: str) -> list[tuple[int | None, str, str]]:
    """Return line, field and whole message of every fault, which a screen can show as they are."""
    with pytest.raises(InputError) as caught:
        parse_text(text, "plan.yaml")
    faults = caught.value.faults
    assert all(str(fault).isprintable() and len(str(fault)) < 600 for fault in faults)
    assert all(fault.file == "plan.yaml" for fault in faults)
    return [(fault.line, fault.field, str(fault)) for fault in faults]


def values(text: str) -> dict:
    return parse_text(text, "plan.yaml").values


# Reading


def test_lists_of_things_with_ids_are_dicts_by_id_at_any_depth() -> None:
    tree = parse_text(
        "tasks:\n- {id: B, after: [A]}\n- id: 1\n  bins:\n  - id: big\n    n: 2\n", "p"
    )
    assert tree.values == {
        "tasks": {
            "B": {"id": "B", "after": ["A"]},
            "1": {"id": 1, "bins": {"big": {"id": "big", "n": 2}}},
        }
    }
    assert list(tree.values["tasks"]) == ["B", "1"]


def test_every_value_remembers_its_line() -> None:
    tree = parse_text(
        "a: 1\ntasks:\n  - id: A\n    work:\n      3 d\n  - {id: B}\nb: [1,\n  2]\n", "p.yaml"
    )
    lines = {".".join(path): line for path, (_, line) in tree.marks.items()}
    assert lines == {
        "": 1,
        "a": 1,
        "tasks": 2,
        "tasks.A": 3,
        "tasks.A.id": 3,
        "tasks.A.work": 5,
        "tasks.B": 6,
        "tasks.B.id": 6,
        "b": 7,
        "b.0": 7,
        "b.1": 8,
    }
    assert mark_of(tree, ["tasks", "A", "missing", 0]) == ("p.yaml", 3)
    assert mark_of(tree, []) == ("p.yaml", 1)


def test_line_ends_and_a_byte_order_mark_change_nothing() -> None:
    text = "a: 1\nb:\n  - x\n"
    for other in (
        text.replace("\n", "\r\n"),
        text.replace("\n", "\r"),
        "\ufeff" + text,
        "%YAML 1.2\n---\n" + text,
    ):
        assert values(other) == {"a": 1, "b": ["x"]}
    assert mark_of(parse_text(text.replace("\n", "\r\n"), "p"), ["b", "0"]) == ("p", 3)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("0", 0),
        ("-0", 0),
        ("+7", 7),
        ("20_000_000", 20_000_000),
        ("-12", -12),
        ("1.5", 1.5),
        ("1_000.5", 1000.5),
        (".5", 0.5),
        ("1.", 1.0),
        ("1e3", 1000.0),
        ("-2.5E-1", -0.25),
        ("0.05", 0.05),
        ("0e1", 0.0),
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("Off", "Off"),
        ("y", "y"),
        ("2026-04-23", "2026-04-23"),
        ("2026-04-23 12:30:00", "2026-04-23 12:30:00"),
        ("100 TB", "100 TB"),
        ("1__0", "1__0"),
        ("1_", "1_"),
        ("_1", "_1"),
        ("1.2.3", "1.2.3"),
        ("A FS+2 d", "A FS+2 d"),
        ("\uff13", "\uff13"),
        ("1e", "1e"),
        ("nano", "nano"),
        ('"12:30"', "12:30"),
        ("'010'", "010"),
        ('"true"', "true"),
        ("'.nan'", ".nan"),
        ('""', ""),
        ("|\n  1", "1"),
    ],
)
def test_unquoted_values_are_read_by_yaml_1_2(text: str, value: object) -> None:
    found = values(f"x: {text}")["x"]
    assert found == value
    assert type(found) is type(value)


def test_keys_are_text() -> None:
    assert values("1: a\ntrue: b\n2026-04-23: c\nno: d") == {
        "1": "a",
        "true": "b",
        "2026-04-23": "c",
        "no": "d",
    }


# Refusing

REFUSALS = {
    "empty": ("", 1, "", "nothing in it"),
    "comment only": ("# nothing\n", 1, "", "nothing in it"),
    "list on top": ("\n- a\n", 2, "", "top level is a mapping"),
    "text on top": ("hello", 1, "", "top level is a mapping"),
    "anchor": ("a: 1\nb: &x 2\n", 2, "", "'&x'; no anchors"),
    "alias": ("a: 1\nb: *x\n", 2, "", "use `extends`"),
    "self-reference": ("a: &a [*a]", 1, "", "'&a'"),
    "python tag": ("a: 1\nb: !!python/object/apply:os.system ['x']", 2, "", "'!!python/object/app"),
    "own tag": ("a:\n  !thing {b: 1}", 2, "", "'!thing'; no tags"),
    "bare tag": ("a: ! x", 1, "", "no tags"),
    "standard tag": ("a: !!str 1", 1, "", "no tags"),
    "YAML 1.1": ("# head\n%YAML 1.1\n---\na: yes\n", 2, "", "YAML is 1.2"),
    "odd version": ("%YAML 1.99999\n---\na: 1", 1, "", "YAML is 1.2"),
    "tag directive": ("%TAG ! tag:x,2000:\n---\na: 1", 1, "", "without tags"),
    "two documents": ("a: 1\n---\nb: 2\n", 2, "", "a second document"),
    "after the end": ("a: 1\n...\nb: 2\n", 3, "", "a second document"),
    "key twice": ("a: 1\nb:\n  c: 1\n  d: 1\n  c: 2\n", 5, "b.c", "on lines 3 and 5"),
    "key twice, quoted": ("1: a\n'1': b", 2, "1", "on lines 1 and 2"),
    "id twice": ("t:\n- {id: A}\n- {id: B}\n- {id: A}\n", 4, "t.A", "on lines 2 and 4"),
    "id 1 and '1'": ("t:\n- id: 1\n- id: '1'\n", 3, "t.1", "on lines 2 and 3"),
    "dot in an id": ("t:\n- {id: A}\n- {id: a.b}\n", 3, "t.a.b.id", "the dot is reserved"),
    "space in an id": ("t:\n- {id: a b}\n", 2, "t.a b.id", "'a b' is not an id"),
    "empty id": ("t:\n- {id: ''}\n", 2, "t..id", "is not an id"),
    "null id": ("t:\n- {id: }\n", 2, "t.None.id", "is not an id"),
    "true id": ("t:\n- {id: true}\n", 2, "t.True.id", "is not an id"),
    "decimal id": ("t:\n- {id: 1.5}\n", 2, "t.1.5.id", "is not an id"),
    "list as id": ("t:\n- {id: [a]}\n", 2, "t.None.id", "is not an id"),
    "octal id": ("t:\n- {id: 010}\n", 2, "t.010.id", "octal"),
    "some without id": ("t:\n- {id: A}\n- {work: 1}\n", 3, "t", "without id"),
    "some not even things": ("t:\n- {id: A}\n- B\n", 3, "t", "without id"),
    "list as key": ("a: 1\n? [x]\n: 2\n", 2, "", "keys are text"),
    "empty key": ("a: 1\n: 2\n", 2, "", "keys are text"),
    "clock": ("a: 1\nb: 12:30\n", 2, "b", "quote it, or give a unit".capitalize()),
    "clock with seconds": ("a: 12:30:00", 1, "a", "base sixty"),
    "clock with tenths": ("a: [1:30.5]", 1, "a.0", "base sixty"),
    "octal": ("a: 1\nb:\n  c: 010", 3, "b.c", "octal surprise"),
    "agent": ("a: -007", 1, "a", "octal surprise"),
    "new octal": ("a: 0o10", 1, "a", "octal surprise"),
    "hexadecimal": ("a: 0x1F", 1, "a", "octal surprise"),
    "leading zero": ("a: 01.5", 1, "a", "octal surprise"),
    "not a number": ("a: .nan", 1, "a", "finite"),
    "NaN": ("a: NaN", 1, "a", "finite"),
    "infinite": ("a: 1\nb: -.inf", 2, "b", "finite"),
    "Infinity": ("a: Infinity", 1, "a", "finite"),
    "overflow": ("a: 1e400", 1, "a", "finite"),
    "many digits": ("a: " + "9" * 5000, 1, "a", "at most 40 digits"),
    "many decimals": ("a: 0." + "9" * 41, 1, "a", "at most 40 digits"),
    "NUL": ("a: 1\nb: x\0", 2, "", "U+0000"),
    "escape sequence": ("a: 1\nb: \x1b[31m", 2, "", "U+001B"),
    "escaped control": ('a: 1\nb: "\\u0007"', 2, "b", "U+0007"),
    "escaped surrogate": ('a: "\\ud800"', 1, "a", "U+D800"),
    "control in a key": ('"\\e[31m": 1', 1, "\\x1b[31m", "U+001B"),
    "long text": ("a: 1\nb: " + "x" * 10_001, 2, "b", "10001 characters"),
    "beyond Unicode": ('a:\n- x\n- "\\U00110000"', 3, "", "this is not YAML"),
    "far beyond Unicode": ('a:\n- "\\UFFFFFFFF"', 2, "", "this is not YAML"),
    "open quote": ("a: 1\nb: 'x\nc: 2\n", 2, "", "a quote is opened and never closed"),
    "open bracket": ("a: 1\nb: [1, 2\n", 2, "", "never closed"),
    "open brace": ("a: 1\nb: {x: 1\nc: 2\n", 2, "", "missing"),
    "tab": ("a:\n\tb: 1\n", 2, "", "a tab"),
    "colon": ("a: 1\nb: c: d\n", 2, "", "a colon where no value can begin"),
    "no colon": ("a: 1\nword\nb: 2\n", 2, "", "a line without a colon"),
    "at": ("a: 1\nb: @x\n", 2, "", "quote the text".capitalize()),
    "indent": ("a:\n    b: 1\n  c: 1\n", 3, "", "the indentation does not line up"),
    "deep flow": ("a: 1\nb: " + "[" * 32 + "]" * 32, 2, "", "nested deeper than 32"),
    "brackets": ("[" * 50_000, 1, "", "nested deeper than 32"),
    "braces": ("a:\n  " + "{x: " * 50_000, 2, "", "nested deeper than 32"),
    "bare braces": ("a:\n  " + "{" * 50_000, 2, "", "nested deeper than 32"),
    "far brackets": ("a:\n" + " [\n" * 50_000, 33, "", "nested deeper than 32"),
    "dashes": ("- " * 50_000, 1, "", "nested deeper than 32"),
    "questions": ("? " * 50_000, 1, "", "nested deeper than 32"),
    "indents": ("".join(" " * i + "a:\n" for i in range(40)) + " " * 40 + "1", 33, "", "nested"),
    "large": ("a: 1\n" + "# x\n" * 262_144, None, "", "at most 1 MiB"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refused_with_line_field_and_words(case: str) -> None:
    text, line, field, words = REFUSALS[case]
    start = time.process_time()
    found = refused(text)
    assert time.process_time() - start < 20
    assert (line, field) in [fault[:2] for fault in found]
    assert any(words in message for *_, message in found), found


def test_one_wrong_thing_is_told_once() -> None:
    several = {"self-reference", "far beyond Unicode"}
    for case in REFUSALS.keys() - several:
        assert len(refused(REFUSALS[case][0])) == 1, case


def test_the_limits_themselves_are_allowed() -> None:
    assert values("a: " + "[" * 31 + "]" * 31)
    assert values("a: " + "9" * 40) == {"a": int("9" * 40)}
    assert values("a: " + "x" * 10_000) == {"a": "x" * 10_000}
    assert values("a: 1\n" + "#" * (2**20 - 5)) == {"a": 1}


@pytest.mark.parametrize("most", [1_000, pytest.param(200_000, marks=pytest.mark.slow)])
def test_a_file_has_so_many_keys_and_values_and_no_more(most, monkeypatch) -> None:
    monkeypatch.setattr("hdhplan.tree.MOST_NODES", most)
    assert MOST_NODES == 200_000
    # The mapping, its key and the list are nodes too.
    assert len(values("a: [" + "1," * (most - 3) + "]")["a"]) == most - 3
    [(line, field, *words)] = refused("a: [" + "1," * (most - 2) + "]")
    assert (line, field) == (1, "")
    assert any(f"more than {most}" in said for said in words)


def test_everything_wrong_is_told_at_once_in_order_of_lines() -> None:
    found = refused("a: 010\nb: &x 1\nc: *x\nd: !t 1\na: 12:30\nt:\n- {id: A}\n- {id: A}\n")
    assert [line for line, *_ in found] == [1, 2, 3, 4, 5, 5, 8]


def test_an_alias_bomb_is_refused_at_once() -> None:
    rows = ["a0: &a0 [x, x]"]
    rows += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 10)]
    start = time.process_time()
    found = refused("\n".join(rows))
    assert time.process_time() - start < 2
    assert {line for line, *_ in found} == set(range(1, 11))
    assert len(refused("a: &a 1\nb: [" + "*a, " * 20_000 + "]")) == 100


def test_what_cannot_be_opened_is_said(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_bytes(b"a: 1\nb: caf\xe9\n")
    large = tmp_path / "large.yaml"
    large.write_bytes(b"#" * (2**20 - 1) + b"\xc3\xa9")  # the limit falls inside a letter
    for path, words in (
        (tmp_path / "none.yaml", "no such file"),
        (tmp_path, "no such file"),
        (Path("x" * 5000), "cannot be read"),
        (Path("a\0b"), "no such file"),
        (bad, "line 2: byte 0xe9 is not UTF-8"),
        (large, "at most 1 MiB"),
    ):
        with pytest.raises(InputError, match=words):
            read_tree(path)
    with pytest.raises(InputError, match=r"^plans/bad\.yaml, line 2"):
        read_tree(bad, "plans/bad.yaml")


def test_a_byte_order_mark_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: \xc3\xa9\r\n")
    assert read_tree(path).values == {"a": "é"}
    assert read_tree(path).marks[("a",)] == (str(path), 1)


YAMLISH = st.lists(
    st.sampled_from(
        [
            *"[]{},:-?&*!|>%@`'\"#~ \n\t.0123456789abexo_<\\U",
            "\n- ",
            "id: ",
            ": ",
            "\n  ",
            "---\n",
            "...\n",
            "%YAML 1.1\n",
            "%TAG ",
            "!!",
            "\\U0011",
            "&a ",
            "*a",
            "<<: ",
            "12:30",
            "1e400",
            "\r",
            "\x85",
            "\u2028",
            "\ufeff",
            "\0",
        ]
    ),
    max_size=80,
).map("".join)


def outcome(call: Callable[..., Tree], *given: object) -> list[Fault]:
    """Call, and return the faults; anything but a Tree or an InputError is an error here."""
    try:
        tree = call(*given)
    except InputError as error:
        return error.faults or pytest.fail("refused without a reason")
    return [] if () in tree.marks else pytest.fail("no mark for the whole")


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=300) | YAMLISH)
def test_any_text_gives_a_tree_or_an_input_error(text: str) -> None:
    assert all(str(fault).isprintable() for fault in outcome(parse_text, text, "any"))


@settings(max_examples=200, deadline=None)
@given(raw=st.binary(max_size=300) | YAMLISH.map(lambda text: text.encode("utf-8-sig")))
def test_any_file_gives_a_tree_or_an_input_error(raw: bytes, tmp_path_factory) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(raw)
    assert all(str(fault).isprintable() for fault in outcome(read_tree, path))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40) | YAMLISH, st.sampled_from(["", "a=", "t.A.w=", "l.0=", "t.Z="]))
def test_any_setting_gives_a_tree_or_an_input_error(text: str, path: str) -> None:
    base = parse_text("a: 1\nt: [{id: A, w: 1}]\nl: [1, 2]", "base")
    for fault in outcome(apply_set, base, path + text):
        assert (fault.file, fault.line, str(fault).isprintable()) == ("--set", None, True)


# Merging

BASE = parse_text(
    """name: base
target: {finish: 2028-04-23, vat: HT}
tasks:
- {id: A, work: 3 d}
- {id: B, work: 1 d, after: [A]}
list: [1, 2]
""",
    "base.yaml",
)


def changed(text: str) -> Tree:
    return merge(BASE, parse_text(text, "change.yaml"))


CHANGE = "target: {vat: TTC}\ntasks:\n- {id: C, work: 9 d}\n- {id: A, work: 4 d}\nlist: [3]"


def test_an_empty_change_changes_nothing() -> None:
    assert changed("{}") == BASE


def test_nested_keys_and_ids_merge_the_rest_is_replaced() -> None:
    tree = changed(CHANGE)
    assert tree.values == {
        "name": "base",
        "target": {"finish": "2028-04-23", "vat": "TTC"},
        "tasks": {
            "A": {"id": "A", "work": "4 d"},
            "B": {"id": "B", "work": "1 d", "after": ["A"]},
            "C": {"id": "C", "work": "9 d"},
        },
        "list": [3],
    }
    assert list(tree.values["tasks"]) == ["A", "B", "C"]


def test_marks_follow_the_value_that_wins() -> None:
    tree = changed(CHANGE)
    expected = {
        "target.vat": ("change.yaml", 1),
        "target.finish": ("base.yaml", 2),
        "target": ("base.yaml", 2),
        "tasks.A.work": ("change.yaml", 4),
        "tasks.B.work": ("base.yaml", 5),
        "tasks.C": ("change.yaml", 3),
        "list": ("change.yaml", 5),
        "list.0": ("change.yaml", 5),
    }
    assert {path: mark_of(tree, path.split(".")) for path in expected} == expected
    assert ("list", "1") not in tree.marks


def test_removing_items_and_keys() -> None:
    tree = changed("tasks: [{id: A, remove: true}]\nlist:\ntarget: {vat: null}")
    assert tree.values == {
        "name": "base",
        "target": {"finish": "2028-04-23"},
        "tasks": {"B": {"id": "B", "work": "1 d", "after": ["A"]}},
    }
    assert not [path for path in tree.marks if "A" in path or "list" in path or "vat" in path]


@pytest.mark.parametrize(
    ("text", "line", "field", "words"),
    [
        ("tasks:\n- {id: AA, remove: true}", 2, "tasks.AA", "to remove"),
        ("tasks:\n- {id: Bb, remove: true}", 2, "tasks.Bb", "Did you mean B?"),
        ("\ntargett:", 2, "targett", "Did you mean target?"),
        ("target:\n  remove: true", 2, "target.remove", "beside an id"),
        ("remove: true", 1, "remove", "beside an id"),
        ("new:\n  deep:\n    remove: true", 3, "new.deep.remove", "beside an id"),
        ("new:\n- {id: x, remove: true}", 2, "new.x", "to remove"),
    ],
)
def test_removing_what_is_not_there_is_refused(
    text: str, line: int, field: str, words: str
) -> None:
    with pytest.raises(InputError, match=words.replace("?", r"\?")) as caught:
        changed(text)
    (fault,) = caught.value.faults
    assert (fault.file, fault.line, fault.field) == ("change.yaml", line, field)


def test_all_wrong_removals_are_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        changed("x:\ntasks: [{id: Z, remove: true}]\nremove: true")
    assert [fault.line for fault in caught.value.faults] == [1, 2, 3]


LEAF = st.integers(-9, 9) | st.sampled_from(["x", "y"]) | st.booleans()
KEYS = st.sampled_from("abcd")
ITEMS = st.dictionaries(KEYS, st.dictionaries(KEYS, LEAF, max_size=3), max_size=3).map(
    lambda items: {key: {"id": key, **item} for key, item in items.items()}
)
TREES = st.fixed_dictionaries(
    {},
    optional={
        "tasks": ITEMS,
        "waves": ITEMS,
        "n": LEAF,
        "m": st.dictionaries(KEYS, LEAF, max_size=3),
    },
)


@given(TREES, TREES, TREES)
def test_merging_is_associative(one: dict, two: dict, three: dict) -> None:
    a, b, c = (Tree(values, {(): ("p", 1)}) for values in (one, two, three))
    assert merge(merge(a, b), c).values == merge(a, merge(b, c)).values
    assert merge(a, a).values == a.values
    assert merge(a, Tree({}, {})) == a


# Extending


def scenario(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def beside(name: str, near: Path) -> Path:
    return near.parent / f"{name}.yaml"


def test_the_chain_runs_from_the_root_to_the_leaf(tmp_path: Path) -> None:
    scenario(tmp_path, "base", "a: 1\nb: 1\nt: [{id: x, n: 1}]")
    scenario(tmp_path, "mid", "extends: base\nb: 2\nt: [{id: y, n: 2}]")
    leaf = scenario(tmp_path, "leaf", "extends: mid\nt: [{id: x, n: 3}]")
    tree, chain = load_tree(leaf, beside)
    assert tree.values == {
        "name": "leaf",
        "a": 1,
        "b": 2,
        "t": {"x": {"id": "x", "n": 3}, "y": {"id": "y", "n": 2}},
    }
    assert [each.values["t"]["x"]["n"] for each in chain] == [1, 1, 3]
    assert chain[0] == read_tree(tmp_path / "base.yaml")
    assert chain[-1] is tree
    assert all("extends" not in each.values and ("extends",) not in each.marks for each in chain)
    assert [mark_of(tree, path)[0] for path in ("a", "b")] == [
        str(tmp_path / "base.yaml"),
        str(tmp_path / "mid.yaml"),
    ]


def test_a_circle_is_named(tmp_path: Path) -> None:
    scenario(tmp_path, "a", "x: 1\nextends: b")
    scenario(tmp_path, "b", "extends: c")
    scenario(tmp_path, "c", "x: 1\n\nextends: b")
    circle = r"b\.yaml extends \S*c\.yaml extends \S*b\.yaml"
    with pytest.raises(InputError, match=circle) as caught:
        load_tree(tmp_path / "a.yaml", beside)
    assert caught.value.faults[0].line == 3
    scenario(tmp_path, "own", "extends: own")
    with pytest.raises(InputError, match="circle"):
        load_tree(tmp_path / "own.yaml", beside)


def test_eight_levels_and_no_more(tmp_path: Path) -> None:
    scenario(tmp_path, "s0", "n: 0")
    for level in range(1, 10):
        scenario(tmp_path, f"s{level}", f"extends: s{level - 1}\nn: {level}")
    tree, chain = load_tree(tmp_path / "s8.yaml", beside)
    assert (tree.values, len(chain)) == ({"n": 8, "name": "s8"}, 9)
    with pytest.raises(InputError, match="more than 8 levels"):
        load_tree(tmp_path / "s9.yaml", beside)


def test_a_variant_says_nothing_of_itself_that_is_of_its_base(tmp_path: Path) -> None:
    scenario(tmp_path, "base", "name: base\ntitle: Base\ndescription: All of it\na: 1")
    bare = load_tree(scenario(tmp_path, "Été (2)", "extends: base\na: 2"), beside)[0]
    assert bare.values == {"a": 2, "name": "ete-2"}
    named = load_tree(scenario(tmp_path, "own", "extends: base\nname: mine\ntitle: T"), beside)[0]
    assert named.values == {"a": 1, "name": "mine", "title": "T"}
    assert mark_of(named, ["name"])[1] == 2


@pytest.mark.parametrize("name", ["", "3", "[a]", "nowhere", "x" * 9000])
def test_extends_names_a_file_there_is(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError) as caught:
        load_tree(scenario(tmp_path, "leaf", f"a: 1\nextends: {name}"), beside)
    assert [(fault.line, fault.field) for fault in caught.value.faults] == [(2, "extends")]


# --set

PLAN = parse_text(
    "routes:\n  link: {rate_gbps: 10}\ntasks: [{id: A, work: 3 d}]\nlist: [1, 2]", "p"
)


@pytest.mark.parametrize(
    ("setting", "path", "value"),
    [
        ("routes.link.rate_gbps=25", "routes.link.rate_gbps", 25),
        ("routes.link.rate_gbps = 2.5", "routes.link.rate_gbps", 2.5),
        ("tasks.A.work={low: 1, likely: 2, high: 3}", "tasks.A.work.high", 3),
        ("start=2027-01-01", "start", "2027-01-01"),
        ("tasks.A.after=[B FS+2 d, C]", "tasks.A.after.1", "C"),
        ("list.1=7", "list.1", 7),
        ("name=a=b", "name", "a=b"),
        ("waves=[{id: 1, n: 2}]", "waves.1.n", 2),
    ],
)
def test_set_replaces_one_value(setting: str, path: str, value: object) -> None:
    tree = apply_set(PLAN, setting)
    found: object = tree.values
    for step in path.split("."):
        found = found[int(step)] if isinstance(found, list) else found[step]
    assert found == value
    assert mark_of(tree, path.split(".")) == ("--set", None)
    assert PLAN.values == {
        "routes": {"link": {"rate_gbps": 10}},
        "tasks": {"A": {"id": "A", "work": "3 d"}},
        "list": [1, 2],
    }
    assert mark_of(tree, ["routes"]) == ("p", 1)


def test_setting_what_is_there_changes_no_value() -> None:
    assert apply_set(PLAN, "routes.link.rate_gbps=10").values == PLAN.values
    twice = apply_set(apply_set(PLAN, "list=[5]"), "list=[6]")
    assert twice == apply_set(PLAN, "list=[6]")


def test_setting_null_removes() -> None:
    tree = apply_set(PLAN, "tasks.A=null")
    assert tree.values["tasks"] == {}
    assert not [path for path in tree.marks if "A" in path]
    assert "list" not in apply_set(PLAN, "list=").values


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("routes.lnk.rate_gbps=25", "did you mean link"),
        ("rutes.link.rate_gbps=25", "did you mean routes"),
        ("routes.link.rate_gbps.x=25", "'x' is not there"),
        ("list.2=1", "'2' is not there"),
        ("list.x.y=1", "'x' is not there"),
        ("tasks.A.id=B", "an id cannot be set"),
        ("routes.link.rate=", "did you mean rate_gbps"),
        ("routes", "write a path"),
        ("=1", "write a path"),
        ("a..b=1", "write a path"),
        ("a=12:30", "base sixty"),
        ("a=[1", "never closed"),
        ("a=*x", "no aliases"),
        ("\x1b=1", r"U\+001B"),
        ("a=1e400", "finite"),
        ("a=" + "[" * 50_000, "nested deeper"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(setting: str, words: str) -> None:
    with pytest.raises(InputError, match=f"(?i){words}") as caught:
        apply_set(PLAN, setting)
    assert {(fault.file, fault.line) for fault in caught.value.faults} == {("--set", None)}


def test_a_large_plan_is_read_in_seconds() -> None:
    rows = (
        f'- id: t{i}\n  work: {{low: 1 d, likely: 2 d, high: 9 d, source: "an estimate", '
        f"grade: D}}\n  after: [t{i - 1}, t{i - 3} FS+2 d]\n"
        for i in range(5000)
    )
    start = time.process_time()
    tree = parse_text("tasks:\n" + "".join(rows), "large")
    assert len(tree.values["tasks"]) == 5000
    assert time.process_time() - start < 30
