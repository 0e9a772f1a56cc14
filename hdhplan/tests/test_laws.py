"""Laws that every plan keeps, whatever its numbers: on random small plans, nothing mocked.

A law is on bits where it can be; else on days, within what float32 resolves.
"""

from __future__ import annotations

import math
import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from small import file_of, plan_of, range_of

from hdhplan.forecast import Forecast
from hdhplan.inputs import draw, likely_sample
from hdhplan.outcome import run_block
from hdhplan.plan import Plan
from hdhplan.reading import load_plan
from hdhplan.simulation import prepare, simulate

DRAWS = 64
#: [d] what float32 resolves after a few years, and a little more.
TOLERANCE = 2e-3
CALENDARS = {
    "summer": {"base": "france", "closed": [["07-15", "08-20"]]},
    "half": {
        "base": "france",
        "capacity": [{"from": "2026-02-01", "to": "2026-04-30", "rate": 0.5}],
    },
    "nights": {"hours": [20, 6]},
}
WORKS = st.tuples(st.integers(0, 12), st.integers(1, 10), st.integers(0, 15))


# Random small plans


@st.composite
def networks(draw, relations, levelled):
    """Three to eight tasks, linked backwards; calendars mixed; some wait for people."""
    tasks = []
    for i in range(draw(st.integers(3, 8))):
        low, more, most = draw(WORKS)
        unit, calendar = draw(
            st.sampled_from(
                [
                    ("d", None),
                    ("d", None),
                    ("wd", None),
                    ("wd", "summer"),
                    ("wd", "half"),
                    ("d", "nights"),
                ]
            )
        )
        task = {"id": f"t{i}", "work": range_of(low, low + more, low + more + most, unit)}
        if calendar:
            task["calendar"] = calendar
        task["after"] = [draw(links(j, relations)) for j in range(i) if draw(st.booleans())][:3]
        if levelled and draw(st.booleans()):
            task["uses"] = {"engineer": draw(st.integers(1, 2))}
        tasks.append(task)
    return tasks


@st.composite
def links(draw, before: int, relations) -> str:
    kind, lag = draw(st.sampled_from(relations)), draw(st.sampled_from([0, 0, 0, 1, 3]))
    unit = draw(st.sampled_from(["d", "wd"]))
    return f"t{before} {kind}" + (f"+{lag} {unit}" if lag else "")


@st.composite
def transfers(draw):
    """One to four datasets on one route, some rewritten; one to three waves."""
    waves = [f"w{i}" for i in range(draw(st.integers(1, 3)))]
    low, more, most = draw(WORKS)
    data = [
        {
            "id": f"d{i}",
            "volume_tb": range_of(50 * low, 50 * (low + more), 50 * (low + more + most)),
            "route": "link",
            "wave": draw(st.sampled_from([*waves, None])),
            "rewritten_tb_per_day": draw(st.sampled_from([0, 5, 20, range_of(0, 10, 30)])),
        }
        for i in range(draw(st.integers(1, 4)))
    ]
    return {
        "routes": {"link": {"rate_gbps": range_of(8, 10, 12)}},
        "datasets": data,
        "waves": [
            {"id": w, "projects": 3, "cutover": {"work": range_of(0.5, 1, 2, "d")}, "erase": "5 d"}
            for w in waves
        ],
    }


