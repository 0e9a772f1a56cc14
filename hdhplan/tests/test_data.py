"""What lies in data/ is what data/README.md says it is, and every number has its source."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from pathlib import Path

import pytest
from pydantic import BaseModel

import hdhplan.asked as asked
import hdhplan.plan as rooms
import hdhplan.rates as rates
import hdhplan.scope as scope
from hdhplan.facts import COLUMNS, GRADES, UNITS, data_folder, load_facts
from hdhplan.network import expand
from hdhplan.plan import Plan
from hdhplan.quality import evidence
from hdhplan.quantities import LAWS, Strict
from hdhplan.reading import load_plan
from hdhplan.simulation import simulate
from hdhplan.timeline import MOVED

DATA = data_folder()
README = (DATA / "README.md").read_text(encoding="utf-8")
SCENARIOS = sorted(path.stem for path in (DATA / "scenarios").glob("*.yaml"))
MODELS = [
    thing
    for thing in (vars(scope) | vars(asked) | vars(rates) | vars(rooms)).values()
    if isinstance(thing, type) and issubclass(thing, Strict) and thing is not Strict
]
#: Keys of a file that are resolved before there is a Plan.
RESOLVED = {"extends", "defaults"}
#: Models whose keys are shown inside the table of the model that holds them.
COMMON = {"Bilingual"}
#: The contradictions that issue 2 names under "The data", and the quantity of each.
NAMED = {
    "completion date": "completion.date",
    "volume": "platform_volume.tb",
    "SecNumCloud": "scaleway_secnumcloud.status",
    "budget": "budget.eur",
    "projects": "projects.count",
    "price of storage": "scaleway_object_multi_az.eur_per_tb_month",
    "price of archive": "scaleway_glacier.eur_per_tb_month",
    "pseudonymised": "data_nature.status",
    "€200M": "cost_since_inception.eur",
    "doctrine": "migration_doctrine.name",
}


def keys_of(model: type[BaseModel]) -> set[str]:
    """Keys as a file spells them."""
    return {field.alias or name for name, field in model.model_fields.items()}


def sections() -> dict[str, str]:
    """Text below each heading of the README."""
    parts = re.split(r"(?m)^#+ (.+)$", README)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def section_of(model: type[BaseModel]) -> str:
    """The section whose heading names a model, with the keys that all things share."""
    named = re.compile(rf"\b{model.__name__}\b")
    found = [text for title, text in sections().items() if named.search(title)]
    common = sections()["3. The plan file"]
    if model.__name__ in COMMON:
        return common
    assert len(found) == 1, f"{len(found)} headings name {model.__name__}"
    return found[0] + common[common.index("| Common keys") :]


def spelt(text: str) -> set[str]:
    """Words in code of a text: `a`, and a and b of `{a: 1, b: 2}`."""
    return {word for code in re.findall(r"`([^`\n]+)`", text) for word in re.findall(r"\w+", code)}


def fenced(language: str) -> list[str]:
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```", README)


# The README and the models


def test_the_walk_finds_the_models():
    assert {"Plan", "Range", "Task", "Route", "Dataset", "Rate", "Driver", "Wave"} <= {
        model.__name__ for model in MODELS
    }


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_key_of_a_model_is_explained_in_its_section(model):
    assert sorted(keys_of(model) - spelt(section_of(model))) == []


def test_every_key_that_the_tables_explain_exists():
    known = set().union(*map(keys_of, MODELS)) | RESOLVED
    for title, text in sections().items():
        if not any(re.search(rf"\b{model.__name__}\b", title) for model in MODELS):
            continue
        for cell in re.findall(r"(?m)^\|([^|]+)\|", text):
            unknown = set(re.findall(r"`(\w+)`", cell)) - known
            assert not unknown, (title, unknown)


@pytest.mark.parametrize("key", sorted(RESOLVED))
def test_keys_that_are_resolved_first_are_explained(key):
    assert key in spelt(sections()["Plan: top level"])


def test_every_law_and_every_kind_of_task_is_named():
    assert set(LAWS) <= spelt(README)
    kinds = {node.kind for node in expand(load_plan("base")).nodes.values()}
    names = re.findall(r"`[xw]\.(\w+)`", README)
    assert kinds - {"work", "span", "haul"} <= set(names)
    assert set(MOVED) <= set(names)


def test_every_column_unit_and_grade_of_a_fact_is_explained():
    text = next(text for title, text in sections().items() if title.startswith("2."))
    rows = re.findall(r"(?m)^\|([^|]+)\|", text[: text.index("| Convention")])
    assert [name for row in rows for name in re.findall(r"`(\w+)`", row)] == list(COLUMNS)
    assert set(UNITS) <= set(re.findall(r"`([^`\n]+)`", text))
    assert all(f"**{grade}**" in text for grade in GRADES)


def test_every_file_of_data_has_its_row():
    named = set(re.findall(r"(?m)^\| `([\w./-]+)` \|", sections()["1. The files"]))
    there = {
        path.relative_to(DATA).as_posix()
        for folder, kind in (("scenarios", "*.yaml"), ("facts", "*.csv"))
        for path in (DATA / folder).glob(kind)
    }
    assert named == there


# The README's examples


def plan_files() -> list[str]:
    return [text for text in fenced("yaml") if text.startswith("schema:")]


def test_all_examples_are_whole_plan_files():
    assert len(plan_files()) == len(fenced("yaml")) >= 2


@pytest.mark.parametrize("number", range(len(plan_files())))
def test_an_example_loads_and_runs(tmp_path: Path, number: int):
    path = tmp_path / "example.yaml"
    path.write_text(plan_files()[number], encoding="utf-8")
    plan = load_plan(str(path))
    assert simulate(plan, draws=64).likely["finish_day"] > 0


def test_what_the_second_example_adds_is_in_its_plan(tmp_path: Path):
    path = tmp_path / "added.yaml"
    path.write_text(plan_files()[1], encoding="utf-8")
    added, base = load_plan(str(path)), load_plan("base")
    new = {
        kind: getattr(added, kind).keys() - getattr(base, kind).keys()
        for kind in ("tasks", "datasets", "waves", "drivers", "rates")
    }
    assert new == {"tasks": set(), "datasets": {"cohorts"}, "waves": {"w6"},
                   "drivers": {"strike"}, "rates": {"insurance"}}  # fmt: skip


def test_the_example_of_a_fact_is_one(tmp_path: Path):
    (text,) = fenced("csv")
    (tmp_path / "facts.csv").write_text(",".join(COLUMNS) + "\n" + text, encoding="utf-8")
    (fact,) = load_facts(tmp_path)
    assert (fact.key, fact.number, fact.grade) == ("platform_volume.tb", 1320, "A")
    with (DATA / "facts" / "volumes.csv").open(encoding="utf-8", newline="") as stream:
        rows = [*csv.reader(stream), *csv.reader(io.StringIO(text))]
    assert len({len(row) for row in rows}) == 1


@pytest.mark.parametrize(
    "setting", re.findall(r"`((?:\w+\.)+\w+=[^`]+)`", sections()["`extends`, `defaults`, `--set`"])
)
def test_a_setting_of_the_readme_can_be_set(setting: str):
    assert load_plan("base", [setting]).origin.overrides == (setting,)


# The scenarios


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_loads_under_its_own_name(name: str):
    plan = load_plan(name)
    assert plan.name == name
    assert plan.title is not None


def provenance(plan: Plan) -> Counter:
    """Quantities of a plan by what they rest on: a fact, a judgement of grade D, else what else."""
    return Counter(
        "fact" if quantity.fact else "judgement" if quantity.grade == "D" else path
        for path, quantity in plan.ranges()
    )


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_quantity_rests_on_a_fact_or_is_a_judgement(name: str):
    plan = load_plan(name)
    found, told = provenance(plan), evidence(plan)
    assert found.keys() == {"fact", "judgement"}
    assert dict(found) == told["kinds"]
    assert sum(found.values()) == len(list(plan.ranges())) == sum(told["grades"].values())
    assert found["judgement"] <= told["grades"]["D"]
    # A plan of its own may be small; a variant carries all that base does.
    if plan.origin.root is not None or plan.name == "base":
        assert min(found.values()) > 30


def test_the_base_programme_has_its_size():
    network = expand(load_plan("base"))
    assert 130 <= len(network.nodes) <= 170


def test_what_the_base_retains_covers_the_contradictions_that_are_named():
    plan = load_plan("base")
    against = plan.facts.contradictions()
    for name, key in NAMED.items():
        assert key in against, f"{name}: nobody contradicts {key}"
        kept = plan.retains[key]
        assert kept.fact in {fact.id for fact in against[key]}, name
        assert kept.why.fr, name
        assert kept.why.en, name


def test_a_retained_fact_is_about_its_quantity():
    plan = load_plan("base")
    wrong = {k: r.fact for k, r in plan.retains.items() if plan.facts.by_id(r.fact).key != k}
    assert wrong == {}


def test_facts_that_the_base_cites_exist_and_have_its_units():
    plan = load_plan("base")
    cited = {plan.target.fact, *(p.fact for p in plan.promises)} - {""}
    assert cited <= {fact.id for fact in plan.facts}
    for path, quantity in plan.ranges():
        if quantity.fact and quantity.unit:
            assert quantity.unit == plan.facts.by_id(quantity.fact).unit, path


def test_every_line_of_money_is_allocated():
    plan = load_plan("base")
    lines = {rate.line for rate in plan.rates.values() if rate.envelope}
    lines |= {driver.line for driver in plan.drivers.values() if driver.cost}
    assert lines == plan.allocations.keys() - {"provision"}
