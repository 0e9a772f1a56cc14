"""Actual cost to date and forecast to go: by hand, adding up, limits, and nothing without invoices."""

import numpy as np
import pytest

from hdhplan.actuals import spent
from hdhplan.fitting import misfits
from hdhplan.learning import as_of
from hdhplan.network import expand
from hdhplan.reading import load_plan
from hdhplan.simulation import simulate
from hdhplan.tests.small import plan_of, range_of
from hdhplan.tests.test_status import DAY, EXAMPLE, tasks_of, with_status, write
from hdhplan.weeks import read_weeks

EUR = {"currency": "EUR", "vat": "HT"}
DONE = {"date": "2026-01-14", "task": "A", "start": "2026-01-05", "finish": "2026-01-14"}


def team(price=100, **more):
    """A and then B of ten days each; a team is paid a day for both, people of another line for B."""
    tasks = [{"id": "A", "work": "10 d"}, {"id": "B", "work": "10 d", "after": ["A"]}]
    rates = [
        {"id": "team", "amount_eur": price, "per": "d", "on": ["A", "B"], "line": "people"} | more,
        {"id": "tool", "amount_eur": range_of(30, 50, 90), "per": "d", "on": "B", "line": "tools"},
    ]
    target = {"cost_eur": 3_000, "vat": "HT"}
    return plan_of(tasks=tasks, rates=rates, target=target, vat_rate=0.2)


def invoiced(plan, folder, *rows, day="2026-01-14", done=(DONE,), draws=64):
    """The forecast as of a day, once some invoices are known."""
    tasks_of(folder, *done)
    write(folder, "invoices", *({"line": "people"} | EUR | row for row in rows))
    return simulate(with_status(plan, folder), draws, as_of=DAY(day), detail=True)


PAID = {"date": "2026-01-14", "committed_eur": 1_500, "paid_eur": 1_300}


def test_a_line_costs_what_was_paid_and_what_the_model_pays_later(tmp_path):
    found = invoiced(team(), tmp_path, PAID)
    assert set(found.lines["people"]) == {1_300 + 10 * 100}
    assert found.likely_lines["people"] == 2_300


def test_what_is_paid_late_has_not_been_paid_yet(tmp_path):
    found = invoiced(
        team(paid_after="4 d"), tmp_path, PAID
    )  # six days of ten are paid by the model
    assert set(found.lines["people"]) == {1_300 + 14 * 100}


def test_only_the_last_payment_of_a_line_sets_where_the_forecast_takes_over(tmp_path):
    early = {"date": "2026-01-09", "committed_eur": 1_500, "paid_eur": 700}  # the end of day 5
    order = {"date": "2026-01-14", "committed_eur": 50}
    found = invoiced(team(), tmp_path, early, order)
    assert set(found.lines["people"]) == {700 + 15 * 100}


def test_payments_of_another_basis_are_converted(tmp_path):
    found = invoiced(
        team(), tmp_path, PAID | {"paid_eur": 1_560, "vat": "TTC", "committed_eur": 1_800}
    )
    assert found.lines["people"] == pytest.approx(2_300)


def test_a_line_without_invoices_keeps_the_model_bit_for_bit(tmp_path):
    without, found = invoiced(team(), tmp_path / "a"), invoiced(team(), tmp_path / "b", PAID)
    assert np.array_equal(found.lines["tools"], without.lines["tools"])
    assert set(without.lines["people"]) == {2_000}
    tasks_of(tmp_path / "c", DONE)
    write(
        tmp_path / "c",
        "invoices",
        {"date": "2026-01-14", "line": "people", "committed_eur": 900} | EUR,
    )
    ordered = simulate(with_status(team(), tmp_path / "c"), 64, as_of=DAY("2026-01-14"))
    assert np.array_equal(ordered.values["cost_eur"], without.values["cost_eur"])


@pytest.mark.parametrize("paid", [0, 400, 1_300, 1_500])
def test_every_euro_paid_more_costs_a_euro_more(tmp_path, paid):
    one = {"date": "2026-01-14", "committed_eur": 3_000, "paid_eur": 10}
    plan = team(range_of(60, 100, 190))
    less = invoiced(plan, tmp_path / "a", one)
    more = invoiced(plan, tmp_path / "b", one, {"id": "x", "date": "2026-01-14", "paid_eur": paid})
    assert more.values["cost_eur"] - less.values["cost_eur"] == pytest.approx(paid)


def test_what_is_over_and_paid_has_no_spread(tmp_path):
    last = {
        "id": "b",
        "date": "2026-01-30",
        "task": "B",
        "start": "2026-01-15",
        "finish": "2026-01-24",
    }
    bills = [
        {"date": "2026-01-30", "committed_eur": 1_500, "paid_eur": 1_300},
        {"id": "t", "date": "2026-01-30", "line": "tools", "committed_eur": 500, "paid_eur": 444},
    ]
    done = invoiced(
        team(range_of(60, 100, 190)), tmp_path, *bills, day="2026-01-30", done=(DONE, last)
    )
    assert set(done.values["cost_eur"]) == {1_744}
    for values in (done.by_year("ae"), done.by_year("cp")):
        assert np.ptp(values, axis=1).max() == 0


