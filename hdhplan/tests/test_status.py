"""Status facts: read strictly, folded by date, laid over the plan by the one engine."""

import datetime as dt

import numpy as np
import pytest

from hdhplan.errors import InputError
from hdhplan.facts import data_folder
from hdhplan.fitting import misfits
from hdhplan.learning import as_of
from hdhplan.network import expand
from hdhplan.posterior import Measured, learn
from hdhplan.progress import lasting
from hdhplan.simulation import simulate
from hdhplan.status import FORMS, week_of, weeks
from hdhplan.tests.small import plan_of, range_of
from hdhplan.uncertainty import Law, quantile, quantile_table
from hdhplan.weeks import columns, read_status

EXAMPLE = data_folder() / "status" / "example"
DAY = dt.date.fromisoformat


def write(folder, kind, *rows, day=None):
    """Write facts into the weeks of their dates, every file of such a week beside them."""
    for number, row in enumerate(rows):
        week = folder / week_of(DAY(row.get("date", day)))
        week.mkdir(parents=True, exist_ok=True)
        for name, form in FORMS.items():
            path = week / f"{name}.csv"
            if not path.exists():
                path.write_text(",".join(columns(form)) + "\n", encoding="utf-8")
        cells = {"id": f"{kind}-{number}-{row.get('date', day)}", "date": day}
        cells |= {"illustrative": "yes", "source": "a test"} | row
        line = ",".join(str(cells.get(name, "")) for name in columns(FORMS[kind]))
        with (week / f"{kind}.csv").open("a", encoding="utf-8") as file:
            file.write(line + "\n")
    return folder


def with_status(plan, folder):
    """A plan and what happened, refused where it does not fit."""
    plan._status = read_status(folder)
    if faults := misfits(plan, expand(plan), plan._status):
        raise InputError(faults)
    return plan


def two_tasks(**more):
    """A and then B, each of an uncertain length, from Monday 2026-01-05."""
    tasks = [
        {"id": "A", "work": range_of(5, 10, 20, "d")},
        {"id": "B", "work": range_of(2, 4, 9, "d"), "after": ["A"]},
    ]
    return plan_of(tasks=tasks, **more)


def tasks_of(folder, *rows):
    return write(folder, "tasks", *rows)


def finish(forecast):
    return forecast.values["finish_day"]


# What is known by a date


def test_before_the_first_fact_the_forecast_is_that_of_the_plan_bit_for_bit(tmp_path):
    tasks_of(tmp_path, {"date": "2026-01-16", "task": "A", "start": "2026-01-07"})
    plan = with_status(two_tasks(), tmp_path)
    plain, early = simulate(plan, 500), simulate(plan, 500, as_of=DAY("2026-01-15"))
    assert early.progress is None
    assert early.likely == plain.likely
    for name, values in plain.values.items():
        assert np.array_equal(values, early.values[name])


def test_after_the_last_finish_there_is_no_spread(tmp_path):
    tasks_of(
        tmp_path,
        {"date": "2026-01-30", "task": "A", "start": "2026-01-07", "finish": "2026-01-20"},
        {"date": "2026-01-30", "task": "B", "start": "2026-01-22", "finish": "2026-01-29"},
    )
    done = simulate(with_status(two_tasks(), tmp_path), 500, as_of=DAY("2026-01-30"))
    assert set(finish(done)) == {25.0}  # the end of 2026-01-29
    assert done.tasks["A"].early_start == 2.0
    assert done.tasks["A"].early_finish == 16.0


def test_what_has_not_started_starts_after_the_data_date(tmp_path):
    tasks_of(
        tmp_path,
        {"date": "2026-01-30", "task": "A", "start": "2026-01-05", "finish": "2026-01-12"},
    )
    later = simulate(with_status(two_tasks(), tmp_path), 500, as_of=DAY("2026-01-30"))
    assert later.spread["B"]["start"] == (26.0, 26.0, 26.0)
    assert finish(later).min() >= 28.0
    assert np.ptp(finish(later)) > 1


