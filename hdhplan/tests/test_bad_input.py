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


QUALIFIED = """\
tasks: [{id: core, work: 1 d}]
routes: {r: {rate_gbps: 1}}
datasets: [{id: x, volume_tb: 1, sensitive: true, route: r, wave: w}]
waves: [{id: w, projects: 2}]
capabilities:
  - {id: storage, projects: all, qualified_after: [core]}
"""


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
        "as much as target.cost_eur, 10 EUR",
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
    "a gap that no task closes": (
        TASK + "capabilities:\n  - {id: gpu, gap: none_yet}\n",
        7,
        "capabilities.gpu",
        "gap none_yet that no task closes",
        "or give the `effort` of its own",
    ),
    "a gap that an unknown task closes": (
        TASK + "capabilities:\n  - {id: gpu, gap: partial, closed_by: b}\n",
        7,
        "capabilities.gpu.closed_by",
        "unknown task 'b'",
        "a gap has a task that closes it",
    ),
    "services that are never qualified": (
        QUALIFIED + "  - {id: gpu, projects: 2}\n",
        10,
        "capabilities.gpu",
        "a service of w that is never qualified",
        "a date in `qualified_on`, or tasks in `qualified_after`",
    ),
    "qualified by an unknown task": (
        QUALIFIED + "  - {id: gpu, projects: 2, qualified_after: [lost]}\n",
        10,
        "capabilities.gpu.qualified_after",
        "unknown task 'lost'",
        "",
    ),
    "a qualification in no order": (
        QUALIFIED + "  - {id: gpu, qualified_on: 2027-05-01/2027-01-01/2027-06-01}\n",
        10,
        "capabilities.gpu.qualified_on",
        "2027-05-01 / 2027-01-01 / 2027-06-01",
        "the first date first",
    ),
    "projects that are no numbers": (
        TASK + "capabilities:\n  - {id: gpu, projects: 3 to 5}\n",
        7,
        "capabilities.gpu.projects",
        "'to'",
        "write 1-3 9 27-40",
    ),
    "an unknown driver of a capability": (
        QUALIFIED + "  - {id: gpu, projects: 1, qualified_on: 2027-01-01, unless: refused}\n",
        10,
        "capabilities.gpu.unless",
        "unknown driver 'refused'",
        "",
    ),
    "a table that is not there": (
        TASK + "capabilities: services.csv\n",
        6,
        "capabilities",
        "no file 'services.csv'",
        "a file beside this one, or in data",
    ),
    "a table elsewhere": (
        TASK + "capabilities: ../services.csv\n",
        6,
        "capabilities",
        "'../services.csv'",
        "write capabilities.csv",
    ),
    "an obligation without a fact": (
        TASK + "obligations:\n  - {id: law, name: x, clause: y, milestone: a, fact: sren-lwa}\n",
        7,
        "obligations.law.fact",
        "unknown fact 'sren-lwa'",
        "did you mean sren-law?",
    ),
    "an obligation that nothing meets": (
        TASK + "obligations:\n  - {id: law, name: x, clause: y, milestone: b, fact: sren-law}\n",
        7,
        "obligations.law.milestone",
        "unknown task 'b'",
        "",
    ),
    "two prices for one day": (
        TASK + "rates:\n  - {id: r, amount_eur: 1, prices: [{from: 2027-01-12, amount_eur: 0},"
        " {from: 2027-01-12, amount_eur: 2}]}\n",
        7,
        "rates.r",
        "two prices from 2027-01-12",
        "one price a day",
    ),
    "running at once": (
        TASK + "rates:\n  - {id: r, amount_eur: 1, running: true}\n",
        7,
        "rates.r",
        "running of a rate per once",
        "d, wd, month, TB_month",
    ),
    "paid anyway in the envelope": (
        TASK + "rates:\n  - {id: r, amount_eur: 1, existing: true}\n",
        7,
        "rates.r",
        "existing in the envelope",
        "envelope: false",
    ),
    "committed by an unknown task": (
        TASK + "rates:\n  - {id: r, amount_eur: 1, commit: b}\n",
        7,
        "rates.r.commit",
        "unknown task 'b'",
        "",
    ),
    "per project of no wave": (
        TASK + "rates:\n  - {id: r, amount_eur: 1, per: project, on: a}\n",
        7,
        "rates.r.on",
        "no task of a wave is 'a'",
        "tasks of waves",
    ),
    "closings of one year": (
        TASK + "closings: {payments: 2026-12-15}\n",
        6,
        "closings",
        "2026-12-15",
        "month and day of every year",
    ),
    "lines that do not add up to the envelope": (
        "target: {cost_eur: 100, vat: HT}\nallocations: {a: 60, provision: 30}\n" + TASK,
        5,
        "allocations",
        "they add up to 90 EUR",
        "as much as target.cost_eur, 100 EUR; provision included",
    ),
    "a VAT basis of its own without a rate of VAT": (
        "target: {cost_eur: 100, vat: HT}\n"
        + TASK
        + "rates:\n  - {id: r, amount_eur: 1, vat: TTC}\n",
        8,
        "rates.r.vat",
        "TTC where the target is HT",
        "vat_rate: 0.20",
    ),
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
        "partial",
        "2026-01-10/2026-02-10/2026-03-10",
        "all",
        "1-2 2",
        "d",
        "{span: [a, b], within: 5 d}",
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
        "capabilities.c.gap",
        "capabilities.c.effort",
        "capabilities.c.closed_by",
        "capabilities.c.projects",
        "capabilities.c.qualified_on",
        "capabilities.c.qualified_after",
        "capabilities.c.unless",
        "capabilities",
        "obligations",
        "closings.payments",
        "target.critical_limit",
        "rates.r1.commit",
        "rates.r1.paid_after",
        "rates.r1.running",
        "rates.r1.avoided",
        "rates.r1.waived",
        "rates.r1.envelope",
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
    capabilities:
      - {id: c, gap: partial, effort: 2 d, projects: 1, qualified_on: 2026-03-01, qualified_after: [a]}
    closings: {commitments: 11-20}
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


