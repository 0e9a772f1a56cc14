"""The JSON Schema accepts every file that the plan reader accepts, and refuses what it can tell."""

from __future__ import annotations

import json
import re
from functools import cache

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from small import HEAD

from hdhplan.cli import main
from hdhplan.facts import data_folder
from hdhplan.schema import plan_schema

FILES = sorted((data_folder() / "scenarios").glob("*.yaml"))
README = (data_folder() / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"(?ms)^```yaml\n(.*?)^```", README)


class TextDates(SafeConstructor):
    """Dates are text until they are checked."""


TextDates.add_constructor("tag:yaml.org,2002:timestamp", SafeConstructor.construct_yaml_str)


@cache
def validator() -> Draft202012Validator:
    return Draft202012Validator(plan_schema())


def faults(text: str) -> list[str]:
    """What the schema says of a file as any reader of YAML 1.2 gives it."""
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = TextDates
    found = validator().iter_errors(yaml.load(text))
    return ["/".join(map(str, error.absolute_path)) for error in found]


def test_the_schema_is_one_and_the_command_line_prints_it(capsys) -> None:
    Draft202012Validator.check_schema(plan_schema())
    assert main(["check", "--schema"]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(plan_schema()))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_scenario_is_accepted(path) -> None:
    assert faults(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_every_example_of_the_readme_is_accepted(number: int) -> None:
    assert faults(EXAMPLES[number]) == []


@pytest.mark.parametrize(
    "text",
    [
        "tasks: {a: {work: 3 d}, b: {after: a}}",
        "tasks: [{id: 1, work: {law: choice, values: [1 d, 5 d], weights: [1, 2]}, after: [a]}]",
        "tasks: [{id: a, work: {likely: 3, unit: d, ask: {fr: x, en: y}, note: z}, ask: w}]",
        "datasets: {x: {volume_tb: 5 TB}, y: {volume_tb: {low: 1, likely: 2, high: 3, count: 4}}}",
        "waves: [{id: w, erase: null, hypercare: 10 wd}, {id: v, remove: true}]",
        "defaults: {wave: {cutover: {work: 1/2/4 d}}, dataset: {route: r}}",
        "routes: {r: null, s: {rate_gbps: 10 Gbit/s, after: a}}",
        "drivers: [{id: a, on: x}, {id: b, on: [x, 1]}, {id: c, on: {x: 0.5}, limit: {movers: 1}}]",
        "rates: {r: {amount_eur: 1/2/3, on: a}, s: {amount_eur: 5 EUR, on: [a, b]}}",
        "promises: {p: {milestone: a, by: 2027-01-01, source: {fr: x, en: y}}}",
        "name: 3",
    ],
)
def test_every_form_of_a_key_is_accepted(text: str) -> None:
    head = HEAD.replace("name: small\n", "") if text.startswith("name") else HEAD
    assert faults(head + text) == []


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("task: []", ""),
        ("tasks: [{id: a, wrok: 1 d}]", "tasks"),
        ("tasks: [{work: 1 d}]", "tasks"),
        ("tasks: {a: {work: {likly: 3 d}}}", "tasks"),
        ("tasks: {a: {unsplit: perhaps}}", "tasks/a"),
        ("drivers: {d: {p: 2}}", "drivers"),
        ("routes: {r: {devices: 0}}", "routes"),
        ("datasets: {x: {sizes: [{objects: 5}]}}", "datasets"),
        ("defaults: {task: {work: 1 d}}", "defaults"),
        ("waves: [{id: w, remove: false}]", "waves"),
        ("title: {fr: x, de: y}", "title"),
        ("calendars: {c: {capacity: [{from: 07-20, rate: 1}]}}", "calendars"),
    ],
)
def test_what_no_plan_may_say_is_refused(text: str, where: str) -> None:
    found = faults(HEAD + text)
    assert found
    assert all(path.startswith(where.split("/")[0]) for path in found)


def test_a_file_that_extends_nothing_needs_its_head() -> None:
    assert faults("extends: base\nname: small\n") == []
    assert faults("name: small\n") == [""] * 2