def test_measured_work_that_remains_counts_from_its_measure(tmp_path):
    row = {"task": "A", "start": "2026-01-05", "remaining": 6, "unit": "d"}
    tasks_of(tmp_path, {"date": "2026-01-16", **row})
    plan = with_status(two_tasks(), tmp_path)
    for day, expected in (("2026-01-16", 18.0), ("2026-01-18", 18.0), ("2026-01-30", 26.0)):
        spread = simulate(plan, 200, as_of=DAY(day)).spread["A"]
        assert spread["finish"] == (expected,) * 3, day
        assert spread["start"] == (0.0, 0.0, 0.0)


def test_a_percentage_leaves_that_part_of_the_work_as_drawn(tmp_path):
    tasks_of(tmp_path, {"date": "2026-01-09", "task": "A", "start": "2026-01-05", "percent": 50})
    plan = with_status(two_tasks(), tmp_path)
    plain, half = simulate(plan, 2000), simulate(plan, 2000, as_of=DAY("2026-01-09"))
    expected = 5 + np.array(plain.spread["A"]["finish"]) / 2
    assert half.spread["A"]["finish"] == pytest.approx(tuple(expected), rel=1e-5)


def test_a_task_that_was_not_measured_is_conditioned_on_having_lasted_this_long(tmp_path):
    tasks_of(tmp_path, {"date": "2026-01-16", "task": "A", "start": "2026-01-05"})
    plan = with_status(two_tasks(), tmp_path)
    later = simulate(plan, 20_000, as_of=DAY("2026-01-16")).spread["A"]["finish"]
    drawn = quantile_table(Law("pert", 5, 10, 20))
    left = drawn[drawn > 12]
    assert later == pytest.approx([np.quantile(left, p) for p in (0.1, 0.5, 0.8)], abs=0.05)


def test_a_task_that_outlasts_its_range_ends_at_the_data_date_at_the_earliest(tmp_path):
    tasks_of(tmp_path, {"date": "2026-02-13", "task": "A", "start": "2026-01-05"})
    later = simulate(with_status(two_tasks(), tmp_path), 200, as_of=DAY("2026-02-13"))
    assert later.spread["A"]["finish"] == (40.0, 40.0, 40.0)


@pytest.mark.parametrize("bound", [0.0, 3.0, 8.0, 12.0, 15.0])
def test_lasting_is_the_law_above_the_bound(bound):
    law = Law("pert", 2, 6, 20)
    table = quantile_table(law).astype(float)
    found = lasting(table, table, np.full_like(table, bound))
    passed = np.mean(table <= bound)
    assert found.min() >= bound
    for p in (0.2, 0.5, 0.9):
        exact = quantile(law, passed + (1 - passed) * p)
        assert np.quantile(found, p) == pytest.approx(exact, abs=0.05)


def test_who_is_at_work_keeps_their_people_and_others_wait(tmp_path):
    tasks = [
        {"id": "A", "work": "10 d", "uses": {"crew": 1}},
        {"id": "B", "work": "4 d", "uses": {"crew": 1}},
    ]
    # B went first, though A comes first in the plan.
    tasks_of(
        tmp_path,
        {"date": "2026-01-06", "task": "B", "start": "2026-01-05", "remaining": 3, "unit": "d"},
    )
    plan = with_status(plan_of(tasks=tasks, resources={"crew": 1}), tmp_path)
    later = simulate(plan, 8, as_of=DAY("2026-01-06"))
    assert later.spread["B"]["finish"][1] == 5.0
    assert later.spread["A"]["start"][1] == 5.0
    assert later.spread["A"]["finish"][1] == 15.0


def test_out_of_sequence_work_does_not_wait_for_what_it_overtook(tmp_path):
    tasks_of(
        tmp_path,
        {"date": "2026-01-09", "task": "B", "start": "2026-01-06", "finish": "2026-01-09"},
    )
    later = simulate(with_status(two_tasks(), tmp_path), 50, as_of=DAY("2026-01-09"))
    assert later.spread["B"]["finish"] == (5.0, 5.0, 5.0)
    assert later.spread["A"]["start"] == (5.0, 5.0, 5.0)


