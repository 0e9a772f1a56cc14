"""Bad input: file, line, field, what was found, the limit and the fix; all at once; never a traceback."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small import HEAD, START, file_of, load_text, plan_of

from hdhplan.cli import main
from hdhplan.errors import Fault, InputError
from hdhplan.reading import load_plan
from hdhplan.simulation import simulate

TASK = "tasks:\n  - {id: a, work: 1 d}\n"


def faults_of(folder: Path, text: str, head: str = HEAD) -> list[Fault]:
    """Everything that is wrong with a plan file."""
    path = file_of(folder, text, head=head)
    with pytest.raises(InputError) as caught:
        simulate(load_plan(str(path)), 4)
    faults = caught.value.faults
    for fault in faults:
        assert fault.file == str(path)
        assert fault.line is not None
        assert str(fault).isprintable()
        assert len(str(fault)) < 700
    return faults


# Each in a file of its own: line, field, and words of what was found, of the limit or of the fix.
CASES = {
    "unknown key": (
        "tasks:\n  - {id: a, wrok: 1 d}\n",
        5,
        "tasks.a.wrok",
        "unknown key 'wrok'",
        "did you mean work?",
    ),
    "unknown key without its unit": (
        "routes: {r: {rate: 10 Gbit/s}}\n" + TASK,
        4,
        "routes.r.rate",
        "unknown key 'rate'",
        "did you mean rate_gbps?",
    ),
    "unknown key on top": (
        "task: []\n" + TASK,
        4,
        "task",
        "unknown key 'task'",
        "did you mean tasks?",
    ),
    "unknown key of a range": (
        "tasks:\n  - {id: a, work: {low: 1 d, likly: 2 d, high: 3 d, source: x, grade: D}}\n",
        5,
        "tasks.a.work",
        "unknown key 'likly'",
        "did you mean likely?",
    ),
    "wrong unit": (
        "tasks:\n  - {id: a, work: 3 weeks}\n",
        5,
        "tasks.a.work",
        "unit 'weeks'",
        "d or wd or TB",
    ),
    "missing unit": (
        "tasks:\n  - {id: a, work: 3}\n",
        5,
        "tasks.a.work",
        "3 has no unit",
        "write it as 3 d",
    ),
    "mixed units": (
        "tasks:\n  - {id: a, work: {low: 1 d, likely: 2 wd, high: 3 d, source: x, grade: D}}\n",
        5,
        "tasks.a.work",
        "mixed units d, wd",
        "one unit in a range",
    ),
    "unit of a lag": (
        "tasks:\n  - {id: a, work: 1 d}\n  - {id: b, work: 1 d, after: [a FS+2]}\n",
        6,
        "tasks.b.after",
        "lag 2 has no unit",
        "write 2 d",
    ),
    "unit of a rate": (
        "routes:\n  r: {rate_gbps: 10 GB/s}\n" + TASK,
        5,
        "routes.r.rate_gbps",
        "unit 'GB/s'",
        "Gbit/s",
    ),
    "range out of order": (
        "tasks:\n  - {id: a, work: {low: 5 d, likely: 2 d, high: 3 d, source: x, grade: D}}\n",
        5,
        "tasks.a.work",
        "low 5, likely 2, high 3",
        "low <= likely <= high",
    ),
    "not a number": (
        "tasks:\n  - {id: a, work: .nan}\n",
        5,
        "tasks.a.work",
        "'.nan'",
        "finite numbers only",
    ),
    "infinite": (
        "resources: {x: .inf}\n" + TASK,
        4,
        "resources.x",
        "'.inf'",
        "finite numbers only",
    ),
    "infinite as text": (
        "rates:\n  - {id: r, amount_eur: 1, quantity: 'inf'}\n" + TASK,
        5,
        "rates.r.quantity",
        "'inf'",
        "a finite number",
    ),
    "too large": (
        "tasks:\n  - {id: a, work: 1e300 d}\n",
        5,
        "tasks.a.work",
        "1e+300 d",
        "at most 1e+06 d",
    ),
    "negative": ("tasks:\n  - {id: a, work: -1 d}\n", 5, "tasks.a.work", "-1 d", "at least 0 d"),
    "a cycle": (
        "tasks:\n  - {id: a, work: 1 d, after: [c]}\n  - {id: b, work: 1 d, after: [a]}\n"
        "  - {id: c, work: 1 d, after: [b]}\n",
        5,
        "tasks.a.after",
        "a cycle: ",
        "remove one of its links",
    ),
    "unknown task": (
        "tasks:\n  - {id: azure, work: 1 d}\n  - {id: b, work: 1 d, after: [azur]}\n",
        6,
        "tasks.b.after",
        "unknown task 'azur'",
        "did you mean azure?",
    ),
    "unknown driver target": (
        TASK + "drivers:\n  - {id: x, delay: 1 d, on: [zz]}\n",
        7,
        "drivers.x.on",
        "unknown task, dataset, route or rate 'zz'",
        "known here: a",
    ),
    "unknown route": (
        "datasets:\n  - {id: x, volume_tb: 1, route: r}\n" + TASK,
        5,
        "datasets.x.route",
        "unknown route 'r'",
        "",
    ),
    "unknown wave": (
        "datasets:\n  - {id: x, volume_tb: 1, wave: w}\n" + TASK,
        5,
        "datasets.x.wave",
        "unknown wave 'w'",
        "",
    ),
    "unknown gate of a wave": (
        TASK + "waves:\n  - {id: w, after: [b], cutover: {work: 1 d}}\n",
        7,
        "waves.w.after",
        "unknown task 'b'",
        "",
    ),
    "unknown gate of a route": (
        "routes:\n  r: {rate_gbps: 1, after: [b]}\ndatasets:\n"
        "  - {id: x, volume_tb: 1, route: r}\n",
        5,
        "routes.r.after",
        "unknown task 'b'",
        "",
    ),
    "unknown calendar": (
        "tasks:\n  - {id: a, work: 1 wd, calendar: frnace}\n",
        5,
        "tasks.a.calendar",
        "unknown calendar 'frnace'",
        "did you mean france?",
    ),
    "unknown milestone": (
        TASK + "target: {milestone: b}\n",
        6,
        "target.milestone",
        "unknown task 'b'",
        "",
    ),
    "unknown rate target": (
        TASK + "rates:\n  - {id: r, amount_eur: 1, per: d, on: [b]}\n",
        7,
        "rates.r.on",
        "unknown task 'b'",
        "known here: a",
    ),
    "unknown fact": (
        "tasks:\n  - {id: a, work: {likely: 2 d, fact: nothing-such}}\n",
        5,
        "tasks.a.work",
        "no fact 'nothing-such'",
        "a fact of data/facts",
    ),
    "unknown driver of a branch": (
        "tasks:\n  - {id: a, work: 1 d, only_if: b}\n",
        5,
        "tasks.a.only_if",
        "unknown driver 'b'",
        "",
    ),
    "duplicate ids": (
        "tasks:\n  - {id: a, work: 1 d}\n  - {id: a, work: 2 d}\n",
        6,
        "tasks.a",
        "written twice, on lines 5 and 6",
        "each id once",
    ),
    "duplicate keys": (
        TASK + "resources:\n  x: 1\n  x: 2\n",
        8,
        "resources.x",
        "written twice, on lines 7 and 8",
        "each key once",
    ),
    "an id of two things": (
        TASK + "waves:\n  - {id: a, cutover: {work: 1 d}}\n",
        7,
        "waves.a",
        "'a' is also one of the tasks",
        "an id names one thing",
    ),
    "an id with a dot": (
        "tasks:\n  - {id: a.b, work: 1 d}\n",
        5,
        "tasks.a.b.id",
        "'a.b' is not an id",
        "dot is reserved",
    ),
    "an id of a quantity": (
        "tasks:\n  - {id: cost_eur, work: 1 d}\n",
        5,
        "tasks.cost_eur",
        "id 'cost_eur'",
        "rename it",
    ),
    "a date before the start": (
        TASK + "target: {finish: 2025-12-31}\n",
        6,
        "target.finish",
        "2025-12-31",
        f"not before the start, {START}",
    ),
    "a promise before the start": (
        TASK + "promises: [{milestone: a, by: 2020-01-01}]\n",
        6,
        "promises.0.by",
        "2020-01-01",
        "not before the start",
    ),
    "no date": (
        TASK + "target: {finish: 2026-02-30}\n",
        6,
        "target.finish",
        "'2026-02-30' is not a date",
        "2026-04-23",
    ),
    "a closed period that is no date": (
        "calendars:\n  c: {closed: [[02-29, 03-01]]}\n" + TASK,
        5,
        "calendars.c.closed.0.0",
        "'02-29' is not a date",
        "every year has",
    ),
    "a calendar that never opens": (
        "calendars:\n  c: {closed: [[01-01, 12-31]]}\n" + TASK,
        5,
        "calendars.c.base",
        "never open",
        "some open day",
    ),
    "money without VAT basis": (
        TASK + "target: {cost_eur: 20_000_000}\n",
        6,
        "target",
        "cost_eur without a VAT basis",
        "HT or TTC",
    ),
    "a range without source": (
        "tasks:\n  - {id: a, work: 1/2/3 d}\n",
        5,
        "tasks.a.work",
        "a range without source",
        "`source:`",
    ),
    "a range without grade": (
        "tasks:\n  - {id: a, work: {low: 1 d, likely: 2 d, high: 3 d, source: x}}\n",
        5,
        "tasks.a.work",
        "a range without grade",
        "A, B, C or D",
    ),
    "a demand above capacity": (
        "resources: {x: 2}\ntasks:\n  - {id: a, work: 1 d, uses: {x: 3}}\n",
        6,
        "tasks.a.uses.x",
        "a demand of 3 x",
        "at most the 2 there are",
    ),
    "a route of nothing": (
        "routes:\n  r: {rate_gbps: 0}\n" + TASK,
        5,
        "routes.r.rate_gbps",
        "0",
        "more than 0",
    ),
    "a share above one": (
        "routes:\n  r: {rate_gbps: 1, usable_share: 1.2}\n" + TASK,
        5,
        "routes.r.usable_share",
        "1.2",
        "at most 1",
    ),
    "a hopeless rewrite rate": (
        "routes:\n  r: {rate_gbps: 1}\ndatasets:\n"
        "  - {id: x, volume_tb: 1, route: r, rewritten_tb_per_day: 11}\n",
        7,
        "datasets.x.rewritten_tb_per_day",
        "11 TB/day",
        "below the 10.8 TB/day",
    ),
    "allocations that do not add up": (
        TASK + "target: {cost_eur: 10, vat: HT}\nallocations: {a: 3, provision: 6}\n",
        7,
        "allocations",
        "they add up to 9 EUR",
        "the 10 EUR of target.cost_eur",
    ),
    "a choice without weights enough": (
        "tasks:\n  - {id: a, work: {law: choice, values: [1, 2], weights: [1], unit: d,"
        " source: x, grade: D}}\n",
        5,
        "tasks.a.work",
        "weights [1]",
        "one weight a value",
    ),
    "a negative exposure": (
        TASK + "drivers:\n  - {id: x, factor: 2, on: {a: -3}}\n",
        7,
        "drivers.x.on.a",
        "-3",
        "greater than or equal to 0",
    ),
    "a cap of nothing": (
        "routes:\n  r: {rate_gbps: 1}\ndrivers:\n  - {id: x, limit: {rate_gbps: 0}, on: [r]}\n"
        + TASK,
        7,
        "drivers.x.limit.rate_gbps",
        "0",
        "greater than 0",
    ),
    "a task after a span": (
        "tasks:\n  - {id: a, work: 1 d}\n  - {id: s, span: [a, a]}\n"
        "  - {id: b, work: 1 d, after: [s]}\n",
        7,
        "tasks.b.after",
        "s is a span",
        "name the task",
    ),
    "a priority that names one twice": (
        "priority: [a, a]\n" + TASK,
        4,
        "priority.1",
        "'a' is listed twice",
        "once each",
    ),
    "sexagesimal": (TASK + "resources: {x: 1:30}\n", 6, "resources.x", "'1:30'", "base sixty"),
    "octal": (TASK + "resources: {x: 010}\n", 6, "resources.x", "'010'", "octal"),
    "a Python tag": (
        "tasks: !!python/object/apply:os.system ['true']\n",
        4,
        "",
        "python/object",
        "no tags",
    ),
    "an anchor": ("tasks:\n  - &x {id: a, work: 1 d}\n", 5, "", "'&x'", "no anchors"),
    "deep nesting": (
        "tasks: " + "[" * 100 + "]" * 100 + "\n",
        4,
        "",
        "nested deeper than 32",
        "at most 32 levels",
    ),
    "a demand that is no number": (
        "resources: {x: many}\n" + TASK,
        4,
        "resources.x",
        "'many'",
        "integer",
    ),
    "text where tasks belong": ("tasks: all of them\n", 4, "tasks", "str where a list", "id"),
    "nothing to plan": (
        "judgement: x\n",
        1,
        "tasks",
        "no task and no dataset that moves",
        "one at least",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_refused_with_line_field_found_limit_and_fix(name: str, tmp_path: Path) -> None:
    text, line, field, found, words = CASES[name]
    faults = faults_of(tmp_path, text)
    assert len(faults) == 1, [str(fault) for fault in faults]
    fault = faults[0]
    assert (fault.line, fault.field) == (line, field)
    assert found in fault.found
    assert words in f"{fault.limit} {fault.fix}"


@pytest.mark.parametrize(
    "name", ["unknown key", "a cycle", "deep nesting", "a Python tag", "duplicate ids"]
)
def test_the_command_line_refuses_with_3_and_says_it_on_stderr(name, tmp_path, capsys) -> None:
    text, line, _, found, _ = CASES[name]
    path = file_of(tmp_path, text)
    for command in (["run", str(path)], ["run", str(path), "--json"], ["check", str(path)]):
        assert main(command) == 3
        out, err = capsys.readouterr()
        if "--json" in command:
            refused = json.loads(out)
            assert refused["ok"] is False
            assert line in [fault["line"] for fault in refused["data"]["faults"]]
        else:
            assert out == ""
        assert f"{path}, line {line}" in err
        assert found in err
        assert "Traceback" not in err


SEVERAL = """
colour: red
target: {milestone: nowhere, finish: 2020-01-01, cost_eur: 5}
tasks:
  - {id: a, work: 3 weeks, after: [ghost]}
  - {id: b, work: 1 d, after: [c], uses: {nobody: 1}}
  - {id: c, work: 1 d, after: [b]}