TABLES = {
    "a column": ("id,gap,gpu\nx,none,1\n", 1, "column 'gpu' unknown", ""),
    "no id": ("name,gap\nx,none\n", 1, "no column id", "add it"),
    "an id twice": ("id,gap\nx,none\nx,none\n", 3, "id 'x' twice", "rename it"),
    "an odd id": ("id,gap\na b,none\n", 2, "id 'a b'", "letters"),
    "a cell too many": ("id,gap\nx,none,1\n", 2, "3 cells", "quote a cell that holds a comma"),
    "a control code": ('id,name\nx,"a\x1b[2J"\n', 2, "control character U+001B", "delete it"),
    "a quote left open": ('id,name\nx,"a\n', 2, "unexpected end of data", "close the quotes"),
    "nothing": ("", None, "nothing in it", "id"),
    "a word that is no gap": ("id,gap\nx,some\n", 2, "'some'", "none"),
    "a gap that nothing closes": ("id,gap\nx,partial\n", 2, "that no task closes", "closed_by"),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_of_capabilities_is_refused_at_its_line(name: str, tmp_path: Path) -> None:
    text, line, found, words = TABLES[name]
    table = tmp_path / "services.csv"
    table.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_text(tmp_path, TASK + "capabilities: services.csv\n")
    fault = caught.value.faults[0]
    assert (fault.file, fault.line) == (str(table), line)
    assert found in fault.found
    assert words in f"{fault.limit} {fault.fix}"
    assert str(fault).isprintable()


def test_a_variant_changes_one_row_of_a_table(tmp_path: Path) -> None:
    (tmp_path / "services.csv").write_text(
        "id,name.fr,name.en,gap,effort,projects\nx,un,one,partial,2/3/5 wd,1-2\ny,deux,two,none,,all\n",
        encoding="utf-8",
    )
    base = file_of(tmp_path, TASK + "judgement: j\ncapabilities: services.csv\n", "whole.yaml")
    text = f"extends: {base.name}\nname: other\ncapabilities: [{{id: x, gap: none}}]\n"
    variant = file_of(tmp_path, text, "other.yaml", head="schema: hdhplan.plan/1\n")
    plans = [load_plan(str(path)) for path in (base, variant)]
    assert [plan.capabilities["x"].gap for plan in plans] == ["partial", "none"]
    assert plans[1].capabilities["y"] == plans[0].capabilities["y"]
    assert plans[0].capabilities["x"].name.en == "one"
    assert "x.close" in simulate(plans[0], 4).tasks
    assert "x.close" not in simulate(plans[1], 4).tasks
    assert "services.csv" in plans[1].origin.inputs


def test_a_scenario_defines_a_new_task_whole(tmp_path: Path) -> None:
    path = tmp_path / "mistyped.yaml"
    path.write_text("extends: base\ntasks:\n  c3: {name: X}\n  new: {after: [C3]}\n", "utf-8")
    with pytest.raises(InputError) as caught:
        load_plan(str(path))
    (fault,) = caught.value.faults
    assert (fault.line, fault.field, fault.fix) == (3, "tasks.c3", "did you mean C3?")


def test_allocations_that_a_scenario_unbalances_are_told_in_its_file(tmp_path: Path) -> None:
    path = tmp_path / "poorer.yaml"
    path.write_text("extends: base\nallocations:\n  technical_migration: 9_000_000\n", "utf-8")
    with pytest.raises(InputError) as caught:
        load_plan(str(path))
    (fault,) = caught.value.faults
    assert (fault.file, fault.line, fault.field) == (str(path), 3, "allocations")