def test_risks_closed_occurred_and_open(tmp_path):
    drivers = [
        {"id": name, "p": 0.5, "delay": "8 d", "on": ["B"]} for name in ("shut", "here", "open")
    ]
    tasks = [{"id": "A", "work": "10 d"}, {"id": "B", "work": "4 d", "after": ["A"]}]
    write(
        tmp_path,
        "risks",
        {"date": "2026-01-05", "driver": "shut", "state": "closed"},
        {"date": "2026-01-05", "driver": "here", "state": "occurred"},
    )
    plan = with_status(plan_of(tasks=tasks, drivers=drivers), tmp_path)
    assert set(finish(simulate(plan, 400))) == {14.0, 22.0, 30.0, 38.0}
    later = simulate(plan, 400, as_of=DAY("2026-01-05"))
    assert set(finish(later)) == {1.0 + 22.0, 1.0 + 30.0}


def test_an_estimate_holds_from_its_date_on(tmp_path):
    new = {"quantity": "tasks.B.work", "low": 30, "likely": 30, "high": 30, "unit": "d"}
    write(tmp_path, "estimates", {"date": "2026-01-06", "reason": "more to do", **new})
    tasks_of(tmp_path, {"date": "2026-01-05", "task": "A", "start": "2026-01-05"})
    plan = with_status(two_tasks(), tmp_path)
    before, after = (simulate(plan, 300, as_of=DAY(f"2026-01-0{d}")) for d in (5, 6))
    assert finish(before).max() < 30 < finish(after).min()
    a_before, a_after = (f.spread["A"]["finish"] for f in (before, after))
    assert a_before == a_after  # the same luck for what was not estimated anew


def test_a_correction_counts_from_its_date_and_the_old_claim_until_then(tmp_path):
    first = {"id": "wrong", "date": "2026-01-16", "task": "A", "start": "2026-01-05"}
    tasks_of(tmp_path, first | {"finish": "2026-01-13"})
    tasks_of(
        tmp_path,
        {"date": "2026-01-20", "task": "A", "start": "2026-01-05", "finish": "2026-01-19",
         "corrects": "wrong"},
    )  # fmt: skip
    plan = with_status(two_tasks(), tmp_path)
    ends = [simulate(plan, 8, as_of=DAY(f"2026-01-{d}")).spread["A"]["finish"][1] for d in (16, 20)]
    assert ends == [9.0, 15.0]


def test_missing_files_and_weeks_are_listed_up_to_the_data_date(tmp_path):
    tasks_of(tmp_path, {"date": "2026-12-21", "task": "A", "start": "2026-12-21"})
    (tmp_path / "2026-W52" / "invoices.csv").unlink()
    status = read_status(tmp_path)
    assert status.as_of(DAY("2026-12-23")).missing == ("2026-W52/invoices.csv",)
    later = status.as_of(DAY("2027-01-04")).missing  # 2026 has a week 53
    assert len(later) == 1 + 6 + 6
    assert later[1] == "2026-W53/tasks.csv"
    assert list(weeks("2025-W51", "2026-W02")) == ["2025-W51", "2025-W52", "2026-W01", "2026-W02"]


# What landings and finished work teach


def one_copy(share=None):
    """4,000 TB over a link that likely carries 48.6 TB a day."""
    data = {"id": "x", "volume_tb": 4000, "objects": 1000, "route": "link"}
    route = {"rate_gbps": 10, "usable_share": share or range_of(0.25, 0.45, 0.75)}
    return plan_of(datasets=[data], routes={"link": route})


def landing(folder, per_day, weeks_=4, name="x"):
    """A copy that started on the plan's first day, measured every Sunday."""
    start = {"date": "2026-01-05", "task": f"{name}.copy", "start": "2026-01-05"}
    tasks_of(folder, start)
    for week in range(1, weeks_ + 1):
        day = (dt.date(2026, 1, 5) + dt.timedelta(7 * week - 1)).isoformat()
        write(folder, "datasets", {"date": day, "dataset": name, "landed_tb": per_day * 7 * week})
    return folder