drivers:
  - {id: d, p: 2, delay: 1 d, on: [a]}
  - {id: e, p: 0.5, delay: 1 d, on: [missing]}
rates:
  - {id: r, amount_eur: 1, per: d, on: [lost]}
calendars:
  k: {base: atlantis}
""".lstrip()


def test_everything_that_is_wrong_is_said_at_once_in_the_order_of_lines(tmp_path: Path) -> None:
    faults = faults_of(tmp_path, SEVERAL)
    fields = {fault.field for fault in faults}
    assert fields >= {
        "colour",
        "target",
        "tasks.a.work",
        "tasks.a.after",
        "tasks.b.uses.nobody",
        "tasks.b.after",
        "drivers.d.p",
        "drivers.e.on",
        "rates.r.on",
        "calendars.k.base",
    }
    assert [fault.line for fault in faults] == sorted(fault.line for fault in faults)
    assert len(set(faults)) == len(faults)


def test_what_only_the_whole_plan_shows_is_said_at_once_too(tmp_path: Path) -> None:
    text = SEVERAL.replace("colour: red\n", "").replace("3 weeks", "3 d").replace("p: 2", "p: 1")
    fields = {f.field for f in faults_of(tmp_path, text.replace(", cost_eur: 5", ""))}
    assert fields == {
        "target.milestone",
        "target.finish",
        "tasks.a.after",
        "tasks.b.uses.nobody",
        "tasks.b.after",
        "drivers.e.on",
        "rates.r.on",
        "calendars.k.base",
    }


def test_a_head_that_is_wrong(tmp_path: Path) -> None:
    fields = {
        f.field for f in faults_of(tmp_path, TASK, head="schema: other/2\nname: x y\nstart: soon\n")
    }
    assert {"schema", "start"} <= fields
    assert faults_of(tmp_path, TASK, head="name: x\n")[0].found.endswith("is missing")
    assert faults_of(tmp_path, TASK, head=HEAD.replace("2026", "1850"))[0].field == "start"


def test_more_than_five_thousand_tasks(tmp_path: Path) -> None:
    many = "tasks:\n" + "".join(f"  - {{id: t{i}, work: 1 d}}\n" for i in range(5_001))
    (fault,) = faults_of(tmp_path, many)
    assert (fault.field, fault.found, fault.limit) == ("tasks", "5001 tasks", "at most 5000")


def test_an_alias_bomb_is_refused_before_it_goes_off(tmp_path: Path) -> None:
    bomb = "a: &a [x]\n" + "".join(
        f"{c}: &{c} [*{p},*{p},*{p},*{p}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert all("no anchors" in fault.limit for fault in faults_of(tmp_path, bomb))


def test_a_file_of_two_megabytes_is_refused(tmp_path: Path, capsys) -> None:
    path = file_of(tmp_path, "judgement: x\n" + "# padding\n" * 200_000)
    assert main(["run", str(path)]) == 3
    assert "1 MiB" in capsys.readouterr().err


@pytest.mark.parametrize(
    "asked", ["nowhere.yaml", "no-such-scenario", "../../etc/passwd", "a\x1b[2Jb", ""]
)
def test_a_file_that_is_not_there(asked: str, capsys) -> None:
    assert main(["run", asked]) in (2, 3)
    out, err = capsys.readouterr()
    assert (out, "Traceback" in err, "\x1b" in err) == ("", False, False)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("tasks.zz.work=1 d", "'zz' is not there"),
        ("tasks.a.work=x", "'x' is not a number"),
        ("tasks.a.wrok=1 d", "did you mean work?"),
        ("nonsense", "path.to.field=value"),
        ("tasks.a.work=.nan", "finite numbers only"),
        ("tasks.a.work=&x 3", "no anchors"),
    ],
)
def test_a_setting_that_cannot_be(setting: str, words: str, tmp_path: Path, capsys) -> None:
    path = file_of(tmp_path, TASK)
    assert main(["run", str(path), "--set", setting]) == 3
    err = capsys.readouterr().err
    assert "--set" in err
    assert words.lower() in err.lower()


def test_hostile_text_is_neutralised_on_the_terminal(tmp_path: Path, capsys) -> None:
    """Escape codes, right-to-left marks, line separators and markup from a file stay text."""
    hostile = "a\u202eb\u2028c\u200b[red]x[/red]"
    path = file_of(
        tmp_path, f'title: "{hostile}"\ntasks:\n  - {{id: a, work: "{hostile}"}}\n"{hostile}": 1\n'
    )
    assert main(["run", str(path)]) == 3
    err = capsys.readouterr().err
    assert "[red]" in err
    assert not set(err) & set("\u202e\u2028\u200b\x1b")
    escaped = file_of(tmp_path, 'tasks:\n  - {id: a, work: "\\e[2J1 d"}\n', "escaped.yaml")
    assert main(["run", str(escaped)]) == 3
    assert "\x1b" not in capsys.readouterr().err


def test_in_a_process_of_its_own_there_is_no_traceback_either(tmp_path: Path) -> None:
    path = file_of(tmp_path, SEVERAL)
    asked = [sys.executable, "-m", "hdhplan", "run", str(path), "--json"]
    done = subprocess.run(asked, capture_output=True, text=True, encoding="utf-8", timeout=60)
    assert done.returncode == 3
    assert len(json.loads(done.stdout)["data"]["faults"]) >= 10
    assert "Traceback" not in done.stderr
    assert done.stderr.count("line") >= 10


def test_usage_errors_are_2(capsys) -> None:
    for asked in (
        ["run", "base", "--draws", "0"],
        ["run", "--nonsense"],
        ["fly"],
        ["run", "base", "--lang", "de"],
    ):
        assert main(asked) == 2
        assert "Traceback" not in capsys.readouterr().err


# Anything at all: a forecast, or everything that is wrong with it


SCRAPS = st.sampled_from(
    [
        "1 d",
        "0 d",
        "3 wd",
        "5 TB",
        "",
        "1/2/3 d",
        "nan",
        "1e9 d",
        "-1 d",
        "a",
        "b",
        "[a, b]",
        "[a FS+1 d]",
        "{a: 1}",
        "{x: 1}",
        "null",
        "true",
        "0",
        "1",
        "7",
        "-3",
        "0.5",
        "2026-02-01",
        "2020-01-01",
        "[[02-29, 03-01]]",
        "france",
        "r",
        "w",
        "{work: 1 d}",
        "{low: 1 d, likely: 2 d, high: 3 d, source: s, grade: D}",
        "[8, 20]",
        "{low: 3, likely: 2, high: 1}",
        "{law: choice, values: [1, 2], unit: d, source: s, grade: D}",
        "[]",
        "{}",
        "a FS-9 wd",
        "'*'",
    ]
)
PATHS = st.sampled_from(
    [
        "tasks.a.work",
        "tasks.a.after",
        "tasks.a.uses",
        "tasks.a.calendar",
        "tasks.a.span",
        "tasks.a.only_if",
        "tasks.a.fixed",
        "tasks.a.unsplit",
        "tasks.b.work",
        "tasks.b.after",
        "tasks.a.route",
        "resources.x",
        "start",
        "calendar",
        "calendars.c.base",
        "calendars.c.closed",
        "calendars.c.hours",
        "target.finish",
        "target.milestone",
        "target.cost_eur",
        "target.vat",
        "drivers.d.p",
        "drivers.d.on",
        "drivers.d.delay",
        "drivers.d.factor",
        "drivers.d.cost",
        "drivers.d.limit",
        "rates.r1.amount_eur",
        "rates.r1.on",
        "rates.r1.per",
        "rates.r1.until",
        "rates.r1.tiers",
        "rates.r1.at",
        "routes.r.rate_gbps",
        "routes.r.after",
        "routes.r.calendar",
        "routes.r.streams",
        "routes.r.appliance_tb",
        "routes.r.usable_share",
        "datasets.s.volume_tb",
        "datasets.s.wave",
        "datasets.s.route",
        "datasets.s.prepare",
        "datasets.s.verify",
        "datasets.s.tiers",
        "datasets.s.excluded",
        "datasets.s.objects",
        "datasets.s.sizes",
        "datasets.s.repair_share",
        "datasets.s.rewritten_tb_per_day",
        "datasets.s.after",
        "waves.w.cutover.work",
        "waves.w.cutover.calendar",
        "waves.w.port",
        "waves.w.erase",
        "waves.w.projects",
        "waves.w.after",
        "waves.w.follows",
        "priority",
        "vat_rate",
        "allocations",
        "promises",
        "interruptions",
        "defaults",
        "judgement",
        "name",
        "title",
        "retains",
    ]
)
WHOLE = textwrap.dedent("""
    calendars:
      c: {base: france}
    resources: {x: 2}
    target: {finish: 2027-01-01, cost_eur: 1000, vat: HT}
    routes:
      r: {rate_gbps: 10}
    tasks:
      - {id: a, work: 2 d, uses: {x: 1}}
      - {id: b, work: 2 wd, after: [a], calendar: c}
    datasets:
      - {id: s, volume_tb: 10, route: r, wave: w, rewritten_tb_per_day: 1}
    waves:
      - {id: w, projects: 2, cutover: {work: 1 d}, erase: 2 d}
    drivers:
      - {id: d, p: 0.5, delay: 1 d, on: [a]}
    rates:
      - {id: r1, amount_eur: 5, per: d, on: [a]}
