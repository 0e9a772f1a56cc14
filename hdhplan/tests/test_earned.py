"""Earned value and earned schedule: the published case, limits, and a plan by hand."""

import numpy as np
import pytest

from hdhplan.earned import Earned, earned_schedule, earned_value
from hdhplan.learning import as_of
from hdhplan.tests.small import plan_of
from hdhplan.tests.test_status import DAY, EXAMPLE, tasks_of, with_status, write
from hdhplan.weeks import read_status

LINEAR = np.arange(11) * 10_000.0  # ten periods, 100,000 in all


def test_the_published_case():
    es = earned_schedule(30_000, LINEAR)
    case = Earned(bac=100_000, pv=40_000, ev=30_000, ac=35_000, pd=10, at=4, es=es)
    assert es == 3
    assert case.cpi == pytest.approx(0.857143, abs=5e-7)
    assert case.spi == 0.75
    assert case.eac == pytest.approx(116_666.67, abs=0.005)
    assert case.tcpi == pytest.approx(1.076923, abs=5e-7)
    assert case.sv_t == -1
    assert case.spi_t == 0.75
    assert case.ieac_t == pytest.approx(13.3333, abs=5e-5)
    assert case.tspi == pytest.approx(7 / 6)


def test_earned_schedule_lies_between_its_periods_and_ends_with_the_plan():
    curve = np.array([0.0, 10, 10, 40, 100])
    values = [0.0, 5.0, 10.0, 25.0, 40.0, 70.0, 100.0, 200.0]
    assert [earned_schedule(v, curve) for v in values] == [0, 0.5, 2, 2.5, 3, 3.5, 4, 4]


def test_what_is_earned_as_planned_is_on_time():
    for value in (1.0, 12_345.0, 99_999.0):
        assert np.interp(earned_schedule(value, LINEAR), np.arange(11), LINEAR) == pytest.approx(
            value
        )


def test_without_cost_there_is_no_cost_performance():
    case = Earned(bac=100, pv=10, ev=10, ac=0, pd=10, at=1, es=1)
    assert case.cpi is None
    assert case.eac is None
    assert case.spi_t == 1


@pytest.fixture
def two():
    """A and B of ten days each, at 100 EUR a day."""
    tasks = [{"id": "A", "work": "10 d"}, {"id": "B", "work": "10 d", "after": ["A"]}]
    rate = {"id": "team", "amount_eur": 100, "per": "d", "on": ["A", "B"], "line": "people"}
    return plan_of(tasks=tasks, rates=[rate], target={"cost_eur": 2_000, "vat": "HT"})


def known(plan, folder, day, *rows):
    return earned_value(as_of(with_status(plan, tasks_of(folder, *rows)), DAY(day)))


def test_a_plan_of_two_tasks_by_hand(two, tmp_path):
    row = {"date": "2026-01-16", "task": "A", "start": "2026-01-05", "percent": 80}
    pay = {
        "line": "people",
        "committed_eur": 1_000,
        "paid_eur": 1_000,
        "currency": "EUR",
        "vat": "HT",
    }
    write(tmp_path, "invoices", {"date": "2026-01-16"} | pay)
    found = known(two, tmp_path, "2026-01-16", row)  # day 12: A at 80 %, 60 % planned
    whole = found.programme
    assert found.earned_share == pytest.approx(0.4)
    assert found.planned_share == pytest.approx(0.6)
    assert (whole.bac, whole.pv, whole.ev, whole.ac) == pytest.approx((2_000, 1_200, 800, 1_000))
    assert (whole.pd, whole.at, whole.es) == pytest.approx((20, 12, 8))
    assert whole.cpi == pytest.approx(0.8)
    assert whole.ieac_t == pytest.approx(30)
    assert found.lines["people"].data == pytest.approx(whole.data)