def test_four_slow_weeks_teach_the_route_and_without_them_the_copy_looks_too_early(tmp_path):
    truth = 0.6 * 48.6
    plan = with_status(one_copy(), landing(tmp_path, truth))
    day = DAY("2026-02-01")
    left = (4000 - truth * 28) / truth  # what remains over what was observed [d]
    learned = simulate(plan, 4000, as_of=day)
    assert np.median(finish(learned)) - 28 == pytest.approx(left, rel=0.05)
    (route,) = learned.progress.learned
    assert route.id == "routes.link"
    assert route.observed == pytest.approx([0.6] * 4)
    assert route.quantile("posterior", 0.5) == pytest.approx(0.6, rel=0.05)
    assert np.ptp(finish(learned)) > 1  # what is learned is not certain
    plain = as_of(plan, day)
    object.__setattr__(plain.progress, "routes", {})
    assert np.median(finish(simulate(plain, 4000))) - 28 < 0.7 * left


def test_what_was_expected_leaves_the_forecast_near_where_it_was(tmp_path):
    plan = with_status(one_copy(), landing(tmp_path, 48.6))
    later = simulate(plan, 4000, as_of=DAY("2026-02-01"))
    assert np.median(finish(later)) == pytest.approx(4000 / 48.6, rel=0.05)
    assert np.ptp(finish(later)) < np.ptp(finish(simulate(plan, 4000)))


def test_the_rest_of_a_copy_adds_up_to_its_volume(tmp_path):
    plan = with_status(one_copy(1.0), landing(tmp_path, 108.0, weeks_=1))
    later = simulate(plan, 64, as_of=DAY("2026-01-11"))
    assert np.median(finish(later)) == pytest.approx(4000 / 108, rel=0.01)


def test_days_on_which_nothing_landed_count_with_the_next(tmp_path):
    folder = landing(tmp_path, 48.6, weeks_=1)
    for day, tb in (("2026-01-18", 340.2), ("2026-01-25", 680.4)):
        write(folder, "datasets", {"date": day, "dataset": "x", "landed_tb": tb})
    plan = as_of(with_status(one_copy(), folder), DAY("2026-01-25"))
    assert plan.progress.learned[0].observed == pytest.approx([1.0, 0.5], rel=1e-3)


def test_finished_work_teaches_the_work_to_come(tmp_path):
    drivers = [{"id": "pace", "factor": range_of(0.7, 1.0, 1.6), "on": ["T*"]}]
    tasks = [{"id": f"T{i}", "work": range_of(8, 10, 12, "d")} for i in range(8)]
    tasks.append({"id": "other", "work": range_of(8, 10, 12, "d")})
    for i in range(7):
        tasks_of(
            tmp_path,
            {"id": f"t{i}", "date": "2026-01-18", "task": f"T{i}", "start": "2026-01-05",
             "finish": "2026-01-18"},
        )  # fmt: skip
    plan = with_status(plan_of(tasks=tasks, drivers=drivers), tmp_path)
    later = simulate(plan, 4000, as_of=DAY("2026-01-18"))
    (pace,) = later.progress.learned
    assert pace.id == "work.pace"
    assert pace.observed == pytest.approx([1.4] * 7, rel=0.01)
    assert later.spread["T7"]["finish"][1] == pytest.approx(14 + 14, rel=0.03)
    assert later.spread["other"]["finish"][1] == pytest.approx(14 + 10, rel=0.03)


def test_a_posterior_without_news_is_the_prior_and_moves_nothing():
    draws = np.exp(np.random.default_rng(1).normal(0, 0.3, 20_000))
    vague = learn("x", draws, Measured.of([(1.0, 1e6, False)]))
    assert vague.moved(draws) == pytest.approx(draws, rel=1e-9)


def test_more_weeks_teach_more():
    draws = np.exp(np.random.default_rng(1).normal(0, 0.3, 20_000))
    found = [learn("x", draws, Measured.of([(0.6, 0.1, False)] * n)) for n in (1, 4, 16)]
    medians = [one.quantile("posterior", 0.5) for one in found]
    widths = [one.quantile("posterior", 0.9) - one.quantile("posterior", 0.1) for one in found]
    assert medians == sorted(medians, reverse=True)
    assert medians[-1] == pytest.approx(0.6, rel=0.01)
    assert widths == sorted(widths, reverse=True)


