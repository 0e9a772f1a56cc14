"""Forecasts beside what happened: only the past counts, each task once, late ones are not forgotten."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from hdhplan.kept import LEVELS, Odds, archive
from hdhplan.pairing import Pair, decide, end_of, pairs_of, truth_of
from hdhplan.scoring import ENOUGH, keep_weeks, score
from hdhplan.simulation import simulate
from hdhplan.tests.small import plan_of, range_of
from hdhplan.tests.test_status import tasks_of, with_status, write
from hdhplan.verification import binomial_band

DAY = dt.date.fromisoformat
LAST = DAY("2026-02-06")
#: What became of the tasks of `small`: A was finished on day 12, B on day 17 and reported later.
HAPPENED = (
    {"date": "2026-01-09", "task": "A", "start": "2026-01-05"},
    {"date": "2026-01-16", "task": "A", "finish": "2026-01-16"},
    {"date": "2026-01-23", "task": "B", "start": "2026-01-17", "finish": "2026-01-21"},
)  # fmt: skip


def small():
    """A, then B, then C, paid by the day until `closed`, with a promise for A and one for B."""
    tasks = [
        {"id": "A", "work": range_of(5, 10, 20, "d")},
        {"id": "B", "work": range_of(2, 4, 9, "d"), "after": ["A"]},
        {"id": "C", "work": range_of(9, 30, 60, "d"), "after": ["B"]},
        {"id": "closed", "after": ["C"]},
    ]
    rates = [{"id": "team", "amount_eur": 1000, "per": "d", "on": ["A", "C"], "line": "team"}]
    target = {"milestone": "closed", "finish": "2026-03-01", "cost_eur": 60_000, "vat": "HT"}
    promises = [
        {"milestone": "A", "by": "2026-01-17"},
        {"id": "soon", "milestone": "B", "by": "2026-01-20"},
    ]
    return plan_of(tasks=tasks, rates=rates, target=target, promises=promises)


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    return with_status(small(), tasks_of(tmp_path_factory.mktemp("status"), *HAPPENED))


@pytest.fixture(scope="module")
def weeks(known):
    """The plan by itself, then the forecasts of three Fridays."""
    days = ("2026-01-04", "2026-01-09", "2026-01-16", "2026-01-23")
    return [archive(simulate(known, 400, as_of=DAY(day)), DAY(day)) for day in days]


def certain(kept, days):
    """A forecast that has no doubt about some tasks."""
    return replace(kept, quantiles=kept.quantiles | {k: (d,) * 21 for k, d in days.items()})


# What counts


def test_only_what_is_past_counts(known, weeks):
    early = truth_of(known, DAY("2026-01-16"))
    assert early.finished == {"A": 12.0}
    assert early.now == 12.0
    pairs = pairs_of(weeks, early, weeks[0])
    # Neither what was forecast on that day, nor what is not to be expected yet, nor `closed`.
    assert {pair.as_of for pair in pairs} == {DAY("2026-01-04"), DAY("2026-01-09")}
    assert {pair.task: pair.actual for pair in pairs} == {"A": 12.0, "B": None}
    late = truth_of(known, LAST)
    assert late.finished == {"A": 12.0, "B": 17.0}
    found = {(str(pair.as_of), pair.task): pair.actual for pair in pairs_of(weeks, late, weeks[0])}
    assert found[("2026-01-16", "B")] == 17.0
    assert ("2026-01-16", "A") not in found  # it was done by then
    assert {task for _, task in found} == {"A", "B", "C"}


def test_a_milestone_counts_once_somebody_reports_it(known):
    assert "closed" not in truth_of(known, LAST).watched
    assert {"A", "B", "C"} <= truth_of(known, LAST).watched


def test_a_level_is_judged_once_its_date_is_past_whether_it_is_done_or_not():
    levels = (0.1, 0.5, 0.8, 0.9)
    late = Pair(LAST, "x", levels, (3.2, 7.0, 11.5, 20.0), None, 10.0)
    assert [late.held(p) for p in levels] == [False, False, None, None]
    done = Pair(LAST, "x", levels, (3.2, 7.0, 11.5, 20.0), 4.0, 10.0)
    assert [done.held(p) for p in levels] == [True, True, None, None]


def pairs_of_truth(now, n=3_000):
    """Many tasks, each of which comes as its forecast says: even between 10 and 10 + a width."""
    rng = np.random.default_rng(11)
    widths = rng.uniform(20, 120, n)
    quantiles = 10 + np.outer(widths, LEVELS)
    actual = np.ceil(10 + widths * rng.random(n))
    return [
        Pair(LAST, str(i), LEVELS, tuple(q), y if y <= now else None, now)
        for i, (q, y) in enumerate(zip(quantiles, actual, strict=True))
    ]


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8, 0.9])
def test_a_good_forecast_is_found_good_while_half_of_the_tasks_are_open(p):
    pairs = pairs_of_truth(40.0)
    judged = [pair for pair in pairs if pair.held(p) is not None]
    share = np.mean([pair.held(p) for pair in judged])
    given = np.mean([pair.odds_on(p) for pair in judged])
    assert p <= given < p + 0.05
    assert share == pytest.approx(given, abs=3 * np.sqrt(p * (1 - p) / len(judged)))
    # To look at what is finished alone would find all dates kept too often.
    done = [pair for pair in pairs if pair.actual is not None]
    by = [end_of(pair.quantiles[LEVELS.index(p)]) for pair in done]
    naive = np.mean([pair.actual <= day for pair, day in zip(done, by, strict=True)])
    assert naive > share + 0.02


def test_the_score_up_to_the_data_date_is_least_for_the_truth():
    def mean(change):
        return np.mean([
            replace(pair, quantiles=tuple(change(np.array(pair.quantiles)))).score
            for pair in pairs_of_truth(40.0)
        ])  # fmt: skip

    best = mean(lambda q: q)
    assert best < min(
        mean(lambda q: q - 8), mean(lambda q: q + 8), mean(lambda q: 10 + (q - 10) / 2)
    )


def test_dates_are_whole_days():
    pair = Pair(LAST, "x", (0.1, 0.9), (11.2, 12.0), 12.0, 20.0)
    assert pair.shown == (12.0, 12.0)
    assert pair.score == 0.0
    assert pair.error_of(14.5) == 3.0


def test_a_plan_that_began_on_another_day_is_compared_by_date(known, weeks):
    moved = replace(weeks[0], start=weeks[0].start + dt.timedelta(3))
    truth = truth_of(known, LAST)
    pairs = {pair.task: pair for pair in pairs_of([moved], truth, weeks[0])}
    assert pairs["A"].quantiles == tuple(day + 3 for day in weeks[0].quantiles["A"])


# Scores


def test_each_task_weighs_once_and_the_band_is_that_of_tasks(known, weeks):
    scores = score(known, weeks, LAST, draws=400)
    assert (scores.forecasts, scores.tasks, scores.done) == (4, 3, 2)
    assert scores.pairs == 3 + 3 + 2 + 1
    for one in scores.coverage:
        assert one.tasks <= 3 < one.pairs or one.p > 0.1
        low, high = binomial_band(one.tasks, one.given)
        assert (one.low, one.high) == (low / one.tasks, high / one.tasks)
        assert one.enough is False
        assert one.holds is None
    own = {(pair.task, str(pair.as_of)): pair.score for pair in scores.each}
    of_a = np.mean([own["A", "2026-01-04"], own["A", "2026-01-09"]])
    of_b = np.mean([own["B", day] for day in ("2026-01-04", "2026-01-09", "2026-01-16")])
    assert scores.crps_days == pytest.approx((of_a + of_b) / 2)
    assert sum(scores.pit) == pytest.approx(2)
    assert sum(scores.pit_open) == pytest.approx(1)


def test_the_first_plan_has_no_skill_against_itself_and_certainty_that_was_right_has_all(
    known, weeks
):
    first = weeks[0]
    assert score(known, [first], LAST, first).versus_first.value == 0.0
    right = certain(replace(first, as_of=DAY("2026-01-09")), {"A": 12.0, "B": 17.0, "C": 90.0})
    assert score(known, [right], LAST, first).versus_first.value == 1.0
    wrong = certain(replace(first, as_of=DAY("2026-01-09")), {"A": 33.0, "B": 33.0, "C": 90.0})
    assert score(known, [wrong], LAST, first).versus_first.value < 0


def test_the_pace_of_the_earned_schedule_carries_planned_dates_over(known, weeks):
    # A is planned for day 10, B for day 14; at a pace of 0.8 for 12.5, shown as 13, and 17.5, 18.
    one = certain(replace(weeks[0], as_of=DAY("2026-01-09"), spi_t=0.8), {"A": 12.0, "B": 20.0})
    one = replace(one, quantiles={k: one.quantiles[k] for k in ("A", "B", "finish_day")})
    found = score(known, [one], LAST, weeks[0]).versus_ieac
    assert (found.score, found.reference, found.tasks) == (1.5, 1.0, 2)
    assert found.value == pytest.approx(-0.5)
    # It is never said to end before the day on which it is said, nor where nothing is earned.
    late = replace(one, as_of=DAY("2026-01-15"), spi_t=2.0)
    assert score(known, [late], LAST, weeks[0]).versus_ieac.reference == pytest.approx((1 + 6) / 2)
    none = score(known, [replace(one, spi_t=None)], LAST, weeks[0]).versus_ieac
    assert (none.score, none.value, none.tasks) == (None, None, 0)


def test_an_event_is_decided_by_its_date_or_by_what_happened(known):
    truth = truth_of(known, LAST)
    assert decide("A <= 2026-01-17", truth) == (True, 12.0)
    assert decide("A <= 2026-01-15", truth) == (False, 11.0)
    assert decide("closed <= 2026-03-01", truth) is None
    assert decide("closed <= 2026-02-06", truth) == (False, 33.0)
    assert decide("closed <= 2026-02-07", truth) is None
    assert decide("A <= 2026-01-17 & cost_eur <= 9.0", truth) is None
    assert decide("B <= 2026-01-20 & cost_eur <= 9.0", truth) == (False, 16.0)
    assert decide("critical_interruption_days <= 0.125", truth) is None


def test_the_brier_score_is_of_odds_that_were_given_before_the_event(known, weeks):
    def given(kept, day, a, b):
        odds = {"A": Odds(a, 0.0, "A <= 2026-01-17"), "soon": Odds(b, 0.0, "B <= 2026-01-20")}
        return replace(kept, as_of=DAY(day), odds=odds)

    first = given(weeks[0], "2026-01-04", 0.5, 0.5)
    kept = [given(weeks[1], "2026-01-09", 0.8, 0.6), given(weeks[2], "2026-01-16", 1.0, 0.2)]
    scores = score(known, kept, LAST, first)
    # A was done on the 16th, so the second forecast of it comes too late; B was a day late.
    assert [(e.name, e.odds, e.happened) for e in scores.events] == [
        ("A", 0.8, True), ("soon", 0.6, False), ("soon", 0.2, False),
    ]  # fmt: skip
    assert scores.brier.score == pytest.approx((0.04 + (0.36 + 0.04) / 2) / 2)
    assert scores.brier.reference == pytest.approx(0.25)
    assert scores.brier.tasks == 2


def test_costs_are_scored_once_the_programme_is_closed(weeks, tmp_path):
    more = (
        {"date": "2026-02-27", "task": "C", "start": "2026-01-22", "finish": "2026-02-26"},
        {"date": "2026-02-27", "task": "closed", "start": "2026-02-27", "finish": "2026-02-27"},
    )
    folder = tasks_of(tmp_path, *HAPPENED, *more)
    money = {"line": "team", "currency": "EUR", "vat": "HT"}
    write(
        folder, "invoices",
        {"date": "2026-01-30", "committed_eur": 50_000, "paid_eur": 20_000, **money},
        {"date": "2026-02-27", "committed_eur": 3_000, "paid_eur": 33_000, **money},
    )  # fmt: skip
    plan = with_status(small(), folder)
    assert truth_of(plan, DAY("2026-02-26")).costs == {}
    assert score(plan, weeks, DAY("2026-02-26"), weeks[0]).costs == ()
    scores = score(plan, weeks, DAY("2026-02-27"), weeks[0])
    assert {cost.quantity: cost.actual for cost in scores.costs} == {
        "cost_eur": 53_000.0, "line.team": 53_000.0,
    }  # fmt: skip
    assert all(cost.forecasts == 4 and cost.crps > 0 for cost in scores.costs)
    assert scores.finished == 54.0
    assert [e.happened for e in scores.events if e.name == "both"] == [True] * 4
    assert decide("cost_eur <= 52999.0", truth_of(plan, DAY("2026-02-27"))) == (False, 54.0)


def test_a_status_gives_a_forecast_a_week(known):
    kept = keep_weeks(known, 200)
    assert [str(one.as_of) for one in kept] == ["2026-01-09", "2026-01-16", "2026-01-23"]
    assert kept[1] == archive(simulate(known, 200, as_of=DAY("2026-01-16")))
    scores = score(known, kept, draws=200)
    assert scores.day == DAY("2026-01-23")
    assert [finish.as_of for finish in scores.finishes] == [one.as_of for one in kept[:2]]
    planned = simulate(known, 4).likely["finish_day"]
    assert scores.finishes[0].ieac_t == pytest.approx(planned / kept[0].spi_t)
    assert scores.finishes[0].quantiles[0.8] == end_of(kept[0].quantiles["finish_day"][16])


def test_numbers_are_plain_values_that_add_up(known, weeks):
    data = score(known, weeks, LAST, draws=400).as_data()
    assert data["day"] == "2026-02-06"
    assert data["enough"] is False
    assert set(data["coverage"]) == {"p10", "p50", "p80", "p90"}
    first = data["versus_first"]
    assert first["skill"] == pytest.approx(1 - first["score"] / first["reference"])
    assert "each" not in data
    assert ENOUGH == 15


def test_without_a_forecast_there_is_nothing_to_score(known):
    scores = score(known, [], LAST, draws=50)
    assert (scores.forecasts, scores.pairs, scores.crps_days) == (0, 0, None)
    assert scores.versus_first.value is None
    assert all(one.share is None for one in scores.coverage)