@st.composite
def plans(draw, levelled=None, relations=("FS", "SS", "FF", "SF")):
    """A whole small plan: tasks, datasets, waves, drivers and rates."""
    levelled = draw(st.booleans()) if levelled is None else levelled
    tasks = draw(networks(relations, levelled))
    moved = draw(transfers())
    first = moved["waves"][0]["id"]
    rates = [
        {
            "id": "team",
            "amount_eur": range_of(800, 1000, 1500),
            "per": "wd",
            "on": ["t0", "t2"],
            "line": "a",
        },
        {"id": "held", "amount_eur": 20, "per": "TB_month", "at": "target", "line": "b"},
        {"id": "source", "amount_eur": 30, "per": "TB_month", "at": "source", "line": "b"},
        {"id": "egress", "amount_eur": 10, "per": "TB", "line": "c"},
        {
            "id": "licence",
            "amount_eur": 5_000,
            "per": "once",
            "on": [f"{first}.cutover"],
            "line": "a",
        },
        {
            "id": "rent",
            "amount_eur": 100,
            "per": "month",
            "line": "b",
            "prices": [{"from": "2026-02-01", "amount_eur": 120}],
        },
    ]
    drivers = [
        {"id": "late", "p": 0.3, "delay": "10 d", "on": {"t1": 1.0}},
        {"id": "slow", "p": 1.0, "factor": range_of(0.8, 1, 1.5), "on": {"t0": 1.0, "t2": 0.5}},
        {"id": "fine", "p": 0.2, "cost": 9_000, "on": {"t2": 1.0}},
    ]
    return moved | {
        "tasks": tasks,
        "rates": rates,
        "drivers": drivers,
        "calendars": CALENDARS,
        "resources": {"engineer": 2},
        "start": draw(st.sampled_from(["2026-01-05", "2026-05-08"])),
    }


def with_priority(parts: dict) -> dict:
    """The same plan with the order it would take, written out."""
    return parts | {"priority": tuple(prepare(plan_of(**parts)).schedule.order)}


def run(parts: dict, draws: int = DRAWS, **how) -> Forecast:
    return simulate(plan_of(**parts), draws, **how)


def all_finishes(plan: Plan, levelling: str = "in order") -> dict[str, np.ndarray]:
    """Finish of every task in the likely plan (first) and in a few draws. [d]"""
    model = prepare(plan)
    blocks = [likely_sample(model.inputs), *draw(model.inputs, 1, 0, 32)]
    outcomes = [run_block(model, sample, levelling=levelling) for sample in blocks]
    return {
        task: np.concatenate([o.dates.finish_day(task).astype(float) for o in outcomes])
        for task in model.schedule.order
    }


def never_earlier(before: dict, after: dict) -> None:
    for task, days in before.items():
        assert np.all(after[task] >= days - TOLERANCE), task


def same_bits(one: Forecast, other: Forecast, keep: slice = slice(None)) -> None:
    assert one.values.keys() == other.values.keys()
    for name, values in one.values.items():
        assert np.array_equal(values[keep], other.values[name][keep]), name
    assert one.lines.keys() == other.lines.keys()
    for name, values in one.lines.items():
        assert np.array_equal(values[keep], other.lines[name][keep]), name


def scaled(quantity, factor: float):
    """A range with its numbers multiplied."""
    if not isinstance(quantity, dict):
        return quantity * factor
    return quantity | {name: quantity[name] * factor for name in ("low", "likely", "high")}


def changed(parts: dict, group: str, position: int, **fields) -> dict:
    items = [dict(item) for item in parts[group]]
    items[position % len(items)] |= fields
    return parts | {group: items}


# Never earlier, never later


# A task whose finish is tied (FF, SF) starts sooner if it is longer, and with it what is tied to its
# start (SS, SF): the reverse criticality of every critical path method. So a law on longer work
# leaves out networks that have both.
PLAIN = st.sampled_from([("FS", "SS"), ("FS", "FF")])


@given(PLAIN.flatmap(lambda r: plans(False, r)), st.integers(0, 7), st.floats(1.01, 3))
def test_longer_work_never_finishes_earlier(parts, which, factor) -> None:
    task = parts["tasks"][which % len(parts["tasks"])]
    longer = changed(parts, "tasks", which, work=scaled(task["work"], factor))
    never_earlier(all_finishes(plan_of(**parts)), all_finishes(plan_of(**longer)))


@given(PLAIN.flatmap(lambda r: plans(True, r)), st.integers(0, 7), st.floats(1.01, 3))
def test_longer_work_never_finishes_earlier_levelled_at_unchanged_priority(
    parts, which, factor
) -> None:
    parts = with_priority(parts)
    task = parts["tasks"][which % len(parts["tasks"])]
    longer = changed(parts, "tasks", which, work=scaled(task["work"], factor))
    never_earlier(all_finishes(plan_of(**parts)), all_finishes(plan_of(**longer)))