def test_what_is_served_and_not_yet_paid_is_a_cost(tmp_path):
    tasks = [{"id": "A", "work": "10 d"}, {"id": "B", "work": "10 d", "after": ["A"]}]
    rate = {"id": "team", "amount_eur": 100, "per": "d", "on": ["A", "B"], "line": "people"}
    plan = plan_of(tasks=tasks, rates=[rate | {"paid_after": "5 d"}])
    row = {"date": "2026-01-14", "task": "A", "start": "2026-01-05", "finish": "2026-01-14"}
    pay = {"line": "people", "committed_eur": 900, "paid_eur": 400, "currency": "EUR", "vat": "HT"}
    write(tmp_path, "invoices", {"date": "2026-01-14"} | pay)
    found = known(plan, tmp_path, "2026-01-16", row, {"id": "b", "date": "2026-01-15", "task": "B",
                                                     "start": "2026-01-15"})  # fmt: skip
    # By the tenth day five are paid; by the twelfth, seven more are served.
    assert found.programme.ac == pytest.approx(400 + 700)


def test_a_task_nobody_measured_has_earned_half_by_its_start(two, tmp_path):
    row = {"date": "2026-01-09", "task": "A", "start": "2026-01-05"}
    assert known(two, tmp_path, "2026-01-09", row).earned_share == pytest.approx(0.25)


def test_work_that_remains_earns_what_was_spent_over_the_whole(two, tmp_path):
    row = {"date": "2026-01-10", "task": "A", "start": "2026-01-05", "remaining": 2, "unit": "d"}
    assert known(two, tmp_path, "2026-01-10", row).earned_share == pytest.approx(0.375)  # 6 of 8


def test_all_done_has_earned_everything(two, tmp_path):
    rows = [
        {
            "id": f"done-{t.lower()}",
            "date": "2026-01-30",
            "task": t,
            "start": "2026-01-05",
            "finish": "2026-01-30",
        }
        for t in "AB"
    ]
    whole = known(two, tmp_path, "2026-01-30", *rows).programme
    assert whole.ev == whole.bac == 2_000
    assert whole.es == whole.pd == 20


def test_a_copy_earns_what_has_landed_and_a_second_read_what_is_verified(tmp_path):
    data = {
        "id": "x",
        "volume_tb": 1080,
        "objects": 100,
        "route": "link",
        "verify": {"rate_share": 1.0},
    }
    plan = plan_of(datasets=[data], routes={"link": {"rate_gbps": 10}})
    for task in ("x.copy", "x.verify"):
        tasks_of(
            tmp_path, {"id": task[2:], "date": "2026-01-08", "task": task, "start": "2026-01-05"}
        )
    landed = {"dataset": "x", "landed_tb": 540, "verified_tb": 270}
    write(tmp_path, "datasets", {"date": "2026-01-08"} | landed)
    found = earned_value(as_of(with_status(plan, tmp_path), DAY("2026-01-08")))
    assert found.earned_share == pytest.approx((10 * 0.5 + 10 * 0.25) / 20, rel=1e-3)


def test_nothing_known_earns_nothing(two):
    assert earned_value(two) is None


def test_an_amount_in_another_vat_basis_is_converted_or_refused(two, tmp_path):
    from hdhplan.errors import InputError

    pay = {
        "line": "people",
        "committed_eur": 1_200,
        "paid_eur": 1_200,
        "currency": "EUR",
        "vat": "TTC",
    }
    write(tmp_path, "invoices", {"date": "2026-01-09"} | pay)
    row = {"date": "2026-01-09", "task": "A", "start": "2026-01-05"}
    with pytest.raises(InputError, match="TTC where the target is HT"):
        known(two, tmp_path, "2026-01-09", row)
    plan = plan_of(
        tasks=[{"id": "A", "work": "10 d"}], vat_rate=0.2, target={"cost_eur": 1e6, "vat": "HT"},
        rates=[{"id": "team", "amount_eur": 1, "per": "d", "on": "A", "line": "people"}],
    )  # fmt: skip
    plan._status = read_status(tmp_path)
    assert earned_value(as_of(plan, DAY("2026-01-09"))).programme.ac == pytest.approx(1_000)


def test_the_lines_of_the_example_add_up_to_the_programme():
    from hdhplan.reading import load_plan

    found = earned_value(as_of(load_plan("base", status=EXAMPLE), DAY("2026-11-20")))
    for name in ("bac", "pv", "ev", "ac"):
        total = sum(getattr(line, name) for line in found.lines.values())
        assert getattr(found.programme, name) == pytest.approx(total)
    assert 0 < found.earned_share < 1
    assert 0.5 < found.programme.spi_t < 1.5