""")


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> str:
    return str(file_of(tmp_path_factory.mktemp("whole"), WHOLE))


@settings(max_examples=250)
@given(st.lists(st.tuples(PATHS, SCRAPS), min_size=1, max_size=3))
def test_any_value_anywhere_gives_a_forecast_or_is_refused(whole, changes) -> None:
    faults, likely = [], {"finish_day": 0.0, "cost_eur": 0.0}
    try:
        plan = load_plan(whole, [f"{path}={value}" for path, value in changes])
        likely = simulate(plan, 8).likely
    except InputError as error:
        faults = error.faults or [Fault("", None, "", "")]
    assert all(fault.found and str(fault).isprintable() for fault in faults)
    assert min(likely["finish_day"], likely["cost_eur"]) >= 0


def test_plans_are_frozen() -> None:
    plan = plan_of(tasks=[{"id": "a", "work": "1 d"}])
    with pytest.raises(ValueError, match="frozen"):
        plan.name = "other"


def test_a_plan_of_one_task_or_one_dataset_is_a_plan(tmp_path: Path) -> None:
    assert load_text(tmp_path, TASK).tasks.keys() == {"a"}
    data = "routes:\n  r: {rate_gbps: 1}\ndatasets:\n  - {id: x, volume_tb: 1, route: r}\n"
    assert simulate(load_text(tmp_path, data), 4).tasks.keys() == {"x.copy"}


def test_the_design_spelling_of_a_wave_needs_no_more(tmp_path: Path) -> None:
    text = """
tasks: [{id: m, work: 0}, {id: a, work: 3 d, after: [m]}]
waves:
  - {id: 1, projects: 10, critical_projects: 2, cutover: {mode: freeze, work: 2 d, critical: dual_write}}
  - {id: 2, erase: 1 d}
"""
    forecast = simulate(load_plan(file_of(tmp_path, text)), 4)
    assert forecast.likely["project_days_interrupted"] == 16
    assert forecast.likely["critical_days_interrupted"] == 0


def test_a_freeze_that_never_happens_interrupts_nobody(tmp_path: Path) -> None:
    text = """
calendars: {cut: {base: france}}
waves: [{id: 1, projects: 3, cutover: {mode: freeze, work: 9 wd, calendar: cut}}]
"""
    forecast = simulate(load_plan(file_of(tmp_path, text)), 4)
    assert forecast.likely["1.cutover"] == float("inf")
    assert forecast.likely["project_days_interrupted"] == 0