@given(plans(levelled=True), st.integers(0, 3), st.floats(1.01, 3))
def test_more_volume_never_finishes_earlier(parts, which, factor) -> None:
    parts = with_priority(parts)
    data = parts["datasets"][which % len(parts["datasets"])]
    larger = changed(parts, "datasets", which, volume_tb=scaled(data["volume_tb"], factor))
    never_earlier(all_finishes(plan_of(**parts)), all_finishes(plan_of(**larger)))


@given(plans(), st.floats(1.01, 10))
def test_more_bandwidth_never_finishes_later(parts, factor) -> None:
    parts = with_priority(parts)
    faster = parts | {"routes": {"link": {"rate_gbps": scaled(range_of(8, 10, 12), factor)}}}
    never_earlier(all_finishes(plan_of(**faster)), all_finishes(plan_of(**parts)))


@given(plans(), st.sampled_from(["FS", "SS", "FF", "SF"]), st.integers(0, 6), st.integers(1, 7))
def test_one_more_dependency_never_finishes_earlier(parts, kind, first, further) -> None:
    tasks = parts["tasks"]
    first %= len(tasks) - 1
    second = first + 1 + further % (len(tasks) - first - 1)
    linked = changed(
        parts, "tasks", second, after=[*tasks[second]["after"], f"t{first} {kind}+1 d"]
    )
    before, after = (all_finishes(plan_of(**p), levelling="none") for p in (parts, linked))
    never_earlier(before, after)


@given(plans())
def test_the_plan_ends_when_its_last_task_does(parts) -> None:
    forecast = run(parts, draws=4)
    latest = max(task.early_finish for task in forecast.tasks.values())
    assert forecast.likely["finish_day"] == latest
    assert all(t.early_start <= t.early_finish for t in forecast.tasks.values())


# Adding up


def close(values: np.ndarray, expected: np.ndarray) -> None:
    finite = np.isfinite(expected)
    assert np.array_equal(finite, np.isfinite(values))
    assert np.allclose(values[finite], expected[finite], rtol=1e-9, atol=1e-6)


@given(plans())
def test_lines_and_years_add_up_to_the_cost(parts) -> None:
    forecast = run(parts, detail=True)
    close(sum(forecast.lines.values()), forecast.values["cost_eur"])
    for kind in ("ae", "cp"):
        close(forecast.by_year(kind).sum(axis=0), forecast.values["cost_eur"])
    assert sum(forecast.likely_lines.values()) == pytest.approx(forecast.likely["cost_eur"])


@given(plans(), st.floats(0.1, 10))
def test_scaling_prices_scales_costs(parts, factor) -> None:
    dearer = [
        rate
        | {"amount_eur": scaled(rate["amount_eur"], factor)}
        | (
            {"prices": [p | {"amount_eur": p["amount_eur"] * factor} for p in rate["prices"]]}
            if "prices" in rate
            else {}
        )
        for rate in parts["rates"]
    ]
    drivers = [d | ({"cost": d["cost"] * factor} if "cost" in d else {}) for d in parts["drivers"]]
    one, other = run(parts), run(parts | {"rates": dearer, "drivers": drivers})
    finite = np.isfinite(one.values["cost_eur"])
    assert np.allclose(
        other.values["cost_eur"][finite], one.values["cost_eur"][finite] * factor, rtol=1e-6
    )
    assert np.array_equal(one.values["finish_day"], other.values["finish_day"])


# Variants


def test_a_variant_keeps_the_order_of_its_root_and_so_longer_work_is_never_earlier(
    tmp_path,
) -> None:
    """Two reviews in one slot: their order is the root's, whatever a variant makes of their work."""
    base = """
    judgement: a test
    resources: {slot: 1}
    tasks:
      - {id: a, work: 4/5/9 d, uses: {slot: 1}}
      - {id: b, work: 2/3/4 d, uses: {slot: 1}}
      - {id: tail, work: 5 d, after: [a]}
    """
    path = str(file_of(tmp_path, base, "root.yaml"))
    once = load_plan(path)
    for work in ("2/3/4 d", "50 d"):
        variant = load_plan(path, [f"tasks.b.work={work}", "tasks.tail.work=0 d"])
        assert prepare(variant).schedule.order == prepare(once).schedule.order
    child = file_of(
        tmp_path,
        "extends: root\nname: child\ntasks:\n  - {id: b, work: 60 d}\n",
        "child.yaml",
        head="",
    )
    assert prepare(load_plan(str(child))).schedule.order == prepare(once).schedule.order


