"""What a plan file may not say because it would be ignored, contradicted or misread; and why."""

from __future__ import annotations

from pathlib import Path

import pytest
from small import file_of, load_text

from hdhplan.errors import Fault, InputError
from hdhplan.reading import load_plan
from hdhplan.simulation import simulate

TASK = "tasks: [{id: a, work: 1 d}]\n"
ROUTE = "routes: {r: {rate_gbps: 10}}\n"
MOVE = TASK + ROUTE + "datasets: [{id: x, volume_tb: 10, route: r"


def refused(folder: Path, text: str, head: str = "") -> Fault:
    """The one thing that is wrong with a plan file."""
    path = file_of(folder, text, head=head) if head else file_of(folder, text)
    with pytest.raises(InputError) as caught:
        load_plan(str(path))
    (fault,) = caught.value.faults
    assert fault.file == str(path)
    assert fault.line is not None
    return fault


def sourced(**numbers: str) -> str:
    """A long form with its source and grade."""
    pairs = ", ".join(f"{key}: {value}" for key, value in numbers.items())
    return f"{{{pairs}, source: s, grade: D}}"


WIDE = sourced(law="lognormal", low="0.25", high="0.6")
SIZES = "[{objects: 10, volume_tb: 6}, {objects: 1, volume_tb: %s}]"
TARGET = "target: {cost_eur: 100, vat: HT}\n"
BUDGET = TARGET + "allocations: {build: 90, provision: 10}\n"
#: Name: text of the file, field, words of what was found, of the limit or of the fix.
CASES = {
    # Laws and their bounds
    "a lognormal beyond its bound": (
        f"routes: {{r: {{rate_gbps: 10, usable_share: {WIDE}}}}}\n{TASK}",
        "routes.r.usable_share", "a lognormal that reaches", "at most 1"),
    "a lognormal beyond every number": (
        f"routes: {{r: {{rate_gbps: {sourced(law='lognormal', low='1e-9', high='1e6')}}}}}\n{TASK}",
        "routes.r.rate_gbps", "a lognormal that reaches", "at most 1e+06"),
    "a choice of two units": (
        f"tasks: [{{id: a, work: {sourced(law='choice', values='[1 d, 5 wd]')}}}]",
        "tasks.a.work", "mixed units d, wd", "one unit"),
    "a choice without unit": (
        f"tasks: [{{id: a, work: {sourced(law='choice', values='[1, 5]')}}}]",
        "tasks.a.work", "1 has no unit", "write it as 1 d"),
    # Facts
    "a fact in another unit": (
        "tasks: [{id: a, work: {likely: 60.88 wd, fact: data-act-notice}}]",
        "tasks.a.work", "likely 60.88 wd", "fact data-act-notice is in d. write it in d"),
    "a volume of a fact in days": (
        TASK + "datasets: [{id: x, volume_tb: {likely: 60.88, fact: data-act-notice}}]",
        "datasets.x.volume_tb", "likely 60.88 TB", "fact data-act-notice is in d"),
    "a retained fact about something else": (
        TASK + "retains: {platform_volume.tb: {fact: budget-seed, why: x}}",
        "retains.platform_volume.tb.fact", "fact budget-seed is about budget.eur", "platform_volume.tb"),
    "a retained fact that is none": (
        TASK + "retains: {budget.eur: {fact: budget-sead, why: x}}",
        "retains.budget.eur.fact", "unknown fact 'budget-sead'", "did you mean budget-seed?"),
    "an unknown fact of the target": (
        TASK + "target: {finish: 2027-01-01, fact: budget-sead}",
        "target.fact", "unknown fact 'budget-sead'", "did you mean budget-seed?"),
    "an unknown fact of an obligation": (
        TASK + "obligations: [{id: o, name: x, clause: y, milestone: a, fact: hds-v3}]",
        "obligations.o.fact", "unknown fact 'hds-v3'", "did you mean hds-v2?"),
    "an unknown fact of a capability": (
        TASK + "capabilities: [{id: c, projects: all, fact: hds-v3}]",
        "capabilities.c.fact", "unknown fact 'hds-v3'", "did you mean hds-v2?"),
    "an unknown fact of a promise": (
        TASK + "promises: [{id: p, milestone: a, by: 2027-01-01, fact: budget-sead}]",
        "promises.p.fact", "unknown fact 'budget-sead'", "did you mean budget-seed?"),
    # Grades
    "a better grade without source": (
        "judgement: ours\ntasks: [{id: a, work: {low: 1 d, likely: 2 d, high: 3 d, grade: B}}]",
        "tasks.a.work", "grade B without a source", "`source:`"),
    "a driver's grade without source": (
        TASK + "drivers: [{id: late, p: 0.5, delay: 1 d, on: a, grade: A}]",
        "drivers.late", "grade A without a source", "`source:`"),
    # Drivers that change nothing
    "a driver without effect": (
        TASK + "drivers: [{id: idle, p: 0.5, on: a}]",
        "drivers.idle", "a driver without effect", "only_if"),
    "an effect on nothing": (
        TASK + "drivers: [{id: idle, p: 0.5, delay: 1 d}]",
        "drivers.idle", "an effect on nothing", "`on`"),
    "a factor on appliances": (
        "routes: {boxes: {appliance_tb: 100, cycle: 30 d}}\ndrivers: [{id: slow, factor: 0.5, on: boxes}]\n"
        + TASK, "drivers.slow.on", "a factor on route boxes, which carries appliances", "x.copy"),
    # Calendars and names
    "a calendar of a fixed name": (
        TASK + "calendars: {france: {closed_weekdays: [mon]}}",
        "calendars.france", "a calendar named france", "means the same in every plan"),
    "another calendar of a fixed name": (
        TASK + "calendars: {continuous: {base: france}}",
        "calendars.continuous", "a calendar named continuous", "rename it"),
    "an unknown calendar that nothing uses": (
        TASK + "calendar: frnace", "calendar", "unknown calendar 'frnace'", "did you mean france?"),
    "an unknown calendar of the plan that is used": (
        "tasks: [{id: a, work: 1 wd}]\ncalendar: frnace",
        "calendar", "unknown calendar 'frnace'", "did you mean france?"),
    "an unknown calendar of a route": (
        TASK + "routes: {r: {rate_gbps: 1, calendar: frnace}}",
        "routes.r.calendar", "unknown calendar 'frnace'", "did you mean france?"),
    "an unknown calendar of a route that is used": (
        "routes: {r: {rate_gbps: 1, calendar: frnace}}\ndatasets: [{id: x, volume_tb: 1, route: r}]",
        "routes.r.calendar", "unknown calendar 'frnace'", "did you mean france?"),
    # Input that would be ignored
    "a range of objects": (
        MOVE + f", objects: {sourced(low='1', likely='2', high='3')}}}]",
        "datasets.x.objects", "a range", "give `likely` alone"),
    "a range of a part's size": (
        f"routes: {{r: {{rate_gbps: 1, part_size_mb: {sourced(low='1', likely='2', high='3')}}}}}\n{TASK}",
        "routes.r.part_size_mb", "a range", "one value"),
    "a range of the lag of a second read": (
        "judgement: j\n" + MOVE + ", verify: {rate_share: 0.5, start_lag: 1/2/3 d}}]",
        "datasets.x.verify.start_lag", "a range", "one value"),
    "a range of the other lag": (
        "judgement: j\n" + MOVE + ", verify: {rate_share: 0.5, finish_lag: 1/2/3 d}}]",
        "datasets.x.verify.finish_lag", "a range", "one value"),
    "a calendar of a work in TB": (
        ROUTE + "tasks: [{id: a, work: 5 TB, route: r, calendar: france}]",
        "tasks.a", "calendar 'france'", "the calendar of its route"),
    "a route of a work in days": (
        ROUTE + "tasks: [{id: a, work: 5 d, route: r}]",
        "tasks.a", "route 'r'", "only a work in TB has a route"),
    "until of a rate per day": (
        TASK + "rates: [{id: s, amount_eur: 1, per: d, on: a, until: a}]",
        "rates.s", "until of a rate per d", "`until` and `at` of TB_month"),
    "tiers of a rate per working day": (
        TASK + "rates: [{id: s, amount_eur: 1, per: wd, on: a, tiers: [hot]}]",
        "rates.s", "tiers of a rate per wd", "leave it out"),
    "until of TB moved": (
        MOVE + "}]\nrates: [{id: s, amount_eur: 1, per: TB, until: a}]",
        "rates.s", "until of a rate per TB", "leave it out"),
    "a source of TB moved": (
        MOVE + "}]\nrates: [{id: s, amount_eur: 1, per: TB, at: source}]",
        "rates.s", "at of a rate per TB", "leave it out"),
    "an unknown gate of a route that carries nothing": (
        TASK + "routes: {r: {rate_gbps: 1, after: [aa]}}",
        "routes.r.after", "unknown task 'aa'", "did you mean a?"),
    "an unknown gate of sensitive copies": (
        TASK + "routes: {r: {rate_gbps: 1, sensitive_after: [zz]}}",
        "routes.r.sensitive_after", "unknown task 'zz'", "known here: a"),
    # What must add up
    "sizes that miss the volume": (
        MOVE + f", sizes: {SIZES % 4.2}}}]", "datasets.x", "sizes add up to 10.2 TB", "10 TB, within 1%"),
    "more critical projects than projects": (
        TASK + "interruptions: [{id: g, from: 2026-02-01, until: a, projects: 2, "
        "critical_projects: 3, source: s, grade: D}]",
        "interruptions.g", "3 critical of 2 projects", "at most all"),
    "a line that is not allocated": (
        TASK + BUDGET + "rates: [{id: s, amount_eur: 1, per: d, line: biuld}]",
        "rates.s.line", "line 'biuld'", "did you mean build?"),
    "a rate without line": (
        TASK + BUDGET + "rates: [{id: s, amount_eur: 1, per: d}]",
        "rates.s.line", "line 'other'", "a line of `allocations`"),
    "a rate on the provision": (
        TASK + BUDGET + "rates: [{id: s, amount_eur: 1, per: d, line: provision}]",
        "rates.s.line", "line 'provision'", "but for the provision"),
    "a driver's cost that is not allocated": (
        TASK + BUDGET + "drivers: [{id: d, cost: 5, line: biuld}]",
        "drivers.d.line", "line 'biuld'", "did you mean build?"),
    # Words of the messages
    "hours": ("tasks: [{id: a, work: 5 h}]", "tasks.a.work", "unit 'h' in '5 h'", "a number in d or wd or TB"),
    "a percentage": (TASK + "routes: {r: {rate_gbps: 1, usable_share: 5%}}",
                     "routes.r.usable_share", "unit '%' in '5%'", "a number without unit"),
    "money in dollars": (TASK + "rates: [{id: s, amount_eur: 5 USD, per: d, on: a}]",
                         "rates.s.amount_eur", "unit 'USD' in '5 USD'", "a number without unit, or in EUR"),
    "a step in TB": (MOVE + ", prepare: 5 TB}]", "datasets.x.prepare.work", "unit 'TB'", "a number in d or wd"),
    "an unknown key of a range": (
        "tasks: [{id: a, work: {likely: 1 d, notes: x}}]", "tasks.a.work", "unknown key 'notes'",
        "low, likely, high, unit, law, values, weights, count, source, grade, fact, ask, note"),
    "a number of words": ("resources: {x: many}\n" + TASK, "resources.x", "'many'", "an integer"),
    "nothing where tasks belong": ("tasks:\ndatasets: []", "tasks", "nothing where a list", "id"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_it_is_refused_with_field_found_limit_and_fix(name: str, tmp_path: Path) -> None:
    text, field, found, words = CASES[name]
    fault = refused(tmp_path, text)
    assert fault.field == field
    assert found in fault.found
    assert words in f"{fault.limit}. {fault.fix}"
    if fault.found.startswith("unit "):
        assert not fault.fix  # another unit is another quantity: no number is proposed


NAMES = ("../x", "a/b", "a\\b", "..", ".hidden", "x.", "x ", '"\\0"', "é", "x" * 65, "a:b", '""')


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_that_of_a_folder_anywhere(name: str, tmp_path: Path) -> None:
    name = name if name.startswith('"') else f"'{name}'"
    head = f"schema: hdhplan.plan/1\nname: {name}\nstart: 2026-01-05\n"
    assert refused(tmp_path, TASK, head=head).field == "name"


@pytest.mark.parametrize("name", ["base", "x-2_3", "Plan B 2026", "v1.2", "7", "x" * 64])
def test_a_name_of_plain_signs_is_one(name: str, tmp_path: Path) -> None:
    head = f"schema: hdhplan.plan/1\nname: '{name}'\nstart: 2026-01-05\n"
    assert load_plan(str(file_of(tmp_path, TASK, head=head))).name == name


ALLOWED = (
    "waves: []\ndatasets: []\n" + TASK,
    TASK + "drivers: [{id: late, p: 0.5, cost: 5}]\n",
    "tasks: [{id: a, work: 1 d, only_if: branch}]\ndrivers: [{id: branch, p: 0.5}]\n",
    MOVE + f", sizes: {SIZES % 4.05}}}]\n",
    MOVE + f", objects: {sourced(law='choice', values='[5, 5]')}}}]\n",
    TASK + TARGET + "allocations: {provision: 100}\nrates: [{id: s, amount_eur: 1, line: any}]\n",
    TASK + BUDGET + "rates: [{id: s, amount_eur: 1, line: any, envelope: false}]\n",
    "judgement: ours\ntasks: [{id: a, work: {low: 1 d, likely: 2 d, high: 3 d, grade: D}}]\n",
    "tasks: [{id: a, work: {likely: 60.88 d, fact: data-act-notice}}]\n",
    f"tasks: [{{id: a, work: {sourced(law='lognormal', low='5 d', high='20 d')}}}]\n",
)


@pytest.mark.parametrize("number", range(len(ALLOWED)))
def test_what_comes_near_is_accepted(number: int, tmp_path: Path) -> None:
    assert simulate(load_text(tmp_path, ALLOWED[number]), 8).likely["finish_day"] >= 0


def test_a_choice_carries_its_unit_in_its_values(tmp_path: Path) -> None:
    written = [
        f"tasks: [{{id: a, work: {sourced(law='choice', values=values, **more)}}}]"
        for values, more in (
            ("[1 d, 5 d]", {}),
            ("[1, 5]", {"unit": "d"}),
            ("[1 d, 5]", {"unit": "d"}),
        )
    ]
    first, *others = (load_text(tmp_path, text).tasks["a"].work for text in written)
    assert (first.unit, first.values, first.likely) == ("d", (1, 5), 1)
    assert all(other == first for other in others)


def test_a_thing_that_several_names_match_counts_once(tmp_path: Path) -> None:
    tasks = "tasks: [{id: a1, work: 10 d}, {id: a2, work: 1 d}]\n"
    for on in ('[a1, "a*", a1]', '{a1: 1, "a*": 5}', '["a?", tasks.a1]'):
        plan = load_text(tmp_path, tasks + f"drivers: [{{id: x, factor: 2, on: {on}}}]\n")
        assert simulate(plan, 4).tasks["a1"].early_finish == 20


def test_the_source_is_billed_for_what_lies_there(tmp_path: Path) -> None:
    """A rate on every stock of the source leaves out what never was there."""
    both = ("tasks: [{id: end, work: 304.4 d}]\ndatasets: [{id: x, volume_tb: 10}, "
            "{id: y, volume_tb: 90, at_source: false}]\n"
            "rates: [{id: s, amount_eur: 1, per: TB_month, at: source}]\n")  # fmt: skip
    assert simulate(load_text(tmp_path, both), 4).likely["cost_eur"] == pytest.approx(100)


def test_whom_to_ask_is_a_text_in_both_languages(tmp_path: Path) -> None:
    text = (
        "ask: office\npromises: [{milestone: a, by: 2027-01-01, source: {fr: presse, en: press}}]\n"
        "tasks: [{id: a, work: {likely: 1 d, ask: {fr: lui, en: him}}, ask: {fr: eux, en: them}}]\n"
    )
    plan = load_text(tmp_path, text)
    asked = plan.ask, plan.tasks["a"].ask, plan.tasks["a"].work.ask, plan.promises[0].source
    assert [ask.in_("fr") for ask in asked] == ["office", "eux", "lui", "presse"]
    assert [ask.in_("en") for ask in asked] == ["office", "them", "him", "press"]
    assert load_text(tmp_path, TASK).ask is None


# Defaults, variants and settings


BASE = """
routes: {r: {rate_gbps: 10}}
defaults:
  wave: {cutover: {work: 1 d, critical: dual_write, dual_write: 0.5 d}, erase: 10 d}
  dataset: {route: r, prepare: {work: 2 d}}
waves:
  - {id: w1, projects: 2, erase: null}
  - {id: w2, projects: 3}
  - {id: w3, erase: 7 d, cutover: {work: 3 d}}
datasets: [{id: x, volume_tb: 10, wave: w1}, {id: y, volume_tb: 10, wave: w2}]
"""


def variant(folder: Path, text: str, overrides=()):
    """A plan that extends one with defaults."""
    file_of(folder, BASE, "root.yaml")
    path = file_of(folder, text, "variant.yaml", head="extends: root.yaml\nname: variant\n")
    return load_plan(str(path), overrides)


def test_a_null_takes_a_default_away_in_the_file_that_holds_both(tmp_path: Path) -> None:
    waves = load_plan(str(file_of(tmp_path, BASE))).waves
    assert [w.erase and w.erase.likely for w in waves.values()] == [None, 10, 7]


@pytest.mark.parametrize("how", ["file", "set"])
def test_a_null_takes_away_what_a_default_gives(how: str, tmp_path: Path) -> None:
    """Also what the item says itself, and what lies deeper; the other items keep theirs."""
    text = ("waves: [{id: w2, erase: null, cutover: {critical: null}}, {id: w3, erase: null}]\n"
            "datasets: [{id: x, prepare: null}]\n")  # fmt: skip
    sets = ("waves.w2.erase=null", "waves.w2.cutover.critical=null", "waves.w3.erase=null",
            "datasets.x.prepare=null")  # fmt: skip
    plan = variant(tmp_path, text) if how == "file" else variant(tmp_path, "", sets)
    assert [w.erase for w in plan.waves.values()] == [None, None, None]
    assert [w.cutover.critical for w in plan.waves.values()] == ["dual_write", None, "dual_write"]
    assert [w.cutover.work.likely for w in plan.waves.values()] == [1, 1, 3]
    assert [d.prepare is None for d in plan.datasets.values()] == [True, False]
    assert "w1.erase" not in simulate(plan, 4).tasks


def test_a_default_that_was_taken_away_can_be_given_back(tmp_path: Path) -> None:
    assert variant(tmp_path, "waves: [{id: w1, erase: 4 d}]\n").waves["w1"].erase.likely == 4
    assert variant(tmp_path, "", ["waves.w1.erase=4 d"]).waves["w1"].erase.likely == 4


def test_a_null_stays_null_where_the_default_would_shine_through(tmp_path: Path) -> None:
    assert variant(tmp_path, "waves: [{id: w1, erase: null}]\n").waves["w1"].erase is None


def test_a_setting_steps_into_what_a_default_gives(tmp_path: Path) -> None:
    plan = variant(tmp_path, "", ["waves.w2.cutover.work=2 d", "datasets.y.prepare.work=9 d"])
    assert [w.cutover.work.likely for w in plan.waves.values()] == [1, 2, 3]
    assert [d.prepare.work.likely for d in plan.datasets.values()] == [2, 9]
    assert plan.waves["w2"].cutover.dual_write.likely == 0.5


def test_a_variant_and_a_setting_still_change_the_defaults_themselves(tmp_path: Path) -> None:
    plan = variant(tmp_path, "defaults: {wave: {erase: 5 d}}\n", ["defaults.dataset.prepare=3 d"])
    assert [w.erase and w.erase.likely for w in plan.waves.values()] == [None, 5, 7]
    assert plan.datasets["x"].prepare.work.likely == 3


@pytest.mark.parametrize(
    ("text", "setting", "words"),
    [("waves: [{id: w1, hypercare: null}]\n", "", "nothing of this name to remove"),
     ("waves: [{id: w9, remove: true}]\n", "", "nothing of this name to remove"),
     ("", "waves.w2.hypercare=null", "'hypercare' is not there"),
     ("", "waves.w9.erase=null", "'w9' is not there"),
     ("", "waves.w2.hypercare.work=5 d", "'hypercare' is not there"),
     ("waves: [{id: w2, cutover: {work: 5 h}}]\n", "", "variant.yaml, line 3: waves.w2.cutover.work"),
     ("", "waves.w2.cutover.work=5 h", "--set: waves.w2.cutover.work"),
     ("defaults: {wave: {erase: 5 h}}\n", "", "variant.yaml, line 3: waves.w2.erase")],
)  # fmt: skip
def test_what_is_wrong_is_placed_where_it_was_written(text, setting, words, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        variant(tmp_path, text, [setting] if setting else ())
    assert words in str(caught.value)