def test_what_is_late_and_not_finished_teaches_too():
    draws = np.exp(np.random.default_rng(1).normal(0, 0.3, 20_000))
    quick = [(0.8, 0.1, False)] * 2
    late = [(1.3, 0.1, True)] * 2  # still going on: it will be more
    found = [
        learn("x", draws, Measured.of(rows))
        for rows in (quick, quick + late, [*quick, (0.2, 0.1, True)])
    ]
    medians = [one.quantile("posterior", 0.5) for one in found]
    assert medians[1] > medians[0] + 0.1
    assert medians[2] == pytest.approx(medians[0], rel=1e-3)  # what has hardly begun says nothing
    assert found[1].observed == (0.8, 0.8)


def three_copies():
    """Two datasets behind each other on one link and one on another; each likely takes 20 days."""
    route = {"rate_gbps": 10, "usable_share": range_of(0.25, 0.45, 0.75)}
    data = [
        {"id": name, "volume_tb": 972, "objects": 1000, "route": link}
        for name, link in (("x", "link"), ("y", "link"), ("z", "other"))
    ]
    return plan_of(datasets=data, routes={"link": route, "other": route})


def test_what_a_route_teaches_holds_for_all_its_copies_and_for_no_other_route(tmp_path):
    plan = with_status(three_copies(), landing(tmp_path, 24.3, weeks_=3))
    day = DAY("2026-01-25")
    later, plain = simulate(plan, 4000, as_of=day), simulate(plan, 4000)
    lengths = {
        name: np.subtract(*(later.spread[f"{name}.copy"][end][1] for end in ("finish", "start")))
        for name in "yz"
    }
    assert lengths["y"] == pytest.approx(40, rel=0.06)  # half as fast
    assert lengths["z"] == pytest.approx(plain.spread["z.copy"]["finish"][1], rel=0.01)
    assert later.spread["x.copy"]["start"] == (0.0, 0.0, 0.0)
    assert later.spread["z.copy"]["start"] == (21.0, 21.0, 21.0)


def test_what_is_verified_is_off_the_second_read(tmp_path):
    verify = {"rate_share": 0.5}
    data = {"id": "x", "volume_tb": 1080, "objects": 100, "route": "link", "verify": verify}
    plan = plan_of(datasets=[data], routes={"link": {"rate_gbps": 10}})
    tasks_of(
        tmp_path,
        {"id": "c", "date": "2026-01-14", "task": "x.copy", "start": "2026-01-05",
         "finish": "2026-01-14"},
        {"id": "v", "date": "2026-01-14", "task": "x.verify", "start": "2026-01-07"},
    )  # fmt: skip
    write(
        tmp_path,
        "datasets",
        {"date": "2026-01-14", "dataset": "x", "landed_tb": 1080, "verified_tb": 540},
    )
    later = simulate(with_status(plan, tmp_path), 8, as_of=DAY("2026-01-14"))
    # Half of it is left, at half of the copy's 108 TB a day: ten days from the tenth.
    assert later.spread["x.verify"]["finish"][1] == pytest.approx(20.0, abs=0.1)


def test_a_finished_copy_has_the_volume_that_landed(tmp_path):
    data = {"id": "x", "volume_tb": range_of(800, 1000, 1300), "objects": 100, "route": "link"}
    rate = {"id": "put", "amount_eur": 2, "per": "TB", "on": "x", "line": "data"}
    plan = plan_of(datasets=[data], routes={"link": {"rate_gbps": 10}}, rates=[rate])
    tasks_of(
        tmp_path,
        {"date": "2026-01-14", "task": "x.copy", "start": "2026-01-05", "finish": "2026-01-14"},
    )
    write(tmp_path, "datasets", {"date": "2026-01-14", "dataset": "x", "landed_tb": 1234.5})
    later = simulate(with_status(plan, tmp_path), 100, as_of=DAY("2026-01-14"))
    assert set(later.values["cost_eur"]) == {2469.0}