# What changes no bit


@given(plans(), st.randoms(use_true_random=False))
def test_permuting_the_file_changes_no_bit_at_unchanged_priority(parts, shuffle) -> None:
    parts = with_priority(parts)
    mixed = dict(parts)
    for group in ("tasks", "datasets", "drivers", "rates"):
        items = list(parts[group])
        shuffle.shuffle(items)
        mixed[group] = items
    for task in mixed["tasks"]:
        shuffle.shuffle(task["after"])
    same_bits(run(parts), run(mixed))


def renamed(value):
    """The same part of a plan with tasks, datasets and waves under names in another order."""
    if isinstance(value, str):
        return re.sub(r"\b([tdw])(\d)\b", lambda m: f"{m[1]}x{9 - int(m[2])}", value)
    if isinstance(value, dict):
        return {renamed(k): renamed(v) for k, v in value.items()}
    return [renamed(item) for item in value] if isinstance(value, list | tuple) else value


@given(plans())
def test_renaming_changes_nothing_in_the_likely_plan(parts) -> None:
    one, other = run(parts, draws=4), run(renamed(parts), draws=4)
    for task, row in one.tasks.items():
        assert row.early_finish == other.tasks[renamed(task)].early_finish
    for name, value in one.likely.items():
        assert other.likely[renamed(name)] == pytest.approx(value, rel=1e-12)


def test_renaming_changes_quantiles_only_within_the_error_of_drawing() -> None:
    tasks = [
        {"id": f"t{i}", "work": range_of(5, 10, 40, "d"), "after": [f"t{i - 1}"] * (i > 0)}
        for i in range(4)
    ]
    others = [
        t | {"id": t["id"].replace("t", "u"), "after": [a.replace("t", "u") for a in t["after"]]}
        for t in tasks
    ]
    one, other = run({"tasks": tasks}, 20_000), run({"tasks": others}, 20_000)
    for p in (0.1, 0.5, 0.8, 0.9):
        error = math.hypot(*(f.standard_error("finish_day", p) for f in (one, other)))
        difference = one.quantile("finish_day", p) - other.quantile("finish_day", p)
        assert difference == pytest.approx(0, abs=4 * error)
        assert difference != 0


@given(plans())
def test_a_driver_that_never_happens_changes_no_bit(parts) -> None:
    parts = with_priority(parts)
    never = {
        "id": "a_ghost",
        "p": 0,
        "delay": range_of(5, 9, 20, "d"),
        "cost": 10_000,
        "on": {"t*": 1},
    }
    same_bits(run(parts), run(parts | {"drivers": [never, *parts["drivers"]]}))


@given(plans())
def test_block_size_changes_no_bit(parts) -> None:
    plan = plan_of(**parts)
    one = simulate(plan, 1_000, block=8_192, detail=True)
    other = simulate(plan, 1_000, block=128, detail=True)
    same_bits(one, other)
    assert one.criticality == other.criticality
    assert one.spread == other.spread
    assert one.detail.keys() == other.detail.keys()
    for name, values in one.detail.items():
        assert np.array_equal(values, other.detail[name]), name


@given(plans(), st.integers(1, 300))
def test_draws_are_a_prefix_of_more_draws(parts, draws) -> None:
    plan = plan_of(**parts)
    few, many = simulate(plan, draws), simulate(plan, 2 * draws)
    for name, values in few.values.items():
        assert np.array_equal(values, many.values[name][:draws]), name


def small_plan() -> Plan:
    """A plan of two tasks, a driver and a rate, for runs of many draws."""
    return plan_of(
        tasks=[
            {"id": "a", "work": range_of(1, 2, 9, "d"), "uses": {"who": 1}},
            {"id": "b", "work": range_of(1, 4, 5, "wd"), "uses": {"who": 1}},
        ],
        resources={"who": 1},
        drivers=[{"id": "late", "p": 0.3, "delay": "10 d", "on": ["a"]}],
        rates=[{"id": "team", "amount_eur": 1000, "per": "wd"}],
    )