def test_budget_years_respect_their_closings(tmp_path):
    plan = plan_of(
        start="2026-11-02", tasks=[{"id": "A", "work": "60 d"}],
        rates=[{"id": "r", "amount_eur": 100, "per": "d", "on": "A", "line": "people"}],
        closings={"commitments": "11-20", "payments": "12-15"},
    )  # fmt: skip
    begun = {"date": "2026-11-13", "task": "A", "start": "2026-11-02"}
    order = {"date": "2026-11-13", "committed_eur": 4_000}
    late = {"id": "late", "date": "2026-11-24", "committed_eur": 500}
    pay = {"id": "pay", "date": "2026-11-25", "paid_eur": 1_000}  # the end of day 24
    found = invoiced(plan, tmp_path, order, late, pay, done=(begun,), day="2026-11-30")
    years = {key: set(found.detail[key]) for key in ("ae.2026", "ae.2027", "cp.2026", "cp.2027")}
    # 4,600 in all: 1,000, and 36 days to go. By 15 December, the end of day 44: 1,000 and 20 days.
    assert years == {"ae.2026": {4_000}, "ae.2027": {600}, "cp.2026": {3_000}, "cp.2027": {1_600}}
    early = simulate(plan, 8, as_of=DAY("2026-11-16"), detail=True)  # before commitments close
    assert set(early.detail["ae.2026"]) == {6_000}
    after = {"id": "after", "date": "2026-12-17", "paid_eur": 900}
    rows = (order, pay | {"paid_eur": 100}, after)
    late = invoiced(plan, tmp_path / "x", *rows, done=(begun,), day="2026-12-18")
    assert set(late.detail["cp.2026"]) == {100}  # the second payment came after payments closed
    assert set(late.lines["people"]) == {1_000 + 14 * 100}


def test_a_line_outside_the_envelope_costs_the_envelope_nothing(tmp_path):
    tasks = [{"id": "A", "work": "10 d"}]
    rate = {"id": "r", "amount_eur": 100, "per": "d", "on": "A", "line": "people"}
    own = {"id": "o", "amount_eur": 7, "per": "d", "on": "A", "line": "own", "envelope": False}
    plan = plan_of(tasks=tasks, rates=[rate, own])
    found = invoiced(
        plan, tmp_path, {"date": "2026-01-14", "line": "own", "committed_eur": 9, "paid_eur": 9}
    )
    assert set(found.values["cost_eur"]) == {1_000}
    assert spent(found.plan, found.progress) == {}


def test_nobody_pays_the_provision(tmp_path):
    plan = team()
    object.__setattr__(plan, "allocations", {"people": 2_000.0, "tools": 900.0, "provision": 100.0})
    tasks_of(tmp_path, DONE)
    write(
        tmp_path, "invoices", {"date": "2026-01-14", "line": "provision", "committed_eur": 9} | EUR
    )
    status, _ = read_weeks(tmp_path)
    (fault,) = misfits(plan, expand(plan), status)
    assert "drawn on" in fault.limit


@pytest.fixture(scope="module")
def base():
    return load_plan("base", status=EXAMPLE)


@pytest.mark.parametrize("day", ["2026-09-04", "2026-11-20"])
def test_lines_and_years_of_the_example_add_up_and_orders_come_before_payments(base, day):
    found = simulate(base, 200, as_of=DAY(day), detail=True)
    cost = found.values["cost_eur"]
    ends = np.isfinite(cost)
    total = sum(eur[ends] for eur in found.lines.values())
    assert total == pytest.approx(cost[ends])
    ae, cp = found.by_year("ae")[:, ends], found.by_year("cp")[:, ends]
    assert ae.sum(axis=0) == pytest.approx(cost[ends])
    assert cp.sum(axis=0) == pytest.approx(cost[ends])
    assert (ae.cumsum(axis=0) - cp.cumsum(axis=0)).min() > -1e-6
    assert min(ae.min(), cp.min()) > -1e-6
    for line, known in spent(found.plan, found.progress).items():
        assert found.lines[line].min() >= known.paid


def test_illustrative_payments_are_in_proportion_to_the_plan(base):
    """What was paid by a day moves no line by more than a tenth of what the model pays by then."""
    day = DAY("2026-11-13")
    plain = as_of(base, day)
    found = simulate(base, 64, as_of=day)
    kept = tuple(fact for fact in base.status.facts if fact.kind != "invoices")
    bare = load_plan("base", status=EXAMPLE)
    object.__setattr__(bare.status, "facts", kept)
    without = simulate(bare, 64, as_of=day)
    for line, known in spent(plain, plain.progress).items():
        moved = abs(found.likely_lines[line] - without.likely_lines[line])
        assert moved < 0.1 * max(known.paid, 1)