def test_draws_are_a_prefix_across_super_blocks() -> None:
    few, many = simulate(small_plan(), 70_001), simulate(small_plan(), 140_002)
    for name, values in few.values.items():
        assert np.array_equal(values, many.values[name][:70_001]), name


@pytest.mark.slow
def test_workers_change_no_bit() -> None:
    one, two = (simulate(small_plan(), 140_000, workers=n, detail=True) for n in (1, 2))
    same_bits(one, two)
    assert one.criticality == two.criticality
    assert one.bottleneck == two.bottleneck


def test_another_seed_gives_other_draws() -> None:
    assert not np.array_equal(
        *(simulate(small_plan(), 100, seed=s).values["finish_day"] for s in (1, 2))
    )


def test_adding_an_input_moves_no_other_draw() -> None:
    tasks = [{"id": "a", "work": range_of(1, 2, 9, "d")}]
    alone = run({"tasks": [*tasks, {"id": "done", "after": ["a"]}]})
    more = run(
        {
            "tasks": [
                {"id": "Z", "work": range_of(1, 5, 90, "d")},
                *tasks,
                {"id": "done", "after": ["a"]},
            ]
        }
    )
    assert np.array_equal(alone.values["done"], more.values["done"])


# Quantiles and criticality


@given(plans(), st.lists(st.floats(0.001, 0.999), min_size=2, max_size=6))
def test_quantiles_are_monotone_and_criticality_is_a_share(parts, shares) -> None:
    forecast = run(parts)
    for name in forecast.quantities:
        quantiles = [forecast.quantile(name, p) for p in sorted(shares)]
        assert all(a <= b for a, b in pairwise(quantiles)), name
    assert all(0 <= share <= 1 for share in forecast.criticality.values())
    assert sum(forecast.criticality.values()) >= 1  # each draw has a task that it ends with
    for p10, p50, p80 in (q for row in forecast.spread.values() for q in row.values()):
        assert p10 <= p50 <= p80


@given(
    st.lists(WORKS, min_size=2, max_size=6),
    st.lists(st.sampled_from(["d", "wd"]), min_size=6, max_size=6),
)
def test_a_serial_chain_is_critical_and_a_dominated_path_is_not(works, units) -> None:
    assume(sum(low for low, _, _ in works) > 0)
    tasks = [
        {
            "id": f"t{i}",
            "work": range_of(low + 1, low + 1 + more, low + 1 + more + most, units[i]),
            "after": [f"t{i - 1}"] * (i > 0),
        }
        for i, (low, more, most) in enumerate(works)
    ]
    short = {"id": "short", "work": range_of(0.1, 0.2, 0.3, "d")}
    end = {"id": "end", "work": "1 d", "after": [tasks[-1]["id"], "short"]}
    forecast = run({"tasks": [*tasks, short, end]})
    assert {forecast.criticality[t["id"]] for t in [*tasks, end]} == {1.0}
    assert forecast.criticality["short"] == 0


def test_criticality_goes_through_the_users_of_a_resource() -> None:
    tasks = [{"id": k, "work": range_of(5, 10, 20, "d"), "uses": {"who": 1}} for k in "abc"]
    assert run({"tasks": tasks, "resources": {"who": 1}}).criticality == dict.fromkeys("abc", 1)


# Drivers


def test_without_a_driver_of_p_1_the_only_path_ends_exactly_its_delay_sooner() -> None:
    tasks = [
        {"id": "a", "work": range_of(8, 16, 64, "d")},
        {"id": "b", "work": "4 d", "after": ["a"]},
    ]
    plan = plan_of(tasks=tasks, drivers=[{"id": "late", "p": 1, "delay": "10 d", "on": ["a"]}])
    with_it, without = simulate(plan, 4_000), simulate(plan, 4_000, without=["late"])
    difference = with_it.quantile("finish_day", 0.8) - without.quantile("finish_day", 0.8)
    assert difference == pytest.approx(10, abs=1e-5)
    assert with_it.likely["finish_day"] - without.likely["finish_day"] == 10


def test_a_branch_that_is_off_has_no_work_and_passes_logic_through() -> None:
    tasks = [
        {"id": "a", "work": "5 d"},
        {"id": "b", "work": "20 wd", "only_if": "branch", "after": ["a"]},
        {"id": "c", "work": "3 d", "after": ["b"]},
    ]
    forecast = run({"tasks": tasks, "drivers": [{"id": "branch", "p": 0.4}]}, 4_000)
    assert forecast.likely["finish_day"] == 8
    days = forecast.values["finish_day"]
    assert set(days.tolist()) == {8.0, 36.0}  # 20 wd from Saturday 2026-01-10 end on Friday 02-06
    assert np.mean(days == 8) == pytest.approx(0.6, abs=4 * math.sqrt(0.24 / 4_000))


def test_exposure_weighs_a_factor() -> None:
    tasks = [{"id": k, "work": "10 d"} for k in "ab"]
    drivers = [{"id": "slow", "p": 1, "factor": 1.5, "on": {"a": 1.0, "b": 0.5}}]
    found = run({"tasks": tasks, "drivers": drivers}).tasks
    assert (found["a"].early_finish, found["b"].early_finish) == (15, 12.5)


def test_a_shared_driver_makes_tasks_move_together() -> None:
    tasks = [{"id": k, "work": "10 d"} for k in "ab"]
    ends = [{"id": f"{k}_done", "after": [k]} for k in "ab"]
    drivers = [{"id": "slow", "p": 1, "factor": range_of(0.8, 1, 2), "on": ["a", "b"]}]
    values = run({"tasks": tasks + ends, "drivers": drivers}).values
    assert np.array_equal(values["a_done"], values["b_done"])


# Closed forms at a million draws


@pytest.mark.slow
def test_a_sum_of_perts_and_a_maximum_of_durations_at_a_million_draws() -> None:
    chain = [
        {"id": f"c{i}", "work": range_of(i, 2 + i, 9 + i, "d"), "after": [f"c{i - 1}"] * (i > 0)}
        for i in range(4)
    ]
    side = [{"id": f"m{i}", "work": range_of(8, 12, 16, "d", "uniform")} for i in range(3)]
    ends = [{"id": "chain", "after": ["c3"]}, {"id": "latest", "after": ["m0", "m1", "m2"]}]
    n = 1_000_000
    forecast = simulate(plan_of(tasks=chain + side + ends), n)
    means = [(i + 4 * (2 + i) + 9 + i) / 6 for i in range(4)]
    # Variance of a PERT (λ = 4): (mean − low)(high − mean) / 7.
    variance = sum((m - i) * (9 + i - m) / 7 for i, m in enumerate(means))
    row = forecast.summary("chain")
    assert row["mean"] == pytest.approx(sum(means), abs=4 * math.sqrt(variance / n))
    assert row["sd"] == pytest.approx(math.sqrt(variance), rel=4 / math.sqrt(2 * n) * 1.2)
    # Maximum of three uniforms on 8 to 16: mean 8 + 8 × 3/4, quantile 8 + 8 p^(1/3).
    row = forecast.summary("latest")
    sd = 8 * math.sqrt(3 / 80)
    assert row["mean"] == pytest.approx(14, abs=4 * sd / math.sqrt(n))
    for p in (0.1, 0.5, 0.8, 0.9):
        exact = 8 + 8 * p ** (1 / 3)
        error = row["se"][f"p{round(p * 100)}"]
        # A bin of the quantile table is 8 / 4,096 wide.
        assert row[f"p{round(p * 100)}"] == pytest.approx(exact, abs=4 * error + 8 / 4096)


def test_standard_errors_are_those_of_replicates() -> None:
    plan = plan_of(tasks=[{"id": "a", "work": range_of(1, 5, 20, "d")}])
    medians = [simulate(plan, 400, seed=s).quantile("finish_day", 0.5) for s in range(2, 42)]
    error = np.std(medians, ddof=1) / math.sqrt(10)
    whole = simulate(plan, 4_000)
    assert whole.standard_error("finish_day", 0.5) == pytest.approx(error, rel=0.5)
